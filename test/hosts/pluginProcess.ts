import { once } from "node:events";
import { resolve } from "node:path";
import { PluginAttach, type PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Emulator } from "xai-management-emulator";
import { launch, type Properties, ProviderProcess, plain, secret, struct } from "./providerProcess.js";

/** The native plugin as a process, and the engine's side of its gRPC. Properties are as on the wire, with secrets marked. */

const EXECUTABLE = resolve(__dirname, "../../bin/pulumi-resource-xai");

export const urnOf = (name: string) => `urn:pulumi:test::shop::xai:index:XaiApiKey::${name}`;

/** A diff as the engine gets it. */
export interface Diffed {
    readonly changes: boolean;
    readonly replaces: readonly string[];
    readonly names: readonly string[];
    /** Path to kind, with `held` where the old outputs are compared. */
    readonly detailed: Readonly<Record<string, string>>;
}

/** A configured plugin for an emulator. */
export async function pluginFor(emulator: Emulator, config: Properties = {}): Promise<PluginProcess> {
    const plugin = await PluginProcess.start();
    await plugin.configure({ ...settingsFor(emulator), ...config });
    return plugin;
}

/** The configuration that finds an emulator. */
export const settingsFor = ({ managementKey, teamId, url }: Emulator): Properties => ({
    managementKey: secret(managementKey),
    teamId,
    baseUrl: url,
});

export class PluginProcess extends ProviderProcess {
    static async start(): Promise<PluginProcess> {
        return new PluginProcess(await launch([EXECUTABLE]));
    }

    async handshake(engineAddress: string) {
        const request = new messages.ProviderHandshakeRequest().setEngineAddress(engineAddress);
        const answer = await this.call<messages.ProviderHandshakeResponse>((done) =>
            this.client.handshake(request, done),
        );
        return answer.toObject();
    }

    async attach(address: string): Promise<void> {
        await this.call<Empty>((done) => this.client.attach(new PluginAttach().setAddress(address), done));
    }

    async version(): Promise<string> {
        return (await this.call<PluginInfo>((done) => this.client.getPluginInfo(new Empty(), done))).getVersion();
    }

    async schema(): Promise<string> {
        const request = new messages.GetSchemaRequest();
        const answer = await this.call<messages.GetSchemaResponse>((done) => this.client.getSchema(request, done));
        return answer.getSchema();
    }

    async checkConfig(news: Properties): Promise<Properties> {
        const request = new messages.CheckRequest().setNews(struct(news));
        const answer = await this.call<messages.CheckResponse>((done) => this.client.checkConfig(request, done));
        return plain(answer.getInputs());
    }

    async diffConfig(olds: Properties, news: Properties): Promise<Diffed> {
        const request = new messages.DiffRequest().setOldInputs(struct(olds)).setNews(struct(news));
        return diffed(await this.call<messages.DiffResponse>((done) => this.client.diffConfig(request, done)));
    }

    async configure(args: Properties) {
        const request = new messages.ConfigureRequest().setArgs(struct(args));
        const answer = await this.call<messages.ConfigureResponse>((done) => this.client.configure(request, done));
        return answer.toObject();
    }

    async check(
        news: Properties,
        { olds = {}, name = "search", autonaming }: { olds?: Properties; name?: string; autonaming?: Autonaming } = {},
    ) {
        const request = new messages.CheckRequest()
            .setUrn(urnOf(name))
            .setOlds(struct(olds))
            .setNews(struct(news))
            .setAutonaming(autonaming && optionsOf(autonaming));
        const answer = await this.call<messages.CheckResponse>((done) => this.client.check(request, done));
        return {
            inputs: plain(answer.getInputs()),
            failures: answer.getFailuresList().map((one) => one.toObject()),
        };
    }

