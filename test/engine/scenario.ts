import type { EngineEvent, OutputMap } from "@pulumi/pulumi/automation";
import { describe, expect, it } from "vitest";
import { type Emulator, type EmulatorOptions, type StoredKey, startEmulator } from "xai-management-emulator";
import { NO_CLI, titleUnless } from "./cli.js";
import { TestClock } from "./clock.js";
import { configFor } from "./config.js";
import { Killer } from "./killer.js";
import { type Exposed, everythingOf, expectNoLeak } from "./leaks.js";
import { NO_PROCESSES } from "./processes.js";
import { createStack, type OperationResult, type Program, type TestStack, type UpOptions } from "./testStack.js";

/** What a scenario starts from. */
export interface ScenarioOptions {
    readonly emulator?: EmulatorOptions;
    /** Default: what finds the emulator. */
    readonly config?: (emulator: Emulator) => Record<string, string>;
    readonly environment?: (emulator: Emulator) => Record<string, string>;
    /** Gives the server and the provider's host a clock of their own, {@link Scenario.clock}. */
    readonly clock?: true;
    /** Gives the scenario a {@link Scenario.killer} for processes of the stack. It is skipped where processes are not found. */
    readonly kills?: true;
    /** Why this CLI cannot play it. */
    readonly skipped?: string | undefined;
    /** The project has the stanza of native mode. */
    readonly native?: true;
    /** Default: `shop`. */
    readonly project?: string;
}

/** A resource as the exported state holds it, as far as scenarios look at it. */
export interface StateResource {
    readonly urn: string;
    readonly type: string;
    readonly id?: string;
    readonly inputs: Readonly<Record<string, unknown>>;
    readonly outputs: Readonly<Record<string, unknown>>;
    readonly initErrors?: readonly string[];
}

/** A stack, an emulator, and everything that was shown: what a scenario works with. */
export class Scenario {
    readonly #texts: Exposed[] = [];

    constructor(
        readonly emulator: Emulator,
        readonly stack: TestStack,
        private readonly events: readonly Exposed[],
        private readonly ownClock?: TestClock,
        private readonly ownKiller?: Killer,
    ) {}

    /** The clock that the scenario turns on, where it asks for one. */
    get clock(): TestClock {
        if (this.ownClock === undefined) {
            throw new Error("the scenario has no clock of its own");
        }
        return this.ownClock;
    }

    /** Kills processes of the stack, where the scenario asks for it. */
    get killer(): Killer {
        if (this.ownKiller === undefined) {
            throw new Error("the scenario kills nothing");
        }
        return this.ownKiller;
    }

    preview(program?: Program, options?: { readonly savesPlan?: boolean }): Promise<OperationResult> {
        return this.#run("preview", program, () => this.stack.preview(options));
    }

    up(program?: Program, options?: UpOptions): Promise<OperationResult & { readonly outputs: OutputMap }> {
        return this.#run("up", program, () => this.stack.up(options));
    }

    refresh(): Promise<OperationResult> {
        return this.#run("refresh", undefined, () => this.stack.refresh());
    }

    destroy(): Promise<OperationResult> {
        return this.#run("destroy", undefined, () => this.stack.destroy());
    }

    /** The text with which an operation fails. */
    async failure(operation: Promise<unknown>): Promise<string> {
        const result = await operation.then(
            () => undefined,
            (error: unknown) => String(error),
        );
        if (result === undefined) {
            throw new Error("the operation was expected to fail, but succeeded");
        }
        return result;
    }

    /** The only key with this logical name that the API holds. */
    key(logicalName: string): StoredKey {
        const keys = this.emulator.keys().filter((key) => key.name.endsWith(`-${logicalName}`));
        const [key] = keys;
        if (key === undefined || keys.length > 1) {
            throw new Error(`${keys.length} keys are called ${logicalName}`);
        }
        return key;
    }

