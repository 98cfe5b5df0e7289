import { describe, expect, test } from "vitest";
import type { Dialect, Fault } from "xai-management-emulator";
import type { Properties } from "../../provider/apiKey/context.js";
import { InitializationError } from "../../provider/apiKey/initializationError.js";
import { APPLIED } from "../../provider/apiKey/inputs.js";
import { update } from "../../provider/apiKey/update.js";
import { expectQuiet, Stack } from "./stack.js";
import { ACLS } from "./values.js";

const WAITING = { waitForPropagation: true };
const FAR = "2999-01-01T00:00:00Z";
/** The body and the mask of the one update among some requests. */
function updateIn(stack: Stack): { mask: unknown; apiKey: Properties } {
    const [update, ...others] = stack.requests().filter(({ operation }) => operation === "updateApiKey");
    expect(others).toEqual([]);
    const body = Object(update?.body);
    return { mask: body.fieldMask, apiKey: Object(body.apiKey) };
}

describe("A create", () => {
    test("is one POST, one listing, one look-up of models and endpoints, and the checks of propagation", async () => {
        const stack = await Stack.start();
        await stack.up({ ...WAITING, qps: 5, tpm: 1000 });
        expect(stack.emulator.countRequests()).toEqual({
            listModels: 1,
            listEndpoints: 1,
            listApiKeys: 1,
            createApiKey: 1,
            checkApiKeyPropagation: 1,
        });
        const { apiKeyId, apiKey, userId, createTime } = stack.key;
        expect(stack.outputs()).toEqual({
            ...{ apiKeyId, apiKey, userId, createTime, teamId: stack.emulator.teamId },
            ...{ name: "shop-test-search", acls: ACLS, qps: 5, tpm: "1000", disabled: false },
            redactedApiKey: `xai-...${apiKey.slice(-4)}`,
            [APPLIED]: {
                name: "shop-test-search",
                acls: ACLS,
                qps: 5,
                tpm: 1000,
                ...WAITING,
                __rotation: { number: 0 },
            },
        });
        await expectQuiet(stack, { ...WAITING, qps: 5, tpm: 1000 });
    });

    test("of a key that is to be off sends a second request, and does not wait", async () => {
        const stack = await Stack.start({ propagation: "never" });
        await stack.up({ ...WAITING, disabled: true });
        expect(stack.writes()).toEqual(["createApiKey", "updateApiKey"]);
        expect(stack.key.disabled).toBe(true);
        await expectQuiet(stack, { ...WAITING, disabled: true });
    });

    test.each<[string, Fault, Properties, RegExp]>([
        ["the wait", { operation: "checkApiKeyPropagation", status: 403 }, WAITING, /CheckApiKeyPropagation/],
        ["switching it off", { operation: "updateApiKey", status: 403 }, { disabled: true }, /403/],
        ["a bug of the server", { operation: "updateApiKey", body: "{}" }, { disabled: true }, /unexpected shape/],
    ])(
        "that fails at %s keeps the key whole, and the next up goes on, a refresh between or not",
        async (_what, fault, args, words) => {
            for (const refreshes of [false, true]) {
                const stack = await Stack.start();
                stack.emulator.inject(fault);
                await expect(stack.up(args)).rejects.toThrow(words);
                const { apiKey } = stack.key;
                expect(stack.outputs()).toMatchObject({ apiKeyId: stack.key.apiKeyId, apiKey });
                if (refreshes) {
                    await stack.refresh();
                }
                expect(await stack.up(args)).toBe("update");
                expect(stack.emulator.countRequests()).toMatchObject({ createApiKey: 1 });
                expect(stack.outputs()).toMatchObject({ apiKey, disabled: args["disabled"] ?? false });
                expect(stack.outputs()).not.toHaveProperty("pending");
                await expectQuiet(stack, args);
            }
        },
    );

    test("whose wait ends in a server's trouble does not ask whether the key is gone", async () => {
        const stack = await Stack.start();
        stack.config = { maxRetries: "0" };
        stack.emulator.inject({ operation: "checkApiKeyPropagation", status: 503, times: Number.POSITIVE_INFINITY });
        await expect(stack.up({ ...WAITING, propagationTimeout: "1ms" })).rejects.toThrow(/not known everywhere.*503/);
        expect(stack.emulator.countRequests()).toMatchObject({ listApiKeys: 1 });
    });

    test("whose wait the program gives up, or whose key is switched off, waits no longer", async () => {
        for (const change of [{ waitForPropagation: false }, { disabled: true }]) {
            const stack = await Stack.start({ propagation: "never" });
            const args = { ...WAITING, propagationTimeout: "1ms" };
            await expect(stack.up(args)).rejects.toThrow(InitializationError);
            expect(await stack.up({ ...args, ...change })).toBe("update");
            expect(stack.outputs()).not.toHaveProperty("pending");
        }
    });
});

