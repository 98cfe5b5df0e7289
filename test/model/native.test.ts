import { describe, it } from "vitest";
import { check } from "./check.js";
import { nativeMode } from "./nativeHost.js";
import { play } from "./play.js";
import { sequences } from "./sequence.js";
import { Stack } from "./stack.js";

describe("The model in native mode, in this process", () => {
    it("holds for random programs under random faults and kills", { timeout: 3_600_000 }, async () => {
        await check({
            file: "test/model/native.test.ts",
            runs: 40,
            lanes: 6,
            arbitrary: sequences(8),
            atLeast: { faults: 50, kills: 10 },
            property: (sequence) =>
                play(sequence, {
                    isSlow: false,
                    marksSecrets: true,
                    open: async (config, _emulator, now) => new Stack({ mode: nativeMode, config, now }),
                    close: async () => undefined,
                }),
        });
    });
});
