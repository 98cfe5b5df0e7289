import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Emulator } from "xai-management-emulator";
import { read, remove, update } from "../../provider/apiKeyLifecycle.js";
import { stateOutputs } from "../../provider/apiKeyState.js";
import { mayBeHidden } from "../../provider/ownKeys.js";
import { emulate } from "./emulators.js";
import { apiKeyWith } from "./keys.js";
import { BY_NAME, processFor, up } from "./surroundings.js";

const OTHER_USER = "5b3d6a35-5f62-4d1c-8f10-0d5fd3f3c8aa";

describe("a missing key may be hidden", () => {
    const key = (userId: string | null) => apiKeyWith({ userId });

    test.each<[boolean, string, string | undefined, (string | null)[]]>([
        [true, "where no key is shown", "me", []],
        [true, "where only another user's keys are shown", "me", ["you", "you", null]],
        [true, "where no shown key says whose it is", "me", [null]],
        [false, "where keys of the same user are shown", "me", ["me"]],
        [false, "where keys of several users are shown", "me", ["you", "they"]],
        [false, "where it is not known whose it was", undefined, []],
    ])("%s: %s", (hidden, _what, userId, users) => {
        expect(mayBeHidden(userId, users.map(key))).toBe(hidden);
    });

    test("never to who is shown all keys of several users, or its own user's", () => {
        const users = fc.constantFrom("a", "b", "c");
        fc.assert(
            fc.property(users, fc.array(users), (userId, others) => {
                const shown = new Set(others);
                expect(mayBeHidden(userId, others.map(key))).toBe(shown.size < 2 && !shown.has(userId));
            }),
        );
    });

    test("what cannot be read says nothing of its user", () => {
        expect(mayBeHidden("me", [{ apiKeyId: "odd", unreadable: "qps" }])).toBe(true);
    });
});

/** A key of the stack that was made with another user's management key. */
async function othersKey(emulator: Emulator) {
    const outputs = stateOutputs(await up(processFor(emulator), BY_NAME));
    const id = String(outputs["apiKeyId"]);
    emulator.setManagementKey(emulator.managementKey, OTHER_USER);
    emulator.setOwnKeysOnly(true);
    emulator.clearRequests();
    return { id, outputs };
}

const HIDDEN = /seems to be shown only the keys of its own user\. Nothing was concluded\. .*pulumi state delete/;

describe("a management key that is shown only its own user's keys", () => {
    test.each(["no key", "its own keys"])(
        "does not make another's key look gone to a refresh, shown %s",
        async (shown) => {
            const emulator = await emulate();
            const { id, outputs } = await othersKey(emulator);
            if (shown === "its own keys") {
                emulator.addKey({ userId: OTHER_USER });
            }
            const process = processFor(emulator);
            await expect(read(process, id, outputs)).rejects.toThrow(HIDDEN);
            await expect(read(process, id, outputs)).rejects.toThrow(HIDDEN);
            expect(emulator.countRequests()).toMatchObject({ validateManagementKey: 1 });
        },
    );

    test("nor to a delete or an update that the API answers 404", async () => {
        const emulator = await emulate();
        const { id, outputs } = await othersKey(emulator);
        emulator.inject({ operation: "deleteApiKey", status: 404 });
        await expect(remove(processFor(emulator), id, outputs)).rejects.toThrow(HIDDEN);
        emulator.inject({ operation: "updateApiKey", status: 404, times: 2 });
        await expect(update(processFor(emulator), outputs, { ...BY_NAME, qpm: 1 })).rejects.toThrow(HIDDEN);
        expect(emulator.key(id)).toBeDefined();
    });

    test("deletes and updates what the API lets it", async () => {
        const emulator = await emulate();
        const { id, outputs } = await othersKey(emulator);
        expect(await update(processFor(emulator), outputs, { ...BY_NAME, qpm: 1 })).toMatchObject({ qpm: 1 });
        await remove(processFor(emulator), id, outputs);
        expect(emulator.keys()).toEqual([]);
    });

    test.each([404, 405, 501] as const)(
        "is told by the key's propagation where the server has no validation (%i) and shows no key",
        async (missingRoute) => {
            const emulator = await emulate({ dialect: { validation: false, missingRoute } });
            const { id, outputs } = await othersKey(emulator);
            await expect(read(processFor(emulator), id, outputs)).rejects.toThrow(HIDDEN);
            expect(emulator.countRequests()).toMatchObject({ checkApiKeyPropagation: 1 });
            emulator.deleteKey(id);
            expect(await read(processFor(emulator), id, outputs)).toBeUndefined();
            await remove(processFor(emulator), id, outputs);
            // Where it is shown others' keys alone, nothing tells.
            emulator.addKey({ userId: OTHER_USER });
            await expect(read(processFor(emulator), id, outputs)).rejects.toThrow(HIDDEN);
        },
    );

    test("concludes nothing from an HTML page in the place of the propagation", async () => {
        const emulator = await emulate({ dialect: { validation: false } });
        const { id, outputs } = await othersKey(emulator);
        emulator.deleteKey(id);
        emulator.inject({ operation: "checkApiKeyPropagation", status: 404, body: "<html></html>" });
        await expect(read(processFor(emulator), id, outputs)).rejects.toThrow(HIDDEN);
    });

    test("concludes nothing where it cannot be asked whose it is", async () => {
        const emulator = await emulate();
        const { id, outputs } = await othersKey(emulator);
        emulator.inject({ operation: "validateManagementKey", status: 403 });
        await expect(read(processFor(emulator), id, outputs)).rejects.toThrow("403");
    });
});

