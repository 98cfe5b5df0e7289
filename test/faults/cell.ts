import { isDeepStrictEqual } from "node:util";
import { type Emulator, type Fault, type Operation, startEmulator } from "xai-management-emulator";
import { Exposure } from "../model/exposure.js";
import type { GivenMap, ModelOperation, ModelResult } from "../model/modelStack.js";
import { Stack } from "../model/stack.js";
import { type Frequency, KINDS, type Kind } from "./kinds.js";
import { STAGES, type Stage } from "./stages.js";
import { type Expectation, OUTCOMES, type Outcome } from "./table.js";

/** What a cell came to. */
export interface CellResult {
    readonly outcome: Outcome;
    /** What must not be, in any cell. */
    readonly problems: readonly string[];
}

/** A limit that no wait reaches, and one that a wait reaches after one check. */
const WAIT_LIMITS = { once: "1m", always: "100ms" };
const NAME = "shop-test-search";

/** Plays one field of the table, in each form of its fault. */
export async function play({ kindName, stageName, frequency }: Expectation): Promise<readonly CellResult[]> {
    const [kind, stage]: [Kind, Stage] = [KINDS[kindName], STAGES[stageName]];
    const forms = kind.isUnreachable ? [{}] : (kind.faults(STAGES[stageName].fails[0], "") ?? []);
    return Promise.all(
        forms.map(async (_, form) => {
            const emulator = await startEmulator();
            try {
                return await new Cell(emulator, kind, stage, frequency, form).play();
            } finally {
                await emulator.close();
            }
        }),
    );
}

class Cell {
    readonly #stack: Stack;
    readonly #exposure: Exposure;
    readonly #problems: string[] = [];

    constructor(
        private readonly emulator: Emulator,
        private readonly kind: Kind,
        private readonly stage: Stage,
        private readonly frequency: Frequency,
        private readonly form: number,
    ) {
        const config = {
            "xai:managementKey": emulator.managementKey,
            "xai:teamId": emulator.teamId,
            "xai:baseUrl": emulator.url,
            "xai:maxRetries": "1",
        };
        this.#stack = new Stack({ config });
        this.#exposure = new Exposure(emulator, this.#stack);
    }

    async play(): Promise<CellResult> {
        const { emulator, stage, frequency } = this;
        if (stage.before) {
            await this.#run("up", stage.before);
        }
        const args = { ...stage.args, propagationTimeout: WAIT_LIMITS[frequency], ...stage.meanwhile?.(emulator) };
        const before = await this.#all();
        emulator.clearRequests();
        await this.#breakDown();
        const result = await this.#run(stage.run, args);
        await this.#repair();
        const outcome = this.#classify(result, before, await this.#all());
        this.#checkRequests();
        this.#checkMessages(result);
        await this.#recover(args, outcome, result.ok);
        return { outcome, problems: this.#problems };
    }

    async #breakDown(): Promise<void> {
        const { emulator, kind, stage, frequency, form } = this;
        if (kind.isUnreachable) {
            const closed = await startEmulator();
            await closed.close();
            await this.#stack.setConfig("xai:baseUrl", closed.url);
        }
        if (kind.requestTimeout) {
            await this.#stack.setConfig("xai:requestTimeout", kind.requestTimeout[frequency]);
        }
        for (const operation of kind.isUnreachable ? [] : stage.fails) {
            const fault: Fault | undefined = kind.faults(operation, emulator.keys()[0]?.apiKeyId ?? "")?.[form];
            emulator.inject({ ...fault, operation, times: frequency === "once" ? 1 : Number.POSITIVE_INFINITY });
        }
    }

