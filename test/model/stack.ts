import { type Mode, UnfinishedError } from "./host.js";
import { MortalHost } from "./killing.js";
import {
    type Exposed,
    type Given,
    type GivenMap,
    isGivenList,
    isGivenMap,
    type KeyProgram,
    type ModelOperation,
    type ModelResult,
    type ModelStack,
    type OperationOptions,
    OutputOf,
    type StoredKey,
} from "./modelStack.js";
import { Turns } from "./turns.js";
import { mapValues, reveal, Secret, sealed, secret, UNKNOWN, type Value, type ValueMap } from "./values.js";

/**
 * A stack of flat resources in this process, so that an operation takes milliseconds. It copies these rules of Pulumi's engine:
 *
 * - `ignoreChanges` comes before check: check gets the old inputs under those names. A new resource has nothing to ignore.
 * - Check gets the old inputs; `{}` for a new resource and for a replacement, where it is called once more.
 * - `same` stores the new inputs and keeps the outputs.
 * - An initialization error of a create stores the attempted inputs, one of an update the old inputs; both the new outputs.
 * - An initialization error forces an update, whatever diff says. A refresh clears it.
 * - A replacement creates first. The old resource waits in the state until the end of an operation that goes well.
 * - A refresh stores what read answers, all of it at its end. Its diff is the other way up: read's outputs as olds, the stored
 *   inputs as news.
 * - An output is a secret where the class names it (`additionalSecretOutputs`), or where the input of the same name is one.
 * - A preview has the outputs that the host foresees; every other output is unknown to the program.
 * - Check and diff run one at a time, changes side by side. After a failure nothing new begins, and nothing is deleted.
 * - The state is stored after each change. A killed engine leaves the last stored one.
 */
export class Stack implements ModelStack {
    private readonly project: string;
    private readonly stack: string;
    private readonly options: StackOptions;
    private resources: readonly Resource[] = [];
    private readonly hosts: MortalHost[] = [];
    private shown: Exposed[] = [];

    constructor(options: StackOptions) {
        this.options = options;
        this.project = options.project ?? "shop";
        this.stack = options.stack ?? "test";
    }

    async run(
        kind: ModelOperation,
        program: readonly KeyProgram[] = [],
        { kill, replace = [] }: OperationOptions = {},
    ): Promise<ModelResult> {
        const messages: ModelResult["messages"][number][] = [];
        let isKilled = false;
        let onEngineKill: () => void = () => undefined;
        const engineKilled = new Promise<undefined>((resolve) => {
            onEngineKill = () => resolve(undefined);
        });
        const { mode, config, now = Date.now, parallel = 8 } = this.options;
        const say = (severity: "progress" | (typeof messages)[number]["severity"], message: string) => {
            if (operation.isCut) return;
            this.shown.push({ name: `a message of ${kind}`, text: message, ofState: false });
            if (severity !== "progress") messages.push({ severity, message });
        };
        const host = await MortalHost.start(mode, { config, project: this.project, now, say }, kill, () => {
            isKilled = true;
            if (kill?.who !== "engine") return;
            operation.isCut = true;
            onEngineKill();
        });
        this.hosts.push(host);
        const operation = new Operation(kind === "preview", this.resources, { host: host.calls, mode, say, parallel });
        const work =
            kind === "refresh"
                ? operation.refresh()
                : kind === "destroy"
                  ? operation.deleteAllBut([])
                  : operation.deploy(this.registrations(program), replace);
        await Promise.race([work, engineKilled]);
        await host.end();
        this.shown.push(stateText(`what ${kind} shows`, operation.resources));
        if (kind !== "preview") this.resources = operation.resources;
        const { changes, hasFailed, isCut } = operation;
        return { ok: !hasFailed && !isCut, killed: isKilled, changes: { ...changes }, messages: [...messages] };
    }

    async keys(): Promise<readonly StoredKey[]> {
        return this.resources.map(({ dependsOn: _, inputs, outputs, ...resource }) => ({
            ...resource,
            inputs: mapValues(inputs, reveal),
            outputs: mapValues(outputs, reveal),
        }));
    }

    async arrived(): Promise<void> {
        await Promise.all(this.hosts.splice(0).map((host) => host.arrived()));
    }

    async exposed(): Promise<readonly Exposed[]> {
        return [...this.shown.splice(0), stateText("the state", this.resources)];
    }

    private registrations(program: readonly KeyProgram[]): Registration[] {
        return program.map(({ name, args, ignoreChanges = [] }) => ({
            name,
            ignoreChanges,
            dependsOn: dependenciesOf(args),
            inputs: (lookUp) => this.options.mode.register(this.project, this.stack, name, resolved(args, lookUp)),
        }));
    }
}

export interface StackOptions {
    readonly mode: Mode;
    /** Full names. */
    readonly config: Readonly<Record<string, string>>;
    /** Default `shop`. */
    readonly project?: string;
    /** Default `test`. */
    readonly stack?: string;
    /** How many resources are changed at once. Default 8. */
    readonly parallel?: number;
    /** The clock of this machine, in milliseconds since 1970. Default: the real one. */
    readonly now?: () => number;
}