    /** A resource of the exported state by its logical name. */
    async resource(logicalName: string): Promise<StateResource> {
        const found = (await this.resources()).find((one) => one.urn.endsWith(`::${logicalName}`));
        if (found === undefined) {
            throw new Error(`the state has no resource ${logicalName}`);
        }
        return found;
    }

    async resources(): Promise<readonly StateResource[]> {
        return this.stack.exportStack().deployment.resources ?? [];
    }

    /** The masks of the updates since the requests were last cleared, each sorted. */
    masks(): string[] {
        return this.emulator.requests
            .filter((request) => request.operation === "updateApiKey" && request.status === 200)
            .map((request) =>
                String(Reflect.get(Object(request.body), "fieldMask"))
                    .split(",")
                    .sort()
                    .join(","),
            );
    }

    /** Asserts that no file of the CLI, the raw state first, holds a text that the program made secret. */
    expectHidden(...values: readonly string[]): void {
        const files = this.stack.files();
        const shown = files.filter(({ text }) => values.some((value) => text.includes(value)));
        expect(shown.map(({ name }) => name)).toEqual([]);
    }

    /** Checks all that was shown and stored, and takes everything down. */
    async finish(): Promise<void> {
        const files = this.stack.files();
        expect(files.length, "files of the CLI").toBeGreaterThan(0);
        expectNoLeak(this.emulator.secrets(), [...this.#texts, ...files, ...this.events]);
    }

    async #run<T extends OperationResult>(
        name: string,
        program: Program | undefined,
        run: () => Promise<T>,
    ): Promise<T> {
        if (program !== undefined) {
            this.stack.program = program;
        }
        try {
            const result = await run();
            this.#texts.push({ name: `the output of ${name}`, text: result.output });
            return result;
        } catch (error) {
            this.#texts.push(...everythingOf(`the failure of ${name}`, error));
            throw error;
        }
    }
}

/** Defines one scenario: its name, what it starts from, and what happens. */
export type DefineScenario = (
    name: string,
    options: ScenarioOptions,
    body: (scenario: Scenario) => Promise<void>,
) => void;

/** Defines scenarios on the Pulumi CLI. Where there is none they are skipped, and the title says why. */
export function scenarios(title: string, define: (scenario: DefineScenario) => void): void {
    describe.skipIf(NO_CLI)(titleUnless(NO_CLI, title), () => {
        define((name, options, body) => {
            const reason = options.skipped ?? (options.kills ? NO_PROCESSES : undefined);
            if (reason !== undefined) {
                describe.skip(titleUnless(reason, "this one"), () => it(name, () => undefined));
            } else {
                it(name, () => play(options, body));
            }
        });
    });
}

async function play(options: ScenarioOptions, body: (scenario: Scenario) => Promise<void>): Promise<void> {
    const events: Exposed[] = [];
    const clock = options.clock && new TestClock();
    const emulator = await startEmulator({ ...options.emulator, ...(clock && { now: clock.now }) });
    const killer = options.kills && new Killer(emulator);
    try {
        const stack = await createStack({
            ...(options.native && { native: true }),
            ...(options.project && { project: options.project }),
            environment: { ...clock?.environment, ...killer?.environment, ...options.environment?.(emulator) },
            config: options.config?.(emulator) ?? configFor(emulator),
            onEvent: (event) => void events.push(...exposedIn(event)),
        });
        try {
            const scenario = new Scenario(emulator, stack, events, clock, killer);
            await body(scenario);
            await scenario.finish();
        } finally {
            await stack.dispose();
        }
    } finally {
        clock?.dispose();
        killer?.close();
        await emulator.close();
    }
}

/** What an event shows. Events for debugging show inputs and outputs as they are: the README warns of them. */
function exposedIn(event: EngineEvent): Exposed[] {
    // The type leaves out a severity that the CLI sends.
    const severity: string | undefined = event.diagnosticEvent?.severity;
    return severity === "debug" ? [] : [{ name: "an event", text: JSON.stringify(event) }];
}
