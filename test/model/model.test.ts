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
import { hostKills, sequences } from "./sequence.js";

const ON = process.env["MODEL_ON"] ?? "";
const timeout = Number(process.env["MODEL_SECONDS"] ?? 0) * 1000 + 900_000;
/** Why a part is not played. The parts take their runs and seeds from the same variables: who gives them, says which part. */
const notAskedFor = (part: string, byDefault: boolean) =>
    (ON === "" ? byDefault : ON === part) ? "" : ` (skipped: MODEL_ON=${part} plays it)`;

const parts = { one: notAskedFor("one", true), local: notAskedFor("local", true), cli: notAskedFor("cli", false) };
const noProcesses = NO_PROCESSES === undefined ? "" : ` (skipped: ${NO_PROCESSES})`;

describe("The model", () => {
    it.skipIf(parts.one !== "")(
        `holds for random programs under random faults and kills, in one process${parts.one}`,
        { timeout },
        async () => {
            await check({
                part: "one",
                runs: 300,
                lanes: 12,
                arbitrary: sequences(8),
                property: (sequence) =>
                    play(sequence, {
                        open: async (config) => inProcess(new InProcessStack({ config })),
                        close: async () => undefined,
                    }),
            });
        },
    );

    it.skipIf(parts.local !== "" || noProcesses !== "")(
        `holds on the local engine, whose host is killed${parts.local}${noProcesses}`,
        { timeout },
        async () => {
            await onProcesses(localEngine, "local", 15);
        },
    );

    const cli = pulumiCli();
    const noCli = "missing" in cli ? ` (skipped: ${cli.missing})` : "";
    it.skipIf(parts.cli !== "" || noProcesses !== "" || noCli !== "")(
        `holds on the real engine, whose host is killed${parts.cli}${noProcesses}${noCli}`,
        { timeout },
        async () => {
            if ("missing" in cli) throw new Error(cli.missing);
            await onProcesses(cli, "cli", 25);
        },
    );
});

async function onProcesses(engine: Engine, part: string, runs: number): Promise<void> {
    await check({
        part,
        runs,
        lanes: 3,
        arbitrary: sequences(4).map(hostKills),
        property: (sequence) =>
            play(sequence, {
                open: (config, emulator) => ProcessStack.open(engine, config, emulator),
                close: (stack) => stack.close(),
            }),
    });
}
