import type { OpMap } from "@pulumi/pulumi/automation";
import { DEFAULT_NAME } from "../../provider/defaultName.js";
import { PROVIDER_TEXT } from "../../sdk/providerText.js";
import { Deployment } from "../../sdk/testing/engine/deployment.js";
import type { Diagnostic } from "../../sdk/testing/engine/errors.js";
import { Events } from "../../sdk/testing/engine/events.js";
import { goal } from "../../sdk/testing/engine/goal.js";
import { Journal } from "../../sdk/testing/engine/journal.js";
import { Ledger } from "../../sdk/testing/engine/ledger.js";
import type { RunningProgram } from "../../sdk/testing/engine/program.js";
import { Providers } from "../../sdk/testing/engine/providers.js";
import { afterRefresh } from "../../sdk/testing/engine/refreshed.js";
import type { ResourceState } from "../../sdk/testing/engine/resource.js";
import { type StackState, writeDeployment } from "../../sdk/testing/engine/stateFormat.js";
import type { OperationKind } from "../../sdk/testing/engine/stepRunner.js";
import { createUrn, parseUrn } from "../../sdk/testing/engine/urn.js";
import { revealMap, Secret, type Value, type ValueMap } from "../../sdk/testing/engine/values.js";
import { InProcessHost } from "./inProcessHost.js";
import type { ModelExposed } from "./modelStack.js";
import type { KillPoint } from "./relay.js";

/** The type of a key. */
const KEY_TYPE = "pulumi-nodejs:dynamic/xai:ApiKey";

/** One key of a program: `new XaiApiKey(name, args)`. A `Secret` of the engine's values may stand in the arguments. */
export interface KeyProgram {
    readonly name: string;
    readonly args: ValueMap;
}

/** A stack to be. */
export interface InProcessStackOptions {
    /** Default `shop`. */
    readonly project?: string;
    /** Default `test`. */
    readonly stack?: string;
    /** Full names; `xai:managementKey` is a secret. Each operation takes what stands here when it begins. */
    readonly config: Record<string, string>;
    /** How many resources are worked on at once. Default 8. */
    readonly parallel?: number;
    /** The clock of this machine, in milliseconds since 1970. Default: the real one. */
    readonly now?: () => number;
}

/** Who dies, and when: of all requests that the operation's provider sends. */
export interface Kill extends KillPoint {
    /** The provider's host alone, or the engine and so the host with it. */
    readonly who: "host" | "engine";
}

/** What an operation may be given. */
export interface InProcessOperation {
    readonly kill?: Kill | undefined;
    /** The logical names of keys to make anew. */
    readonly replace?: readonly string[];
}

/** What an operation came to. Failing is no exception here: the state and the messages are what matters then. */
export interface InProcessResult {
    readonly ok: boolean;
    /** Whether the kill that was asked for has happened. */
    readonly killed: boolean;
    /** How many resources each kind of change was made to, or would be. */
    readonly changes: OpMap;
    /** Everything that was said and stays, in order: warnings, errors, and what the host printed. */
    readonly messages: readonly Diagnostic[];
    /** Lines that came and went. */
    readonly progress: readonly string[];
}

/** A key as the state holds it, in the clear. */
export interface StoredResource {
    /** The logical name. */
    readonly name: string;
    readonly id: string;
    readonly inputs: ValueMap;
    readonly outputs: ValueMap;
    readonly initErrors: readonly string[];
    /** Replaced, and still to be deleted. */
    readonly delete: boolean;
}

/**
 * The local engine without processes and files: its own generator, deployment and books, driven by lists of keys, and a
 * fresh provider in this very process for each operation, as each operation has a process of its own. An operation takes
 * milliseconds.
 *
 * ```ts
 * const stack = new InProcessStack({ config: configFor(emulator) });
 * const { ok, messages } = await stack.up([{ name: "search", args: { acls: ["api-key:model:*"] } }]);
 * await stack.refresh();
 * stack.keys(); // [{ name: "search", id: "…", outputs: { apiKey: "xai-…", … }, … }]
 * ```
 */
export class InProcessStack {
    /** What the next operation is configured with. */
    config: Record<string, string>;
    private readonly project: string;
    private readonly stack: string;
    private readonly parallel: number;
    private readonly now: () => number;
    private state: StackState = { resources: [], pending: [] };
    private readonly hosts: InProcessHost[] = [];
    /** What users have seen so far. */
    readonly shown: ModelExposed[] = [];

    constructor({ project = "shop", stack = "test", config, parallel = 8, now = Date.now }: InProcessStackOptions) {
        this.config = { ...config };
        this.project = project;
        this.stack = stack;
        this.parallel = parallel;
        this.now = now;
    }

    /** Says what `up` would do. */
    async preview(program: readonly KeyProgram[], options: InProcessOperation = {}): Promise<InProcessResult> {
        return await this.run("preview", program, options);
    }

    /** Makes the stack what the program says. */
    async up(program: readonly KeyProgram[], options: InProcessOperation = {}): Promise<InProcessResult> {
        return await this.run("update", program, options);
    }

    /** Makes the state what there is. */
    async refresh(options: InProcessOperation = {}): Promise<InProcessResult> {
        return await this.run("refresh", [], options);
    }

    /** Deletes everything in the stack. */
    async destroy(options: InProcessOperation = {}): Promise<InProcessResult> {
        return await this.run("destroy", [], options);
    }

