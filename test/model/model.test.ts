import { describe, it, vi } from "vitest";
import { check } from "./check.js";
import { play } from "./play.js";
import { sequences } from "./sequence.js";
import { Stack } from "./stack.js";

describe("The model in this process", () => {
    it("holds for random programs under random faults and kills", { timeout: 3_600_000 }, async () => {
        const { random } = Math;
        // Only the delays of retries and of checks are by chance: short ones let a run have more histories.
        vi.spyOn(Math, "random").mockImplementation(() => random() / 10);
        await check({
            file: "test/model/model.test.ts",
            runs: 100,
            lanes: 16,
            arbitrary: sequences(8),
            atLeast: { faults: 150, kills: 30 },
            property: (sequence) =>
                play(sequence, {
                    isSlow: false,
                    open: async (config, _emulator, now) => new Stack({ config, now }),
                    close: async () => undefined,
                }),
        });
    });
});
