import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Properties } from "../../provider/apiKey/context.js";
import { type Count, countRotations, type RotationRecord } from "../../provider/apiKey/rotation.js";
import { UNKNOWN } from "../../provider/unknown.js";
import { DAY, inDays, NOW } from "./values.js";

/** What the check of each run finds, one run after the other. */
function checks(runs: readonly (readonly [days: number, args: Properties])[]): Count[] {
    let record: RotationRecord | undefined;
    let olds: Properties = {};
    return runs.map(([days, args]) => {
        const count = countRotations(record, olds, args, NOW + days * DAY);
        record = count.record;
        olds = args;
        return count;
    });
}

/** What each of the runs gives as the reason for a rotation. */
const due = (...runs: (readonly [number, Properties])[]) => checks(runs).map((count) => count.due);
const last = (...runs: (readonly [number, Properties])[]) => checks(runs).at(-1);

const EVERY: Properties = { rotation: { every: "30d" } };
const EARLY: Properties = { expiresIn: "90d", rotation: { beforeExpiry: "7d" } };
const trigger = (triggers: unknown): Properties => ({ rotation: { triggers } });

describe("`every`", () => {
    test("counts from creation, says so when it is due, and counts on from the rotation", () => {
        const found = checks([0, 29.999, 30, 31, 60].map((day) => [day, EVERY] as const));
        const [first, second] = ["#1: 30d have passed", "#2: 30d have passed"];
        expect(found.map((count) => count.due)).toEqual([undefined, undefined, first, undefined, second]);
        expect(found.map(({ record }) => record.since)).toEqual([0, 0, 30, 30, 60].map(inDays));
    });

    test("counts exactly one rotation over a check each day for 31 days, whatever the hour of each check", () => {
        fc.assert(
            fc.property(
                fc.array(fc.double({ min: 0, max: 0.99, noNaN: true }), { minLength: 31, maxLength: 31 }),
                (hours) => {
                    const found = checks([[0, EVERY], ...hours.map((hour, day) => [day + 1 + hour, EVERY] as const)]);
                    expect(found.at(-1)?.record.number).toBe(1);
                    expect(found.filter((count) => count.due !== undefined)).toHaveLength(1);
                },
            ),
        );
    });

    test("is due once where several periods have passed", () => {
        expect(due([0, EVERY], [400, EVERY], [401, EVERY])).toEqual([undefined, "#1: 30d have passed", undefined]);
    });

    test("that comes to a key counts from then, and anew after it was taken away", () => {
        expect(last([0, {}], [100, EVERY])).toEqual({ record: { number: 0, since: inDays(100) }, due: undefined });
        expect(last([0, EVERY], [29, {}], [40, EVERY])?.record).toEqual({ number: 0, since: inDays(40) });
    });

    test("that changes counts from the same day", () => {
        expect(due([0, EVERY], [12, { rotation: { every: "10d" } }])[1]).toBe("#1: 10d have passed");
        expect(due([0, EVERY], [31, { rotation: { every: "40d" } }])[1]).toBeUndefined();
    });

    test("starts anew at a rotation of another cause", () => {
        const both = (release: number) => ({ rotation: { every: "30d", triggers: { release } } });
        expect(last([0, both(1)], [20, both(2)])?.record).toEqual({ number: 1, since: inDays(20) });
    });

    test("is never due where a clock went back", () => {
        expect(due([0, EVERY], [-100, EVERY])).toEqual([undefined, undefined]);
    });
});

describe("A trigger", () => {
    test.each<[string, unknown, unknown, string | undefined]>([
        ["changed", { a: 1, b: 1 }, { a: 2, b: 1 }, "#1: changed triggers: a"],
        ["changed deep within", { a: { b: [1] } }, { a: { b: [2] } }, "#1: changed triggers: a"],
        ["added", { a: 1 }, { a: 1, b: 1 }, "#1: changed triggers: b"],
        ["added as the first", undefined, { a: 1 }, "#1: changed triggers: a"],
        ["removed", { a: 1, b: 1 }, { a: 1 }, undefined],
        ["the same", { a: { b: 1, c: 2 } }, { a: { c: 2, b: 1 } }, undefined],
        ["not known yet", { a: 1, b: 1 }, { a: UNKNOWN, b: 1 }, UNKNOWN],
        ["not known yet, beside a changed one", { a: 1, b: 1 }, { a: [UNKNOWN], b: 2 }, "#1: changed triggers: b"],
    ])("that was %s", (_what, before, after, reason) => {
        expect(due([0, trigger(before)], [1, trigger(after)])).toEqual([undefined, reason]);
    });

    test("of a new key rotates nothing, known or not", () => {
        expect(due([0, trigger({ a: UNKNOWN })])).toEqual([undefined]);
    });

    test("of a key whose last run recorded nothing (an import) rotates nothing", () => {
        const args = { ...EARLY, rotation: { every: "1d", triggers: { a: 2 } } };
        const { record, due: reason } = countRotations(undefined, trigger({ a: 1 }), args, NOW);
        expect(reason).toBeUndefined();
        expect(record).toEqual({ number: 0, since: inDays(0), expireTime: inDays(90), expiresIn: "90d" });
    });

    test("beside other causes gives one rotation with all reasons", () => {
        const args = (a: number) => ({ ...EARLY, rotation: { every: "30d", beforeExpiry: "7d", triggers: { a } } });
        expect(due([0, args(1)], [85, args(2)])[1]).toBe(
            "#1: changed triggers: a; 30d have passed; less than 7d is left",
        );
    });
});

