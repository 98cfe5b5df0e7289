import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LocalWorkspace } from "@pulumi/pulumi/automation";
import { pulumiCommand, withoutQuestions } from "../engines/cliStack.js";
import { CliState } from "../engines/cliState.js";
import { configMap } from "../engines/engine.js";
import { pulumiEnvironment, pulumiVersion } from "../engines/pulumiCommand.js";
import { textsBelow } from "../engines/texts.js";
import { allCells, type Cell, fewCells, type Part } from "./cells.js";
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
        : { name: `Pulumi CLI ${version}`, chosen: fewCells, all, takesHostsAlong: false, open };
}

/** On a full disk it tries each writing for half a minute, one after the other: one key at a time. */
const all = (part: Part): Cell[] => allCells(part).filter(({ victim, count }) => victim !== "disk" || count === 1);

async function open(place: Place): Promise<MortalStack> {
    const environment = {
        ...pulumiEnvironment(),
        PULUMI_BACKEND_URL: `file://${place.stateFolder}`,
        ...place.environment,
    };
    const made = await LocalWorkspace.createStack(
        { stackName: STACK, workDir: place.programFolder },
        { envVars: environment, pulumiCommand: await pulumiCommand() },
    );
    const stack = withoutQuestions(made, new CliState(place.stateFolder, "shop", STACK));
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
        removeBackups: () => rmSync(join(place.stateFolder, `.pulumi/stacks/shop/${STACK}.json.bak`), { force: true }),
        refuseWriting() {
            // Not by a limit on the size of files: under one the CLI tears the state that it has.
            const folder = join(place.stateFolder, ".pulumi/stacks/shop");
            renameSync(folder, `${folder}.away`);
            writeFileSync(folder, "");
            return () => {
                rmSync(folder);
                renameSync(`${folder}.away`, folder);
            };
        },
        async clearAfterEngine() {
            killAllMarked(place.mark);
            await gone(place.mark);
            await stack.cancel();
        },
        keys: async () => keysIn((await stack.exportStack()).deployment),
        files: () => [...textsBelow(place.stateFolder), ...textsBelow(place.programFolder)],
    };
}
