import { describe, expect, test } from "vitest";
import type { Dialect, Fault } from "xai-management-emulator";
import { ClockedStack } from "./clockedStack.js";
import { requestsOf } from "./emulators.js";
import { only } from "./stack.js";

const DAY = 86_400_000;
const on = (release: number, more: object = {}) => ({ rotation: { triggers: { release }, ...more } });

/** Checks that the secret in the stack is the one that works, and that nothing is owed or differs. */
async function expectSettled(stack: ClockedStack, args: Readonly<Record<string, unknown>>): Promise<void> {
    expect(stack.key.apiKey).toBe(stack.state["apiKey"]);
    expect(stack.state).not.toHaveProperty("owed");
    expect((await stack.preview(args)).step).toBe("same");
    expect(await stack.refresh()).toBe(false);
}

/** How long after the stack's now the secret before the present one works, in hours, rounded. */
function hoursLeft(stack: ClockedStack): number[] {
    return stack.key.previousApiKeys.map(({ expireTime }) => Math.round((Date.parse(expireTime) - stack.now()) / 36e5));
}

describe("a rotation that is due", () => {
    test("keeps id, name and settings, stores the new secret, and says when the old one ends", async () => {
        const stack = await ClockedStack.of();
        await stack.up(on(1));
        const before = { ...stack.state };
        const { apiKey } = stack.key;
        stack.emulator.clearRequests();
        const preview = await stack.preview(on(2));
        expect(preview.step).toBe("rotate");
        expect(preview.inputs["schedule"]).toMatchObject({ reason: "`rotation.triggers` has changed" });
        expect(await stack.up(on(2))).toBe("rotate");
        expect(stack.writes()).toEqual(["rotateApiKey"]);
        expect(stack.key.previousApiKeys).toEqual([{ apiKey, expireTime: expect.any(String) }]);
        expect(hoursLeft(stack)).toEqual([24]);
        const { rotatedAt, previousSecretExpiresAt, schedule: _, ...rest } = stack.state;
        expect(Date.parse(String(previousSecretExpiresAt)) - Date.parse(String(rotatedAt))).toBeCloseTo(DAY, -4);
        const { schedule: __, ...old } = before;
        expect(rest).toEqual({ ...old, apiKey: stack.key.apiKey, redactedApiKey: expect.any(String) });
        await expectSettled(stack, on(2));
    });

    test("comes each time that `every` has passed, and not between", async () => {
        const stack = await ClockedStack.of();
        const args = { rotation: { every: "30d" } };
        const steps = [];
        for (const days of [0, 29, 2, 1, 28, 300]) {
            stack.pass(days);
            steps.push(await stack.up(args));
        }
        expect(steps).toEqual(["create", "same", "rotate", "same", "rotate", "rotate"]);
        await expectSettled(stack, args);
    });

    test("is made once, whether a refresh stands between or not, and with drift", async () => {
        const stack = await ClockedStack.of();
        const args = { rotation: { every: "30d", triggers: { release: 1 } }, expiresIn: "90d" };
        await stack.up(args);
        stack.pass(31);
        expect(await stack.refresh()).toBe(false);
        expect((await stack.preview(args)).step).toBe("rotate");
        await stack.up(args);
        stack.emulator.changeKey(stack.key.apiKeyId, { qpm: 7 });
        expect(await stack.refresh()).toBe(true);
        expect(stack.inputs).toMatchObject({ expiresIn: "90d", rotation: { every: "30d" } });
        expect(await stack.up(args)).toBe("update");
        expect(requestsOf(stack.emulator, "rotateApiKey")).toHaveLength(1);
        await expectSettled(stack, args);
    });

    test.each([
        ["0s", 0],
        ["5h", 5],
        ["7d", 168],
    ])("lets the old secret work for `overlap`: %s", async (overlap, hours) => {
        const stack = await ClockedStack.of();
        await stack.up(on(1, { overlap }));
        await stack.up(on(2, { overlap }));
        expect(hoursLeft(stack)[0]).toBeCloseTo(hours);
        await expectSettled(stack, on(2, { overlap }));
    });

    test("has the server's clock for the overlap, however wrong this machine's is", async () => {
        const stack = await ClockedStack.of();
        // Nothing else is asked that would tell it.
        stack.config = { validateAcls: "off" };
        await stack.up(on(1));
        await stack.up(on(2));
        expect(hoursLeft(stack)).toEqual([24]);
        expect(Date.parse(String(stack.state["rotatedAt"])) / DAY).toBeCloseTo(stack.now() / DAY, 2);
    });

    test("sends what else changed first, and no expiry that the rotation sets", async () => {
        const stack = await ClockedStack.of();
        await stack.up({ ...on(1), expiresIn: "90d" });
        stack.pass(10);
        stack.emulator.clearRequests();
        await stack.up({ ...on(2), expiresIn: "60d", qpm: 5 });
        expect(stack.writes()).toEqual(["updateApiKey", "rotateApiKey"]);
        expect(only(requestsOf(stack.emulator, "updateApiKey")).body).toMatchObject({ fieldMask: "qpm" });
        expect(stack.key).toMatchObject({ qpm: 5, expireTime: stack.state["expireTime"] });
        expect((Date.parse(String(stack.key.expireTime)) - stack.now()) / DAY).toBeCloseTo(60, 2);
        await expectSettled(stack, { ...on(2), expiresIn: "60d", qpm: 5 });
    });

    test("sends an expiry that the program gives as any change", async () => {
        const stack = await ClockedStack.of();
        await stack.up(on(1));
        const expireTime = "2031-01-01T00:00:00Z";
        await stack.up({ ...on(2), expireTime });
        expect(only(requestsOf(stack.emulator, "updateApiKey")).body).toMatchObject({ fieldMask: "expireTime" });
        expect(only(requestsOf(stack.emulator, "rotateApiKey")).body).not.toHaveProperty("expireTime");
        expect(stack.key.expireTime).toBe(expireTime);
        await expectSettled(stack, { ...on(2), expireTime });
    });

    test("waits until every cluster knows the new secret, and a wait that fails keeps it", async () => {
        const stack = await ClockedStack.of({ propagation: 0 });
        const args = (release: number) => ({ ...on(release), waitForPropagation: true, propagationTimeout: "400ms" });
        await stack.up(args(1));
        const { apiKey } = stack.key;
        stack.emulator.setPropagation("never");
        await expect(stack.up(args(2))).rejects.toThrow("is not known everywhere");
        expect(stack.key.apiKey).not.toBe(apiKey);
        expect(stack.state).toMatchObject({ apiKey: stack.key.apiKey, owed: ["propagation"] });
        stack.emulator.setPropagation(0);
        expect(await stack.up(args(2))).toBe("update");
        expect(requestsOf(stack.emulator, "rotateApiKey")).toHaveLength(1);
        await expectSettled(stack, args(2));
    });

    test.each<Partial<Dialect>>([
        { values: "normalised" },
        { unsetAs: "null", disabledAs: "string", tpmAs: "number", answerSpelling: "acl_strings", redaction: "stars" },
        { updateRoute: "reference", maskSpelling: "snake", unknownMaskPaths: "ignored" },
    ])("is made, and settles, in the dialect %j", async (dialect) => {
        const stack = await ClockedStack.of({ dialect });
        const acls = ["api-key:model:grok-4", "api-key:endpoint:chat"];
        const args = (release: number) => ({ ...on(release), acls, tpm: 5, expiresIn: "90d" });
        await stack.up(args(1));
        stack.pass(20);
        expect(await stack.up({ ...args(2), qpm: 5 })).toBe("rotate");
        expect((Date.parse(String(stack.key.expireTime)) - stack.now()) / DAY).toBeCloseTo(90, 2);
        await expectSettled(stack, { ...args(2), qpm: 5 });
    });

    test("gives the new secret its expiry by an update where the rotation does not", async () => {
        const stack = await ClockedStack.of();
        const args = (release: number) => ({ ...on(release), expiresIn: "90d" });
        await stack.up(args(1));
        stack.pass(20);
        const { apiKeyId, expireTime } = stack.key;
        const body = JSON.stringify({ apiKeyId, name: "search", apiKey: stack.key.apiKey, expireTime });
        stack.emulator.inject({ operation: "rotateApiKey", status: 200, body });
        await stack.up(args(2));
        expect(requestsOf(stack.emulator, "updateApiKey").map(({ body }) => body)).toEqual([
            expect.objectContaining({ fieldMask: "expireTime" }),
        ]);
        expect((Date.parse(String(stack.key.expireTime)) - stack.now()) / DAY).toBeCloseTo(90, 2);
    });
});