test("A counted expiry is one of whole seconds, which every server returns as it was sent", () => {
    const { record } = countRotations(undefined, {}, { expiresIn: "1h" }, Date.parse("2027-01-01T00:00:00.001Z"));
    expect(record.expireTime).toBe("2027-01-01T01:00:01.000Z");
});

describe("`expiresIn`", () => {
    test.each<[string, Properties, number, Properties, number | undefined]>([
        ["is counted at creation", { expiresIn: "90d" }, 0, { expiresIn: "90d" }, 90],
        ["is kept by later checks", { expiresIn: "90d" }, 50, { expiresIn: "90d" }, 90],
        ["is kept when it is written another way", { expiresIn: "90d" }, 50, { expiresIn: "2160h" }, 90],
        ["is counted anew when it changes", { expiresIn: "90d" }, 50, { expiresIn: "10d" }, 60],
        ["is kept while it is not known", { expiresIn: "90d" }, 50, { expiresIn: UNKNOWN }, 90],
        ["is counted anew by a rotation", EARLY, 84, EARLY, 174],
        ["is gone when it is taken out", { expiresIn: "90d" }, 50, {}, undefined],
    ])("%s", (_what, first, day, then, days) => {
        const expireTime = last([0, first], [day, then])?.record.expireTime;
        expect(expireTime).toBe(days === undefined ? undefined : inDays(days));
    });

    test("that is written another way keeps the way in which it was counted", () => {
        expect(last([0, { expiresIn: "90d" }], [1, { expiresIn: "2160h" }])?.record.expiresIn).toBe("90d");
    });
});

describe("`beforeExpiry`", () => {
    test("is due when less than that is left, and after the expiry", () => {
        expect(due([0, EARLY], [83, EARLY])[1]).toBeUndefined();
        expect(due([0, EARLY], [83.001, EARLY])[1]).toBe("#1: less than 7d is left");
        expect(due([0, EARLY], [91, EARLY])[1]).toBe("#1: the secret has expired");
    });

    test("does not rotate where `expiresIn` changes, which sets another expiry, or where it is longer than the whole", () => {
        expect(due([0, EARLY], [85, { ...EARLY, expiresIn: "100d" }])[1]).toBeUndefined();
        const wrong = { expiresIn: "5d", rotation: { beforeExpiry: "7d" } };
        expect(due([0, wrong], [1, wrong], [2, wrong])).toEqual([undefined, undefined, undefined]);
    });
});

test("A reason holds no instant, and the number only grows", () => {
    const args = fc.record(
        {
            expiresIn: fc.constantFrom("10d", "240h", "90d", null, UNKNOWN),
            rotation: fc.option(
                fc.record(
                    {
                        every: fc.constantFrom("5d", "30d", null, UNKNOWN, "wrong"),
                        beforeExpiry: fc.constantFrom("1d", "20d", null, UNKNOWN),
                        triggers: fc.option(fc.dictionary(fc.constantFrom("a", "b"), fc.constantFrom(1, 2, UNKNOWN))),
                    },
                    { requiredKeys: [] },
                ),
            ),
        },
        { requiredKeys: [] },
    );
    fc.assert(
        fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), args), { maxLength: 12 }), (steps) => {
            let day = 0;
            const found = checks(
                steps.map(([days, given]) => {
                    day += days;
                    return [day, given] as const;
                }),
            );
            found.forEach((count, index) => {
                const before = found[index - 1]?.record.number ?? 0;
                const isCounted = count.due !== undefined && count.due !== UNKNOWN;
                expect(count.record.number).toBe(before + (isCounted ? 1 : 0));
                expect(count.due ?? "").not.toMatch(/\d{4}-\d\d/);
                expect(JSON.parse(JSON.stringify(count.record))).toStrictEqual(count.record);
            });
        }),
    );
});