interface Resource {
    readonly name: string;
    readonly id: string;
    readonly inputs: ValueMap;
    readonly outputs: ValueMap;
    readonly initErrors: readonly string[];
    readonly dependsOn: readonly string[];
    readonly delete: boolean;
}

type LookUp = (key: string, output: string) => Value;

interface Registration {
    readonly name: string;
    readonly ignoreChanges: readonly string[];
    readonly dependsOn: readonly string[];
    inputs(lookUp: LookUp): ValueMap;
}

interface OperationTools {
    readonly host: MortalHost["calls"];
    readonly mode: Mode;
    readonly parallel: number;
    say(severity: "error", message: string): void;
}

/** One operation: it ends with `resources` as the new state. */
class Operation {
    readonly changes: Record<string, number> = {};
    hasFailed = false;
    /** The engine is dead: nothing is stored any more. */
    isCut = false;
    private readonly planning = new Turns(1);
    private readonly working: Turns;

    constructor(
        private readonly isPreview: boolean,
        public resources: readonly Resource[],
        private readonly tools: OperationTools,
    ) {
        this.working = new Turns(tools.parallel);
    }

    async deploy(program: readonly Registration[], replace: readonly string[]): Promise<void> {
        const outputs = new Map<string, Promise<ValueMap | undefined>>();
        for (const each of program) {
            const needed = each.dependsOn.map(async (name) => [name, await outputs.get(name)] as const);
            outputs.set(each.name, this.register(each, Promise.all(needed), replace.includes(each.name)));
        }
        await Promise.all(outputs.values());
        await this.deleteAllBut(program.map(({ name }) => name));
    }

    /** @returns the outputs; `undefined` where the program waits for them in vain */
    private async register(
        wanted: Registration,
        needed: Promise<readonly (readonly [string, ValueMap | undefined])[]>,
        isTarget: boolean,
    ): Promise<ValueMap | undefined> {
        const given = new Map(await needed);
        if ([...given.values()].includes(undefined)) return undefined;
        const lookUp: LookUp = (key, output) => given.get(key)?.[output] ?? (this.isPreview ? UNKNOWN : null);
        const step = await this.attempt(this.planning, () => this.plan(wanted, wanted.inputs(lookUp), isTarget));
        return step && (await this.attempt(this.working, step));
    }

    /** Decides what happens to a resource. */
    private async plan(
        { name, ignoreChanges, dependsOn }: Registration,
        given: ValueMap,
        isTarget: boolean,
    ): Promise<() => Promise<ValueMap>> {
        const { host } = this.tools;
        const old = this.resources.find((one) => one.name === name && !one.delete);
        const wanted = (inputs: ValueMap) => ({ name, dependsOn, inputs });
        if (old === undefined) {
            const created = wanted(await this.check({}, given));
            return () => this.count("create", () => this.create(created, undefined));
        }
        if (isTarget) {
            const created = wanted(await this.check({}, given));
            return () => this.count("replace", () => this.create(created, old));
        }
        const inputs = await this.check(old.inputs, keepIgnored(given, old.inputs, ignoreChanges));
        const { changes, replaces } = await host.diff(old.id, old.outputs, old.inputs, inputs);
        if (changes && replaces.length > 0) {
            const created = wanted(await this.check({}, given));
            return () => this.count("replace", () => this.create(created, old));
        }
        const next = { ...old, ...wanted(inputs) };
        return changes || old.initErrors.length > 0
            ? () => this.count("update", () => this.update(old, next))
            : () => this.count("same", async () => this.store(next, old));
    }

    private async check(olds: ValueMap, news: ValueMap): Promise<ValueMap> {
        const { inputs, failures } = await this.tools.host.check(olds, news);
        if (failures.length > 0)
            throw new Error(failures.map(({ property, reason }) => `${property}: ${reason}`).join("\n"));
        return inputs;
    }

    private async create(
        wanted: Pick<Resource, "name" | "dependsOn" | "inputs">,
        replaced: Resource | undefined,
    ): Promise<ValueMap> {
        const { host } = this.tools;
        const store = (id: string, outputs: ValueMap, initErrors: readonly string[]) => {
            if (replaced !== undefined) this.store({ ...replaced, delete: true }, replaced);
            return this.store({ ...wanted, id, outputs, initErrors, delete: false });
        };
        if (this.isPreview) return store("", host.foresee(wanted.inputs, undefined), []);
        try {
            const { id, outputs } = await host.create(wanted.inputs);
            return store(id, outputs, []);
        } catch (error) {
            if (error instanceof UnfinishedError) store(error.id, error.outputs, error.reasons);
            throw error;
        }
    }

