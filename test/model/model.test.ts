import { describe, it } from "vitest";
import { NO_PROCESSES } from "../death/processes.js";
import type { Engine } from "../engines/engine.js";
import { localEngine } from "../engines/localEngine.js";
import { pulumiCli } from "../engines/pulumiCli.js";
import { check } from "./check.js";
import { InProcessStack } from "./inProcessEngine.js";
import { inProcess } from "./modelStack.js";
import { play } from "./play.js";
import { ProcessStack } from "./processStack.js";
import { processSequences, sequences } from "./sequence.js";

const ON = process.env["MODEL_ON"] ?? "";
const timeout = Number(process.env["MODEL_SECONDS"] ?? 0) * 1000 + 900_000;
/** Parts take their runs and seeds from the same variables: who gives them, says which part. */
const isAskedFor = (part: string, byDefault: boolean) => (ON === "" ? byDefault : ON === part);

if (isAskedFor("one", true)) {
    describe("The model in one process", () => {
        it("holds for random programs under random faults and kills", { timeout }, async () => {
            await check({
                part: "one",
                runs: 300,
                lanes: 12,
                arbitrary: sequences(8),
                atLeast: { faults: 100, kills: 20 },
                property: (sequence) =>
                    play(sequence, {
                        open: async (config, _emulator, now) => inProcess(new InProcessStack({ config, now })),
                        close: async () => undefined,
                    }),
            });
        });
    });
}

if (isAskedFor("local", true)) defineOnProcesses("the local engine", localEngine, "local", 15);

if (isAskedFor("cli", false)) {
    defineOnProcesses("the real engine", pulumiCli(), "cli", 25);
}

function defineOnProcesses(
    name: string,
    engine: Engine | { readonly missing: string },
    part: string,
    runs: number,
): void {
    const missing = NO_PROCESSES ?? ("missing" in engine ? engine.missing : undefined);
    const why = missing === undefined ? "" : ` (skipped: ${missing})`;
    describe.skipIf(missing !== undefined)(`The model on ${name}, whose host is killed${why}`, () => {
        it("holds for random programs under random faults", { timeout }, async () => {
            if (!("missing" in engine)) await onProcesses(engine, part, runs);
        });
    });
}

async function onProcesses(engine: Engine, part: string, runs: number): Promise<void> {
    await check({
        part,
        runs,
        lanes: 3,
        arbitrary: processSequences(4),
        atLeast: { kills: 2 },
        property: (sequence) =>
            play(sequence, {
                open: (config, emulator) => ProcessStack.open(engine, config, emulator),
                close: (stack) => stack.close(),
            }),
    });
}
