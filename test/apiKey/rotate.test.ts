import { describe, expect, test } from "vitest";
import type { Properties } from "../../provider/apiKey/context.js";
import { InitializationError } from "../../provider/apiKey/initializationError.js";
import { NoRotationError } from "../../provider/apiKey/rotate.js";
import { expectQuiet, Stack } from "./stack.js";
import { DAY } from "./values.js";

const on = (a: unknown, more: Properties = {}): Properties => ({ rotation: { triggers: { a }, ...more } });
const HOUR = 3_600_000;

/** The bodies of the rotations since the last call. */
function rotationsIn(stack: Stack): readonly { oldSecretExpireTime: string; expireTime?: string }[] {
    return stack.requests().flatMap(({ operation, body }) => (operation === "rotateApiKey" ? [Object(body)] : []));
}

/** The stack holds the secret that works. */
function expectWorking(stack: Stack): void {
    expect(stack.outputs()["apiKey"]).toBe(stack.key.apiKey);
}

describe("A rotation that is due", () => {
    test("of `every` is made once, with a check and a refresh each day for 31 days", async () => {
        const stack = await Stack.start();
        const args = { rotation: { every: "30d" } };
        await stack.up(args);
        stack.requests();
        for (let day = 1; day <= 31; day += 1) {
            stack.pass(1);
            await stack.up(args);
            await stack.refresh();
        }
        expect(stack.writes()).toEqual(["rotateApiKey"]);
        expectWorking(stack);
    });

    test("renews an expiry that was counted, before it ends", async () => {
        const stack = await Stack.start();
        const args = { expiresIn: "30d", rotation: { beforeExpiry: "7d" } };
        await stack.up(args);
        stack.pass(24);
        stack.requests();
        expect(await stack.up(args)).toBe("rotate");
        const [rotation] = rotationsIn(stack);
        expect(Date.parse(rotation?.expireTime ?? "") - stack.now()).toBeGreaterThan(29.9 * DAY);
        expect(stack.key.expireTime).toBe(rotation?.expireTime);
        await expectQuiet(stack, args);
    });

    test("lets the old secret work no longer than it would have anyway", async () => {
        const stack = await Stack.start();
        const args = { expiresIn: "30d", rotation: { beforeExpiry: "1d", overlap: "7d" } };
        await stack.up(args);
        const { expireTime } = stack.key;
        stack.pass(29.5);
        await stack.up(args);
        expect(stack.outputs()["previousSecretExpiresAt"]).toBe(expireTime);
    });

    test("ends the old secret at once with an overlap of 0s, or a minute ahead where the API takes no time that is past", async () => {
        const stack = await Stack.start();
        await stack.up(on(1, { overlap: "0s" }));
        stack.requests();
        stack.emulator.inject({ operation: "rotateApiKey", status: 422 });
        await stack.up(on(2, { overlap: "0s" }));
        const [first, second] = rotationsIn(stack).map(({ oldSecretExpireTime }) => Date.parse(oldSecretExpireTime));
        expect(first).toBeLessThanOrEqual(stack.now());
        expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(60_000);
        expectWorking(stack);
    });

    test("counts the overlap by the server's clock, also where it is the first request of a process", async () => {
        const serverTime = () => Date.now() - 5 * HOUR;
        const stack = await Stack.start({ now: () => new Date(serverTime()) });
        stack.config = { validateAcls: "off" };
        await stack.up(on(1, { overlap: "7d" }));
        stack.requests();
        await stack.up(on(2, { overlap: "7d" }));
        const ends = rotationsIn(stack).map(({ oldSecretExpireTime }) => Date.parse(oldSecretExpireTime));
        expect(ends).toHaveLength(1);
        expect(Math.abs(Number(ends[0]) - serverTime() - 7 * DAY)).toBeLessThan(60_000);
        expectWorking(stack);
    });

    test("gives an expired key a secret where the API takes no time that is past", async () => {
        const stack = await Stack.start();
        const args = (a: number) => ({ ...on(a), expiresIn: "30d" });
        await stack.up(args(1));
        stack.pass(50);
        stack.emulator.inject({ operation: "rotateApiKey", status: 400 });
        await stack.up(args(2));
        expectWorking(stack);
        const [{ expireTime } = { expireTime: "" }] = stack.key.previousApiKeys;
        expect(Date.parse(expireTime) - stack.now()).toBeLessThan(61_000);
        await expectQuiet(stack, args(2));
    });

    test("is not made where the program ignores everything, or the triggers", async () => {
        for (const ignored of ["*", "rotation.triggers"]) {
            const stack = await Stack.start();
            await stack.up(on(1, { every: "30d" }));
            stack.pass(ignored === "*" ? 31 : 1);
            await expectQuiet(stack, on(2, { every: "30d" }), [ignored]);
        }
    });

    test("keeps a drifted expiry that the program ignores", async () => {
        const stack = await Stack.start();
        const args = { expiresIn: "90d", rotation: { every: "30d" } };
        await stack.up(args);
        const drifted = new Date(Date.now() + 200 * DAY).toISOString();
        stack.emulator.changeKey(stack.key.apiKeyId, { expireTime: drifted });
        await stack.refresh();
        stack.pass(31);
        expect(await stack.up(args, ["expireTime"])).toBe("rotate");
        expect(Date.parse(stack.key.expireTime ?? "")).toBe(Date.parse(drifted));
        await expectQuiet(stack, args, ["expireTime"]);
    });
});

