import { describe, expect, test } from "vitest";
import type { EmulatorOptions, Fault, StoredKey } from "xai-management-emulator";
import { check } from "../../provider/apiKeyCheck.js";
import { create, diff, remove, update } from "../../provider/apiKeyLifecycle.js";
import { stateOutputs } from "../../provider/apiKeyState.js";
import { digestOf } from "../../provider/digest.js";
import { emulate, requestsOf } from "./emulators.js";
import { only } from "./stack.js";
import { BY_NAME, keptBy, type Process, processFor } from "./surroundings.js";

/** A key that someone made by hand with the settings of {@link BY_NAME}, and a process that is to take it over. */
async function withKey(options: EmulatorOptions = {}, key: Partial<StoredKey> = {}, config = {}) {
    const emulator = await emulate(options);
    const there = emulator.addKey({ name: "search", acls: ["api-key:model:grok-3", "api-key:endpoint:chat"], ...key });
    const process = processFor(emulator, config);
    return { emulator, there, process, args: { ...BY_NAME, adoptKeyId: there.apiKeyId } };
}

async function checked(process: Process, args: Record<string, unknown>) {
    return (await check(process, {}, args, Date.now())).failures;
}

const inTrouble = { maxRetries: "0", requestTimeout: "300ms" };

describe("a preview of a take-over", () => {
    test("asks for one listing, whatever the number of keys, and create for none more", async () => {
        const { emulator, process, there, args } = await withKey();
        const other = emulator.addKey({ name: "search" });
        expect(await checked(process, args)).toEqual([]);
        expect(await checked(process, { ...args, adoptKeyId: other.apiKeyId })).toEqual([]);
        await create(process, { ...args, existingSecret: there.apiKey });
        await create(process, { ...args, adoptKeyId: other.apiKeyId });
        expect(emulator.countRequests()).toMatchObject({ listApiKeys: 1, rotateApiKey: 1 });
        expect(process.warnings).toHaveLength(3);
    });

    test.each<[string, Fault, string]>([
        ["forbidden", { status: 403 }, "was not found out. Could not list the API keys"],
        ["in trouble", { status: 503 }, "was not found out. Could not list the API keys"],
    ])("goes on with a warning where the listing is %s", async (_what, fault, said) => {
        const { emulator, process, args } = await withKey({}, {}, inTrouble);
        emulator.inject({ operation: "listApiKeys", times: 9, ...fault });
        expect(await checked(process, args)).toEqual([]);
        expect(only(process.warnings)).toContain(said);
    });

    test("fails where the management key is refused, as every other look-up's check does", async () => {
        const { emulator, process, args } = await withKey({}, {}, { validateAcls: "off" });
        emulator.inject({ operation: "listApiKeys", status: 401 });
        expect(await checked(process, args)).toEqual([
            { property: "", reason: expect.stringContaining("the API answered 401") },
        ]);
        expect(process.warnings).toEqual([]);
    });

    test("goes on with a warning where the key cannot be read", async () => {
        const { emulator, process, there, args } = await withKey({}, {}, inTrouble);
        const body = JSON.stringify({ apiKeys: [{ apiKeyId: there.apiKeyId, name: 5 }] });
        emulator.inject({ operation: "listApiKeys", times: 9, status: 200, body });
        expect(await checked(process, args)).toEqual([]);
        expect(only(process.warnings)).toContain("unexpected shape");
    });

    test("looks nothing up where there is no management key, or something else is wrong", async () => {
        const { emulator, args } = await withKey();
        expect(await checked(processFor(emulator, { managementKey: "" }), args)).toEqual([]);
        expect(await checked(processFor(emulator), { ...args, qps: 0 })).toHaveLength(1);
        expect(emulator.countRequests()).not.toHaveProperty("listApiKeys");
    });

    test("names the team of a key that another known team has", async () => {
        const other = "6e1f4b8e-7d64-43b5-9f4b-2f4b2f6c3a10";
        for (const known of [{}, { teamId: "" }]) {
            const { emulator, process, args } = await withKey({ otherTeams: [other] }, {}, known);
            expect(only(await checked(process, { ...args, teamId: other })).reason).toContain(
                `belongs to team ${emulator.teamId}, and cannot be taken over in team ${other}`,
            );
        }
    });

    test("does not say another team's key to be none", async () => {
        const other = "6e1f4b8e-7d64-43b5-9f4b-2f4b2f6c3a10";
        const { process, args } = await withKey({ otherTeams: [other] }, { teamId: other });
        expect(only(await checked(process, args)).reason).toContain("but the API knows it: it belongs to another team");
    });

    test("does not say a key to be none, or another team's for certain, that the listings leave out", async () => {
        const { emulator, process, args } = await withKey();
        emulator.inject({ operation: "listApiKeys", page: "skips a key", times: 2 });
        const { reason } = only(await checked(process, args));
        expect(reason).toContain("or the listing is not complete");
        expect(reason).toContain("where it is this team's, run again");
    });
});

