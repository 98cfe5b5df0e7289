import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestOf } from "../../provider/digest.js";
import {
    isRotationDue,
    nextSchedule,
    type Schedule,
    sameSchedule,
    withSchedule,
} from "../../provider/rotationSchedule.js";
import { UNKNOWN } from "./dynamicHost.js";

type Inputs = Record<string, unknown>;

const DAY = 86_400_000;
const START = Date.parse("2027-01-01T00:00:00Z");
const after = (days: number) => START + days * DAY;
const NINETY_DAYS = digestOf(String(90 * DAY));
const iso = (days: number) => new Date(after(days)).toISOString();

/** What the check of each run leaves, one after the other. */
function history(runs: readonly (readonly [days: number, args: Inputs])[]): (Schedule | undefined)[] {
    let olds: Inputs = {};
    return runs.map(([days, args]) => {
        const schedule = nextSchedule(olds, args, after(days));
        olds = { name: "search", ...args, schedule };
        return schedule;
    });
}

/** In which of the runs a rotation was due. */
const rotations = (runs: readonly (readonly [number, Inputs])[]) => {
    const generations = history(runs).map((schedule) => schedule?.generation ?? 0);
    return generations.flatMap((generation, index) => (generation > (generations[index - 1] ?? 0) ? [index] : []));
};

const EVERY: Inputs = { rotation: { every: "30d" } };
const TRIGGERS = (release: unknown): Inputs => ({ rotation: { triggers: { release } } });
const EARLY: Inputs = { expiresIn: "90d", rotation: { beforeExpiry: "7d" } };

describe("a key without rotation or expiry", () => {
    test("has nothing to record", () => {
        expect(
            history([
                [0, {}],
                [100, { rotation: null, expiresIn: null }],
                [200, { rotation: {} }],
            ]),
        ).toEqual([undefined, undefined, undefined]);
    });
});

describe("`every`", () => {
    test("counts from the day on which it first stood in the program, of a new key or one that was there", () => {
        expect(history([[3, EVERY]])).toEqual([{ generation: 0, since: iso(3) }]);
        expect(
            history([
                [0, {}],
                [3, EVERY],
                [32, EVERY],
            ]),
        ).toEqual([undefined, { generation: 0, since: iso(3) }, { generation: 0, since: iso(3) }]);
    });

    test("is due each time that long has passed, says so, and counts on from there", () => {
        const reason = (since: number) => `\`rotation.every\` has passed since ${iso(since)}`;
        expect(
            history([
                [0, EVERY],
                [29.999, EVERY],
                [30, EVERY],
                [31, EVERY],
                [61, EVERY],
            ]),
        ).toEqual([
            { generation: 0, since: iso(0) },
            { generation: 0, since: iso(0) },
            { generation: 1, since: iso(30), reason: reason(0) },
            { generation: 1, since: iso(30), reason: reason(0) },
            { generation: 2, since: iso(60), reason: reason(30) },
        ]);
    });

    test("is due once where several periods have passed, and keeps to the same days", () => {
        expect(
            history([
                [0, EVERY],
                [100, EVERY],
            ])[1],
        ).toMatchObject({ generation: 1, since: iso(90) });
    });

    test("that changes counts from the same day", () => {
        const shorter = { rotation: { every: "10d" } };
        expect(
            rotations([
                [0, EVERY],
                [5, shorter],
                [10, shorter],
            ]),
        ).toEqual([2]);
        expect(
            rotations([
                [0, EVERY],
                [12, shorter],
            ]),
        ).toEqual([1]);
    });

    test("that was taken away and given again counts anew, and no rotation is forgotten", () => {
        const records = history([
            [0, EVERY],
            [30, EVERY],
            [31, {}],
            [90, EVERY],
        ]);
        expect(records[2]).toEqual({ generation: 1, reason: expect.any(String) });
        expect(records[3]).toMatchObject({ generation: 1, since: iso(90) });
    });

    test("is not due before its day where a clock went back", () => {
        expect(
            rotations([
                [0, EVERY],
                [-100, EVERY],
            ]),
        ).toEqual([]);
    });
});