    async #repair(): Promise<void> {
        this.emulator.clearFaults();
        await this.#stack.setConfig("xai:baseUrl", this.emulator.url);
        await this.#stack.setConfig("xai:requestTimeout", "30s");
    }

    /** Everything that a failure might change. */
    async #all() {
        return { server: this.emulator.keys(), stack: await this.#stack.keys() };
    }

    #classify({ ok, messages }: ModelResult, before: Everything, after: Everything): Outcome {
        if (!ok) {
            if (after.stack.some(({ initErrors }) => initErrors.length > 0)) {
                return OUTCOMES.kept;
            }
            return isDeepStrictEqual(before, after) ? OUTCOMES.failed : OUTCOMES.redone;
        }
        const { run, fails } = this.stage;
        // Each adoption warns of what it does.
        const warning = messages.find((one) => one.severity === "warning" && !/will be adopted/.test(one.message));
        if (warning !== undefined) {
            const isTaken = /was lost .* has a new secret/.test(warning.message);
            return isTaken ? OUTCOMES.taken : run === "refresh" ? OUTCOMES.left : OUTCOMES.warned;
        }
        if (run === "destroy" && after.server.length > 0) {
            return OUTCOMES.believed;
        }
        const answers = this.emulator.requests.filter(({ operation }) => fails.includes(operation));
        const isRepeated = answers.some(({ fault }, at) => fault && answers.slice(at).some((one) => !one.fault));
        return isRepeated ? OUTCOMES.repeated : OUTCOMES.done;
    }

    /** No POST that may have acted is sent again; but a key gets one more secret where an answer did not hold it. */
    #checkRequests(): void {
        const { requests } = this.emulator;
        const sent = (operation: Operation) =>
            requests.filter((one) => one.operation === operation && one.status !== 429).length;
        const counts = [sent("createApiKey"), sent("rotateApiKey")] as const;
        if (counts[0] > 1 || counts[1] > 2) {
            this.#problems.push(`${counts[0]} creates, ${counts[1]} rotations`);
        }
        if (this.kind.isUnreachable ? requests.length > 0 : requests.every(({ fault }) => fault === undefined)) {
            this.#problems.push("the fault did not strike");
        }
    }

    /** Every message names the key, or for what all keys share the team; a failure is one message, which says what was to be done. */
    #checkMessages({ ok, messages }: ModelResult): void {
        const { emulator, stage, kind } = this;
        const said = messages.filter(({ severity }) => severity !== "info");
        const ids = emulator.keys().map(({ apiKeyId }) => apiKeyId);
        const names = (text: string) => (/list the /.test(text) ? [NAME, ...ids, emulator.teamId] : [NAME, ...ids]);
        const errors = said.filter(({ severity }) => severity === "error");
        // The engine itself names the resource of an argument that a check refuses.
        const isNamed = (text: string) => text.startsWith("acls: ") || names(text).some((name) => text.includes(name));
        const unclear = [
            ...said.filter(({ message }) => !isNamed(message)),
            ...errors.filter(({ message }) => !kind.isUnreachable && !stage.action.test(message)),
            ...said.filter(({ message }) => kind.excludes?.test(message)),
        ];
        this.#problems.push(...unclear.map(({ message }) => `an unclear message: ${message}`));
        if (errors.length !== (ok ? 0 : 1)) {
            this.#problems.push(`${errors.length} errors`);
        }
    }

    /** The trouble is over: the stack comes to exactly one key, and knows its secret. */
    async #recover(args: GivenMap, outcome: Outcome, isDone: boolean): Promise<void> {
        const { emulator, stage, frequency } = this;
        const operations: ModelOperation[] = stage.run === "up" ? ["up"] : [stage.run, "up"];
        if (!isDone && frequency === "always") {
            operations.unshift("refresh");
        }
        const left = outcome === OUTCOMES.believed ? emulator.keys()[0]?.apiKeyId : undefined;
        for (const operation of operations) {
            const { ok, messages } = await this.#run(operation, args);
            if (!ok) {
                this.#problems.push(`${operation} fails afterwards: ${JSON.stringify(messages)}`);
            }
            if (operation === "up" && left !== undefined) {
                if (!messages.some(({ message }) => message.includes(left))) {
                    this.#problems.push("the next create does not name the key that is left");
                }
                emulator.deleteKey(left);
            }
        }
        const { server, stack } = await this.#all();
        const held = stack.map(({ outputs }) => [outputs["apiKeyId"], outputs["apiKey"], args["qps"]]);
        const wanted = server.map(({ apiKeyId, apiKey, qps }) => [apiKeyId, apiKey, qps]);
        if (server.length !== 1 || !isDeepStrictEqual(held, wanted)) {
            this.#problems.push(`the stack holds ${JSON.stringify(held)}, the API ${JSON.stringify(wanted)}`);
        }
        const { changes } = await this.#run("up", args);
        if (!isDeepStrictEqual(changes, { same: 1 })) {
            this.#problems.push(`one more up does ${JSON.stringify(changes)}`);
        }
    }

    async #run(operation: ModelOperation, args: GivenMap): Promise<ModelResult> {
        const program = [{ name: "search", args }];
        const result = await this.#stack.run(operation, program);
        this.#problems.push(...(await this.#exposure.leaksOf({ operation, ok: result.ok, program })));
        return result;
    }
}

interface Everything {
    readonly server: readonly unknown[];
    readonly stack: readonly { readonly initErrors: readonly string[] }[];
}