    async diff(id: string, outputs: Properties, oldInputs: Properties, news: Properties): Promise<Diffed> {
        const request = new messages.DiffRequest()
            .setId(id)
            .setUrn(urnOf("search"))
            .setOlds(struct(outputs))
            .setOldInputs(struct(oldInputs))
            .setNews(struct(news));
        return diffed(await this.call<messages.DiffResponse>((done) => this.client.diff(request, done)));
    }

    async create(inputs: Properties, { preview = false, timeout = 0 } = {}) {
        const request = new messages.CreateRequest()
            .setUrn(urnOf("search"))
            .setProperties(struct(inputs))
            .setPreview(preview)
            .setTimeout(timeout);
        const answer = await this.call<messages.CreateResponse>((done) => this.client.create(request, done));
        return { id: answer.getId(), outputs: plain(answer.getProperties()) };
    }

    /** Reads a resource of the stack; without outputs and inputs, a key for an import or a `get`. */
    async read(id: string, outputs: Properties = {}, inputs: Properties = {}) {
        const request = new messages.ReadRequest()
            .setId(id)
            .setUrn(urnOf("search"))
            .setProperties(struct(outputs))
            .setInputs(struct(inputs));
        const answer = await this.call<messages.ReadResponse>((done) => this.client.read(request, done));
        return { id: answer.getId(), outputs: plain(answer.getProperties()), inputs: plain(answer.getInputs()) };
    }

    async update(id: string, outputs: Properties, news: Properties, { preview = false, timeout = 0 } = {}) {
        const request = new messages.UpdateRequest()
            .setId(id)
            .setUrn(urnOf("search"))
            .setOlds(struct(outputs))
            .setNews(struct(news))
            .setPreview(preview)
            .setTimeout(timeout);
        const answer = await this.call<messages.UpdateResponse>((done) => this.client.update(request, done));
        return plain(answer.getProperties());
    }

    async delete(id: string, outputs: Properties): Promise<void> {
        const request = new messages.DeleteRequest().setId(id).setUrn(urnOf("search")).setProperties(struct(outputs));
        await this.call<Empty>((done) => this.client.delete(request, done));
    }

    async invoke(name: string, args: Properties): Promise<Properties> {
        const request = new messages.InvokeRequest().setTok(`xai:index:${name}`).setArgs(struct(args));
        const answer = await this.call<messages.InvokeResponse>((done) => this.client.invoke(request, done));
        return plain(answer.getReturn());
    }

    async cancel(): Promise<void> {
        await this.call<Empty>((done) => this.client.cancel(new Empty(), done));
    }

    /** Ends it as the engine does. */
    async interrupt(): Promise<number | null> {
        const ended = once(this.launched.child, "exit");
        this.launched.child.kill("SIGINT");
        const [code] = await ended;
        return code;
    }
}

/** Pulumi's autonaming, as a check gets it. */
export interface Autonaming {
    readonly proposedName: string;
    readonly mode: keyof typeof messages.CheckRequest.AutonamingOptions.Mode;
}

function optionsOf({ proposedName, mode }: Autonaming): messages.CheckRequest.AutonamingOptions {
    return new messages.CheckRequest.AutonamingOptions()
        .setProposedName(proposedName)
        .setMode(messages.CheckRequest.AutonamingOptions.Mode[mode]);
}

function diffed(answer: messages.DiffResponse): Diffed {
    const kinds = Object.entries(messages.PropertyDiff.Kind);
    const nameOf = (kind: messages.PropertyDiff.Kind) => kinds.find(([, one]) => one === kind)?.[0] ?? "";
    return {
        changes: answer.getChanges() !== messages.DiffResponse.DiffChanges.DIFF_NONE,
        replaces: answer.getReplacesList(),
        names: answer.getDiffsList(),
        detailed: Object.fromEntries(
            [...answer.getDetaileddiffMap().entries()].map(([path, one]) => [
                path,
                nameOf(one.getKind()) + (one.getInputdiff() ? "" : " held"),
            ]),
        ),
    };
}
