import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { FIRST_INTERVAL, LONGEST_INTERVAL, Pace, QueueTimeout, RateLimiter } from "../../provider/api/rateLimiter.js";
import { type RateLimited, underLimit } from "./simulation.js";

describe("the pace", () => {
    const turnsAt = (pace: Pace, now: number, count: number) =>
        Array.from({ length: count }, () => pace.turn(now).at - now);

    test("has no interval before a refusal", () => {
        expect(turnsAt(new Pace(), 1000, 3)).toEqual([0, 0, 0]);
    });

    test.each([
        [500, [500, 500 + FIRST_INTERVAL, 500 + 2 * FIRST_INTERVAL]],
        [undefined, [FIRST_INTERVAL, 2 * FIRST_INTERVAL, 3 * FIRST_INTERVAL]],
    ])("after a refusal with the pause %s delays every request, and then spaces them", (pause, turns) => {
        const pace = new Pace();
        pace.refused(1000, 1010, pause);
        expect(turnsAt(pace, 1010, 3)).toEqual(turns);
    });

    test("voids the turns that were taken before a refusal", () => {
        const pace = new Pace();
        const turns = [1, 2, 3].map(() => pace.turn(1010));
        expect(turns.map((turn) => pace.stands(turn, turn.at))).toEqual([true, true, true]);
        pace.refused(1020, 1030, 50);
        expect(turns.map((turn) => pace.stands(turn, 2000))).toEqual([false, false, false]);
        const next = pace.turn(1030);
        expect(pace.stands(next, next.at)).toBe(true);
    });

    test("counts the refusals of requests that were under way together once, and keeps to the longest pause", () => {
        const pace = new Pace();
        for (const [sentAt, pause] of [
            [1000, 0],
            [1001, 500],
            [1002, 0],
        ] as const) {
            pace.refused(sentAt, 1010, pause);
        }
        expect(pace.interval).toBe(FIRST_INTERVAL);
        expect(pace.turn(1010).at).toBe(1510);
        pace.refused(1011, 1020, 0);
        expect(pace.interval).toBeGreaterThan(FIRST_INTERVAL);
    });

    test("repeats the burst that the API accepted at first, then measures the rate", () => {
        const pace = new Pace();
        for (const { at } of Array.from({ length: 20 }, () => pace.turn(1000))) {
            pace.accepted(at);
        }
        pace.refused(1001, 1010, 1000);
        expect(turnsAt(pace, 1010, 21)).toEqual([...Array.from({ length: 20 }, () => 1000), 1050]);
        for (let count = 0; count < 10; count += 1) {
            pace.accepted(2010);
        }
        pace.refused(2011, 2020, 1000);
        // 10 in that second, and a little slower.
        expect(pace.interval).toBeGreaterThan(100);
        expect(pace.interval).toBeLessThan(105);
        expect(turnsAt(pace, 2020, 10)).toEqual([...Array.from({ length: 9 }, () => 1000), 1000 + pace.interval]);
    });

    test("begins with the rate at which requests came by themselves until the first refusal", () => {
        const pace = new Pace();
        for (let at = 1000; at < 3000; at += 20) {
            pace.accepted(pace.turn(at).at);
        }
        pace.refused(2999, 3000, 0);
        expect(pace.interval).toBeGreaterThan(20);
        expect(pace.interval).toBeLessThan(21);
    });

    test("learns nothing from requests that were sent before the last refusal", () => {
        const pace = new Pace();
        pace.refused(1000, 1010, 0);
        pace.accepted(1005);
        expect(pace.interval).toBe(FIRST_INTERVAL);
        pace.accepted(1015);
        expect(pace.interval).toBeLessThan(FIRST_INTERVAL);
    });

    test("has bounds in both directions", () => {
        const pace = new Pace();
        for (let at = 0; at < 100; at += 1) {
            pace.refused(at * 10_000 + 1, at * 10_000 + 2, 0);
        }
        expect(pace.interval).toBe(LONGEST_INTERVAL);
        for (let count = 0; count < 2000; count += 1) {
            pace.accepted(2_000_000);
        }
        expect(pace.interval).toBe(0);
    });
});

