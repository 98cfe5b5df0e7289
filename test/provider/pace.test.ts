import { describe, expect, test } from "vitest";
import { FIRST_INTERVAL, LARGEST_INTERVAL, Pace } from "../../provider/api/pace.js";
import { type RateLimited, underLimit } from "./rateLimited.js";

describe("the pace of a process", () => {
    const turnsAt = (pace: Pace, now: number, count: number) =>
        Array.from({ length: count }, () => pace.turn(now).at - now);

    test("is none before a refusal", () => {
        expect(turnsAt(new Pace(), 1000, 3)).toEqual([0, 0, 0]);
    });

    test("after a refusal pauses everybody, and then spaces the turns", () => {
        const pace = new Pace();
        pace.refused(1000, 1010, 500);
        expect(turnsAt(pace, 1010, 3)).toEqual([500, 500 + FIRST_INTERVAL, 500 + 2 * FIRST_INTERVAL]);
    });

    test("without a word from the server pauses for one distance", () => {
        const pace = new Pace();
        pace.refused(1000, 1010, undefined);
        expect(turnsAt(pace, 1010, 2)).toEqual([FIRST_INTERVAL, 2 * FIRST_INTERVAL]);
    });

    test("voids the turns that were given out before a refusal, those after its pause as well", () => {
        const pace = new Pace();
        pace.refused(1000, 1010, 0);
        const turns = [1, 2, 3].map(() => pace.turn(1010));
        expect(turns.map((turn) => pace.stands(turn, turn.at))).toEqual([true, true, true]);
        pace.refused(1020, 1030, 50);
        expect(turns.map((turn) => pace.stands(turn, turn.at))).toEqual([false, false, false]);
        const next = pace.turn(1030);
        expect(pace.stands(next, next.at)).toBe(true);
    });

    test("lengthens a pause that is under way, whoever is told to wait", () => {
        const pace = new Pace();
        pace.refused(1000, 1010, 100);
        const turn = pace.turn(1010);
        pace.refused(1005, 1020, 500);
        expect(pace.stands(turn, turn.at)).toBe(false);
        expect(pace.turn(1110).at).toBe(1520);
    });

    test("counts the refusals of requests that were under way together once", () => {
        const pace = new Pace();
        for (const sentAt of [1000, 1001, 1002]) {
            pace.refused(sentAt, 1010, 0);
        }
        expect(pace.interval).toBe(FIRST_INTERVAL);
        pace.refused(1011, 1020, 0);
        expect(pace.interval).toBeGreaterThan(FIRST_INTERVAL);
    });

    test("lets as many go at once after a pause as the API took before its first refusal, then learns what the pause made up for", () => {
        const pace = new Pace();
        for (const { at } of Array.from({ length: 20 }, () => pace.turn(1000))) {
            pace.accepted(at);
        }
        pace.refused(1001, 1010, 1000);
        expect(turnsAt(pace, 1010, 21)).toEqual([...Array.from({ length: 20 }, () => 1000), 1050]);
        for (let got = 0; got < 10; got += 1) {
            pace.accepted(2010);
        }
        pace.refused(2011, 2020, 1000);
        // 10 in that second, a little slower.
        expect(pace.interval).toBeGreaterThan(100);
        expect(pace.interval).toBeLessThan(105);
        expect(turnsAt(pace, 2020, 10)).toEqual([...Array.from({ length: 9 }, () => 1000), 1000 + pace.interval]);
    });

    test("takes the rate at which requests came by themselves until the first refusal as what is allowed, for a start", () => {
        const pace = new Pace();
        for (let at = 1000; at < 3000; at += 20) {
            pace.accepted(pace.turn(at).at);
        }
        pace.refused(2999, 3000, 0);
        expect(pace.interval).toBeGreaterThan(20);
        expect(pace.interval).toBeLessThan(21);
    });

    test("learns nothing from what was sent before the last refusal", () => {
        const pace = new Pace();
        pace.refused(1000, 1010, 0);
        pace.accepted(1005);
        expect(pace.interval).toBe(FIRST_INTERVAL);
        pace.accepted(1015);
        expect(pace.interval).toBeLessThan(FIRST_INTERVAL);
    });

    test("has an end in both directions", () => {
        const pace = new Pace();
        for (let at = 0; at < 100; at += 1) {
            pace.refused(at * 10_000 + 1, at * 10_000 + 2, 0);
        }
        expect(pace.interval).toBe(LARGEST_INTERVAL);
        for (let successes = 0; successes < 1000; successes += 1) {
            pace.accepted(2_000_000);
        }
        expect(pace.interval).toBe(0);
    });
});

describe("under a limit, in simulated time, 200 keys take two requests each", () => {
    const LIMITS: RateLimited[] = [];
    for (const perSecond of [1, 2, 5, 10, 40]) {
        for (const burst of new Set([1, perSecond])) {
            for (const retryAfter of ["seconds", "none"] as const) {
                for (const latencyMs of [4, 200]) {
                    LIMITS.push({ perSecond, burst, retryAfter, latencyMs });
                }
            }
        }
    }
    test.each(LIMITS)("$perSecond a second, $burst at once, Retry-After: $retryAfter, $latencyMs ms away", (limit) => {
        for (const seed of [1, 2, 3]) {
            const { passed, refused, mostOfOne } = underLimit(limit, 400, seed);
            expect(passed).toBe(400);
            expect(refused).toBeLessThanOrEqual(40);
            expect(mostOfOne).toBeLessThanOrEqual(4);
        }
    });

    test.each(
        [10, 50].flatMap((perSecond) => [
            { perSecond, burst: perSecond, retryAfter: "seconds", latencyMs: 4 } as const,
            { perSecond, burst: perSecond, retryAfter: "none", latencyMs: 4 } as const,
            { perSecond, burst: perSecond, retryAfter: "seconds", latencyMs: 50 } as const,
            { perSecond, burst: perSecond, retryAfter: "none", latencyMs: 50 } as const,
        ]),
    )("at most 1.1 times the requests are sent, and at least 0.9 of the limit is used: %j", (limit) => {
        for (const seed of [1, 2, 3, 4, 5]) {
            const { passed, refused, seconds } = underLimit(limit, 600, seed);
            expect((passed + refused) / passed).toBeLessThanOrEqual(1.1);
            expect((passed - limit.burst) / seconds / limit.perSecond).toBeGreaterThanOrEqual(0.9);
        }
    });
});
