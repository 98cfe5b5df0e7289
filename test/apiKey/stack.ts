import { beforeEach, expect, vi } from "vitest";
import type { Emulator, EmulatorOptions, Operation, RecordedRequest, StoredKey } from "xai-management-emulator";
import { type CheckFailure, check } from "../../provider/apiKey/check.js";
import type { OperationContext, Properties } from "../../provider/apiKey/context.js";
import { create } from "../../provider/apiKey/create.js";
import { remove } from "../../provider/apiKey/delete.js";
import { diffApiKey } from "../../provider/apiKey/diff.js";
import { InitializationError } from "../../provider/apiKey/initializationError.js";
import { APPLIED } from "../../provider/apiKey/inputs.js";
import { read } from "../../provider/apiKey/read.js";
import { KeyRegistry } from "../../provider/apiKey/registry.js";
import { type KeyState, stateOutputs } from "../../provider/apiKey/state.js";
import { update } from "../../provider/apiKey/update.js";
import { Account } from "../../provider/team/account.js";
import { readSettings } from "../../provider/team/settings.js";
import { emulate } from "../servers.js";
import { ACLS, DAY } from "./values.js";

// Delays without jitter are none.
beforeEach(() => {
    const random = vi.spyOn(Math, "random").mockReturnValue(0);
    return () => random.mockRestore();
});

/** A key as the stack's state holds it. */
export interface Resource {
    readonly id: string;
    readonly inputs: Properties;
    readonly outputs: Properties;
    /** Its last create or update ended in an initialization error. */
    readonly isUnfinished: boolean;
}

/** What an `up` does to a key. */
export type Step = "same" | "create" | "update" | "rotate" | "replace" | "delete";
type Program = Readonly<Record<string, Properties>>;

/** A program's arguments failed the check. */
export class CheckError extends Error {
    constructor(readonly failures: readonly CheckFailure[]) {
        super(failures.map(({ property, reason }) => `${property}: ${reason}`).join("\n"));
    }
}

/**
 * A stack in this process. It copies what Pulumi's engine does between the calls of a provider: `ignoreChanges` comes before
 * check; an initialization error of a create stores the attempted inputs, one of an update the old ones, both the new outputs,
 * and the next `up` updates; a refresh clears that mark, and stores the inputs that read answers; a replacement creates first;
 * deletes come last, and only after no failure. Each operation has a provider's process of its own.
 */
export class Stack {
    readonly resources = new Map<string, Resource>();
    /** The stack's configuration, beside what finds the server. */
    config: Readonly<Record<string, string>> = {};
    /** What the last operation warned of. */
    warnings: readonly string[] = [];
    #days = 0;

    private constructor(readonly emulator: Emulator) {}

    /** A stack and its emulator, whose clock {@link pass} turns on. */
    static async start(options: EmulatorOptions = {}): Promise<Stack> {
        let stack: Stack | undefined;
        const emulator = await emulate({ now: () => new Date(stack?.now() ?? Date.now()), ...options });
        stack = new Stack(emulator);
        return stack;
    }

    now(): number {
        return Date.now() + this.#days * DAY;
    }

    pass(days: number): void {
        this.#days += days;
    }

    /** The one key that the API has. */
    get key(): StoredKey {
        const [key, ...others] = this.emulator.keys();
        if (key === undefined || others.length > 0) {
            throw new Error(`The API has ${others.length + (key === undefined ? 0 : 1)} keys.`);
        }
        return key;
    }

    /** A key of the stack. */
    resource(name = "search"): Resource {
        const resource = this.resources.get(name);
        if (resource === undefined) {
            throw new Error(`The stack has no ${name}.`);
        }
        return resource;
    }

    /** The outputs of a key of the stack. */
    outputs(name = "search"): Properties {
        return this.resource(name).outputs;
    }

    /** What was carried out, as the state holds it. */
    applied(name = "search"): Properties {
        return Object(this.outputs(name)[APPLIED]);
    }

    /** The requests since the last call, without those that only read. */
    writes(): readonly Operation[] {
        const all = this.requests();
        const reads: readonly Operation[] = ["listApiKeys", "listModels", "listEndpoints", "checkApiKeyPropagation"];
        return all.map(({ operation }) => operation).filter((one) => !reads.includes(one));
    }

    /** The requests since the last call. */
    requests(): readonly RecordedRequest[] {
        const all = [...this.emulator.requests];
        this.emulator.clearRequests();
        return all;
    }

    /** A provider's process, for calls that a test makes itself. */
    process(): OperationContext {
        const given: Readonly<Record<string, string>> = {
            managementKey: this.emulator.managementKey,
            teamId: this.emulator.teamId,
            baseUrl: this.emulator.url,
            maxRetries: "1",
            operationTimeout: "5s",
            ...this.config,
        };
        const warnings: string[] = [];
        this.warnings = warnings;
        const warn = (message: string) => void (warnings.includes(message) || warnings.push(message));
        const settings = readSettings((key) => given[key], {});
        const account = new Account(settings, warn);
        return { account, registry: new KeyRegistry(), warn, progress: () => undefined };
    }

    /** `pulumi preview` of one key: its warnings are kept, and what an `up` would do is returned. */
    async preview(args: Properties = {}, ignored: readonly string[] = []): Promise<Step> {
        const context = this.process();
        const { inputs } = await this.#check(context, "search", args, ignored);
        return this.#plan(context, "search", inputs);
    }

    /** `pulumi up` of a program with one key. */
    async up(args: Properties = {}, ignored: readonly string[] = []): Promise<Step> {
        return (await this.upAll({ search: args }, ignored))["search"] ?? "same";
    }