describe("A rotation whose wait fails", () => {
    test.each([false, true])("is not made again by the next up; with a refresh between: %s", async (refreshes) => {
        const stack = await Stack.start();
        const args = {
            expiresIn: "90d",
            rotation: { every: "30d" },
            waitForPropagation: true,
            propagationTimeout: "1ms",
        };
        await stack.up(args);
        stack.pass(31);
        stack.requests();
        stack.emulator.setPropagation("never");
        await expect(stack.up(args)).rejects.toThrow(InitializationError);
        expectWorking(stack);
        expect(stack.outputs()).toMatchObject({ pending: ["propagation"] });
        if (refreshes) {
            await stack.refresh();
            expect(await stack.refresh()).toEqual(["search"]);
        }
        stack.emulator.setPropagation(0);
        stack.pass(5);
        expect(await stack.up(args)).toBe("update");
        expect(stack.writes().filter((one) => one === "rotateApiKey")).toHaveLength(1);
        await expectQuiet(stack, args);
        // Whatever was counted in between, the record and the key agree on the expiry.
        const { __rotation: record } = stack.applied();
        expect(Object(record).expireTime).toBe(stack.key.expireTime);
    });

    test("because a field was refused afterwards keeps the new secret, and sends the field again", async () => {
        const stack = await Stack.start();
        await stack.up(on(1));
        stack.emulator.inject({ operation: "updateApiKey", status: 400 });
        await expect(stack.up({ ...on(2), qps: 5 })).rejects.toThrow(InitializationError);
        expectWorking(stack);
        stack.requests();
        expect(await stack.up({ ...on(2), qps: 5 })).toBe("update");
        expect(stack.writes()).toEqual(["updateApiKey"]);
        await expectQuiet(stack, { ...on(2), qps: 5 });
    });
});

