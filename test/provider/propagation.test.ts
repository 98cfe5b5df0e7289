import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
    DEFAULT_PROPAGATION_TIMEOUT,
    describeProgress,
    FIRST_PAUSE,
    LONGEST_PAUSE,
    learnt,
    nextCheck,
    PAUSE_GROWTH,
    PAUSE_JITTER,
    propagationLimit,
    propagationProgress,
    type Took,
} from "../../provider/propagation.js";

const random = fc.double({ min: 0, max: 0.999999, noNaN: true });

describe("the pause before the next check", () => {
    test("grows from the first to the longest, and jitter only shortens it", () => {
        fc.assert(
            fc.property(fc.integer({ min: 1, max: 1000 }), random, (checks, chance) => {
                const whole = Math.min(LONGEST_PAUSE, FIRST_PAUSE * PAUSE_GROWTH ** (checks - 1));
                const pause = nextCheck(checks, 0, 1e9, chance) ?? Number.NaN;
                expect(pause).toBeLessThanOrEqual(whole);
                expect(pause).toBeGreaterThanOrEqual(whole * (1 - PAUSE_JITTER));
                expect(nextCheck(checks + 1, 0, 1e9, chance)).toBeGreaterThanOrEqual(pause);
            }),
        );
    });

    test("is cut so that the last check falls on the limit, and the wait ends there", () => {
        fc.assert(
            fc.property(fc.integer({ min: 1, max: 600_000 }), fc.array(random, { minLength: 1 }), (limit, chances) => {
                let waited = 0;
                let checks = 1;
                for (;;) {
                    const pause = nextCheck(checks, waited, limit, chances[checks % chances.length] ?? 0);
                    if (pause === undefined) {
                        break;
                    }
                    expect(pause).toBeGreaterThan(0);
                    waited += pause;
                    expect(waited).toBeLessThanOrEqual(limit + 1e-6);
                    checks += 1;
                    expect(checks).toBeLessThan(200);
                }
                expect(waited).toBeCloseTo(limit, 3);
            }),
        );
    });

    test("is none once the time is up", () => {
        expect(nextCheck(3, 1000, 1000, 0)).toBeUndefined();
        expect(nextCheck(3, 1001, 1000, 0)).toBeUndefined();
    });
});

describe("what is known of other keys", () => {
    const took = { over: 2000, atMost: 3000 };

    test.each([
        ["narrows from below", 2500, 4000, { over: 2500, atMost: 3000 }],
        ["narrows from above", 1000, 2800, { over: 2000, atMost: 2800 }],
        ["gives way to a key that took longer", 3000, 4000, { over: 3000, atMost: 4000 }],
        ["gives way to a key that took less", 500, 1500, { over: 500, atMost: 1500 }],
    ])("%s", (_what, over, atMost, expected) => {
        expect(learnt(took, over, atMost)).toEqual(expected);
        expect(learnt(undefined, over, atMost)).toEqual({ over, atMost });
    });

    test("plans checks for half of the time, between both bounds where they are far apart, for the time, and soon again", () => {
        const plan = (waited: number, known: Took) => nextCheck(0, waited, 1e9, 0, known);
        expect(plan(0, took)).toBe(1500);
        expect(plan(1500, took)).toBeCloseTo(Math.sqrt(6e6) - 1500);
        expect(plan(2500, took)).toBe(500);
        expect(plan(1500, { over: 2900, atMost: 3000 })).toBe(1500);
        expect(plan(3000, took)).toBe(150);
        expect(plan(4000, took)).toBe(500);
    });

    test("never makes a pause longer than the longest, and plans nothing for what takes no time", () => {
        expect(nextCheck(0, 0, 1e9, 0, { over: 50_000, atMost: 60_000 })).toBe(LONGEST_PAUSE);
        expect(nextCheck(0, 0, 1e9, 0, { over: 0, atMost: 0 })).toBe(0);
        expect(nextCheck(1, 0, 1e9, 0, { over: 100, atMost: 200 })).toBe(FIRST_PAUSE);
    });
});

/** Follows waves of eight keys that take some time each: the mean number of checks, and how late the end was noticed. */
function follow(waves: number, takes: (random: number) => number, chances: () => number) {
    let known: Took | undefined;
    let [checks, late, keys] = [0, 0, 0];
    for (let wave = 0; wave < waves; wave += 1) {
        const before = known;
        for (let key = 0; key < 8; key += 1) {
            const end = takes(chances());
            let [made, over, at] = [0, 0, nextCheck(0, 0, 1e9, 0, before) ?? 0];
            for (; at < end; at += nextCheck(made, at, 1e9, chances(), before) ?? 0) {
                made += 1;
                over = at;
            }
            known = learnt(known, over, at);
            checks += made + 1;
            late += end === 0 ? 0 : at / end - 1;
            keys += 1;
        }
    }
    return { checks: checks / keys, late: late / keys };
}

describe("in simulated time, waves of eight keys", () => {
    let state = 1;
    const chances = () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 2 ** 32;
    };

    test.each([
        { every: 0, checks: 1, late: 0 },
        { every: 300, checks: 3, late: 0.2 },
        { every: 1000, checks: 2.7, late: 0.06 },
        { every: 3000, checks: 2.7, late: 0.05 },
        { every: 15_000, checks: 4.5, late: 0.08 },
    ])("that take $every ms each need $checks checks and are noticed $late of that late", ({ every, checks, late }) => {
        const measured = follow(13, () => every, chances);
        expect(measured.checks).toBeLessThanOrEqual(checks);
        expect(measured.late).toBeLessThanOrEqual(late);
    });

    test("that take from 1 to 5 s need fewer checks than without what was learnt, and are noticed no later", () => {
        const takes = (random: number) => 1000 + 4000 * random;
        const first = follow(1, takes, chances);
        const measured = follow(50, takes, chances);
        expect(first.checks).toBeGreaterThan(5);
        expect(measured.checks).toBeLessThanOrEqual(4.5);
        expect(measured.late).toBeLessThanOrEqual(0.3);
    });
});

const KEY = { name: "n", acls: [] };

test.each([
    [{}, DEFAULT_PROPAGATION_TIMEOUT],
    [{ waitForPropagation: true }, DEFAULT_PROPAGATION_TIMEOUT],
    [{ waitForPropagation: null, propagationTimeout: null }, DEFAULT_PROPAGATION_TIMEOUT],
    [{ propagationTimeout: "90s" }, 90_000],
    [{ waitForPropagation: false, propagationTimeout: "90s" }, undefined],
])("the limit of %j is %s", (args, limit) => {
    expect(propagationLimit({ ...KEY, ...args })).toBe(limit);
});

test.each([
    [{}, false, [], "the API names no cluster yet"],
    [{ a: false }, false, ["a"], "0 of 1 clusters, missing a"],
    [{ a: true, b: false, c: false }, false, ["b", "c"], "1 of 3 clusters, missing b, c"],
    [{ a: true, b: true }, true, [], undefined],
])("of %j: done %s", (clusters, done, missing, words) => {
    const progress = propagationProgress(clusters);
    expect(progress).toMatchObject({ done, missing });
    if (words !== undefined) {
        expect(describeProgress(progress)).toBe(words);
    }
});