describe("under a limit, in simulated time", () => {
    const limits: RateLimited[] = [1, 2, 5, 10, 40].flatMap((perSecond) =>
        [...new Set([1, perSecond])].flatMap((burst) =>
            (["seconds", "none"] as const).flatMap((retryAfter) =>
                [4, 200].map((latencyMs) => ({ perSecond, burst, retryAfter, latencyMs })),
            ),
        ),
    );
    test.each(limits)("400 requests meet at most 40 refusals: %j", (limit) => {
        for (const seed of [1, 2, 3]) {
            const { passed, refused, mostOfOne } = underLimit(limit, 400, seed);
            expect(passed).toBe(400);
            expect(refused).toBeLessThanOrEqual(40);
            expect(mostOfOne).toBeLessThanOrEqual(4);
        }
    });

    test.each(
        [10, 50].flatMap((perSecond) =>
            (["seconds", "none"] as const).flatMap((retryAfter) =>
                [4, 50].map((latencyMs) => ({ perSecond, burst: perSecond, retryAfter, latencyMs })),
            ),
        ),
    )("at most 1.1 times the needed requests use at least 0.9 of the rate: %j", (limit) => {
        for (const seed of [1, 2, 3, 4, 5]) {
            const { passed, refused, seconds } = underLimit(limit, 600, seed);
            expect((passed + refused) / passed).toBeLessThanOrEqual(1.1);
            expect((passed - limit.burst) / seconds / limit.perSecond).toBeGreaterThanOrEqual(0.9);
        }
    });
});

describe("the queue", () => {
    const LATER = { deadline: Number.POSITIVE_INFINITY, isRetry: false };
    /** Tasks that run until they are ended, and the names of those that began. */
    function tasks() {
        const begun: string[] = [];
        const ends = new Map<string, () => void>();
        const task = (name: string) => () => {
            begun.push(name);
            return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
        };
        const end = async (name: string) => {
            ends.get(name)?.();
            await sleep(0);
        };
        return { begun, task, end };
    }

    test("lets as many in as may be under way, then one for each that ends, retries first", async () => {
        const { begun, task, end } = tasks();
        const limiter = new RateLimiter(2);
        const names = ["a", "b", "c", "d"];
        const all = names.map((name) => limiter.run(task(name), { ...LATER, isRetry: name === "d" }));
        await sleep(0);
        expect(begun).toEqual(["a", "b"]);
        for (const name of ["b", "a", "d", "c"]) {
            await end(name);
        }
        expect(begun).toEqual(["a", "b", "d", "c"]);
        expect(await Promise.all(all)).toEqual(names);
    });

    test("goes on after a task that fails", async () => {
        const limiter = new RateLimiter(1);
        await expect(limiter.run(() => Promise.reject(new Error("no")), LATER)).rejects.toThrow("no");
        expect(await limiter.run(async () => "yes", LATER)).toBe("yes");
    });

    test("is left at the deadline, or by a signal, and keeps nobody else", async () => {
        const { begun, task, end } = tasks();
        const limiter = new RateLimiter(1);
        const first = limiter.run(task("a"), LATER);
        const hurried = limiter.run(task("b"), { deadline: performance.now() + 20, isRetry: false });
        const cancel = new AbortController();
        const cancelled = limiter.run(task("c"), { ...LATER, signal: cancel.signal });
        const patient = limiter.run(task("d"), LATER);
        cancel.abort(new Error("cancelled"));
        await expect(cancelled).rejects.toThrow("cancelled");
        await expect(hurried).rejects.toThrow(QueueTimeout);
        await end("a");
        await end("d");
        expect(await Promise.all([first, patient])).toEqual(["a", "d"]);
        expect(begun).toEqual(["a", "d"]);
    });

    test("is left at once where the pace's turn would come too late", async () => {
        const limiter = new RateLimiter(1);
        const now = performance.now();
        limiter.pace.refused(now, now, 60_000);
        const late = { deadline: now + 1000, isRetry: false };
        await expect(limiter.run(async () => "x", late)).rejects.toThrow(QueueTimeout);
        await expect(limiter.run(async () => "x", late)).rejects.toThrow(QueueTimeout);
    });
});
