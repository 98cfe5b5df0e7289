import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
    DEFAULT_PROPAGATION_TIMEOUT,
    describeProgress,
    FIRST_PAUSE,
    LONGEST_PAUSE,
    nextCheck,
    PAUSE_GROWTH,
    PAUSE_JITTER,
    propagationLimit,
    propagationProgress,
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
