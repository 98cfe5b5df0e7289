import { describe, expect, test } from "vitest";
import { exponentOf } from "../../bench/growth.js";
import { DEFAULTS, readParameters } from "../../bench/parameters.js";
import { sideBySide } from "../../bench/sideBySide.js";
import { ratioOf, spreadOf } from "../../bench/spread.js";
import { alignedTable, count, decimals, spreadText } from "../../bench/table.js";

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

test("a table is aligned, its fields to the right, those that are missing empty", () => {
    const rows = [
        ["what", "ours", "floor"],
        ["a longer label", undefined, "1.00"],
        ["short", "0.50 20.50 300.13"],
    ] as const;
    expect(alignedTable(rows)).toBe(
        [
            "what                         ours  floor",
            "a longer label                      1.00",
            "short           0.50 20.50 300.13",
            "",
        ].join("\n"),
    );
});

test.each([
    [[2, 2], "2", "2.00"],
    [[1, 2.5, 300], "1 2.5 300", "1.00 2.50 300.00"],
])("the spread of %j is shown as one figure where it is one", (values, counted, exact) => {
    expect(spreadText(spreadOf(values), count)).toBe(counted);
    expect(spreadText(spreadOf(values), decimals)).toBe(exact);
});

describe("the growth of a figure", () => {
    test.each([0, 0.5, 1, 2])("as power %d of the number of keys is that exponent", (exponent) => {
        const points = [1, 100, 300].map((keys) => ({ keys, value: 7 * keys ** exponent }));
        expect(exponentOf(points)).toBeCloseTo(exponent, 10);
    });

    test("of one number of keys, or of what is nothing, has none", () => {
        const one = { keys: 100, value: 3 };
        expect(exponentOf([one, one])).toBeUndefined();
        expect(exponentOf([one, { keys: 300, value: 0 }])).toBeUndefined();
    });
});

describe("the parameters", () => {
    test("have defaults", () => {
        expect(readParameters({})).toEqual(DEFAULTS);
    });

    test("come from the environment, the smallest number of keys first", () => {
        const environment = { BENCH_KEYS: "300, 2", BENCH_ROUNDS: "1", BENCH_ONLY: "life,limits" };
        expect(readParameters(environment)).toEqual({ keys: [2, 300], rounds: 1, parts: ["life", "limits"] });
    });

    test.each([
        [{ BENCH_KEYS: "0" }, 'BENCH_KEYS takes whole numbers from 1, not "0"'],
        [{ BENCH_ROUNDS: "few" }, 'BENCH_ROUNDS takes whole numbers from 1, not "few"'],
        [{ BENCH_ONLY: "all" }, /^BENCH_ONLY takes import, .*, not "all"$/],
    ])("that are wrong are refused: %j", (environment, words) => {
        expect(() => readParameters(environment)).toThrow(words);
    });
});
