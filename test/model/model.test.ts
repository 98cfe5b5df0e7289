import { describe, it } from "vitest";
import { check } from "./check.js";
import { InProcessStack } from "./inProcessEngine.js";
import { inProcess } from "./modelStack.js";
import { play } from "./play.js";
import { sequences } from "./sequence.js";

describe("The model", () => {
    it("holds for random programs under random faults and kills, in one process", {
        timeout: Number(process.env["MODEL_SECONDS"] ?? 0) * 1000 + 600_000,
    }, async () => {
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
