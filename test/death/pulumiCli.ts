import { LocalWorkspace } from "@pulumi/pulumi/automation";
import { configMap } from "../engines/engine.js";
import { pulumiEnvironment, pulumiVersion } from "../engines/pulumiCommand.js";
import { textsBelow } from "../engines/texts.js";
import type { MortalEngine, MortalStack } from "./engine.js";
import type { Place } from "./place.js";
import { gone, killAllMarked } from "./processes.js";
import { outcomeOf, startCommand } from "./running.js";
import { PARALLEL, STACK } from "./stackNames.js";
import { keysIn } from "./storedKeys.js";

/** The Pulumi CLI on PATH, or why it is not there. */
export function pulumiCli(): MortalEngine | { readonly name: string; readonly missing: string } {
    const version = pulumiVersion();
    return version === undefined
        ? { name: "the Pulumi CLI", missing: "no `pulumi` on PATH" }
        : { name: `Pulumi CLI ${version}`, takesHostsAlong: false, open };
}

async function open(place: Place): Promise<MortalStack> {
    const environment = {
        ...pulumiEnvironment(),
        PULUMI_BACKEND_URL: `file://${place.stateFolder}`,
        ...place.environment,
    };
    const stack = await LocalWorkspace.createStack(
        { stackName: STACK, workDir: place.programFolder },
        { envVars: environment },
    );
    await stack.setAllConfig(configMap(place.config));
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
        files: () => [...textsBelow(place.stateFolder), ...textsBelow(place.programFolder)],
    };
}
