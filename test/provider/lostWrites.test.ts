import { describe, expect, test } from "vitest";
import type { Emulator, EmulatorOptions, Fault } from "xai-management-emulator";
import { remove, update } from "../../provider/apiKeyLifecycle.js";
import { stateOutputs } from "../../provider/apiKeyState.js";
import { emulate } from "./emulators.js";
import { only } from "./stack.js";
import { BY_NAME, processFor, up } from "./surroundings.js";

/** A key of an earlier process, and a process whose requests are sent once. */
async function withKey(options: EmulatorOptions = {}) {
    const emulator = await emulate(options);
    const outputs = stateOutputs(await up(processFor(emulator), BY_NAME));
    const id = String(outputs["apiKeyId"]);
    emulator.clearRequests();
    const process = processFor(emulator, { maxRetries: "0", requestTimeout: "300ms" });
    return { emulator, outputs, id, process };
}

type Answer = Omit<Fault, "operation">;
const LATE: Answer = { delayMs: 600 };
/** Answers that leave it open, from a server that has acted. */
const UNCLEAR: Answer[] = [
    { cut: "after" },
    { status: 504, acts: true },
    { status: 200, body: "<html></html>", acts: true },
    { cut: "in body" },
    { stall: "after headers" },
];
const inject = (emulator: Emulator, operation: NonNullable<Fault["operation"]>, answer: Answer) =>
    emulator.inject({ operation, times: 9, ...answer });

describe("an update whose answer was lost", () => {
    const changed = {
        ...BY_NAME,
        name: " renamed",
        acls: ["api-key:model:grok-4", "api-key:endpoint:chat"],
        qpm: 7,
        tpm: 9,
        expireTime: "2999-01-01T01:00:00+01:00",
        disabled: true,
    };

    test.each(UNCLEAR)("is done where the listing shows all that it changed (%j)", async (answer) => {
        for (const values of ["kept", "normalised"] as const) {
            const { emulator, outputs, process } = await withKey({ dialect: { values } });
            inject(emulator, "updateApiKey", answer);
            const state = await update(process, outputs, changed);
            emulator.clearFaults();
            expect(state).toMatchObject({ qpm: 7, tpm: "9", disabled: true, apiKey: only(emulator.keys()).apiKey });
            emulator.clearRequests();
            await update(processFor(emulator), stateOutputs(state), changed);
            expect(emulator.countRequests()).toEqual({});
        }
    });

    test.each<Answer>([{ cut: "before" }, { status: 500 }, { status: 200, body: "{" }, LATE])(
        "is the error that it was where the listing shows anything old (%j)",
        async (answer) => {
            const { emulator, outputs, process } = await withKey();
            inject(emulator, "updateApiKey", answer);
            await expect(update(process, outputs, { ...BY_NAME, qpm: 7, qps: 1 })).rejects.toThrow(
                /^Could not update qps, qpm of API key/,
            );
            expect(emulator.countRequests()).toMatchObject({ listApiKeys: 1 });
        },
    );

    test("is the error that it was where some of it is not to be seen", async () => {
        const { emulator, outputs, id, process } = await withKey();
        inject(emulator, "updateApiKey", { status: 500 });
        emulator.changeKey(id, { qpm: 7 });
        await expect(update(process, outputs, { ...BY_NAME, qpm: 7, qps: 1 })).rejects.toThrow("500");
    });

    test("is the error that it was where the listing fails, and where the key is not in it", async () => {
        const { emulator, outputs, id, process } = await withKey();
        inject(emulator, "updateApiKey", { cut: "after" });
        inject(emulator, "listApiKeys", { status: 403, times: 1 });
        await expect(update(process, outputs, { ...BY_NAME, qpm: 7 })).rejects.toThrow(/^Could not update qpm/);
        emulator.deleteKey(id);
        await expect(update(process, outputs, { ...BY_NAME, qpm: 7 })).rejects.toThrow(/^Could not update qpm/);
    });

    test("is not looked for where it was refused", async () => {
        const { emulator, outputs, process } = await withKey();
        inject(emulator, "updateApiKey", { status: 400 });
        await expect(update(process, outputs, { ...BY_NAME, qpm: 7 })).rejects.toThrow("400");
        expect(emulator.countRequests()).not.toHaveProperty("listApiKeys");
    });
});

