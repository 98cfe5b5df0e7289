import { once } from "node:events";
import { resolve } from "node:path";
import { PluginAttach, type PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Emulator } from "xai-management-emulator";
import { launch, type Properties, plain, secret, struct } from "./engineSide.js";
import { type Diffed, diffed, ProviderProcess } from "./providerProcess.js";

const EXECUTABLE = resolve(__dirname, "../../bin/pulumi-resource-xai");

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

/** The native plugin as a process. */
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
