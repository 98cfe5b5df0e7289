import type { ServiceError } from "@grpc/grpc-js";
import type { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type * as messages from "@pulumi/pulumi/proto/provider_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { ProviderDiff } from "./diff.js";
import type { CheckFailure } from "./generator.js";
import { HostError, readFailure } from "./hostError.js";
import { Child, childEnvironment } from "./processes.js";
import { CHANNEL_OPTIONS, resolvePulumi, type Sdk } from "./sdk.js";
import { markAgain, type ValueMap } from "./values.js";
import { fromWire, type Json, toWire } from "./wire.js";

/** What a host needs to start. */
export interface HostOptions {
    readonly sdk: Sdk;
    /** The program's folder, from which packages are found. */
    readonly folder: string;
    readonly project: string;
    readonly preview: boolean;
    /** Where the engine listens. */
    readonly engineAddress: string;
    readonly envVars: Readonly<Record<string, string>>;
    onLine(line: string, stream: "stdout" | "stderr"): void;
}

type Callback<Reply> = (error: ServiceError | null, reply: Reply) => void;

const UNCONFIGURED =
    "The provider for this resource has inputs that are not known during preview.\n" +
    "This preview may not correctly represent the changes that will be applied during an update.";

/** What runs dynamic providers, as the engine sees it. */
export type Host = Pick<
    DynamicHost,
    "isConfigured" | "configure" | "check" | "diff" | "create" | "read" | "update" | "delete" | "stop"
>;

/** A process that runs dynamic providers: `@pulumi/pulumi/cmd/dynamic-provider`, and the engine's side of it. */
export class DynamicHost {
    private readonly child: Child;
    private readonly client: Promise<ResourceProviderClient>;
    private isStopped = false;
    /** Whether the configuration is known; in a preview it may not be. */
    isConfigured = true;

    constructor(private readonly options: HostOptions) {
        const { sdk, folder, project, engineAddress, envVars, onLine } = options;
        let announce: (port: string) => void;
        const firstLine = new Promise<string>((resolve) => {
            announce = resolve;
        });
        let isAnnounced = false;
        this.child = new Child({
            args: [resolvePulumi("cmd/dynamic-provider", folder), engineAddress],
            cwd: folder,
            // What the CLI gives it, and no more: a provider cannot tell a preview from an update.
            env: childEnvironment(envVars, {
                PULUMI_NODEJS_PROJECT: project,
                PULUMI_PROJECT: project,
                PULUMI_CONFIG: "{}",
            }),
            onLine: (line, stream) => {
                if (isAnnounced || stream === "stderr") return onLine(line, stream);
                isAnnounced = true;
                announce(line);
            },
        });
        this.client = Promise.race([firstLine, this.child.ended.then(() => "")]).then((port) => {
            if (!/^\d+$/.test(port)) throw new HostError(`the dynamic provider host did not start: ${port}`);
            const { ResourceProviderClient } = sdk.providerRpc;
            return new ResourceProviderClient(
                `127.0.0.1:${port}`,
                sdk.grpc.credentials.createInsecure(),
                CHANNEL_OPTIONS,
            );
        });
        this.client.catch(() => undefined);
    }

    /** Hands over the configuration. Must come first. */
    async configure(inputs: ValueMap, isKnown: boolean): Promise<void> {
        this.isConfigured = isKnown;
        if (!isKnown) return;
        const request = new this.options.sdk.provider.ConfigureRequest();
        request.setArgs(this.struct(toWire(inputs, { secrets: true, references: true, unknowns: true })));
        request.setAcceptsecrets(true);
        request.setAcceptresources(true);
        await this.call<messages.ConfigureResponse>("configure", (client, done) => client.configure(request, done));
    }

    /** Lets the provider check new inputs beside the old ones (`{}` for none). */
    async check(
        urn: string,
        olds: ValueMap,
        news: ValueMap,
    ): Promise<{ inputs: ValueMap; failures: readonly CheckFailure[] }> {
        if (!this.isConfigured) return { inputs: news, failures: [] };
        const { preview, sdk } = this.options;
        const request = new sdk.provider.CheckRequest();
        request.setUrn(urn);
        request.setOlds(this.plain(olds, preview));
        request.setNews(this.plain(news, preview));
        const reply = await this.call<messages.CheckResponse>("check", (client, done) => client.check(request, done));
        const failures = reply.getFailuresList().map((each) => ({
            property: each.getProperty(),
            reason: each.getReason(),
        }));
        return { inputs: markAgain(this.take(reply.getInputs(), preview), news), failures };
    }

    /** Lets the provider compare old outputs with new inputs. */
    async diff(
        urn: string,
        id: string,
        oldInputs: ValueMap,
        oldOutputs: ValueMap,
        newInputs: ValueMap,
        unknowns: boolean,
    ): Promise<ProviderDiff> {
        if (!this.isConfigured)
            return {
                warning: UNCONFIGURED,
                changes: "some",
                replaceKeys: [],
                changedKeys: [],
                deleteBeforeReplace: false,
            };
        const { DiffRequest, DiffResponse } = this.options.sdk.provider;
        const request = new DiffRequest();
        request.setUrn(urn);
        request.setId(id);
        request.setOldInputs(this.plain(oldInputs, unknowns));
        request.setOlds(this.plain(oldOutputs, unknowns));
        request.setNews(this.plain(newInputs, unknowns));
        const reply = await this.call<messages.DiffResponse>("diff", (client, done) => client.diff(request, done));
        const { DIFF_NONE, DIFF_SOME } = DiffResponse.DiffChanges;
        const changes = reply.getChanges();
        return {
            changes: changes === DIFF_NONE ? "none" : changes === DIFF_SOME ? "some" : "unknown",
            replaceKeys: reply.getReplacesList(),
            changedKeys: reply.getDiffsList(),
            deleteBeforeReplace: reply.getDeletebeforereplace(),
        };
    }

    /** Makes a resource. Not for previews. */
    async create(urn: string, inputs: ValueMap): Promise<{ id: string; outputs: ValueMap }> {
        const request = new this.options.sdk.provider.CreateRequest();
        request.setUrn(urn);
        request.setProperties(this.plain(inputs, false));
        const reply = await this.call<messages.CreateResponse>(
            "create",
            (client, done) => client.create(request, done),
            inputs,
        );
        if (reply.getId() === "") {
            throw new HostError(`plugin returned empty resource.ID from create '${urn}'`, { status: 2 });
        }
        return { id: reply.getId(), outputs: markAgain(this.take(reply.getProperties(), false), inputs) };
    }

    /** Changes a resource in place. Not for previews. */
    async update(
        urn: string,
        id: string,
        oldInputs: ValueMap,
        oldOutputs: ValueMap,
        inputs: ValueMap,
    ): Promise<{ outputs: ValueMap }> {
        const request = new this.options.sdk.provider.UpdateRequest();
        request.setUrn(urn);
        request.setId(id);
        request.setOldInputs(this.plain(oldInputs, false));
        request.setOlds(this.plain(oldOutputs, false));
        request.setNews(this.plain(inputs, false));
        const reply = await this.call<messages.UpdateResponse>(
            "update",
            (client, done) => client.update(request, done),
            inputs,
        );
        return { outputs: markAgain(this.take(reply.getProperties(), false), inputs) };
    }

    /** Looks at a resource as it is now; an empty id says that it is gone. Done in previews too. */
    async read(
        urn: string,
        id: string,
        inputs: ValueMap,
        state: ValueMap,
    ): Promise<{ id: string; outputs: ValueMap; inputs: ValueMap | undefined }> {
        if (!this.isConfigured) return { id, outputs: {}, inputs: {} };
        const request = new this.options.sdk.provider.ReadRequest();
        request.setUrn(urn);
        request.setId(id);
        request.setInputs(this.plain(inputs, false));
        request.setProperties(this.plain(state, false));
        const reply = await this.call<messages.ReadResponse>(
            "read",
            (client, done) => client.read(request, done),
            state,
        );
        const found = reply.getInputs();
        return {
            id: reply.getId(),
            outputs: markAgain(this.take(reply.getProperties(), false), state),
            inputs: found === undefined ? undefined : markAgain(this.take(found, false), inputs),
        };
    }

    /** Deletes a resource. Not for previews. */
    async delete(urn: string, id: string, inputs: ValueMap, outputs: ValueMap): Promise<void> {
        const request = new this.options.sdk.provider.DeleteRequest();
        request.setUrn(urn);
        request.setId(id);
        request.setOldInputs(this.plain(inputs, false));
        request.setProperties(this.plain(outputs, false));
        await this.call<unknown>("delete", (client, done) => client.delete(request, done));
    }

    /** Ends the process. */
    async stop(): Promise<void> {
        this.isStopped = true;
        await this.child.close();
        await this.client.then(
            (client) => client.close(),
            () => undefined,
        );
    }

    private struct(json: { [key: string]: Json }): Struct {
        return this.options.sdk.struct.Struct.fromJavaScript(json);
    }

    /** Properties for the host, which knows neither secrets nor references. */
    private plain(map: ValueMap, unknowns: boolean): Struct {
        return this.struct(toWire(map, { secrets: false, references: false, unknowns }));
    }

    private take(properties: Struct | undefined, unknowns: boolean): ValueMap {
        return properties === undefined ? {} : fromWire(properties.toJavaScript(), { label: "the provider", unknowns });
    }

    private async call<Reply>(
        name: string,
        invoke: (client: ResourceProviderClient, done: Callback<Reply>) => unknown,
        given: ValueMap = {},
    ): Promise<Reply> {
        const client = await this.client;
        try {
            return await new Promise((resolve, reject) => {
                invoke(client, (error, reply) => (error === null ? resolve(reply) : reject(error)));
            });
        } catch (error) {
            if (!this.isProvidersOwn(error)) await this.explainEnding(name);
            throw readFailure(error, this.options.sdk, given);
        }
    }

    /** Whether a provider threw an error, which the host passes on under this code, and not the connection. */
    private isProvidersOwn(error: unknown): boolean {
        return error instanceof Error && "code" in error && error.code === this.options.sdk.grpc.status.UNKNOWN;
    }

    /** Says so where a call failed because the process is gone. It may take the system a moment to tell. */
    private async explainEnding(name: string): Promise<void> {
        if (this.isStopped) throw new HostError(`the dynamic provider host was stopped during ${name}`, { status: 0 });
        let timer: NodeJS.Timeout | undefined;
        const isPatient = new Promise<undefined>((resolve) => {
            timer = setTimeout(() => resolve(undefined), 1000);
        });
        const ending = await Promise.race([this.child.ended, isPatient]);
        clearTimeout(timer);
        if (ending === undefined) return;
        const how = ending.signal ?? `exit code ${ending.code}`;
        throw new HostError(`the dynamic provider host ended (${how}) during ${name}`, { status: 0 });
    }
}