describe("a delete that switches off and leaves the key", () => {
    const KEPT = { onDelete: "disable" };

    test.each(UNCLEAR)("is done where the listing shows it off, its answer lost (%j)", async (answer) => {
        const { emulator, outputs, id, process } = await withKey();
        inject(emulator, "updateApiKey", answer);
        await remove(process, id, { ...outputs, ...KEPT });
        expect(emulator.key(id)).toMatchObject({ disabled: true });
        expect(emulator.countRequests()).toMatchObject({ updateApiKey: 1, listApiKeys: 1 });
    });

    test.each<Answer>([{ cut: "before" }, { status: 500 }, LATE, { ignoresUpdate: true }, { status: 403 }])(
        "is the error that it was where it did not act (%j)",
        async (answer) => {
            const { emulator, outputs, id, process } = await withKey();
            inject(emulator, "updateApiKey", answer);
            await expect(remove(process, id, { ...outputs, ...KEPT })).rejects.toThrow(id);
            expect(emulator.key(id)).toMatchObject({ disabled: false });
        },
    );

    test("switches off what someone has switched on since, although the state says that it is off", async () => {
        const { emulator, outputs, id, process } = await withKey();
        const off = { ...outputs, ...KEPT, disabled: true };
        await remove(process, id, off);
        expect(emulator.key(id)).toMatchObject({ disabled: true });
        emulator.changeKey(id, { disabled: false });
        inject(emulator, "updateApiKey", { ignoresUpdate: true });
        await expect(remove(process, id, off)).rejects.toThrow("`disabled` still has its old value");
    });

    test.each([
        ["guide", 404],
        ["guide", 405],
        ["reference", 501],
        ["both", 404],
    ] as const)("is done for a key that is gone: %s route, others %i", async (updateRoute, missingRoute) => {
        const { emulator, outputs, id, process } = await withKey({ dialect: { updateRoute, missingRoute } });
        emulator.deleteKey(id);
        await remove(process, id, { ...outputs, ...KEPT });
        expect(emulator.countRequests()["listApiKeys"]).toBeGreaterThan(0);
    });

    test("is done for a key that is gone where the answer leaves it open, and two listings lack it", async () => {
        const { emulator, outputs, id, process } = await withKey();
        emulator.deleteKey(id);
        inject(emulator, "updateApiKey", { status: 500 });
        await remove(process, id, { ...outputs, ...KEPT });
        expect(emulator.countRequests()).toMatchObject({ updateApiKey: 1, listApiKeys: 3 });
    });

    test("is not taken for done where this management key may not be shown the key, nor where a proxy says 404", async () => {
        const { emulator, outputs, id, process } = await withKey();
        inject(emulator, "updateApiKey", { status: 404, body: "<html></html>", contentType: "text/html" });
        await expect(remove(process, id, { ...outputs, ...KEPT })).rejects.toThrow("404");
        emulator.clearFaults();
        emulator.deleteKey(id);
        emulator.setManagementKey(emulator.managementKey, "5b3d6a35-5f62-4d1c-8f10-0d5fd3f3c8aa");
        emulator.setOwnKeysOnly(true);
        const restricted = remove(processFor(emulator, { maxRetries: "0" }), id, { ...outputs, ...KEPT });
        await expect(restricted).rejects.toThrow("seems to be shown only the keys of its own user");
    });
});

describe("a delete whose answer was lost", () => {
    test.each(UNCLEAR)("is done where two listings lack the key (%j)", async (answer) => {
        const { emulator, outputs, id, process } = await withKey();
        emulator.inject({ operation: "deleteApiKey", ...answer });
        await remove(process, id, outputs);
        expect(emulator.keys()).toEqual([]);
        expect(emulator.countRequests()).toMatchObject({ deleteApiKey: 1, listApiKeys: 2 });
    });

    test.each<Answer>([{ cut: "before" }, { status: 500 }, LATE])(
        "is the error that it was where a listing has the key (%j)",
        async (answer) => {
            const { emulator, outputs, id, process } = await withKey();
            emulator.inject({ operation: "deleteApiKey", ...answer });
            await expect(remove(process, id, outputs)).rejects.toThrow(/^Could not delete API key/);
        },
    );

    test("is the error that it was where only the first listing lacks it, and where a listing fails", async () => {
        const { emulator, outputs, id, process } = await withKey();
        emulator.inject({ operation: "deleteApiKey", status: 500, times: 2 });
        emulator.inject({ operation: "listApiKeys", page: "skips a key" });
        await expect(remove(process, id, outputs)).rejects.toThrow("500");
        emulator.clearRequests();
        emulator.inject({ operation: "listApiKeys", status: 503, after: 0 });
        await expect(remove(process, id, outputs)).rejects.toThrow("500");
        expect(emulator.keys()).toHaveLength(1);
    });

    test("is the error that it was where this management key may not be shown the key", async () => {
        const { emulator, outputs, id } = await withKey();
        emulator.setManagementKey(emulator.managementKey, "5b3d6a35-5f62-4d1c-8f10-0d5fd3f3c8aa");
        emulator.setOwnKeysOnly(true);
        inject(emulator, "deleteApiKey", { status: 500 });
        await expect(remove(processFor(emulator, { maxRetries: "0" }), id, outputs)).rejects.toThrow("500");
    });

    test("of twenty keys at once is made certain by few listings", async () => {
        const emulator = await emulate();
        const first = processFor(emulator);
        const states = await Promise.all(Array.from({ length: 20 }, () => up(first, BY_NAME)));
        emulator.clearRequests();
        inject(emulator, "deleteApiKey", { cut: "after", times: 20 });
        const process = processFor(emulator, { maxRetries: "0", maxConcurrency: "20" });
        await Promise.all(states.map((state) => remove(process, state.apiKeyId, stateOutputs(state))));
        expect(emulator.keys()).toEqual([]);
        expect(emulator.countRequests()["listApiKeys"]).toBeLessThan(10);
    });
});