describe("what does not rotate", () => {
    test("a key that is new, or gets `every`, or loses its triggers or all of `rotation`", async () => {
        const stack = await ClockedStack.of();
        const all = [{}, { rotation: { every: "30d" } }, on(1, { every: "30d" }), { rotation: { every: "30d" } }, {}];
        const steps = [];
        for (const args of all) {
            steps.push(await stack.up(args));
        }
        expect(steps).toEqual(["create", "update", "rotate", "update", "update"]);
        expect(requestsOf(stack.emulator, "updateApiKey")).toEqual([]);
        await expectSettled(stack, {});
    });

    test("another overlap alone", async () => {
        const stack = await ClockedStack.of();
        await stack.up(on(1));
        stack.emulator.clearRequests();
        // The state keeps it, so that a refresh can give it back.
        expect(await stack.up(on(1, { overlap: "1h" }))).toBe("update");
        expect(stack.writes()).toEqual([]);
        await expectSettled(stack, on(1, { overlap: "1h" }));
    });
});

describe("a rotation whose answer was lost", () => {
    test.each<Fault>([
        { cut: "after" },
        { cut: "before" },
        { status: 500 },
        { status: 502, acts: true },
        { status: 200, body: "{" },
        { cut: "after", times: 2 },
    ])("is made certain by another one: the stored secret is the one that works (%j)", async (fault) => {
        const stack = await ClockedStack.of();
        await stack.up(on(1));
        const { apiKey } = stack.key;
        stack.emulator.inject({ operation: "rotateApiKey", ...fault });
        await stack.up(on(2));
        const first = stack.key.previousApiKeys.find((previous) => previous.apiKey === apiKey);
        expect((Date.parse(first?.expireTime ?? "") - stack.now()) / DAY).toBeCloseTo(1, 2);
        await expectSettled(stack, on(2));
    });

    test("and that acts long after the next one is found out, for the listing is watched as long", async () => {
        const stack = await ClockedStack.of();
        stack.config = { requestTimeout: "1s" };
        await stack.up(on(1));
        stack.emulator.inject({ operation: "rotateApiKey", delayMs: 2000 });
        await stack.up(on(2));
        expect(requestsOf(stack.emulator, "rotateApiKey")).toHaveLength(3);
        await expectSettled(stack, on(2));
    });

    test("every time leaves the secret owed, and the next up rotates once more, with the overlap", async () => {
        const stack = await ClockedStack.of();
        await stack.up(on(1));
        stack.emulator.inject({ operation: "rotateApiKey", cut: "after", times: Number.POSITIVE_INFINITY });
        await expect(stack.up(on(2))).rejects.toThrow(
            /may have a new secret that no answer held: run `pulumi up` again/,
        );
        expect(stack.state).toMatchObject({ owed: ["secret"] });
        stack.emulator.clearFaults();
        // Even where the program no longer asks for it.
        await stack.up(on(1));
        expect(hoursLeft(stack)).toEqual([24, 24, 24, 24]);
        await expectSettled(stack, on(1));
    });

    test.each([404, 405, 501])(
        "leaves the secret owed although the next answer is that there is no route (%i)",
        async (status) => {
            const stack = await ClockedStack.of();
            await stack.up(on(1));
            stack.emulator.inject({ operation: "rotateApiKey", cut: "after" });
            stack.emulator.inject({ operation: "rotateApiKey", status });
            await expect(stack.up(on(2))).rejects.toThrow(/may have a new secret that no answer held/);
            expect(stack.state).toMatchObject({ owed: ["secret"] });
            await stack.up(on(1));
            await expectSettled(stack, on(1));
        },
    );

    test("or held no secret is made again by the next up", async () => {
        const stack = await ClockedStack.of();
        await stack.up(on(1));
        const { apiKeyId } = stack.key;
        const body = JSON.stringify({ apiKeyId, name: "search" });
        stack.emulator.inject({ operation: "rotateApiKey", status: 200, body, acts: true });
        await expect(stack.up(on(2))).rejects.toThrow(`API key ${apiKeyId} has a new secret, but`);
        expect(stack.state).toMatchObject({ owed: ["secret"] });
        await stack.up(on(2));
        await expectSettled(stack, on(2));
    });

    test("but with a readable secret is kept, whatever the rest of the answer is", async () => {
        const stack = await ClockedStack.of();
        const args = (release: number) => ({ ...on(release), expiresIn: "90d" });
        await stack.up(args(1));
        const { apiKeyId } = stack.key;
        const body = JSON.stringify({ apiKeyId, apiKey: "xai-the-new-one", name: 7 });
        stack.emulator.inject({ operation: "rotateApiKey", status: 200, body });
        await stack.up(args(2));
        expect(stack.state).toMatchObject({ apiKey: "xai-the-new-one", rotatedAt: expect.any(String) });
    });
});