    private async update(old: Resource, next: Resource): Promise<ValueMap> {
        const { host } = this.tools;
        if (this.isPreview) return this.store({ ...next, outputs: host.foresee(next.inputs, old.outputs) }, old);
        try {
            const outputs = await host.update(old.id, old.outputs, old.inputs, next.inputs);
            return this.store({ ...next, outputs, initErrors: [] }, old);
        } catch (error) {
            if (error instanceof UnfinishedError) {
                const { outputs } = this.marked({ ...next, outputs: error.outputs });
                this.store({ ...old, outputs, initErrors: error.reasons }, old);
            }
            throw error;
        }
    }

    /** Deletes what was replaced, and what no longer stands in the program: first what depends on others. */
    async deleteAllBut(names: readonly string[]): Promise<void> {
        let left = this.resources.filter((one) => one.delete || !names.includes(one.name));
        while (left.length > 0 && !this.hasFailed) {
            const needed = new Set(left.flatMap(({ dependsOn }) => dependsOn));
            const free = left.filter(({ name }) => !needed.has(name));
            await Promise.all(free.map((one) => this.attempt(this.working, () => this.delete(one))));
            left = left.filter((one) => !free.includes(one));
        }
    }

    private async delete(old: Resource): Promise<void> {
        const forget = async () => {
            if (!this.isPreview) await this.tools.host.delete(old.id, old.outputs);
            if (!this.isCut) this.resources = this.resources.filter((one) => one !== old);
        };
        await (old.delete ? forget() : this.count("delete", forget));
    }

    async refresh(): Promise<void> {
        const found = await Promise.all(
            this.resources.map(async (old) => {
                try {
                    return await this.working.take(() => this.read(old));
                } catch (error) {
                    this.fail(error);
                    return old;
                }
            }),
        );
        if (!this.isCut) this.resources = found.filter((one) => one !== undefined);
    }

    private async read(old: Resource): Promise<Resource | undefined> {
        const { host } = this.tools;
        const found = await host.read(old.id, old.outputs, old.inputs);
        if (found === undefined) return this.count("delete", async () => undefined);
        const { outputs, inputs = old.inputs } = found;
        const { changes } = await host.diff(old.id, outputs, inputs, old.inputs);
        return this.count(changes ? "update" : "same", async () =>
            this.marked({ ...old, inputs, outputs, initErrors: [] }),
        );
    }

    /** Puts a resource into the state, in the place of an old one. */
    private store(next: Resource, old?: Resource): ValueMap {
        const stored = this.marked(next);
        if (!this.isCut) this.resources = [...this.resources.filter((one) => one !== old), stored];
        return stored.outputs;
    }

    private marked(resource: Resource): Resource {
        const { inputs, outputs } = resource;
        const named = this.tools.mode.secretOutputs;
        const isSecret = (key: string) => named.includes(key) || inputs[key] instanceof Secret;
        return { ...resource, outputs: mapValues(outputs, (value, key) => (isSecret(key) ? secret(value) : value)) };
    }

    private async count<T>(change: string, work: () => Promise<T>): Promise<T> {
        const result = await work();
        this.changes[change] = (this.changes[change] ?? 0) + 1;
        return result;
    }

    /** Does a piece of work in its turn, unless something has failed before. */
    private attempt<T>(turns: Turns, work: () => Promise<T>): Promise<T | undefined> {
        return turns.take(async () => {
            if (this.hasFailed || this.isCut) return undefined;
            try {
                return await work();
            } catch (error) {
                this.fail(error);
                return undefined;
            }
        });
    }

    private fail(error: unknown): void {
        this.hasFailed = true;
        this.tools.say("error", error instanceof Error ? error.message : String(error));
    }
}

function keepIgnored(news: ValueMap, olds: ValueMap, ignored: readonly string[]): ValueMap {
    if (ignored.includes("*")) return olds;
    const kept = Object.entries(olds).filter(([key]) => ignored.includes(key));
    return {
        ...Object.fromEntries(Object.entries(news).filter(([key]) => !ignored.includes(key))),
        ...Object.fromEntries(kept),
    };
}

function dependenciesOf(given: Given): string[] {
    if (given instanceof OutputOf) return [given.key];
    if (isGivenList(given)) return given.flatMap(dependenciesOf);
    return isGivenMap(given) ? Object.values(given).flatMap(dependenciesOf) : [];
}

function resolved(args: GivenMap, lookUp: LookUp): ValueMap {
    const resolve = (given: Given): Value => {
        if (given instanceof OutputOf) return lookUp(given.key, given.output);
        if (isGivenMap(given)) return resolved(given, lookUp);
        return isGivenList(given) ? given.map(resolve) : given;
    };
    return Object.fromEntries(Object.entries(args).map(([key, given]) => [key, resolve(given)]));
}

function stateText(name: string, resources: readonly Resource[]): Exposed {
    const shown = resources.map((one) => ({ ...one, inputs: sealed(one.inputs), outputs: sealed(one.outputs) }));
    return { name, text: JSON.stringify(shown), ofState: true };
}