describe("a key that is gone", () => {
    test("is gone where it was the management key's own user's, after one question a process", async () => {
        const emulator = await emulate({ ownKeysOnly: true });
        const states = await Promise.all([1, 2].map(() => up(processFor(emulator), BY_NAME)));
        for (const { apiKeyId } of states) {
            emulator.deleteKey(apiKeyId);
        }
        emulator.clearRequests();
        const process = processFor(emulator);
        for (const state of states) {
            expect(await read(process, state.apiKeyId, stateOutputs(state))).toBeUndefined();
            await remove(process, state.apiKeyId, stateOutputs(state));
        }
        expect(emulator.countRequests()).toMatchObject({ validateManagementKey: 1 });
    });

    test("is gone after one question about it where the listing shows several users' keys, or its user's", async () => {
        const emulator = await emulate();
        const process = processFor(emulator);
        const [gone, stays] = [await up(process, BY_NAME), await up(process, BY_NAME)];
        emulator.deleteKey(gone.apiKeyId);
        emulator.clearRequests();
        expect(await read(processFor(emulator), gone.apiKeyId, stateOutputs(gone))).toBeUndefined();
        emulator.deleteKey(stays.apiKeyId);
        emulator.addKey();
        emulator.addKey();
        expect(await read(processFor(emulator), gone.apiKeyId, stateOutputs(gone))).toBeUndefined();
        expect(emulator.countRequests()).toEqual({ listApiKeys: 4, checkApiKeyPropagation: 2 });
    });

    test.each(["skips a key", "ends early"] as const)(
        "is not gone where the API knows it, though every listing lacks it: a page %s",
        async (page) => {
            const emulator = await emulate({ dialect: { maxPageSize: 1 } });
            const process = processFor(emulator);
            const states = [await up(process, BY_NAME), await up(process, BY_NAME)];
            const missing = states[page === "skips a key" ? 0 : 1] ?? expect.fail();
            emulator.inject({ operation: "listApiKeys", page, times: Number.POSITIVE_INFINITY });
            const reading = read(processFor(emulator), missing.apiKeyId, stateOutputs(missing));
            await expect(reading).rejects.toThrow(
                "the API knows it: the listing is not complete. Nothing was concluded",
            );
            emulator.clearFaults();
            expect(await read(processFor(emulator), missing.apiKeyId, stateOutputs(missing))).toBeDefined();
        },
    );

    test.each([403, 404, 405, 501])("is gone by two listings where the API may not be asked (%i)", async (status) => {
        const emulator = await emulate();
        const gone = await up(processFor(emulator), BY_NAME);
        emulator.deleteKey(gone.apiKeyId);
        emulator.inject({ operation: "checkApiKeyPropagation", status, times: Number.POSITIVE_INFINITY });
        expect(await read(processFor(emulator), gone.apiKeyId, stateOutputs(gone))).toBeUndefined();
    });
});
