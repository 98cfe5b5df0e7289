import { describe, expect, test } from "vitest";
import { sideBySide } from "../../bench/sideBySide.js";
import { ratioOf, spreadOf } from "../../bench/spread.js";
import { spreadTable } from "../../bench/table.js";

describe("a spread", () => {
    test.each([
        [[3], { min: 3, median: 3, max: 3 }],
        [[10, 9], { min: 9, median: 9.5, max: 10 }],
        [[10, 9, 100], { min: 9, median: 10, max: 100 }],
    ])("of %j is %j", (values, spread) => {
        expect(spreadOf(values)).toEqual(spread);
    });

    test("of nothing is an error", () => {
        expect(() => spreadOf([])).toThrow(RangeError);
    });

    test("of ratios has the rounds' own at its ends and the medians' in the middle", () => {
        const rounds = [
            { base: 1, subject: 4 },
            { base: 2, subject: 4 },
            { base: 4, subject: 6 },
        ];
        expect(ratioOf(rounds)).toEqual({ min: 1.5, median: 2, max: 4 });
    });
});

test("what is measured side by side takes turns in beginning, after a round that does not count", async () => {
    const runs: string[] = [];
    const note = (what: string) => async () => void runs.push(what);
    const rounds = await sideBySide(note("base"), note("subject"), 2);
    expect(rounds).toHaveLength(2);
    expect(runs).toEqual(["base", "subject", "base", "subject", "subject", "base"]);
});

test("a table is aligned", () => {
    expect(spreadTable("what", [["a longer label", { min: 1, median: 20.5, max: 300.126 }]])).toBe(
        ["what               min  median     max", "a longer label    1.00   20.50  300.13", ""].join("\n"),
    );
});