describe("a rotation that is refused", () => {
    test("leaves all as it was, and the next up tries again", async () => {
        const stack = await ClockedStack.of();
        await stack.up(on(1));
        const before = { ...stack.state };
        stack.emulator.inject({ operation: "rotateApiKey", status: 403 });
        await expect(stack.up(on(2))).rejects.toThrow("403");
        expect(stack.state).toEqual(before);
        expect(await stack.up(on(2))).toBe("rotate");
        await expectSettled(stack, on(2));
    });

    test("and is asked for no more leaves nothing to do", async () => {
        const stack = await ClockedStack.of();
        await stack.up(on(1));
        stack.emulator.inject({ operation: "rotateApiKey", status: 403 });
        await expect(stack.up(on(2))).rejects.toThrow("403");
        expect(await stack.up(on(1))).toBe("same");
    });

    test("keeps the fields that were written before it", async () => {
        const stack = await ClockedStack.of();
        await stack.up({ ...on(1), expiresIn: "90d" });
        const { expireTime, schedule } = stack.state;
        const args = { ...on(2), qpm: 5, expiresIn: "60d" };
        stack.emulator.inject({ operation: "rotateApiKey", status: 403 });
        await expect(stack.up(args)).rejects.toThrow("403");
        expect(stack.state).toMatchObject({ qpm: 5, apiKey: stack.key.apiKey });
        // What belongs together stays together.
        expect(stack.state).toMatchObject({ expiresIn: "90d", expireTime, schedule });
        stack.emulator.clearRequests();
        expect(await stack.up(args)).toBe("rotate");
        expect(stack.writes()).toEqual(["rotateApiKey"]);
        expect(stack.state).toMatchObject({ expiresIn: "60d" });
        await expectSettled(stack, args);
    });

    test("with the API's time for at once is asked with a minute, and never with the API's day", async () => {
        const stack = await ClockedStack.of();
        await stack.up(on(1, { overlap: "0s" }));
        stack.emulator.inject({ operation: "rotateApiKey", status: 400 });
        await stack.up(on(2, { overlap: "0s" }));
        const [left = 0] = stack.key.previousApiKeys.map(({ expireTime }) => Date.parse(expireTime) - stack.now());
        expect(Math.abs(left - 60_000)).toBeLessThan(5000);
        expect(stack.state["previousSecretExpiresAt"]).toBe(
            new Date(String(only(stack.key.previousApiKeys).expireTime)).toISOString(),
        );
    });
});

