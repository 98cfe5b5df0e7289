import type { Emulator } from "xai-management-emulator";
import { DynamicProvider } from "../provider/dynamic.js";
import { STEPS, type Step, stepNamed } from "./life.js";

/** How many operations the engine has under way at once on the two processors that the benchmark is made for. */
export const LANES = 8;

/** The name of a step that asks the provider for something of its own: a preview asks what an `up` without changes does. */
export type AloneStep = Exclude<Step, "preview, no change">;
/** Those steps in the order of a life. */
export const ALONE_STEPS = STEPS.map(({ name }) => name).filter(
    (name): name is AloneStep => name !== "preview, no change",
);

const SILENT = {
    info: () => undefined,
    warn: () => undefined,
    progress: () => undefined,
    settled: async () => undefined,
};

type Properties = Readonly<Record<string, unknown>>;

/** A key as the engine would hold it. */
interface Held {
    readonly id: string;
    readonly inputs: Properties;
    readonly outputs: Properties;
}

/**
 * Keys that the provider is asked for about as the engine asks it, but each once a step and without the engine: what the
 * provider itself takes is seen where the engine's own time would cover it.
 */
export class KeysAlone {
    readonly #held: (Held | undefined)[];
    readonly #config: Readonly<Record<string, string>>;

    /** @param keys - How many. */
    constructor(env: Emulator["env"], keys: number) {
        this.#held = Array.from({ length: keys }, () => undefined);
        this.#config = {
            "xai:managementKey": env.XAI_MANAGEMENT_KEY,
            "xai:teamId": env.XAI_TEAM_ID,
            "xai:baseUrl": env.XAI_MANAGEMENT_BASE_URL,
            // However slow the limit is: what is measured is how it is met, and not when patience ends.
            "xai:operationTimeout": "10m",
        };
    }

    /**
     * Does one step with every key, by a provider of its own, as each of the engine's operations has one.
     *
     * @returns seconds
     */
    async live(step: AloneStep): Promise<number> {
        const provider = new DynamicProvider(() => SILENT);
        await provider.configure({
            config: { get: (key) => this.#config[key], require: (key) => this.#config[key] ?? "" },
        });
        const start = performance.now();
        let next = 0;
        const lane = async (): Promise<void> => {
            for (let index = next++; index < this.#held.length; index = next++) {
                this.#held[index] = await afterStep(provider, step, index, this.#held[index]);
            }
        };
        await Promise.all(Array.from({ length: LANES }, lane));
        return (performance.now() - start) / 1000;
    }
}

/** A key after a step; `undefined` once it is deleted. */
async function afterStep(
    provider: DynamicProvider,
    step: AloneStep,
    index: number,
    held: Held | undefined,
): Promise<Held | undefined> {
    const { operation, qpm } = stepNamed(step);
    if (held === undefined) {
        const inputs = await checked(provider, {}, index, qpm);
        const { id, outs } = await provider.create(inputs);
        return { id, inputs, outputs: outs };
    }
    const { id, outputs } = held;
    switch (operation) {
        case "refresh":
            return { ...held, outputs: (await provider.read(id, outputs)).props ?? outputs };
        case "destroy":
            await provider.delete(id, outputs);
            return undefined;
        default: {
            const inputs = await checked(provider, held.inputs, index, qpm);
            const { changes } = await provider.diff(id, outputs, inputs);
            return changes === true
                ? { id, inputs, outputs: (await provider.update(id, outputs, inputs)).outs ?? outputs }
                : held;
        }
    }
}

async function checked(
    provider: DynamicProvider,
    olds: Properties,
    index: number,
    qpm: number,
): Promise<Record<string, unknown>> {
    const given = { name: `alone-${index}`, acls: ["api-key:model:grok-4", "api-key:endpoint:chat"], qpm };
    const { inputs, failures } = await provider.check(olds, given);
    if (failures !== undefined && failures.length > 0) {
        throw new Error(failures.map(({ reason }) => reason).join("\n"));
    }
    return inputs;
}
