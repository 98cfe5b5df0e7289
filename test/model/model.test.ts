import { describe, it } from "vitest";
import { check } from "./check.js";
import { InProcessStack } from "./inProcessEngine.js";
import { inProcess } from "./modelStack.js";
import { play } from "./play.js";
import { sequences } from "./sequence.js";

/** Long: a command of its own, `npm run test:model`. `MODEL_SEED` repeats a run. */
const isWanted = process.env["MODEL"] !== undefined;
const why = isWanted ? "" : " (skipped: a command of its own, `npm run test:model`)";

describe.skipIf(!isWanted)(`The model${why}`, () => {
    it("holds for random programs under random faults and kills, in one process", { timeout: 900_000 }, async () => {
        await check({
            file: "test/model/model.test.ts",
            runs: 300,
            lanes: 12,
            arbitrary: sequences(8),
            property: (sequence) =>
                play(sequence, {
                    open: async (config) => inProcess(new InProcessStack({ config })),
                    close: async () => undefined,
                }),
        });
    });
});
