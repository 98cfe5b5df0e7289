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