describe("`triggers`", () => {
    test("that change rotate, and the new ones are kept", () => {
        expect(
            rotations([
                [0, TRIGGERS(1)],
                [1, TRIGGERS(1)],
                [2, TRIGGERS(2)],
                [3, TRIGGERS(2)],
                [4, TRIGGERS(1)],
            ]),
        ).toEqual([2, 4]);
    });

    test("that appear on a key that is there rotate; a new key needs none", () => {
        expect(rotations([[0, TRIGGERS(1)]])).toEqual([]);
        expect(
            rotations([
                [0, {}],
                [1, TRIGGERS(1)],
            ]),
        ).toEqual([1]);
        expect(
            rotations([
                [0, EVERY],
                [1, { rotation: { every: "30d", triggers: {} } }],
            ]),
        ).toEqual([1]);
    });

    test.each<Inputs>([{}, { rotation: null }, { rotation: {} }, { rotation: { triggers: null } }])(
        "that are taken away rotate nothing (%j)",
        (without) => {
            expect(
                rotations([
                    [0, TRIGGERS(1)],
                    [1, without],
                ]),
            ).toEqual([]);
        },
    );

    test("are compared whatever the order of their keys, deep down too", () => {
        const key = fc.string({ maxLength: 3 });
        const maps = fc.dictionary(key, fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.dictionary(key, fc.string())));
        fc.assert(
            fc.property(maps, (triggers) => {
                expect(
                    rotations([
                        [0, { rotation: { triggers } }],
                        [1, { rotation: { triggers: reversed(triggers) } }],
                    ]),
                ).toEqual([]);
            }),
        );
    });

    test("are never written down: a program may have made them secret", () => {
        const records = history([
            [0, TRIGGERS("hush-hush")],
            [1, TRIGGERS("hush-hush-2")],
        ]);
        expect(JSON.stringify(records)).not.toContain("hush");
        expect(records[1]?.reason).toBe("`rotation.triggers` has changed");
    });

    test("let `every` count anew", () => {
        const both = (release: number) => ({ rotation: { every: "30d", triggers: { release } } });
        const records = history([
            [0, both(1)],
            [20, both(2)],
            [30, both(2)],
            [50, both(2)],
        ]);
        expect(records.map((record) => record?.generation)).toEqual([0, 1, 1, 2]);
        expect(records.map((record) => record?.since)).toEqual([iso(0), iso(20), iso(20), iso(50)]);
    });

    test("and `every` at once are one rotation, with both reasons", () => {
        const both = (release: number) => ({ rotation: { every: "30d", triggers: { release } } });
        expect(
            history([
                [0, both(1)],
                [45, both(2)],
            ])[1],
        ).toMatchObject({
            generation: 1,
            since: iso(45),
            reason: `\`rotation.triggers\` has changed; \`rotation.every\` has passed since ${iso(0)}`,
        });
    });
});

function reversed(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(reversed);
    }
    return typeof value === "object" && value !== null
        ? Object.fromEntries(
              Object.entries(value)
                  .reverse()
                  .map(([name, each]) => [name, reversed(each)]),
          )
        : value;
}

describe("`expiresIn`", () => {
    test("is counted once and kept for ever after, whatever its spelling", () => {
        expect(
            history([
                [0, { expiresIn: "90d" }],
                [50, { expiresIn: "2160h" }],
                [500, { expiresIn: "90d" }],
            ]),
        ).toEqual(Array(3).fill({ generation: 0, expiresIn: NINETY_DAYS, expireTime: iso(90) }));
    });

    test("is counted anew where it changes, or comes to a key that is there", () => {
        expect(
            history([
                [0, { expiresIn: "90d" }],
                [50, { expiresIn: "100d" }],
            ])[1],
        ).toEqual({ generation: 0, expiresIn: digestOf(String(100 * DAY)), expireTime: iso(150) });
        expect(
            history([
                [0, {}],
                [50, { expiresIn: "100d" }],
            ])[1],
        ).toEqual({ generation: 0, expiresIn: digestOf(String(100 * DAY)), expireTime: iso(150) });
    });

    test("is counted anew with each rotation", () => {
        const args = (release: number) => ({ ...TRIGGERS(release), expiresIn: "90d" });
        expect(
            history([
                [0, args(1)],
                [10, args(2)],
            ])[1],
        ).toMatchObject({ generation: 1, expireTime: iso(100) });
    });

    test("leaves nothing behind where it is taken away", () => {
        expect(
            history([
                [0, { expiresIn: "90d" }],
                [1, {}],
            ])[1],
        ).toBeUndefined();
    });
});

describe("`beforeExpiry`", () => {
    test("is due once less than that is left, and gives the new secret a new expiry of the same length", () => {
        expect(
            history([
                [0, EARLY],
                [83, EARLY],
                [83.001, EARLY],
                [84, EARLY],
            ]),
        ).toEqual([
            { generation: 0, expiresIn: NINETY_DAYS, expireTime: iso(90) },
            { generation: 0, expiresIn: NINETY_DAYS, expireTime: iso(90) },
            {
                generation: 1,
                expiresIn: NINETY_DAYS,
                expireTime: iso(173.001),
                reason: `less than \`rotation.beforeExpiry\` is left until ${iso(90)}`,
            },
            { generation: 1, expiresIn: NINETY_DAYS, expireTime: iso(173.001), reason: expect.any(String) },
        ]);
    });

    test("revives a key that has expired", () => {
        expect(
            history([
                [0, EARLY],
                [200, EARLY],
            ])[1],
        ).toMatchObject({ generation: 1, expireTime: iso(290), reason: `the secret expired at ${iso(90)}` });
    });

    test("is not due where `expiresIn` changes, which counts anew by itself", () => {
        expect(
            rotations([
                [0, EARLY],
                [85, { ...EARLY, expiresIn: "91d" }],
            ]),
        ).toEqual([]);
    });
});

