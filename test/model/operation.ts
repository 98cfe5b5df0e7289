import { type Host, type Mode, UnfinishedError } from "./host.js";
import { Turns } from "./turns.js";
import { mapValues, Secret, secret, UNKNOWN, type Value, type ValueMap } from "./values.js";

/** A resource in the state. */
export interface Resource {
    readonly name: string;
    readonly id: string;
    readonly inputs: ValueMap;
    readonly outputs: ValueMap;
    readonly initErrors: readonly string[];
    readonly dependsOn: readonly string[];
    readonly delete: boolean;
}

/** Finds the output of another resource. */
export type LookUp = (key: string, output: string) => Value;

/** A resource that the program registers. */
export interface Registration {
    readonly name: string;
    readonly ignoreChanges: readonly string[];
    readonly dependsOn: readonly string[];
    inputs(lookUp: LookUp): ValueMap;
}

/** What an operation works with. */
export interface OperationTools {
    readonly host: Host;
    readonly mode: Mode;
    readonly parallel: number;
    say(severity: "error", message: string): void;
}

/**
 * One operation on a stack of flat resources, in this process, so that it takes milliseconds. It copies these rules of
 * Pulumi's engine:
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
 * - A preview takes the inputs for the outputs; every other output is unknown to the program.
 * - Check and diff run one at a time, changes side by side. After a failure nothing new begins, and nothing is deleted.
 * - The state is stored after each change. A killed engine leaves the last stored one.
 */
export class Operation {
    readonly changes: Record<string, number> = {};
    hasFailed = false;
    /** The engine is dead: nothing is stored any more. */
    isCut = false;
    private readonly planning = new Turns(1);
    private readonly working: Turns;

    /** @param resources The state before the operation; it becomes the state after it. */
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
            const created = wanted(await this.check({}, given, name));
            return () => this.count("create", () => this.create(created, undefined));
        }
        if (isTarget) {
            const created = wanted(await this.check({}, given, name));
            return () => this.count("replace", () => this.create(created, old));
        }
        const inputs = await this.check(old.inputs, keepIgnored(given, old.inputs, ignoreChanges), name);
        const { changes, replaces } = await host.diff(old.id, old.outputs, inputs, old.inputs);
        if (changes && replaces.length > 0) {
            const created = wanted(await this.check({}, given, name));
            return () => this.count("replace", () => this.create(created, old));
        }
        const next = { ...old, ...wanted(inputs) };
        return changes || old.initErrors.length > 0
            ? () => this.count("update", () => this.update(old, next))
            : () => this.count("same", async () => this.store(next, old));
    }

    private async check(olds: ValueMap, news: ValueMap, name: string): Promise<ValueMap> {
        const { inputs, failures } = await this.tools.host.check(olds, news, name);
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
        if (this.isPreview) return store("", await host.foresee(wanted.inputs, undefined), []);
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
        if (this.isPreview) {
            return this.store({ ...next, outputs: await host.foresee(next.inputs, old.outputs) }, old);
        }
        try {
            const outputs = await host.update(old.id, old.outputs, next.inputs);
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
        const { changes } = await host.diff(old.id, outputs, old.inputs, inputs);
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
        const isSecret = (key: string) => this.tools.mode.secretOutputs.includes(key) || inputs[key] instanceof Secret;
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
