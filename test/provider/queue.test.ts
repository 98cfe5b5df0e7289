import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { Pace } from "../../provider/api/pace.js";
import { Queue, TurnMissed } from "../../provider/api/queue.js";

const inMs = (milliseconds: number) => performance.now() + milliseconds;
const LATER = { deadline: Number.POSITIVE_INFINITY, again: false };

/** A task that runs until it is told to end, and what ran. */
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

describe("the queue", () => {
    test("lets in as many as there are lanes, then one for each that ends, the first first", async () => {
        const { begun, task, end } = tasks();
        const queue = new Queue(2, new Pace());
        const all = Promise.all(["a", "b", "c", "d"].map((name) => queue.run(task(name), LATER)));
        await sleep(0);
        expect(begun).toEqual(["a", "b"]);
        await end("b");
        expect(begun).toEqual(["a", "b", "c"]);
        await end("a");
        await end("c");
        await end("d");
        expect(await all).toEqual(["a", "b", "c", "d"]);
    });

    test("lets what was sent before go first", async () => {
        const { begun, task, end } = tasks();
        const queue = new Queue(1, new Pace());
        const all = ["a", "b", "c"].map((name) => queue.run(task(name), { ...LATER, again: name === "c" }));
        await sleep(0);
        await end("a");
        await end("c");
        await end("b");
        expect(begun).toEqual(["a", "c", "b"]);
        await Promise.all(all);
    });

    test("goes on after a task that fails", async () => {
        const queue = new Queue(1, new Pace());
        await expect(queue.run(() => Promise.reject(new Error("no")), LATER)).rejects.toThrow("no");
        expect(await queue.run(async () => "yes", LATER)).toBe("yes");
    });

    test("does not keep who waits for others longer than they may wait", async () => {
        const { begun, task, end } = tasks();
        const queue = new Queue(1, new Pace());
        const first = queue.run(task("a"), LATER);
        const hurried = queue.run(task("b"), { deadline: inMs(20), again: false });
        const patient = queue.run(task("c"), LATER);
        await expect(hurried).rejects.toMatchObject({ behind: "others" });
        await end("a");
        await end("c");
        expect(await Promise.all([first, patient])).toEqual(["a", "c"]);
        expect(begun).toEqual(["a", "c"]);
    });

    test("does not begin a wait for the rate that would be too long, and gives the lane back", async () => {
        const pace = new Pace();
        pace.refused(performance.now(), performance.now(), 60_000);
        const queue = new Queue(1, pace);
        for (let tries = 0; tries < 2; tries += 1) {
            const failure = await queue.run(async () => "sent", { deadline: inMs(5000), again: false }).catch((e) => e);
            expect(failure).toBeInstanceOf(TurnMissed);
            expect(failure).toMatchObject({ behind: "rate" });
        }
    });

    test("sends nobody whose turn a refusal has voided meanwhile", async () => {
        const pace = new Pace();
        const now = performance.now();
        pace.refused(now - 1, now, 10);
        const queue = new Queue(1, pace);
        let sentAt = 0;
        const sent = queue.run(async () => {
            sentAt = performance.now();
        }, LATER);
        await sleep(1);
        const again = performance.now();
        pace.refused(again, again, 150);
        await sent;
        expect(sentAt).toBeGreaterThanOrEqual(again + 149);
    });

    test("can be waited in for longer than timers reach", async () => {
        const { task, end } = tasks();
        const queue = new Queue(1, new Pace());
        const all = ["a", "b"].map((name) => queue.run(task(name), { deadline: inMs(90 * 86_400_000), again: false }));
        await sleep(0);
        await end("a");
        await end("b");
        expect(await Promise.all(all)).toEqual(["a", "b"]);
    });
});