describe("what is not known yet", () => {
    const cases: [string, Inputs, Inputs][] = [
        ["all of `rotation`", { rotation: { every: "30d", triggers: { a: 1 } } }, { rotation: UNKNOWN }],
        ["`every`", EVERY, { rotation: { every: UNKNOWN } }],
        ["all of `triggers`", TRIGGERS(1), { rotation: { triggers: UNKNOWN } }],
        ["one of the `triggers`", TRIGGERS(1), TRIGGERS(UNKNOWN)],
        ["`beforeExpiry`", EARLY, { ...EARLY, rotation: { beforeExpiry: UNKNOWN } }],
        ["`expiresIn`", EARLY, { ...EARLY, expiresIn: UNKNOWN }],
    ];
    test.each(cases)("is no change by itself: %s", (_what, before, now) => {
        const [first, second] = history([
            [0, before],
            [100, now],
        ]);
        expect(second).toEqual(first);
    });

    test("but triggers that appear rotate, whatever they will be", () => {
        expect(
            rotations([
                [0, {}],
                [1, TRIGGERS(UNKNOWN)],
            ]),
        ).toEqual([1]);
    });

    test("makes an expiry that is not known, where there was none", () => {
        expect(withSchedule({}, { expiresIn: UNKNOWN }, START)).toEqual({ expiresIn: UNKNOWN, expireTime: UNKNOWN });
    });
});

describe("whatever programs and clocks do", () => {
    const duration = fc.constantFrom("1d", "30d", "12h", "90d", "x", "-1d", null, undefined, UNKNOWN, 7, "0s");
    const rotation = fc.oneof(
        fc.record({
            every: duration,
            beforeExpiry: duration,
            triggers: fc.option(fc.dictionary(fc.string(), fc.nat(2))),
        }),
        fc.constantFrom(null, undefined, UNKNOWN, 5, "x", [1]),
    );
    const run = fc.tuple(fc.integer({ min: -400, max: 4000 }), fc.record({ rotation, expiresIn: duration }));
    const runs = fc.array(run, { minLength: 1, maxLength: 6 });

    test("a check that is repeated at the same moment finds nothing more", () => {
        fc.assert(
            fc.property(runs, (all) => {
                const last = all[all.length - 1] ?? [0, {}];
                const records = history([...all, last]);
                expect(records[all.length]).toEqual(records[all.length - 1]);
            }),
        );
    });

    test("generations grow by one at most, and never shrink; the first is 0", () => {
        fc.assert(
            fc.property(runs, (all) => {
                const generations = history(all).map((record) => record?.generation ?? 0);
                expect(generations[0]).toBe(0);
                generations.slice(1).forEach((generation, index) => {
                    expect([0, 1]).toContain(generation - (generations[index] ?? 0));
                });
            }),
        );
    });

    test("a record survives the way through a state file, keys in any order", () => {
        fc.assert(
            fc.property(runs, (all) => {
                for (const record of history(all)) {
                    const entries = Object.entries(record ?? {}).reverse();
                    const stored: Schedule = JSON.parse(JSON.stringify(Object.fromEntries(entries)));
                    expect(sameSchedule(record, stored)).toBe(true);
                }
            }),
        );
    });
});

describe("withSchedule", () => {
    test("puts the counted expiry in the place of `expireTime`, and leaves a given one alone", () => {
        expect(withSchedule({}, { expiresIn: "1d" }, START)).toEqual({
            expiresIn: "1d",
            expireTime: iso(1),
            schedule: { generation: 0, expiresIn: digestOf(String(DAY)), expireTime: iso(1) },
        });
        expect(withSchedule({}, { expireTime: iso(5) }, START)).toEqual({ expireTime: iso(5) });
    });

    test("makes its own record of whatever record a program hands over", () => {
        expect(withSchedule({}, { name: "n", schedule: { generation: 7 } }, START)).toEqual({ name: "n" });
    });
});

test.each<[Schedule | undefined, Inputs, boolean]>([
    [undefined, {}, false],
    [undefined, { rotation: {}, schedule: { generation: 0 } }, false],
    [undefined, { rotation: {}, schedule: { generation: 1 } }, true],
    [{ generation: 1 }, { rotation: {}, schedule: { generation: 1 } }, false],
    [{ generation: 1 }, { rotation: {}, schedule: { generation: 3 } }, true],
    [{ generation: 2 }, { rotation: {}, schedule: { generation: 1 } }, false],
    [{ generation: 0 }, { rotation: null, schedule: { generation: 1 } }, false],
    [{ generation: 0 }, { schedule: { generation: 1 } }, false],
    [{ generation: 0 }, { rotation: {}, schedule: "damaged" }, false],
])("isRotationDue(%j, %j) is %j", (held, news, due) => {
    expect(isRotationDue(held, news)).toBe(due);
});