describe("a take-over by rotation", () => {
    test("leaves a day by the server's clock, and the expiry alone", async () => {
        const now = new Date("2031-05-01T12:00:00Z");
        const { emulator, there, process, args } = await withKey(
            { now: () => now },
            { expireTime: "2032-01-01T00:00:00Z" },
        );
        const state = await create(process, { ...args, expireTime: "2032-01-01T00:00:00Z" });
        const { body } = only(requestsOf(emulator, "rotateApiKey"));
        expect(Object.keys(Object(body))).toEqual(["oldSecretExpireTime"]);
        const left = Date.parse(String(state.previousSecretExpiresAt)) - now.getTime();
        expect(Math.abs(left - 24 * 60 * 60_000)).toBeLessThan(5_000);
        expect(state).toMatchObject({
            apiKey: emulator.key(there.apiKeyId)?.apiKey,
            expireTime: "2032-01-01T00:00:00Z",
        });
        expect(emulator.countRequests()).not.toHaveProperty("updateApiKey");
    });

    test.each<Omit<Fault, "operation">>([{ cut: "after" }, { status: 504, acts: true }, { cut: "in body" }])(
        "that is lost once is made certain (%j)",
        async (answer) => {
            const { emulator, there, process, args } = await withKey({}, {}, inTrouble);
            emulator.inject({ operation: "rotateApiKey", ...answer });
            const state = await create(process, args);
            expect(state.apiKey).toBe(emulator.key(there.apiKeyId)?.apiKey);
            expect(emulator.countRequests()).toMatchObject({ rotateApiKey: 2 });
        },
    );

    test("that is lost for good is kept by nobody, and the next run leaves the old secret its day", async () => {
        const { emulator, there, process, args } = await withKey({}, {}, inTrouble);
        emulator.inject({ operation: "rotateApiKey", cut: "after", times: 3 });
        const failure = await create(process, args).catch((error: unknown) => error);
        expect(failure).toMatchObject({ message: expect.stringContaining("run `pulumi up` again") });
        expect(failure).toMatchObject({
            message: expect.stringMatching(/It is not in the stack yet; .* goes on working for 24 hours\.$/),
        });
        expect(failure).not.toHaveProperty("state");
        const state = await create(processFor(emulator), args);
        const after = emulator.key(there.apiKeyId);
        expect(state.apiKey).toBe(after?.apiKey);
        const old = after?.previousApiKeys.find(({ apiKey }) => apiKey === there.apiKey);
        expect(Date.parse(old?.expireTime ?? "") - Date.now()).toBeGreaterThan(23 * 60 * 60_000);
    });

    test("that is lost before an answer says that there is no route does not say that nothing was changed", async () => {
        const { emulator, process, args } = await withKey({}, {}, inTrouble);
        emulator.inject({ operation: "rotateApiKey", cut: "after" });
        emulator.inject({ operation: "rotateApiKey", status: 404 });
        await expect(create(process, args)).rejects.toThrow(/may have a new secret .* It is not in the stack yet/);
    });

    test("whose answer holds no secret says that the old one ends", async () => {
        const { emulator, there, process, args } = await withKey();
        const body = JSON.stringify({ apiKeyId: there.apiKeyId });
        emulator.inject({ operation: "rotateApiKey", acts: true, status: 200, body });
        await expect(create(process, args)).rejects.toThrow("its answer does not hold it. The secret that it had");
    });

    test.each([404, 405, 501] as const)("asks for the secret where there is none (%i)", async (missingRoute) => {
        const { emulator, there, process, args } = await withKey({ dialect: { rotation: false, missingRoute } });
        await expect(create(process, { ...args, qpm: 9 })).rejects.toThrow(
            new RegExp(`\\(the API answered ${missingRoute}.*\\)\\. Nothing was changed\\. Give its secret`),
        );
        expect(emulator.key(there.apiKeyId)).toEqual(there);
    });

    test("owes the wait only where one is wanted, and a failed update keeps both", async () => {
        const { emulator, process, args } = await withKey({ propagation: "never" }, {}, inTrouble);
        emulator.inject({ operation: "updateApiKey", status: 403 });
        const waits = { ...args, qpm: 9, waitForPropagation: true, propagationTimeout: "50ms" };
        const { state } = await keptBy(create(process, waits));
        expect(state).toMatchObject({ owed: ["propagation"], apiKey: only(emulator.keys()).apiKey });
        expect(state.qpm).toBeUndefined();
        emulator.setPropagation(0);
        const done = await update(processFor(emulator), stateOutputs(state), waits);
        expect(done).toMatchObject({ qpm: 9, apiKey: state.apiKey });
        expect(done.owed).toBeUndefined();
    });
});

