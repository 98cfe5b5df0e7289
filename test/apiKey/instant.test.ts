import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { timeOf, toSeconds } from "../../provider/instant.js";

describe("the same instant", () => {
    test.each([
        ["2027-01-31T12:00:00Z", "2027-01-31T12:00:00.000000Z"],
        ["2027-01-31T12:00:00Z", "2027-01-31T14:00:00+02:00"],
        ["2027-01-31T12:00:00Z", "2027-01-31T12:00:00-00:00"],
        ["2027-01-31T23:30:00-01:00", "2027-02-01T00:30:00Z"],
        ["2027-01-31T12:00:00.5Z", "2027-01-31T12:00:00.500Z"],
        ["2027-01-31t12:00:00z", "2027-01-31T12:00:00Z"],
        ["1969-12-31T23:59:59.25Z", "1970-01-01T00:59:59.250+01:00"],
    ])("%s and %s", (a, b) => {
        expect(timeOf(a)).toBe(timeOf(b));
    });

    test.each([
        ["2027-01-31T12:00:00Z", "2027-01-31T12:00:01Z"],
        ["2027-01-31T12:00:00.001Z", "2027-01-31T12:00:00.002Z"],
        ["2027-01-31T12:00:00Z", "2027-01-31T12:00:00+02:00"],
        ["nonsense", "2027-01-31T12:00:00Z"],
    ])("is not %s and %s", (a, b) => {
        expect(timeOf(a)).not.toBe(timeOf(b));
    });

    test("is one whatever the offset it is written with", () => {
        const moments = fc.integer({ min: 0, max: 253_402_300_799 - 86_400 });
        const offsets = fc.integer({ min: -12 * 60, max: 12 * 60 });
        fc.assert(
            fc.property(moments, offsets, fc.integer({ min: 0, max: 999_999 }), (seconds, minutes, micros) => {
                const written = (offset: number) => {
                    const local = new Date((seconds + offset * 60) * 1000).toISOString().slice(0, 19);
                    const sign = offset < 0 ? "-" : "+";
                    const [hours, rest] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
                    const zone = `${sign}${String(hours).padStart(2, "0")}:${String(rest).padStart(2, "0")}`;
                    return `${local}.${String(micros).padStart(6, "0")}${zone}`;
                };
                expect(timeOf(written(minutes))).toBe(timeOf(written(0)));
                expect(timeOf(toSeconds(written(minutes)))).toBe(seconds * 1000);
            }),
        );
    });
});

test.each([
    ...["2027-02-30T00:00:00Z", "2027-02-29T00:00:00Z", "2027-13-01T00:00:00Z", "2027-00-01T00:00:00Z"],
    ...["2027-01-01T24:00:00Z", "2027-01-01T12:60:00Z", "2027-01-01T12:00:00", "2027-01-01T12:00Z", "2027-01-01"],
    ...["2027-01-01 12:00:00Z", "2027-01-01T12:00:00+0200", "2027-01-01T12:00:00.Z", "2027-1-1T12:00:00Z"],
    ...["1793000000", "tomorrow", ""],
])("%j is no instant", (text) => {
    expect(timeOf(text)).toBeUndefined();
    expect(toSeconds(text)).toBe(text);
});

test.each([
    ["2027-01-31T12:00:00+02:00", "2027-01-31T10:00:00Z"],
    ["2027-01-31T12:00:00.987654321Z", "2027-01-31T12:00:00Z"],
])("%s is %s in whole seconds", (text, seconds) => {
    expect(toSeconds(text)).toBe(seconds);
});

test("an instant is in milliseconds, with its fraction", () => {
    expect(timeOf("1970-01-01T00:00:01.5Z")).toBe(1500);
});