describe("An update", () => {
    test("that the API answers with a third value is an error, and the next diff sees that value", async () => {
        const stack = await Stack.start();
        await stack.up({ qpm: 100 });
        stack.emulator.changeKey(stack.key.apiKeyId, { qpm: 500 });
        stack.emulator.inject({ operation: "updateApiKey", ignoresUpdate: true });
        await expect(stack.up({ qpm: 1000 })).rejects.toThrow(/did not apply `qpm` \(it holds 500\)/);
        expect(stack.outputs()["qpm"]).toBe(500);
        expect(await stack.up({ qpm: 100 })).toBe("update");
        expect(stack.key.qpm).toBe(100);
    });

    test("from an alias to the model's name is applied although nothing moves", async () => {
        const stack = await Stack.start({ dialect: { values: "normalised" } });
        const acls = (model: string) => ({ acls: [`api-key:model:${model}`, "api-key:endpoint:chat"] });
        await stack.up(acls("grok-4-0709"));
        stack.requests();
        expect(await stack.up(acls("grok-4"))).toBe("update");
        await expectQuiet(stack, acls("grok-4"));
        expect(await stack.up(acls("grok-4-0709"))).toBe("update");
        await expectQuiet(stack, acls("grok-4-0709"));
    });

    test("of which the API applied a part keeps that part, refreshes quietly, and sends the rest", async () => {
        const stack = await Stack.start();
        await stack.up({ qps: 1, qpm: 1 });
        const { apiKeyId } = stack.key;
        stack.emulator.inject({
            operation: "updateApiKey",
            status: 200,
            body: JSON.stringify({ apiKeyId, name: "shop-test-search", aclStrings: ACLS, qps: 2, qpm: 1 }),
            times: 2,
        });
        stack.emulator.changeKey(apiKeyId, { qps: 2 });
        await expect(stack.up({ qps: 2, qpm: 2, onDelete: "disable" })).rejects.toThrow(InitializationError);
        expect(stack.applied()).toMatchObject({ qps: 2, qpm: 1 });
        stack.emulator.clearFaults();
        await stack.refresh();
        expect(await stack.refresh()).toEqual([]);
        stack.requests();
        expect(await stack.up({ qps: 2, qpm: 2, onDelete: "disable" })).toBe("update");
        expect(updateIn(stack).mask).toBe("qpm");
        await expectQuiet(stack, { qps: 2, qpm: 2, onDelete: "disable" });
    });

    test("of a key that is gone says so, and the refresh that it asks for leads to a new key", async () => {
        const stack = await Stack.start();
        await stack.up();
        stack.emulator.deleteKey(stack.key.apiKeyId);
        await expect(stack.up({ qps: 5 })).rejects.toThrow(
            /no longer exists: it was deleted outside.*`pulumi refresh`/,
        );
        expect(await stack.refresh()).toEqual(["search"]);
        expect(await stack.up({ qps: 5 })).toBe("create");
    });
});

test("The state of a dynamic resource of the user's own is no key's: the update names the way that works, and sends nothing", async () => {
    const stack = await Stack.start();
    const updated = update(stack.process(), "own", { a: 1 }, { name: "search", acls: ACLS });
    await expect(updated).rejects.toThrow(/alias.*`retainOnDelete: true`.*`adoptKeyId` and `existingSecret`/);
    expect(stack.writes()).toEqual([]);
});

describe("A drift", () => {
    const FIXED = { qps: 1, expireTime: FAR, disabled: false };
    test("that a refresh never saw is found by the next answer, and repaired by the up after it", async () => {
        const stack = await Stack.start();
        await stack.up(FIXED);
        stack.emulator.changeKey(stack.key.apiKeyId, { qps: 7 });
        await stack.up({ ...FIXED, qpm: 5 });
        expect(await stack.up({ ...FIXED, qpm: 5 })).toBe("update");
        expect(stack.key.qps).toBe(1);
        await expectQuiet(stack, { ...FIXED, qpm: 5 });
    });
});