test("a take-over of a key that is to be rotated counts from now on, and is followed by quiet", async () => {
    const { emulator, there, process, args } = await withKey();
    const given = {
        ...args,
        existingSecret: there.apiKey,
        expiresIn: "90d",
        rotation: { every: "30d", triggers: { a: 1 } },
    };
    const { inputs, failures } = await check(process, {}, given, Date.now());
    expect(failures).toEqual([]);
    const state = await create(process, inputs);
    expect(state).toMatchObject({
        apiKey: there.apiKey,
        schedule: { generation: 0, expiresIn: digestOf(String(90 * 86_400_000)) },
    });
    expect(emulator.key(there.apiKeyId)?.expireTime).toBe(state.schedule?.expireTime);
    const again = await check(processFor(emulator), inputs, given, Date.now());
    expect(diff(stateOutputs(state), again.inputs)).toMatchObject({ changes: false, rotates: false });
});

describe("a take-over with the secret", () => {
    test("waits for nothing, and a lost update is made certain", async () => {
        const { emulator, there, process, args } = await withKey(
            { propagation: "never" },
            { disabled: true },
            inTrouble,
        );
        emulator.inject({ operation: "updateApiKey", cut: "after" });
        const given = { ...args, waitForPropagation: true, existingSecret: there.apiKey };
        const state = await create(process, given);
        expect(state).toMatchObject({ apiKey: there.apiKey, disabled: false });
        expect(state.owed).toBeUndefined();
        expect(Object.keys(stateOutputs(state))).not.toContain("existingSecret");
        expect(emulator.countRequests()).toMatchObject({ updateApiKey: 1 });
        expect(emulator.countRequests()).not.toHaveProperty("rotateApiKey");
    });

    test("that is not this key's is refused before anything is done", async () => {
        const { emulator, there, process, args } = await withKey();
        const wrong = create(process, { ...args, qpm: 9, existingSecret: `xai-${"0".repeat(79)}!` });
        await expect(wrong).rejects.toThrow(`is not the secret of API key ${there.apiKeyId}`);
        expect(emulator.key(there.apiKeyId)).toEqual(there);
    });

    test("keeps the key where the update fails", async () => {
        const { emulator, there, process, args } = await withKey({}, {}, inTrouble);
        emulator.inject({ operation: "updateApiKey", status: 400 });
        const { state, message } = await keptBy(create(process, { ...args, qpm: 9, existingSecret: there.apiKey }));
        expect(state).toMatchObject({ apiKeyId: there.apiKeyId, apiKey: there.apiKey });
        expect(message).toMatch(
            /^Could not update .* exists and is kept in the stack, with the settings that it has: /,
        );
    });

    test("of a key that is deleted meanwhile says that, and not the team, which may be a secret", async () => {
        const { emulator, there, process, args } = await withKey();
        expect(await checked(process, args)).toEqual([]);
        emulator.addKey({ userId: there.userId });
        emulator.deleteKey(there.apiKeyId);
        const { message } = await keptBy(create(process, { ...args, qpm: 9, existingSecret: there.apiKey }));
        expect(message).toContain(`API key ${there.apiKeyId} is no longer in its team: it was deleted`);
        expect(message).not.toContain("is kept in the stack");
        expect(message).not.toContain(emulator.teamId);
    });
});

test("a key that a resource was seen to hold after the check is not taken over", async () => {
    const { emulator, there, process, args } = await withKey();
    expect(await checked(process, args)).toEqual([]);
    const { adoptions } = process.session.claims;
    adoptions.checked("other", false, BY_NAME);
    expect(adoptions.compared(there.apiKeyId, { apiKey: "secret" }, BY_NAME, false)).toContain("is this resource's");
    await expect(create(process, args)).rejects.toThrow("is held by a resource of this stack already");
    expect(emulator.key(there.apiKeyId)).toEqual(there);
});

test("a delete leaves a key to the resource that has taken it over in the same process, and to no other", async () => {
    const { emulator, there, process, args } = await withKey();
    expect(await checked(process, args)).toEqual([]);
    const state = await create(process, { ...args, existingSecret: there.apiKey });
    process.warnings.length = 0;
    await remove(process, there.apiKeyId, stateOutputs(state));
    await remove(process, there.apiKeyId, { ...stateOutputs(state), onDelete: "disable" });
    expect(emulator.key(there.apiKeyId)).toMatchObject({ disabled: false });
    expect(only(process.warnings)).toContain("was neither deleted nor disabled");
    await remove(processFor(emulator), there.apiKeyId, stateOutputs(state));
    expect(emulator.key(there.apiKeyId)).toBeUndefined();
});
