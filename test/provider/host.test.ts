import { describe, expect, test } from "vitest";
import { hostFor, PROVIDER_TEXT, UNKNOWN } from "./dynamicHost.js";
import { emulate, requestsOf } from "./emulators.js";
import { shareHost } from "./sharedHost.js";
import { ACLS, ARGS, create, failureOf, only, outputsOf, plan, update } from "./stack.js";

const OTHER_TEAM = "6e1f4b8e-7d64-43b5-9f4b-2f4b2f6c3a10";
const shared = shareHost({ otherTeams: [OTHER_TEAM] });

describe("create", () => {
    test("makes one key with one POST and answers every output", async () => {
        const emulator = await emulate();
        const host = await hostFor(emulator);
        const expireTime = "2999-01-01T00:00:00Z";
        const args = { ...ARGS, qps: 5, qpm: 100, tpm: 50_000, expireTime };
        const resource = await create(host, args);
        const key = only(emulator.keys());
        expect(resource.id).toBe(key.apiKeyId);
        expect(resource.inputs).toEqual({ ...args, teamId: emulator.teamId, __provider: PROVIDER_TEXT });
        expect(resource.outputs).toEqual({
            ...outputsOf(emulator, key),
            qps: 5,
            qpm: 100,
            tpm: "50000",
            expireTime,
        });
        expect(emulator.countRequests()).toEqual({
            listModels: 1,
            listEndpoints: 1,
            listApiKeys: 1,
            createApiKey: 1,
            checkApiKeyPropagation: 1,
        });
        expect(only(requestsOf(emulator, "createApiKey")).body).toEqual({
            name: "search",
            acls: ACLS,
            qps: 5,
            qpm: 100,
            tpm: "50000",
            expireTime,
        });
        expect(host.log).toEqual([]);
        expect(host.printed).toBe("");
    });

    test("is followed by quiet: the same program differs in nothing and writes nothing", async () => {
        const { emulator, host } = shared;
        const args = { ...ARGS, qpm: 100, tpm: "00500", expireTime: "2999-01-01T02:00:00+02:00" };
        const resource = await create(host, args);
        emulator.clearRequests();
        const again = await plan(host, resource, { ...args, acls: [...ACLS].reverse().concat(ACLS), tpm: 500 });
        expect(again).toMatchObject({ changes: false, replaces: [] });
        expect(emulator.countRequests()).toEqual({});
    });

    test("disabled from the start is a create and an update of that alone", async () => {
        const { emulator, host } = shared;
        const resource = await create(host, { ...ARGS, disabled: true });
        expect(only(emulator.keys()).disabled).toBe(true);
        expect(resource.outputs).toMatchObject({ disabled: true, apiKey: only(emulator.keys()).apiKey });
        expect(only(requestsOf(emulator, "updateApiKey")).body).toMatchObject({ fieldMask: "disabled" });
        expect(emulator.countRequests()).toMatchObject({ createApiKey: 1, updateApiKey: 1 });
    });

    test("disabling that fails keeps the key, and the next update goes on with it", async () => {
        const { emulator, host } = shared;
        emulator.inject({ operation: "updateApiKey", status: 400 });
        const args = { ...ARGS, disabled: true };
        const { inputs } = await host.check({}, args);
        const { kept } = await failureOf(host.create(inputs));
        const key = only(emulator.keys());
        expect(kept).toMatchObject({ id: key.apiKeyId, outputs: { apiKey: key.apiKey, disabled: false } });
        const resource = { id: key.apiKeyId, inputs, outputs: kept?.outputs ?? {} };
        const after = await update(host, resource, args);
        expect(after.outputs).toMatchObject({ disabled: true, apiKey: key.apiKey });
        expect(after.outputs).not.toHaveProperty("owed");
        expect(emulator.countRequests()).toMatchObject({ createApiKey: 1, checkApiKeyPropagation: 1 });
    });

    test("is not repeated after what may have made a key, and keeps nothing", async () => {
        const { emulator } = shared;
        const host = await hostFor(emulator, { "xai:operationTimeout": "1s" });
        const { inputs } = await host.check({}, ARGS);
        for (const fault of [{ status: 500 }, { status: 400 }, { cut: "before" }, { cut: "after" }] as const) {
            emulator.clearRequests();
            emulator.inject({ operation: "createApiKey", ...fault });
            const failure = await failureOf(host.create(inputs));
            expect(failure.kept).toBeUndefined();
            expect(failure.message).toMatch(/^Could not create an API key in team /);
            expect(emulator.countRequests()).toMatchObject({ createApiKey: 1 });
        }
    });

    test("an answer that cannot be read does not lose the key", async () => {
        const { emulator, host } = shared;
        const { inputs } = await host.check({}, ARGS);
        const body = JSON.stringify({ apiKeyId: "id-1", apiKey: "xai-secret-of-the-key", qps: { odd: true } });
        emulator.inject({ operation: "createApiKey", status: 200, body });
        const { kept, message } = await failureOf(host.create(inputs));
        expect(kept).toMatchObject({ id: "id-1", outputs: { apiKey: "xai-secret-of-the-key", name: "search" } });
        expect(message).toMatch(/^API key id-1 was created, but /);
        expect(message).not.toContain("xai-secret");
    });

    test("of another team, which the key then stays in", async () => {
        const { emulator, host } = shared;
        const resource = await create(host, { ...ARGS, teamId: OTHER_TEAM });
        expect(resource.outputs["teamId"]).toBe(OTHER_TEAM);
        expect(emulator.keys(OTHER_TEAM)).toHaveLength(1);
        await update(host, resource, { ...ARGS, teamId: OTHER_TEAM, qpm: 1 });
        expect(only(emulator.keys(OTHER_TEAM)).qpm).toBe(1);
    });
});