    /** `pulumi up`. @param forced - The keys that `--replace` names */
    async upAll(
        program: Program,
        ignored: readonly string[] = [],
        forced: readonly string[] = [],
    ): Promise<Readonly<Record<string, Step>>> {
        const context = this.process();
        try {
            return await this.#upAll(context, program, ignored, forced);
        } finally {
            // The host ends its process with what only the end of a run tells.
            context.registry.orphans().forEach(context.warn);
        }
    }

    async #upAll(
        context: OperationContext,
        program: Program,
        ignored: readonly string[],
        forced: readonly string[],
    ): Promise<Readonly<Record<string, Step>>> {
        const steps: Record<string, Step> = {};
        const replaced: Resource[] = [];
        for (const [name, args] of Object.entries(program)) {
            let { inputs } = await this.#check(context, name, args, ignored);
            const step = forced.includes(name) ? "replace" : this.#plan(context, name, inputs);
            steps[name] = step;
            if (step === "same") {
                this.resources.set(name, { ...this.resource(name), inputs });
                continue;
            }
            if (step === "replace") {
                replaced.push(this.resource(name));
                this.resources.delete(name);
                inputs = (await this.#check(context, name, args, [])).inputs;
            }
            await this.#carryOut(context, name, inputs);
        }
        for (const { id, outputs } of replaced) {
            await remove(context, id, outputs);
        }
        for (const [name, { id, outputs }] of [...this.resources].reverse()) {
            if (!(name in program)) {
                await remove(context, id, outputs);
                this.resources.delete(name);
                steps[name] = "delete";
            }
        }
        return steps;
    }

    /** `pulumi destroy`. */
    async destroy(): Promise<void> {
        await this.upAll({});
    }

    /** `pulumi refresh`. @returns the names of the keys of which it shows a change */
    async refresh(): Promise<readonly string[]> {
        const context = this.process();
        const shown: string[] = [];
        for (const [name, resource] of this.resources) {
            const found = await read(context, resource.id, resource.outputs);
            if (found === undefined) {
                this.resources.delete(name);
                shown.push(name);
                continue;
            }
            const outputs = onTheWire(stateOutputs(found.state));
            if (diffApiKey(resource.id, outputs, resource.inputs, { settings: context.account.settings }).changes) {
                shown.push(name);
            }
            const inputs = onTheWire({ ...found.inputs, [APPLIED]: "" });
            this.resources.set(name, { ...resource, outputs, inputs, isUnfinished: false });
        }
        return shown;
    }

    async #check(context: OperationContext, name: string, args: Properties, ignored: readonly string[]) {
        const olds = this.resources.get(name)?.inputs ?? {};
        const given = { acls: ACLS, waitForPropagation: false, ...args, [APPLIED]: "" };
        const news = onTheWire(
            this.resources.has(name) ? ignoring(olds, JSON.parse(JSON.stringify(given)), ignored) : given,
            true,
        );
        const { inputs, failures } = await check(context, {
            olds,
            news,
            defaultName: `shop-test-${name}`,
            now: this.now(),
        });
        if (failures.length > 0) {
            throw new CheckError(failures);
        }
        return { inputs: onTheWire(inputs) };
    }

    #plan({ account, registry, warn }: OperationContext, name: string, inputs: Properties): Step {
        const resource = this.resources.get(name);
        if (resource === undefined) {
            return "create";
        }
        registry.hold(resource.id);
        const { settings } = account;
        const { changes, replaces, rotates, warnings } = diffApiKey(resource.id, resource.outputs, inputs, {
            settings,
        });
        warnings.forEach(warn);
        if (replaces) {
            return "replace";
        }
        return rotates ? "rotate" : changes || resource.isUnfinished ? "update" : "same";
    }

    async #carryOut(context: OperationContext, name: string, inputs: Properties): Promise<void> {
        const old = this.resources.get(name);
        const keep = (state: KeyState, stored: Properties, isUnfinished: boolean) => {
            const outputs = onTheWire(stateOutputs(state));
            this.resources.set(name, { id: state.apiKeyId, outputs, inputs: stored, isUnfinished });
        };
        try {
            const state = await (old === undefined
                ? create(context, inputs)
                : update(context, old.id, old.outputs, inputs));
            keep(state, inputs, false);
        } catch (error) {
            if (error instanceof InitializationError) {
                keep(error.state, old?.inputs ?? inputs, true);
            }
            throw error;
        }
    }
}

/** Nothing is left to do, in an `up` or in a refresh, in any order. */
export async function expectQuiet(stack: Stack, args: Properties = {}, ignored: readonly string[] = []): Promise<void> {
    stack.requests();
    expect(await stack.up(args, ignored)).toBe("same");
    expect(await stack.refresh()).toEqual([]);
    expect(await stack.up(args, ignored)).toBe("same");
    expect(await stack.refresh()).toEqual([]);
    expect(stack.writes()).toEqual([]);
}

/** What protobuf can carry: plain JSON, and undefined at no depth unless a program gives it. */
function onTheWire(properties: Properties, mayHoldUndefined = false): Properties {
    const copy: Properties = JSON.parse(JSON.stringify(properties));
    if (!mayHoldUndefined) {
        expect(properties).toStrictEqual(copy);
    }
    return copy;
}

function ignoring(olds: Properties, news: Record<string, unknown>, paths: readonly string[]): Properties {
    if (paths.includes("*")) {
        return olds;
    }
    for (const path of paths) {
        const [name = "", part] = path.split(".");
        const [from, to]: [Properties, Record<string, unknown>] =
            part === undefined ? [olds, news] : [Object(olds[name]), Object(news[name])];
        const key = part ?? name;
        if (from[key] === undefined) {
            delete to[key];
        } else {
            to[key] = from[key];
        }
    }
    return news;
}
