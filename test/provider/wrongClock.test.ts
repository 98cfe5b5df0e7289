import { describe, expect, test } from "vitest";
import { lateExpiryWarning } from "../../provider/expiry.js";
import { nextSchedule } from "../../provider/rotationSchedule.js";
import { ClockedStack } from "./clockedStack.js";
import { UNKNOWN } from "./dynamicHost.js";

/** One run by a clock that is wrong must not settle what all later ones do. */

const DAY = 86_400_000;
const NOW = Date.parse("2030-01-01T00:00:00Z");
const iso = (days: number) => new Date(NOW + days * DAY).toISOString();

describe("one run with a clock that is ten years ahead", () => {
    const ARGS = { expiresIn: "90d", rotation: { every: "30d" } };

    test.each(["creates the key", "rotates it"])("that %s does not put off the rotations after it", async (what) => {
        const stack = await ClockedStack.of();
        if (what === "rotates it") {
            await stack.up(ARGS);
        }
        stack.pass(3650);
        await stack.up(ARGS);
        stack.pass(-3650);
        // A refresh neither shows nor changes it.
        expect(await stack.refresh()).toBe(false);
        const preview = await stack.preview(ARGS);
        expect(preview.step).toBe("update");
        expect(preview.inputs["schedule"]).toMatchObject({ since: expect.stringMatching(/^2030-01-01T/) });
        stack.emulator.clearRequests();
        expect(await stack.up(ARGS)).toBe("update");
        expect(stack.writes()).toEqual([]);
        expect(await stack.up(ARGS)).toBe("same");
        expect(stack.warnings).toEqual([
            expect.stringMatching(
                /^The API key expires at 20(39|40)-.*, which is more than `expiresIn` from now: the clock .* change `expiresIn`/,
            ),
        ]);
        stack.pass(31);
        expect(await stack.up(ARGS)).toBe("rotate");
        // With the rotation the expiry is counted anew, too.
        expect(stack.state["expireTime"]).toMatch(/^2030-05-02T/);
        await stack.up(ARGS);
        expect(stack.warnings).toEqual([]);
    });

    test("has its expiry put right by the change that the warning names", async () => {
        const stack = await ClockedStack.of();
        stack.pass(3650);
        await stack.up({ expiresIn: "90d" });
        stack.pass(-3650);
        expect(await stack.up({ expiresIn: "91d" })).toBe("update");
        expect(stack.writes()).toEqual(["createApiKey", "updateApiKey"]);
        expect(stack.key.expireTime).toMatch(/^2030-04-02T/);
        await stack.up({ expiresIn: "91d" });
        expect(stack.warnings).toEqual([]);
    });
});

describe("a day from which `every` is counted", () => {
    const since = (days: number, every: unknown) =>
        nextSchedule(
            { name: "search", schedule: { generation: 3, since: iso(days) } },
            { rotation: { every, triggers: undefined } },
            NOW,
        );

    test.each<[number, unknown]>([
        [0.9, "30d"],
        [1, "30d"],
        [0.04, "1h"],
        [4000, UNKNOWN],
    ])("that is %s days ahead is kept for every %s: clocks differ", (days, every) => {
        expect(since(days, every)).toMatchObject({ generation: 3, since: iso(days) });
    });

    test.each<[number, unknown]>([
        [1.1, "30d"],
        [4000, "30d"],
        [0.05, "1h"],
    ])("that is %s days ahead is today for every %s, and nothing is due", (days, every) => {
        expect(since(days, every)).toEqual({ generation: 3, since: iso(0) });
    });
});

describe("an expiry", () => {
    test.each<[number, unknown]>([
        [90, "90d"],
        [91, "90d"],
        [-5, "90d"],
        [4000, undefined],
        [4000, UNKNOWN],
        [4000, "soon"],
    ])("in %s days is nothing to tell of for `expiresIn` %s", (days, expiresIn) => {
        expect(lateExpiryWarning({ expireTime: iso(days), expiresIn }, "API key", NOW)).toBeUndefined();
    });

    test("that is further off than `expiresIn` is told with the key, the instant, and what to do", () => {
        const inputs = { expireTime: iso(91.1), expiresIn: "90d" };
        expect(lateExpiryWarning(inputs, 'API key "shop-test-search"', NOW)).toMatch(
            /^The API key "shop-test-search" expires at 2030-04-02T.* change `expiresIn` .* `rotation\.triggers`/,
        );
        expect(lateExpiryWarning({ expireTime: iso(0.1), expiresIn: "1h" }, "API key", NOW)).toContain("`expiresIn`");
        expect(lateExpiryWarning({ expireTime: UNKNOWN, expiresIn: "90d" }, "API key", NOW)).toBeUndefined();
    });
});
