import { fork } from "node:child_process";
import { join } from "node:path";
import { z } from "zod";
import { answerOf, TYPESCRIPT } from "./account.js";

const properties = z.record(z.string(), z.unknown());
const heldSchema = z.object({ id: z.string(), inputs: properties, outputs: properties });
/** A key as the engine would hold it. */
export type Held = z.infer<typeof heldSchema>;

const keysSchema = z.array(heldSchema.nullable());

/** What the provider's process is to do: one operation on each key. A key that is not there yet is null. */
export const stepSchema = z.object({
    operation: z.enum(["up", "refresh", "destroy"]),
    qpm: z.number(),
    held: keysSchema,
    config: z.record(z.string(), z.string()),
});
export type Step = z.infer<typeof stepSchema>;

const resultSchema = z.object({ held: keysSchema, seconds: z.number() });

/**
 * Keys that the provider's process is asked for without an engine, as the engine asks: one process for each operation.
 * What the provider itself takes shows where an engine's own time would cover it.
 */
export class ProviderAlone {
    #held: (Held | null)[];
    readonly #config: Record<string, string>;

    /** `config` is the stack's configuration, such as `{ "xai:teamId": "..." }`. */
    constructor(config: Readonly<Record<string, string>>, count: number) {
        this.#held = Array.from({ length: count }, () => null);
        this.#config = { ...config };
    }

    /** Runs one operation on every key, and returns how many seconds it took. */
    async run(operation: Step["operation"], qpm: number): Promise<number> {
        const child = fork(join(__dirname, "providerProcess.ts"), { execArgv: TYPESCRIPT });
        child.send({ operation, qpm, held: this.#held, config: this.#config } satisfies Step);
        const { held, seconds } = resultSchema.parse(await answerOf(child));
        this.#held = held;
        return seconds;
    }
}
