import { mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { LocalWorkspace, type PulumiCommand } from "@pulumi/pulumi/automation";
import type { AccountEnv } from "./account.js";

const NODE_MODULES = resolve(__dirname, "../node_modules");
/** Where the plugin of native mode is. */
const PLUGINS = { providers: [{ name: "xai", path: resolve(__dirname, "../bin") }] };
const PROJECT = "bench";
const STACK = "dev";

/** A stack of an inline program on the Pulumi CLI, in a temporary folder of its own. */
export interface BenchStack {
    /** Runs one operation and returns how many seconds the CLI took up to its summary. */
    run(operation: "preview" | "up" | "refresh" | "destroy"): Promise<number>;
    /** The size of the state file in bytes. */
    stateBytes(): number;
    close(): void;
}

/** Makes the stack. Each operation runs the program anew. */
export async function openStack(command: PulumiCommand, program: () => void, env: AccountEnv): Promise<BenchStack> {
    const folder = mkdtempSync(join(tmpdir(), "pulumi-xai-bench-"));
    const close = () => rmSync(folder, { recursive: true, force: true });
    process.on("exit", close);
    symlinkSync(NODE_MODULES, join(folder, "node_modules"), "junction");
    const path = (process.env["PATH"] ?? "").split(delimiter).filter((entry) => !/node_modules[\\/]\.bin$/.test(entry));
    const stack = await LocalWorkspace.createStack(
        { stackName: STACK, projectName: PROJECT, program: async () => program() },
        {
            pulumiCommand: command,
            workDir: folder,
            // Pulumi's type of the settings lacks the plugins.
            projectSettings: { name: PROJECT, runtime: "nodejs", ...{ plugins: PLUGINS } },
            envVars: {
                ...env,
                PATH: [...path, dirname(require.resolve("@pulumi/pulumi/package.json"))].join(delimiter),
                PULUMI_HOME: join(folder, "home"),
                PULUMI_BACKEND_URL: `file://${folder}`,
                PULUMI_CONFIG_PASSPHRASE: "bench",
                PULUMI_SKIP_UPDATE_CHECK: "true",
            },
        },
    );
    return {
        async run(operation) {
            const start = performance.now();
            let end = start;
            await stack[operation]({
                onEvent: (event) => {
                    // The Automation API asks the CLI for outputs and history afterwards.
                    end = event.summaryEvent === undefined ? end : performance.now();
                },
            });
            return (end - start) / 1000;
        },
        stateBytes: () => statSync(join(folder, ".pulumi/stacks", PROJECT, `${STACK}.json`)).size,
        close,
    };
}