    /** The keys in the state, those that still wait for their deletion included. */
    keys(): StoredResource[] {
        return this.state.resources
            .filter(({ type }) => type === KEY_TYPE)
            .map(({ urn, id, inputs, outputs, initErrors, delete: isReplaced }) => ({
                name: parseUrn(urn).name,
                id,
                inputs: revealMap(inputs),
                outputs: revealMap(outputs ?? {}),
                initErrors,
                delete: isReplaced,
            }));
    }

    /** Everything that users have seen so far, and the state as it would be stored, for `expectNoLeak`. */
    exposed(): ModelExposed[] {
        return [...this.shown, this.stored()];
    }

    /** The state as it would be stored. */
    stored(): ModelExposed {
        const sealed = writeDeployment(this.state, "", () => ({ ciphertext: "" }), new Date());
        return { name: "the state", text: JSON.stringify(sealed), ofState: true };
    }

    /** What a name comes to where the program gives none. */
    defaultName(name: string): string {
        return `${this.project}-${this.stack}-${name}`;
    }

    /** Ends when everything that hosts had sent before they were killed has arrived. */
    async arrived(): Promise<void> {
        await Promise.all(this.hosts.splice(0).map((host) => host.arrived()));
    }

    private async run(
        kind: OperationKind,
        program: readonly KeyProgram[],
        options: InProcessOperation,
    ): Promise<InProcessResult> {
        const { kill } = options;
        const events = new Events(kind === "preview", [], (event) => {
            const ofState = event.diagnosticEvent === undefined;
            this.shown.push({ name: `an event of ${kind}`, text: JSON.stringify(event), ofState });
        });
        const progress: string[] = [];
        let saved: StackState = this.state;
        const journal: Journal = new Journal(this.state, async () => {
            saved = journal.current();
        });
        let killed = false;
        let onEngineKill: () => void = () => undefined;
        const engineKilled = new Promise<void>((resolve) => {
            onEngineKill = resolve;
        });
        const providers = new Providers(() => {
            const host = new InProcessHost({
                project: this.project,
                now: this.now,
                kill,
                onLine: (line) => events.diagnostic("info#err", line),
                onWarning: (message) => events.diagnostic("warning", message),
                onProgress: (message) => {
                    this.shown.push({ name: `progress of ${kind}`, text: message, ofState: false });
                    progress.push(message);
                },
                onKill: () => {
                    killed = true;
                    if (kill?.who === "engine") {
                        // What an engine has not stored by then is not known to the next one.
                        saved = detached(saved);
                        onEngineKill();
                    }
                },
            });
            this.hosts.push(host);
            return host;
        }, this.state.resources);
        const work = this.carryOut(kind, program, options, providers, { journal, events });
        const ok = await Promise.race([work, engineKilled.then(() => undefined)]);
        await providers.stop();
        if (ok !== undefined) saved = journal.current();
        if (kind !== "preview") this.state = detached(saved);
        return { ok: ok === true, killed, changes: events.changes, messages: [...events.diagnostics], progress };
    }

    private async carryOut(
        kind: OperationKind,
        program: readonly KeyProgram[],
        options: InProcessOperation,
        providers: Providers,
        { journal, events }: { journal: Journal; events: Events },
    ): Promise<boolean> {
        const deployment = new Deployment({
            kind,
            ledger: new Ledger(this.stack, this.project, journal.before),
            journal,
            providers,
            events,
            info: {
                project: this.project,
                stack: this.stack,
                organization: "organization",
                preview: kind === "preview",
                parallel: this.parallel,
                config: this.config,
                secretKeys: SECRET_KEYS,
            },
            providerInputs: Object.fromEntries(
                Object.entries(this.config).map(([key, value]): [string, Value] => [
                    key,
                    SECRET_KEYS.includes(key) ? new Secret(value) : value,
                ]),
            ),
            replaceTargets: new Set(
                (options.replace ?? []).map((name) => createUrn(this.stack, this.project, "", KEY_TYPE, name)),
            ),
        });
        if (kind === "refresh") {
            const found = await deployment.refreshAll();
            await journal.rebase(afterRefresh(journal.before, found));
        } else if (kind === "destroy") await deployment.destroyAll();
        else await deployment.runProgram(() => this.start(program, deployment));
        return !deployment.failed;
    }

    /** Registers the keys of a program, all at once, as a program does that does not wait. */
    private start(program: readonly KeyProgram[], deployment: Deployment): RunningProgram {
        const registered = program.map(({ name, args }) => {
            const defaultName = this.defaultName(name);
            const named = args["name"] === undefined ? { name: defaultName, [DEFAULT_NAME]: defaultName } : {};
            return deployment.register({
                goal: goal({
                    type: KEY_TYPE,
                    name,
                    inputs: { ...args, ...named, __provider: PROVIDER_TEXT },
                    additionalSecretOutputs: ["apiKey"],
                }),
                needsProvider: true,
                protect: undefined,
                retainOnDelete: undefined,
            });
        });
        return {
            ended: Promise.allSettled(registered).then(() => ({ ok: true })),
            stop: async () => undefined,
        };
    }
}

const SECRET_KEYS = ["xai:managementKey"];

/** A state that nothing which is still at work can change. */
function detached({ resources, pending }: StackState): StackState {
    const copies = new Map<ResourceState, ResourceState>();
    const copyOf = (state: ResourceState): ResourceState => {
        const copy = copies.get(state) ?? { ...state };
        copies.set(state, copy);
        return copy;
    };
    return {
        resources: resources.map(copyOf),
        pending: pending.map(({ type, resource }) => ({ type, resource: copyOf(resource) })),
    };
}
