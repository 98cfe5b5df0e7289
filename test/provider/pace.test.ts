import { describe, expect, test } from "vitest";
import { FIRST_INTERVAL, LARGEST_INTERVAL, Pace } from "../../provider/api/pace.js";

describe("the pace of a process", () => {
    test("is none before a refusal", () => {
        const pace = new Pace();
        expect([pace.turn(1000), pace.turn(1000), pace.turn(1000)]).toEqual([1000, 1000, 1000]);
    });

    test("after a refusal pauses everybody, and then spaces the turns", () => {
        const pace = new Pace();
        pace.refused(1000, 1010, 500);
        expect(pace.pausedAt(1509)).toBe(true);
        expect(pace.pausedAt(1510)).toBe(false);
        expect([pace.turn(1020), pace.turn(1020)]).toEqual([1510, 1510 + FIRST_INTERVAL]);
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

    test("has an end in both directions", () => {
        const pace = new Pace();
        for (let at = 0; at < 100; at += 1) {
            pace.refused(at * 10 + 1, at * 10 + 2, 0);
        }
        expect(pace.interval).toBe(LARGEST_INTERVAL);
        for (let successes = 0; successes < 1000; successes += 1) {
            pace.accepted();
        }
        expect(pace.interval).toBe(0);
    });
});
