import type { Emulator, EmulatorOptions, Operation, StoredKey } from "xai-management-emulator";
import { check } from "../../provider/apiKeyCheck.js";
import { create, diff, type Properties, read, update } from "../../provider/apiKeyLifecycle.js";
import { type ApiKeyState, stateOutputs } from "../../provider/apiKeyState.js";
import { InitializationError } from "../../provider/initializationError.js";
import { emulate } from "./emulators.js";
import { ACLS, only } from "./stack.js";
import { type Process, processFor } from "./surroundings.js";

const DAY = 86_400_000;

/** What a run did to the key. */
export type Step = "create" | "update" | "rotate" | "same";

/**
 * A stack of one key whose clock, and whose server's, a test turns on: what the engine calls, and what it keeps. Each run is
 * a process of its own.
 */
export class ClockedStack {
    inputs: Properties = {};
    outputs: Properties | undefined;
    /** What the last run warned about. */
    warnings: readonly string[] = [];
    /** The stack's configuration, beside what finds the server. */
    config: Readonly<Record<string, string>> = {};
    /** Where the clock started, in milliseconds since 1970. */
    readonly start = Date.parse("2030-01-01T00:00:00Z");
    readonly #begun = Date.now();
    #days = 0;
    #emulator: Emulator | undefined;

    static async of(options: EmulatorOptions = {}): Promise<ClockedStack> {
        const stack = new ClockedStack();
        stack.#emulator = await emulate({ ...options, now: () => new Date(stack.now()) });
        return stack;
    }

    get emulator(): Emulator {
        if (this.#emulator === undefined) {
            throw new Error("The stack has no emulator.");
        }
        return this.#emulator;
    }

    now(): number {
        return this.start + this.#days * DAY + (Date.now() - this.#begun);
    }

    pass(days: number): void {
        this.#days += days;
    }

    /** The one key that the server has. */
    get key(): StoredKey {
        return only(this.emulator.keys());
    }

    /** What the server was asked to do, in order, but for what only reads. */
    writes(): (Operation | undefined)[] {
        const reads: readonly unknown[] = ["listModels", "listEndpoints", "listApiKeys", "checkApiKeyPropagation"];
        return this.emulator.requests
            .map(({ operation }) => operation)
            .filter((operation) => !reads.includes(operation));
    }

    /** The outputs of the key in the stack. */
    get state(): Properties {
        return this.outputs ?? {};
    }

    /** What a preview would show: what has to be done, and the inputs that say why. */
    async preview(args: Properties = {}): Promise<{ step: Step; inputs: Properties }> {
        const { inputs } = await this.#check(this.#process(), args);
        return { step: this.#step(inputs), inputs };
    }

    /** `pulumi up`. A failure keeps what the engine would keep. */
    async up(args: Properties = {}): Promise<Step> {
        const process = this.#process();
        const { inputs } = await this.#check(process, args);
        const step = this.#step(inputs);
        if (step !== "same") {
            await this.#keeping(inputs, () =>
                step === "create" ? create(process, inputs) : update(process, this.state, inputs),
            );
        }
        this.inputs = inputs;
        return step;
    }

    /** `pulumi refresh`. @returns whether something has drifted */
    async refresh(): Promise<boolean> {
        const found = await read(this.#process(), this.key.apiKeyId, this.state);
        if (found === undefined) {
            throw new Error("The key is gone.");
        }
        const outputs = onTheWire(stateOutputs(found.state));
        const { changes } = diff(outputs, this.inputs);
        this.outputs = outputs;
        this.inputs = onTheWire({ ...(found.inputs ?? this.inputs) });
        return changes;
    }

    #process(): Process {
        const process = processFor(this.emulator, this.config);
        this.warnings = process.warnings;
        return process;
    }

    async #check(process: Process, args: Properties): Promise<{ inputs: Properties }> {
        const news = { name: "search", acls: ACLS, waitForPropagation: false, ...args };
        const { inputs, failures } = await check(process, this.inputs, news, this.now());
        if (failures.length > 0) {
            throw new Error(JSON.stringify(failures));
        }
        return { inputs: onTheWire(inputs) };
    }

    #step(inputs: Properties): Step {
        if (this.outputs === undefined) {
            return "create";
        }
        const { changes, rotates } = diff(this.outputs, inputs);
        return rotates ? "rotate" : changes ? "update" : "same";
    }

    async #keeping(inputs: Properties, step: () => Promise<ApiKeyState>): Promise<void> {
        try {
            this.outputs = onTheWire(stateOutputs(await step()));
        } catch (error) {
            if (error instanceof InitializationError) {
                this.inputs = inputs;
                this.outputs = onTheWire(stateOutputs(error.state));
            }
            throw error;
        }
    }
}

function onTheWire(properties: Properties): Properties {
    const copy: Properties = JSON.parse(JSON.stringify(properties));
    return copy;
}
