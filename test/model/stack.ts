import { dynamicMode } from "./dynamicHost.js";
import type { Mode } from "./host.js";
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
import { type LookUp, Operation, type Registration, type Resource } from "./operation.js";
import { mapValues, reveal, sealed, type Value, type ValueMap } from "./values.js";

export interface StackOptions {
    /** Default: dynamic mode. */
    readonly mode?: Mode;
    /** Full names. */
    readonly config: Readonly<Record<string, string>>;
    /** How many resources are changed at once. Default 8. */
    readonly parallel?: number;
    /** The clock of this machine, in milliseconds since 1970. Default: the real one. */
    readonly now?: () => number;
}

/**
 * A stack in this process: its state, and a provider of its own for each operation, as each operation has a process of its own.
 * `operation.ts` lists the rules of Pulumi's engine that it copies.
 */
export class Stack implements ModelStack {
    private config: Readonly<Record<string, string>>;
    private resources: readonly Resource[] = [];
    private readonly hosts: MortalHost[] = [];
    private shown: Exposed[] = [];

    constructor(private readonly options: StackOptions) {
        this.config = options.config;
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
        const { config } = this;
        const { mode = dynamicMode, now = Date.now, parallel = 8 } = this.options;
        const say = (severity: "progress" | (typeof messages)[number]["severity"], message: string) => {
            if (operation.isCut) return;
            this.shown.push({ name: `a message of ${kind}`, text: message, ofState: false });
            if (severity !== "progress") messages.push({ severity, message });
        };
        const host = await MortalHost.start(mode, { config, now, say }, kill, () => {
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

    async setConfig(key: string, value: string): Promise<void> {
        this.config = { ...this.config, [key]: value };
    }

    async keys(): Promise<readonly StoredKey[]> {
        return this.resources.map(({ dependsOn: _, inputs, outputs, ...resource }) => ({
            ...resource,
            inputs: mapValues(inputs, reveal),
            // Native mode keeps null for each output that is not set.
            outputs: Object.fromEntries(
                Object.entries(mapValues(outputs, reveal)).filter(([, value]) => value !== null),
            ),
        }));
    }

    async arrived(): Promise<void> {
        await Promise.all(this.hosts.splice(0).map((host) => host.arrived()));
    }

    async exposed(): Promise<readonly Exposed[]> {
        return [...this.shown.splice(0), stateText("the state", this.resources)];
    }

    private registrations(program: readonly KeyProgram[]): Registration[] {
        const { mode = dynamicMode } = this.options;
        return program.map(({ name, args, ignoreChanges = [] }) => ({
            name,
            ignoreChanges,
            dependsOn: dependenciesOf(args),
            inputs: (lookUp) => mode.register(name, resolved(args, lookUp)),
        }));
    }
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
