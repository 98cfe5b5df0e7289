import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDuration, parseDuration } from "../../provider/duration.js";

describe("parseDuration", () => {
    test.each([
        ["90s", 90_000],
        ["5m", 300_000],
        ["1h30m", 5_400_000],
        ["1.5s", 1500],
        ["250ms", 250],
        ["1m500ms", 60_500],
        ["30d", 2_592_000_000],
        ["1d12h", 129_600_000],
        ["0s", 0],
        ["0.4ms", 0],
    ])("%s is %i ms", (text, ms) => {
        expect(parseDuration(text)).toBe(ms);
    });

    test.each([
        ...["", "5", "m", "5 m", " 5m", "5m ", "5min", "-5m", "1,5s"],
        ...["5M", "1w", "1D", "five", "5m5", "1.s", ".5s", "1e3s"],
    ])("%j is no duration", (text) => {
        expect(parseDuration(text)).toBeUndefined();
    });

    test("a number beyond all numbers is no duration", () => {
        expect(parseDuration(`${"9".repeat(400)}h`)).toBeUndefined();
    });
});

test("what formatDuration writes of whole seconds, parseDuration reads back", () => {
    fc.assert(
        fc.property(fc.integer({ min: 1, max: 10_000_000 }), (seconds) => {
            expect(parseDuration(formatDuration(seconds * 1000))).toBe(seconds * 1000);
        }),
    );
});

test.each([
    [0, "0ms"],
    [150, "150ms"],
    [999.6, "1000ms"],
    [90_000, "1m30s"],
    [3_600_000, "1h"],
    [3_601_000, "1h1s"],
])("formatDuration(%d) is %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
});
