import { Config } from "@pulumi/pulumi/cmd/dynamic-provider/config";
import { z } from "zod";
import { DynamicProvider } from "../../provider/dynamic.js";
import type { ProviderDiff } from "../../sdk/testing/engine/diff.js";
import type { CheckFailure } from "../../sdk/testing/engine/generator.js";
import type { Host } from "../../sdk/testing/engine/host.js";
import { HostError } from "../../sdk/testing/engine/hostError.js";
import { loadSdk } from "../../sdk/testing/engine/sdk.js";
import { markAgain, type ValueMap } from "../../sdk/testing/engine/values.js";
import { fromWire, toWire } from "../../sdk/testing/engine/wire.js";
import { type KillPoint, Relay } from "./relay.js";

/** What becomes of a host, and where what it says goes. */
export interface InProcessHostOptions {
    readonly project: string;
    /** Its clock, in milliseconds since 1970. */
    readonly now: () => number;
    /** When it dies, if it does. */
    readonly kill: KillPoint | undefined;
    /** What the host's process would print. */
    onLine(line: string): void;
    /** What the provider tells the engine. */
    onWarning(message: string): void;
    onProgress(message: string): void;
    /** It has died. */
    onKill(): void;
}

const PROVIDER_KEY = "__provider";
type Properties = Record<string, unknown>;

/** What an error of a provider may carry besides its message, as `cmd/dynamic-provider` reads it. */
const partialFailure = z.object({
    id: z.string().min(1),
    properties: z.record(z.string(), z.unknown()).optional(),
    reasons: z.array(z.string()).optional(),
});

/**
 * Pulumi's dynamic host without its process and its gRPC: a fresh provider, called as `cmd/dynamic-provider` calls it,
 * values made to fit through protobuf's `Struct` on either way, errors read as that host reads them.
 */
export class InProcessHost implements Host {
    isConfigured = true;
    private readonly provider: DynamicProvider;
    private config: Properties = {};
    private configured: Promise<void> | undefined;
    private relay: Relay | undefined;
    private readonly atWork = new Set<Promise<unknown>>();
    private death: "killed" | "stopped" | undefined;
    private readonly onDeath: (() => void)[] = [];

    constructor(private readonly options: InProcessHostOptions) {
        const channel = {
            warn: (message: string) => this.ifAlive(() => options.onWarning(message)),
            info: (message: string) => this.ifAlive(() => options.onProgress(message)),
            progress: (message: string) => this.ifAlive(() => options.onProgress(message)),
            settled: async () => undefined,
        };
        this.provider = new DynamicProvider(() => channel, options.now);
    }

    async configure(inputs: ValueMap, isKnown: boolean): Promise<void> {
        this.isConfigured = isKnown;
        if (!isKnown) return;
        this.config = overTheWire(toWire(inputs, { secrets: false, references: true, unknowns: true }));
        const { kill, onKill } = this.options;
        const baseUrl = this.config["xai:baseUrl"];
        if (kill === undefined || typeof baseUrl !== "string") return;
        this.relay = await Relay.open(new URL(baseUrl), kill, () => {
            this.end("killed");
            onKill();
        });
        this.config = { ...this.config, "xai:baseUrl": this.relay.url };
    }

    async check(
        _urn: string,
        olds: ValueMap,
        news: ValueMap,
    ): Promise<{ inputs: ValueMap; failures: readonly CheckFailure[] }> {
        if (!this.isConfigured) return { inputs: news, failures: [] };
        const [before, after] = [plain(olds), plain(news)];
        const { inputs, failures } = await this.call("check", async (provider) => {
            const result = await provider.check(before, after);
            return {
                inputs: overTheWire({ ...(result.inputs ?? after), [PROVIDER_KEY]: after[PROVIDER_KEY] }),
                failures: (result.failures ?? []).map(({ property, reason }) => ({ property, reason })),
            };
        });
        return { inputs: markAgain(taken(inputs, true), news), failures };
    }

    async diff(
        _urn: string,
        id: string,
        _oldInputs: ValueMap,
        oldOutputs: ValueMap,
        newInputs: ValueMap,
    ): Promise<ProviderDiff> {
        if (!this.isConfigured) throw new HostError("the in-process host needs its configuration");
        const { changes, replaces, deleteBeforeReplace } = await this.call("diff", (provider) =>
            provider.diff(id, plain(oldOutputs), plain(newInputs)),
        );
        return {
            changes: changes === undefined ? "unknown" : changes ? "some" : "none",
            replaceKeys: replaces ?? [],
            changedKeys: [],
            deleteBeforeReplace: deleteBeforeReplace ?? false,
        };
    }

    async create(urn: string, inputs: ValueMap): Promise<{ id: string; outputs: ValueMap }> {
        const news = plain(inputs);
        const { id, outputs } = await this.call(
            "create",
            async (provider) => {
                const result = await provider.create(news);
                return { id: result.id, outputs: withProvider(result.outs, news) };
            },
            inputs,
        );
        if (id === "") throw new HostError(`plugin returned empty resource.ID from create '${urn}'`, { status: 2 });
        return { id, outputs: markAgain(taken(outputs, false), inputs) };
    }