describe("in a preview, unknown values", () => {
    test("pass for a new key, wherever they stand", async () => {
        const { host } = shared;
        const unknowns = [
            { name: UNKNOWN },
            { acls: UNKNOWN },
            { acls: [...ACLS, UNKNOWN] },
            { qps: UNKNOWN },
            { qpm: UNKNOWN },
            { tpm: UNKNOWN },
            { expireTime: UNKNOWN },
            { disabled: UNKNOWN },
            { teamId: UNKNOWN },
            { waitForPropagation: UNKNOWN },
            { propagationTimeout: UNKNOWN },
        ];
        for (const unknown of unknowns) {
            const { inputs, failures } = await host.check({}, { ...ARGS, ...unknown });
            expect(failures).toEqual([]);
            expect(inputs).toMatchObject(unknown);
        }
        expect(host.log).toEqual([]);
    });

    test("are no change and no replacement of a key that is there", async () => {
        const { host } = shared;
        const resource = await create(host);
        const args = {
            name: UNKNOWN,
            acls: [UNKNOWN, "api-key:model:grok-3-mini"],
            qps: UNKNOWN,
            qpm: UNKNOWN,
            tpm: UNKNOWN,
            expireTime: UNKNOWN,
            disabled: UNKNOWN,
            teamId: UNKNOWN,
            waitForPropagation: UNKNOWN,
            propagationTimeout: UNKNOWN,
        };
        expect(await plan(host, resource, args)).toMatchObject({ changes: false, replaces: [] });
    });

    test("do not hide a change beside them", async () => {
        const { host } = shared;
        const resource = await create(host);
        const args = { name: UNKNOWN, acls: ACLS, qps: 3 };
        expect(await plan(host, resource, args)).toMatchObject({ changes: true, replaces: [] });
    });
});

describe("replacement", () => {
    test("comes of another team, and of nothing else", async () => {
        const { host } = shared;
        const resource = await create(host);
        const moved = await plan(host, resource, { ...ARGS, teamId: "another-team" });
        expect(moved).toMatchObject({ changes: true, replaces: ["teamId"] });
        const everything = {
            name: "other",
            acls: ["api-key:model:*", "api-key:endpoint:*"],
            qps: 1,
            qpm: 1,
            tpm: 1,
            expireTime: "2999-01-01T00:00:00Z",
            disabled: true,
            waitForPropagation: false,
            propagationTimeout: "1s",
        };
        expect(await plan(host, resource, everything)).toMatchObject({ changes: true, replaces: [] });
    });

    test("comes of a changed configuration of the team", async () => {
        const { emulator } = shared;
        const resource = await create(shared.host);
        const host = await hostFor(emulator, { "xai:teamId": "another-team" });
        expect(await plan(host, resource, ARGS)).toMatchObject({ changes: true, replaces: ["teamId"] });
    });
});
