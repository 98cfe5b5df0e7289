import { describe, it } from "vitest";
import { NO_CLI, titleUnless } from "../engine/cli.js";
import { NO_PROCESSES } from "../engine/processes.js";
import { check } from "./check.js";
import { play } from "./play.js";
import { ProcessStack } from "./processStack.js";
import { processSequences } from "./sequence.js";

/** The same histories on the real engine: they show that the small stack of this folder copies it well. */

const missing = NO_CLI ?? NO_PROCESSES;

describe.skipIf(missing)(titleUnless(missing, "The model on the Pulumi CLI, whose host is killed"), () => {
    it("holds for random programs under random faults", { timeout: 3_600_000 }, async () => {
        await check({
            file: "test/model/cli.test.ts",
            runs: 3,
            lanes: 3,
            arbitrary: processSequences(3),
            // So few histories may hold no kill: the scenarios kill hosts and engines, too.
            atLeast: {},
            property: (sequence) =>
                play(sequence, {
                    isSlow: true,
                    open: (config, emulator) => ProcessStack.open(config, emulator),
                    close: (stack) => stack.close(),
                }),
        });
    });
});
