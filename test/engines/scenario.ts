import type { OutputMap, PulumiFn } from "@pulumi/pulumi/automation";
import { describe, expect, it } from "vitest";
import { type Emulator, type EmulatorOptions, type StoredKey, startEmulator } from "xai-management-emulator";
import { Recorder } from "../parity/recorder.js";
import { compareWithReference, isRefreshing } from "../parity/reference.js";
import { CLOCK_START, TestClock } from "./clock.js";
import { configFor, type Engine, type OperationResult, type TestStack } from "./engine.js";
import { type Exposed, everythingOf, expectNoLeak } from "./leaks.js";
import { localEngine } from "./localEngine.js";
import { pulumiCli } from "./pulumiCli.js";
import { Watch } from "./watch.js";

/** What a scenario starts from. */
export interface ScenarioOptions {
    readonly emulator?: EmulatorOptions;
    /** Default: what finds the emulator. */
    readonly config?: (emulator: Emulator) => Record<string, string>;
    readonly environment?: (emulator: Emulator) => Record<string, string>;
    /** Gives the server and the provider's host a clock of their own, {@link Scenario.clock}. */
    readonly clock?: true;
    /** Has the real engine play it in each `npm test`, wherever in its file it stands. */
    readonly alwaysOnReal?: true;
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
        private readonly recorder: Recorder,
        private readonly watch: Watch,
        private readonly ownClock?: TestClock,
    ) {}

    /** The clock that the scenario turns on, where it asks for one. */
    get clock(): TestClock {
        if (this.ownClock === undefined) {
            throw new Error("the scenario has no clock of its own");
        }
        return this.ownClock;
    }

    preview(program?: PulumiFn): Promise<OperationResult> {
        return this.#run("preview", program, () => this.stack.preview());
    }

    up(
        program?: PulumiFn,
        options?: { readonly replace?: readonly string[] },
    ): Promise<OperationResult & { readonly outputs: OutputMap }> {
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
        const { deployment } = await this.stack.exportStack();
        return deployment.resources ?? [];
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

    /** Checks all that was shown and stored, and takes everything down. */
    async finish(): Promise<void> {
        const files = await this.stack.files();
        expect(files.length, "the engine's files were looked at").toBeGreaterThan(0);
        expectNoLeak(this.emulator.secrets(), [...this.#texts, ...files, ...this.watch.seen()]);
    }

    async #run<T extends OperationResult>(
        name: string,
        program: PulumiFn | undefined,
        run: () => Promise<T>,
    ): Promise<T> {
        if (program !== undefined) {
            this.stack.program = program;
        }
        let result: T | undefined;
        try {
            result = await run();
            this.#texts.push({ name: `the output of ${name}`, text: result.output });
            return result;
        } catch (error) {
            this.#texts.push(...everythingOf(`the failure of ${name}`, error));
            throw error;
        } finally {
            this.recorder.end(name, result, await this.stack.exportStack());
        }
    }
}

/** The engines that scenarios run on, and those that are missing here, with the reason. */
export function engines(): readonly (Engine | { readonly name: string; readonly missing: string })[] {
    const cli = pulumiCli();
    return ["missing" in cli ? { name: "Pulumi CLI", missing: cli.missing } : cli, localEngine];
}

/** Whether the real engine plays every scenario, or the first of each file and those that say so. */
const PLAYS_EVERY = isRefreshing || (process.env["PULUMI_XAI_EVERY_SCENARIO"] ?? "") !== "";

/** Whether a scenario of this file is the real engine's already. */
let hasPlayedOnReal = false;

/** Stands beside what the real engine leaves out: its records have it, and the local engine is held against them. */
const LEFT_OUT = "skipped: the record holds it, and `npm run test:cli` plays it again";

/**
 * Defines scenarios on every engine that is there. For one that is missing they are skipped, with the reason printed; so
 * are all but the first of a file, and those that say otherwise, on the real one: a check of the whole must not take too long.
 */
export function onEveryEngine(title: string, define: (scenario: DefineScenario, engine: Engine) => void): void {
    for (const engine of engines()) {
        if ("missing" in engine) {
            describe.skip(`${title} (${engine.name} skipped: ${engine.missing})`, () => {
                define((name) => it(name, () => undefined), { ...localEngine, createStack: neverCalled });
            });
        } else {
            describe(`${title} on ${engine.name}`, () => {
                define((name, options, body) => {
                    if (engine.isReal && hasPlayedOnReal && !options.alwaysOnReal && !PLAYS_EVERY) {
                        describe.skip(LEFT_OUT, () => it(name, () => undefined));
                        return;
                    }
                    hasPlayedOnReal ||= engine.isReal;
                    defineScenario(title, name, options, body, engine);
                }, engine);
            });
        }
    }
}

/** Defines one scenario: its name, what it starts from, and what happens. */
export type DefineScenario = (
    name: string,
    options: ScenarioOptions,
    body: (scenario: Scenario) => Promise<void>,
) => void;

function defineScenario(
    title: string,
    name: string,
    options: ScenarioOptions,
    body: (scenario: Scenario) => Promise<void>,
    engine: Engine,
): void {
    it(name, async () => {
        // The recorder's own file holds secrets, and so is not among what is watched.
        const recorder = new Recorder();
        const watch = new Watch();
        const clock = options.clock && new TestClock(recorder.environment["NODE_OPTIONS"] ?? "");
        const emulator = await startEmulator({ ...options.emulator, ...(clock && { now: clock.now }) });
        try {
            const stack = await engine.createStack({
                project: "shop",
                stack: "test",
                program: async () => undefined,
                environment: { ...recorder.environment, ...clock?.environment, ...options.environment?.(emulator) },
                config: options.config?.(emulator) ?? configFor(emulator),
                onEvent: (event) => {
                    recorder.event(event);
                    watch.hear(event);
                },
            });
            try {
                const scenario = new Scenario(emulator, stack, recorder, watch, clock);
                await body(scenario);
                await scenario.finish();
            } finally {
                await stack.dispose();
            }
            compareWithReference({ suite: title, name }, recorder.record(clock && CLOCK_START), engine.isReal);
        } finally {
            watch.end();
            recorder.dispose();
            clock?.dispose();
            await emulator.close();
        }
    });
}

async function neverCalled(): Promise<never> {
    throw new Error("this engine is not here");
}
