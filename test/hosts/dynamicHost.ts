import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Emulator } from "xai-management-emulator";
import { launch, type Properties, ProviderProcess, plain, secret, struct } from "./providerProcess.js";

/** What every state file holds. Written out, for it must never change. */
export const PROVIDER_TEXT = 'exports.handler=()=>require("pulumi-xai/provider").provider';

export interface HostOptions {
    /** Stack configuration, namespaces included. */
    config?: Record<string, string>;
    /** Where the host looks for the engine. Default: where {@link DynamicHost.log} is filled. */
    engine?: string;
}

/** A configured host for an emulator. */
export async function hostFor(emulator: Emulator, { config = {}, engine }: HostOptions = {}): Promise<DynamicHost> {
    const host = await DynamicHost.start(engine);
    await host.configure({
        "xai:managementKey": emulator.managementKey,
        "xai:teamId": emulator.teamId,
        "xai:baseUrl": emulator.url,
        ...config,
    });
    return host;
}

/** Pulumi's real dynamic host as a process. */
export class DynamicHost extends ProviderProcess {
    static async start(engine?: string): Promise<DynamicHost> {
        const folder = mkdtempSync(join(tmpdir(), "xai-host-"));
        symlinkSync(resolve(__dirname, "../../node_modules"), join(folder, "node_modules"), "dir");
        const main = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
        const env = { PULUMI_NODEJS_PROJECT: "project" };
        return new DynamicHost(await launch([process.execPath, main], { cwd: folder, env, engine }), folder);
    }

    private constructor(
        launched: Awaited<ReturnType<typeof launch>>,
        private readonly folder: string,
    ) {
        super(launched);
    }

    async configure(config: Record<string, string>): Promise<void> {
        // The engine marks what is secret, and the host strips the mark.
        const args = Object.entries(config).map(([key, value]) => [
            key,
            key === "xai:managementKey" ? secret(value) : value,
        ]);
        const request = new messages.ConfigureRequest().setArgs(struct(Object.fromEntries(args)));
        await this.call<messages.ConfigureResponse>((done) => this.client.configure(request, done));
    }

    async check(olds: Properties, news: Properties) {
        const request = new messages.CheckRequest()
            .setOlds(struct(olds))
            .setNews(struct({ __provider: PROVIDER_TEXT, ...news }));
        const answer = await this.call<messages.CheckResponse>((done) => this.client.check(request, done));
        const failures = answer.getFailuresList().map((one) => one.toObject());
        return { inputs: plain(answer.getInputs()), failures };
    }

    async diff(id: string, olds: Properties, news: Properties) {
        const request = new messages.DiffRequest().setId(id).setOlds(struct(olds)).setNews(struct(news));
        const answer = await this.call<messages.DiffResponse>((done) => this.client.diff(request, done));
        const changes = answer.getChanges() !== messages.DiffResponse.DiffChanges.DIFF_NONE;
        return { changes, replaces: answer.getReplacesList() };
    }

    async create(inputs: Properties) {
        const request = new messages.CreateRequest().setProperties(struct(inputs));
        const answer = await this.call<messages.CreateResponse>((done) => this.client.create(request, done));
        return { id: answer.getId(), outputs: plain(answer.getProperties()) };
    }

    /** Reads a resource of the stack; without outputs one that no stack manages, for a `get`. */
    async read(id: string, outputs: Properties = {}, inputs: Properties = { __provider: PROVIDER_TEXT }) {
        const request = new messages.ReadRequest().setId(id).setProperties(struct(outputs)).setInputs(struct(inputs));
        const answer = await this.call<messages.ReadResponse>((done) => this.client.read(request, done));
        return { id: answer.getId(), outputs: plain(answer.getProperties()), inputs: plain(answer.getInputs()) };
    }

    async update(id: string, olds: Properties, news: Properties): Promise<Properties> {
        const request = new messages.UpdateRequest().setId(id).setOlds(struct(olds)).setNews(struct(news));
        const answer = await this.call<messages.UpdateResponse>((done) => this.client.update(request, done));
        return plain(answer.getProperties());
    }

    async delete(id: string, outputs: Properties): Promise<void> {
        const request = new messages.DeleteRequest().setId(id).setProperties(struct(outputs));
        await this.call<Empty>((done) => this.client.delete(request, done));
    }

    override async stop(): Promise<void> {
        await super.stop();
        rmSync(this.folder, { recursive: true, force: true });
    }
}
