import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { LocalWorkspace } from "@pulumi/pulumi/automation";
import type { MortalEngine, MortalStack } from "./engine.js";
import type { Place } from "./place.js";
import { gone, killAllMarked } from "./processes.js";
import { outcomeOf, startCommand } from "./running.js";
import { PARALLEL, PASSPHRASE, STACK } from "./stackNames.js";
import { keysIn } from "./storedKeys.js";

/** The dynamic host's shim stands in the package itself. */
const PULUMI_PACKAGE = resolve(__dirname, "../../node_modules/@pulumi/pulumi");

/** The Pulumi CLI on PATH, or why it is not there. */
export function pulumiCli(): MortalEngine | { readonly name: string; readonly missing: string } {
    try {
        const asked = execFileSync("pulumi", ["version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
        return { name: `Pulumi CLI ${asked.trim()}`, takesHostsAlong: false, open };
    } catch {
        return { name: "the Pulumi CLI", missing: "no `pulumi` on PATH" };
    }
}

async function open(place: Place): Promise<MortalStack> {
    const environment = {
        PATH: [process.env["PATH"] ?? "", PULUMI_PACKAGE].join(delimiter),
        PULUMI_BACKEND_URL: `file://${place.stateFolder}`,
        PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        PULUMI_HOME: process.env["PULUMI_HOME"] ?? join(tmpdir(), "pulumi-xai-home"),
        ...place.environment,
    };
    mkdirSync(environment.PULUMI_HOME, { recursive: true });
    const stack = await LocalWorkspace.createStack(
        { stackName: STACK, workDir: place.programFolder },
        { envVars: environment },
    );
    const config = Object.entries(place.config).map(([key, value]): [string, { value: string; secret: boolean }] => [
        key,
        { value, secret: key === "xai:managementKey" },
    ]);
    await stack.setAllConfig(Object.fromEntries(config));
    return {
        async start() {
            const flags = [
                "--yes",
                "--skip-preview",
                "--non-interactive",
                "--stack",
                STACK,
                "--parallel",
                `${PARALLEL}`,
            ];
            return startCommand(["pulumi", "up", ...flags], place.programFolder, { ...process.env, ...environment });
        },
        up: async ({ replace = [] } = {}) => outcomeOf(stack.up({ parallel: PARALLEL, replace: [...replace] })),
        refresh: async () => outcomeOf(stack.refresh({ parallel: PARALLEL })),
        previewNothing: async () => outcomeOf(stack.preview({ expectNoChanges: true })),
        async clearAfterEngine() {
            killAllMarked(place.mark);
            await gone(place.mark);
            await stack.cancel();
        },
        keys: async () => keysIn((await stack.exportStack()).deployment),
        files: () => [...place.filesBelow(place.stateFolder), ...place.filesBelow(place.programFolder)],
    };
}
