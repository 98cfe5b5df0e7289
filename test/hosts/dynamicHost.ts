import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Emulator } from "xai-management-emulator";
import { launch, secret } from "./engineSide.js";
import { ProviderProcess } from "./providerProcess.js";

/** What every state file holds. Written out, for it must never change. */
export const PROVIDER_TEXT = 'exports.handler=()=>require("pulumi-xai/provider").provider';

export interface HostOptions {
    /** Stack configuration, namespaces included. */
    config?: Readonly<Record<string, string>>;
    /** Where the host looks for the engine. Default: where {@link DynamicHost.log} is filled. */
    engine?: string;
}

/** A configured host for an emulator. */
export async function hostFor(emulator: Emulator, { config = {}, engine }: HostOptions = {}): Promise<DynamicHost> {
    const host = await DynamicHost.start(engine);
    await host.configure({
        // The engine marks what is secret, and the host strips the mark.
        "xai:managementKey": secret(emulator.managementKey),
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

    override async stop(): Promise<void> {
        await super.stop();
        rmSync(this.folder, { recursive: true, force: true });
    }
}