describe("A counted expiry", () => {
    const args = { expiresIn: "90d" };

    test("whose recorded instant has passed is not sent: the error says how to renew it", async () => {
        const stack = await Stack.start();
        await stack.up(args);
        stack.emulator.changeKey(stack.key.apiKeyId, { expireTime: "2999-01-01T00:00:00Z" });
        await stack.refresh();
        stack.pass(100);
        stack.requests();
        await expect(stack.up(args)).rejects.toThrow(
            /"shop-test-search" \(.*\) was to expire at .*Change `expiresIn`.*`rotation.triggers`/,
        );
        expect(stack.writes()).toEqual([]);
        expect(await stack.up({ expiresIn: "80d" })).toBe("update");
    });
});

describe("A key that somebody has switched off", () => {
    const named = expect.stringMatching(/^API key "shop-test-search" \(.*\) is switched off, and stays off/);

    test("stays off, unmanaged: each operation warns, and an update of something else leaves it off", async () => {
        const stack = await Stack.start({ propagation: "never" });
        await stack.up();
        stack.emulator.changeKey(stack.key.apiKeyId, { disabled: true });
        await stack.refresh();
        expect(stack.warnings).toEqual([named]);
        expect(stack.outputs()).toMatchObject({ disabled: true });
        expect(await stack.preview()).toBe("same");
        expect(stack.warnings).toEqual([named]);
        stack.requests();
        await stack.up({ ...WAITING, qps: 5 });
        expect(stack.warnings).toEqual([named]);
        expect(updateIn(stack)).toMatchObject({ mask: "qps", apiKey: { qps: 5 } });
        expect(stack.key.disabled).toBe(true);
        await expectQuiet(stack, { ...WAITING, qps: 5 });
    });

    test("is recorded by the answer to an update, where no refresh saw it", async () => {
        const stack = await Stack.start();
        await stack.up();
        stack.emulator.changeKey(stack.key.apiKeyId, { disabled: true });
        await stack.up({ qps: 5 });
        expect(stack.warnings).toEqual([named]);
        expect(stack.outputs()).toMatchObject({ disabled: true });
    });

    test("is switched on by an explicit `disabled: false` alone, after the rotation, and is waited for", async () => {
        const stack = await Stack.start();
        const on = (a: number) => ({ ...WAITING, rotation: { triggers: { a }, overlap: "0s" } });
        await stack.up(on(1));
        stack.emulator.changeKey(stack.key.apiKeyId, { disabled: true });
        await stack.refresh();
        stack.requests();
        await stack.up({ ...on(2), disabled: false });
        const sent = stack.requests().map(({ operation }) => operation);
        expect(sent.slice(2)).toEqual(["rotateApiKey", "updateApiKey", "checkApiKeyPropagation"]);
        expect(stack.key.disabled).toBe(false);
        await expectQuiet(stack, { ...on(2), disabled: false });
    });
});

test.each<Partial<Dialect>>([
    { updateRoute: "guide", maskSpelling: "camel" },
    { updateRoute: "guide", maskSpelling: "snake", unknownMaskPaths: "ignored", answerSpelling: "acl_strings" },
    { updateRoute: "reference", maskSpelling: "camel", disabledAs: "string", unsetAs: "null", redaction: "stars" },
    { updateRoute: "reference", maskSpelling: "snake", unknownMaskPaths: "ignored", tpmAs: "number" },
    { missingRoute: 405, updateRoute: "reference", values: "normalised", maxPageSize: 1, errorBody: "error.message" },
    { missingRoute: 501, updateRoute: "guide", rotation: false, validation: false, errorBody: "text" },
])("A key's whole life in the dialect %j", async (dialect) => {
    const stack = await Stack.start({ dialect });
    stack.emulator.addKey();
    const first = { acls: ["api-key:model:grok-4", "api-key:endpoint:chat"], qps: 5, tpm: 1000 };
    const second = {
        ...{ acls: ["api-key:endpoint:chat", "api-key:model:grok-3"], name: " other ", tpm: "2000", qpm: 6 },
        expireTime: "2999-01-01T02:00:00+02:00",
        disabled: true,
    };
    for (const args of [first, second, { ...second, disabled: false }, first]) {
        await stack.up(args);
        await expectQuiet(stack, args);
    }
    const [, { apiKeyId } = { apiKeyId: "" }] = stack.emulator.keys();
    stack.emulator.changeKey(apiKeyId, { qps: null, acls: ["api-key:model:*"], name: "drifted" });
    expect(await stack.refresh()).toEqual(["search"]);
    expect(await stack.up(first)).toBe("update");
    await expectQuiet(stack, first);
    expect(await stack.up({ ...first, acls: second.acls })).toBe("update");
    await stack.destroy();
    expect(stack.emulator.keys()).toHaveLength(1);
});