    async update(
        _urn: string,
        id: string,
        _oldInputs: ValueMap,
        oldOutputs: ValueMap,
        inputs: ValueMap,
    ): Promise<{ outputs: ValueMap }> {
        const news = plain(inputs);
        const outputs = await this.call(
            "update",
            async (provider) => withProvider((await provider.update(id, plain(oldOutputs), news)).outs, news),
            inputs,
        );
        return { outputs: markAgain(taken(outputs, false), inputs) };
    }

    async read(
        _urn: string,
        id: string,
        inputs: ValueMap,
        state: ValueMap,
    ): Promise<{ id: string; outputs: ValueMap; inputs: ValueMap | undefined }> {
        if (!this.isConfigured) return { id, outputs: {}, inputs: {} };
        const props = Object.keys(state).length === 0 ? plain(inputs) : plain(state);
        const found = await this.call(
            "read",
            async (provider) => {
                const result = await provider.read(id, props);
                return {
                    id: result.id ?? "",
                    outputs: withProvider(result.props, props),
                    inputs: result.inputs === undefined ? undefined : withProvider(result.inputs, props),
                };
            },
            state,
        );
        return {
            id: found.id,
            outputs: markAgain(taken(found.outputs, false), state),
            inputs: found.inputs === undefined ? undefined : markAgain(taken(found.inputs, false), inputs),
        };
    }

    async delete(_urn: string, id: string, _inputs: ValueMap, outputs: ValueMap): Promise<void> {
        await this.call("delete", (provider) => provider.delete(id, plain(outputs)));
    }

    async stop(): Promise<void> {
        // What the provider does when it is interrupted.
        if (this.death === undefined) await this.provider.end();
        this.end("stopped");
    }

    /** Ends when what a killed host had sent has arrived. */
    async arrived(): Promise<void> {
        await this.relay?.arrived();
    }

    /** Ends as a process does that is killed: its calls come to nothing, and nothing that it would still do happens. */
    kill(): void {
        this.end("killed");
    }

    private end(how: "killed" | "stopped"): void {
        if (this.death !== undefined) return;
        this.death = how;
        for (const tell of this.onDeath.splice(0)) tell();
        const { relay } = this;
        relay?.cut();
        // The provider's code is still at work in this process, and tries its luck until its patience is over.
        void Promise.allSettled(this.atWork).then(() => relay?.close());
    }

    private ifAlive(act: () => void): void {
        if (this.death === undefined) act();
    }

    private async call<T>(
        name: string,
        invoke: (provider: DynamicProvider) => Promise<T>,
        given: ValueMap = {},
    ): Promise<T> {
        if (this.death !== undefined) throw this.ended(name);
        const { provider, options } = this;
        this.configured ??= provider.configure({ config: new Config(this.config, options.project) });
        // As in the host, whoever comes while that is under way does not wait for it.
        const work = invoke(provider);
        this.atWork.add(work);
        const isOver = work.then(
            () => undefined,
            () => undefined,
        );
        void isOver.then(() => this.atWork.delete(work));
        await Promise.race([isOver, new Promise<void>((resolve) => this.onDeath.push(resolve))]);
        if (this.death !== undefined) throw this.ended(name);
        try {
            return await work;
        } catch (error) {
            // These four the host prints as well.
            if (["check", "diff", "read", "delete"].includes(name)) options.onLine(`${error}: ${stackOf(error)}`);
            throw failure(error, given, name === "create" || name === "update");
        }
    }

    private ended(name: string): HostError {
        return this.death === "killed"
            ? new HostError(`the dynamic provider host ended (SIGKILL) during ${name}`, { status: 0 })
            : new HostError(`the dynamic provider host was stopped during ${name}`, { status: 0 });
    }
}

function stackOf(error: unknown): string {
    return error instanceof Error ? String(error.stack) : "undefined";
}

/** What the engine makes of a provider's error. */
function failure(error: unknown, given: ValueMap, mayBePartial: boolean): HostError {
    const message = error instanceof Error ? error.message : String(error);
    const partial = partialFailure.safeParse(error);
    if (!mayBePartial || !partial.success) return new HostError(message);
    const { id, properties = {}, reasons = [] } = partial.data;
    const outputs = markAgain(taken(overTheWire(properties), false), given);
    return new HostError(message, { unfinished: { id, outputs, reasons } });
}

function withProvider(outputs: Properties | undefined, inputs: Properties): Properties {
    return overTheWire({ ...(outputs ?? {}), [PROVIDER_KEY]: inputs[PROVIDER_KEY] });
}

/** Properties as a provider is given them: without marks, fit for the wire. */
function plain(map: ValueMap): Properties {
    return overTheWire(toWire(map, { secrets: false, references: false, unknowns: true }));
}

/** Properties that came from a provider. */
function taken(properties: Properties, unknowns: boolean): ValueMap {
    return fromWire(properties, { label: "the provider", unknowns });
}

/** What arrives of properties that are sent through protobuf. What it cannot carry is refused with an error. */
function overTheWire(properties: Parameters<StructClass["fromJavaScript"]>[0] | Properties): Properties {
    const { Struct } = loadSdk().struct;
    const sent = Struct.fromJavaScript(z.record(z.string(), z.json()).parse(properties));
    return Struct.deserializeBinary(sent.serializeBinary()).toJavaScript();
}

type StructClass = typeof import("google-protobuf/google/protobuf/struct_pb")["Struct"];
