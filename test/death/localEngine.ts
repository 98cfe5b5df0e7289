import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { LocalStack } from "../../sdk/testing/index.js";
import { configMap } from "../engines/engine.js";
import { PASSPHRASE } from "../engines/pulumiCommand.js";
import { textsBelow } from "../engines/texts.js";
import { allCells, someCells } from "./cells.js";
import type { MortalEngine, MortalStack, Running } from "./engine.js";
import type { Place } from "./place.js";
import { MARK } from "./processes.js";
import { outcomeOf, startCommand } from "./running.js";
import { PARALLEL, STACK } from "./stackNames.js";
import { keysIn } from "./storedKeys.js";

/** The local engine: always there. What is to be killed runs in a process of its own, the rest in this one. */
export const localEngine: MortalEngine = {
    name: "the local engine",
    chosen: someCells,
    all: allCells,
    takesHostsAlong: true,
    async open(place: Place): Promise<MortalStack> {
        const stateFile = join(place.stateFolder, "state.json");
        const open = async (): Promise<LocalStack> => {
            const target = { stackName: STACK, workDir: place.programFolder };
            const options = { envVars: place.environment, stateFile, passphrase: PASSPHRASE };
            const stack = await LocalStack.createOrSelect(target, options);
            await stack.setAllConfig(configMap(place.config));
            return stack;
        };
        return {
            start: async () => startLocalUp(place, stateFile),
            async up({ replace = [] } = {}) {
                return await outcomeOf((await open()).up({ parallel: PARALLEL, replace }));
            },
            refresh: async () => outcomeOf((await open()).refresh({ parallel: PARALLEL })),
            previewNothing: async () => outcomeOf((await open()).preview({ expectNoChanges: true })),
            removeBackups: () => undefined,
            refuseWriting({ pid }) {
                execFileSync("prlimit", ["--pid", String(pid), "--fsize=1024"]);
                return () => undefined;
            },
            clearAfterEngine: async () => undefined,
            keys: async () => keysIn((await (await open()).exportStack()).deployment),
            files: () => textsBelow(place.stateFolder),
        };
    },
};

/** Starts `up` in a process of its own. */
function startLocalUp(place: Place, stateFile: string): Running {
    const args = ["--import", "tsx", join(__dirname, "localUp.ts"), place.programFolder, stateFile];
    return startCommand([process.execPath, ...args], process.cwd(), {
        ...process.env,
        [MARK]: place.mark,
        DEATH_CONFIG: JSON.stringify(place.config),
        DEATH_ENVIRONMENT: JSON.stringify(place.environment),
    });
}
