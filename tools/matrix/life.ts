/**
 * The small life of a key in one mode: preview, up, changed limit, quiet up, refresh, destroy, against the emulator. `npm run matrix`
 * copies this file into a user's folder, where the user's TypeScript checks it and the user's Node runs it:
 * `node life.js dynamic`.
 */
import { equal, match } from "node:assert/strict";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import * as dynamic from "pulumi-xai";
import * as native from "pulumi-xai/native";
import { startEmulator } from "xai-management-emulator";

const mode = process.argv[2] === "native" ? "native" : "dynamic";
const { XaiApiKey, acl }: typeof dynamic | typeof native = { dynamic, native }[mode];

async function live(): Promise<void> {
    const emulator = await startEmulator({ propagation: 20 });
    Object.assign(process.env, emulator.env);
    let qpm = 100;
    const program = async () => {
        const key = new XaiApiKey("search", { acls: [acl.model("grok-4"), acl.endpoint("chat")], qpm });
        return { secret: key.apiKey };
    };
    const plugins = { providers: [{ name: "xai", path: "node_modules/.bin" }] };
    // Pulumi's type of the settings lacks the plugins.
    const projectSettings = { name: mode, runtime: "nodejs", ...(mode === "native" && { plugins }) } as const;
    try {
        const stack = await LocalWorkspace.createStack(
            { stackName: "matrix", projectName: mode, program },
            { workDir: process.cwd(), projectSettings },
        );
        equal((await stack.preview()).changeSummary.create, 2, "a preview shows the stack and the key");
        equal(emulator.keys().length, 0, "a preview makes no key");

        const { outputs } = await stack.up();
        equal(outputs["secret"]?.secret, true, "the secret is marked as one");
        match(outputs["secret"]?.value, /^xai-/);
        equal(emulator.keys()[0]?.qpm, 100, "up makes the key");

        qpm = 200;
        const { update } = (await stack.up()).summary.resourceChanges ?? {};
        equal(update, 1, "a changed limit updates the key");
        equal(emulator.keys()[0]?.qpm, 200, "a changed limit reaches the API");

        await stack.up({ expectNoChanges: true });
        await stack.refresh({ expectNoChanges: true });
        await stack.destroy();
        equal(emulator.keys().length, 0, "destroy deletes the key");
    } finally {
        await emulator.close();
    }
}

live().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    process.exitCode = 1;
});