describe("A rotation whose answer is lost", () => {
    test.each([{ cut: "after" }, { cut: "before" }, { status: 500 }, { status: 200, body: "{", acts: true }] as const)(
        "is sent once more: %j",
        async (fault) => {
            const stack = await Stack.start();
            await stack.up(on(1));
            stack.requests();
            stack.emulator.inject({ operation: "rotateApiKey", ...fault });
            await stack.up(on(2));
            expect(stack.writes()).toEqual(["rotateApiKey", "rotateApiKey"]);
            expectWorking(stack);
            await expectQuiet(stack, on(2));
        },
    );

    test.each([false, true])(
        "twice keeps the old secret, and the next up rotates; with a refresh between: %s",
        async (refreshes) => {
            const stack = await Stack.start();
            await stack.up(on(1));
            const secret = stack.outputs()["apiKey"];
            stack.emulator.inject({ operation: "rotateApiKey", cut: "after", times: 2 });
            await expect(stack.up(on(2))).rejects.toThrow(
                /"shop-test-search" \(.*\) may have a new secret that no answer held.*then stops working at 20/,
            );
            const kept = { apiKey: secret, pending: ["secret"], previousSecretExpiresAt: expect.any(String) };
            expect(stack.outputs()).toMatchObject(kept);
            if (refreshes) {
                expect(await stack.refresh()).toEqual(["search"]);
                expect(stack.warnings).toEqual([]);
            }
            stack.requests();
            await stack.up(on(2));
            expect(stack.writes()).toEqual(["rotateApiKey"]);
            expectWorking(stack);
            expect(stack.outputs()).not.toHaveProperty("pending");
            await expectQuiet(stack, on(2));
        },
    );

    test("and then refused keeps the secret pending as well", async () => {
        const stack = await Stack.start();
        await stack.up(on(1));
        stack.emulator.inject({ operation: "rotateApiKey", cut: "after" });
        stack.emulator.inject({ operation: "rotateApiKey", status: 403 });
        await expect(stack.up(on(2))).rejects.toThrow(InitializationError);
        expect(stack.outputs()).toMatchObject({ pending: ["secret"] });
    });

    test("and whose answers then hold no secret keeps it pending", async () => {
        const stack = await Stack.start();
        await stack.up(on(1));
        const body = JSON.stringify({ apiKeyId: stack.key.apiKeyId });
        stack.emulator.inject({ operation: "rotateApiKey", acts: true, status: 200, body });
        await expect(stack.up(on(2))).rejects.toThrow("its answer does not hold it");
        expect(stack.outputs()).toMatchObject({ pending: ["secret"] });
    });
});

describe("On a server without a rotate route", () => {
    test.each([404, 405, 501] as const)(
        "a due rotation is an error that says how to replace the key (%i)",
        async (missingRoute) => {
            const stack = await Stack.start({ dialect: { rotation: false, missingRoute } });
            await stack.up(on(1));
            await expect(stack.up(on(2))).rejects.toThrow(NoRotationError);
            await expect(stack.up(on(2))).rejects.toThrow(
                /"shop-test-search" \(.*\) is due for a new secret.*`pulumi up --replace`.*`adoptKeyId` out/,
            );
            await stack.refresh();
            await expectQuiet(stack, on(1));
        },
    );

    test("a pending secret is dropped with a warning once `rotation` is out of the program", async () => {
        const stack = await Stack.start();
        await stack.up(on(1));
        stack.emulator.inject({ operation: "rotateApiKey", cut: "before", times: 2 });
        await expect(stack.up(on(2))).rejects.toThrow(InitializationError);
        stack.emulator.inject({ operation: "rotateApiKey", status: 405, times: 2 });
        await expect(stack.up(on(2))).rejects.toThrow(NoRotationError);
        expect(await stack.up()).toBe("update");
        expect(stack.warnings).toEqual([expect.stringMatching(/"shop-test-search" \(.*\) may have another secret/)]);
        expect(stack.outputs()).not.toHaveProperty("pending");
        await expectQuiet(stack, {});
    });
});

test("A key that somebody else has rotated is warned about by refresh, and a changed trigger takes it back", async () => {
    const stack = await Stack.start();
    await stack.up(on(1));
    stack.emulator.changeKey(stack.key.apiKeyId, { apiKey: "xai-someone-else-has-rotated-it" });
    expect(await stack.refresh()).toEqual([]);
    expect(stack.warnings).toEqual([
        expect.stringMatching(/"shop-test-search" \(.*\) has another secret.*`rotation.triggers`/),
    ]);
    await stack.up(on(2));
    expectWorking(stack);
    await stack.refresh();
    expect(stack.warnings).toEqual([]);
});
