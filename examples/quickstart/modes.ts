import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { type EngineEvent, LocalWorkspace, type PulumiCommand } from "@pulumi/pulumi/automation";
import * as dynamic from "pulumi-xai";
import * as native from "pulumi-xai/native";
import { environment, NODE_MODULES } from "./stack.js";

const PROJECT = "xai-modes";
const MODES = { dynamic, native };
/** Where the plugin of native mode is. A program's own Pulumi.yaml names `node_modules/.bin`. */
const PLUGINS = { providers: [{ name: "xai", path: resolve(__dirname, "../../bin") }] };

/** What one mode's preview says of each resource, by its name: `update`, `same`. */
export type Previewed = Readonly<Record<string, string>>;

/** Previews the same change of a limit in both modes, of a key whose secret a secret store takes. */
export async function previewInBothModes(command: PulumiCommand): Promise<Record<keyof typeof MODES, Previewed>> {
    const [inDynamic, inNative] = await Promise.all([preview(command, "dynamic"), preview(command, "native")]);
    return { dynamic: inDynamic, native: inNative };
}

async function preview(command: PulumiCommand, mode: keyof typeof MODES): Promise<Previewed> {
    const folder = mkdtempSync(join(tmpdir(), "pulumi-xai-modes-"));
    try {
        const workDir = join(folder, "program");
        mkdirSync(join(folder, "backend"));
        mkdirSync(workDir);
        symlinkSync(NODE_MODULES, join(workDir, "node_modules"), "junction");
        let qpm = 100;
        const stack = await LocalWorkspace.createStack(
            { stackName: mode, projectName: PROJECT, program: async () => keyAndStore(MODES[mode], qpm) },
            {
                pulumiCommand: command,
                workDir,
                envVars: environment(folder),
                // Pulumi's type of the settings lacks the plugins.
                projectSettings: { name: PROJECT, runtime: "nodejs", ...{ plugins: PLUGINS } },
            },
        );
        await stack.up();
        qpm = 200;
        const steps: Record<string, string> = {};
        await stack.preview({ onEvent: (event) => void Object.assign(steps, stepOf(event)) });
        await stack.destroy();
        return steps;
    } finally {
        rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
}

function keyAndStore({ XaiApiKey, acl }: typeof dynamic | typeof native, qpm: number): void {
    const key = new XaiApiKey("search", { acls: [acl.model("grok-4"), acl.endpoint("chat")], qpm });
    new SecretStore("store", key.apiKey);
}

/** Stands for a secret store of a cloud: it takes the secret and does nothing with it. */
class SecretStore extends pulumi.CustomResource {
    constructor(name: string, secret: pulumi.Input<string>) {
        const __provider = "exports.handler=()=>({create:async(ins)=>({id:'secret',outs:ins})})";
        super("pulumi-nodejs:dynamic:Resource", name, { secret, __provider });
    }
}

function stepOf({ resourcePreEvent }: EngineEvent): Previewed {
    const { op = "", urn = "", type = "" } = resourcePreEvent?.metadata ?? {};
    const name = urn.split("::").at(-1);
    return name && !type.startsWith("pulumi:") ? { [name]: op } : {};
}