describe("a server without rotation", () => {
    test.each([404, 405, 501] as const)("is told with the way out, and other changes are kept (%i)", async (status) => {
        const stack = await ClockedStack.of({ dialect: { rotation: false, missingRoute: status } });
        await stack.up(on(1));
        const { apiKeyId } = stack.key;
        const message = new RegExp(
            `API key ${apiKeyId} is due for a new secret, but this server has no rotation.*--replace`,
        );
        await expect(stack.up(on(2))).rejects.toThrow(message);
        await expect(stack.up({ ...on(2), qpm: 5 })).rejects.toThrow(message);
        expect(stack.state).toMatchObject({ qpm: 5, apiKey: stack.key.apiKey });
        expect(stack.key.qpm).toBe(5);
        // Without the argument nothing is asked of the server.
        expect(await stack.up({ qpm: 5 })).toBe("update");
        await expectSettled(stack, { qpm: 5 });
    });

    test("lets go of a secret that a lost answer left as owed once the program asks for no rotation", async () => {
        const stack = await ClockedStack.of({ dialect: { rotation: false } });
        await stack.up(on(1));
        stack.emulator.inject({ operation: "rotateApiKey", status: 502 });
        await expect(stack.up(on(2))).rejects.toThrow("may have a new secret that no answer held");
        expect(stack.state).toMatchObject({ owed: ["secret"] });
        await expect(stack.up(on(2))).rejects.toThrow("Or take `rotation` out of the program");
        const waits = { waitForPropagation: true };
        stack.emulator.clearRequests();
        expect(await stack.up(waits)).toBe("update");
        expect(stack.writes()).toEqual(["rotateApiKey"]);
        expect(stack.emulator.countRequests()).not.toHaveProperty("checkApiKeyPropagation");
        expect(only(stack.warnings)).toContain(
            `API key ${stack.key.apiKeyId} keeps the secret that the stack has: an earlier rotation was not answered, this server has no rotation (`,
        );
        await expectSettled(stack, waits);
    });

    test("keeps a secret as owed without the argument where an answer is lost again", async () => {
        const stack = await ClockedStack.of({ dialect: { rotation: false } });
        await stack.up(on(1));
        for (const args of [on(2), {}]) {
            stack.emulator.inject({ operation: "rotateApiKey", status: 502 });
            await expect(stack.up(args)).rejects.toThrow("may have a new secret that no answer held");
            expect(stack.state).toMatchObject({ owed: ["secret"] });
        }
    });

    test("is told with `adoptKeyId` out of the program first, for a replacement would be the same key again", async () => {
        const stack = await ClockedStack.of({ dialect: { rotation: false } });
        const { apiKeyId, apiKey } = stack.emulator.addKey({ name: "search" });
        const adopted = { adoptKeyId: apiKeyId, existingSecret: apiKey };
        await stack.up({ ...on(1), ...adopted });
        await expect(stack.up({ ...on(2), ...adopted })).rejects.toThrow(
            /Take `adoptKeyId` and `existingSecret` out of the program, .* Then make the key anew, .*--replace/,
        );
        await expect(stack.up(on(2))).rejects.toThrow(/\). Make the key anew, /);
    });

    test("does not hide that the key is gone", async () => {
        const stack = await ClockedStack.of();
        await stack.up(on(1));
        stack.emulator.deleteKey(stack.key.apiKeyId);
        await expect(stack.up(on(2))).rejects.toThrow(/is no longer in team .* Run `pulumi refresh`/);
    });
});
