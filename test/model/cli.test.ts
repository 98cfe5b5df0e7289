import { describe, it } from "vitest";
import { check } from "./check.js";
import { NO_PROCESSES } from "./hostProcesses.js";
import { play } from "./play.js";
import { ProcessStack } from "./processStack.js";
import { processSequences } from "./sequence.js";

/** The same histories on the real engine: they show that the small stack of this folder copies it well. */

const cli = process.env["PULUMI_XAI_CLI"] ?? "";
const noCli = process.env["PULUMI_XAI_NO_CLI"] ?? "PULUMI_XAI_CLI does not name one";
const missing = cli === "" ? `no Pulumi CLI: ${noCli}` : NO_PROCESSES;
const why = missing === undefined ? "" : ` (skipped: ${missing})`;

describe.skipIf(missing !== undefined)(`The model on the Pulumi CLI, whose host is killed${why}`, () => {
    it("holds for random programs under random faults", { timeout: 3_600_000 }, async () => {
        await check({
            file: "test/model/cli.test.ts",
            runs: 3,
            lanes: 3,
            arbitrary: processSequences(3),
            atLeast: { kills: 1 },
            property: (sequence) =>
                play(sequence, {
                    isSlow: true,
                    open: (config, emulator) => ProcessStack.open(cli, config, emulator),
                    close: (stack) => stack.close(),
                }),
        });
    });
});
