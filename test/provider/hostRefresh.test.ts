import { describe, expect, test, vi } from "vitest";
import type { KeyChanges } from "xai-management-emulator";
import { hostFor, PROVIDER_TEXT, type Properties } from "./dynamicHost.js";
import { emulate } from "./emulators.js";
import { shareHost } from "./sharedHost.js";
import { ACLS, ARGS, create, failureOf, plan, refresh, update } from "./stack.js";

const ALIASED = {
    name: "  search ",
    acls: ["api-key:model:grok-4", "api-key:endpoint:chat", "api-key:endpoint:chat"],
    qps: 5,
    tpm: "0050000",
    expireTime: "2999-01-01T02:00:00.123456789+02:00",
};

/** What someone changes outside, and how it has to show in the inputs. */
const DRIFTS: [KeyChanges, Properties][] = [
    [{ name: "renamed" }, { name: "renamed" }],
    [{ acls: ["api-key:model:*"] }, { acls: ["api-key:model:*"] }],
    [{ qps: 9 }, { qps: 9 }],
    [{ qps: null }, { qps: undefined }],
    [{ qpm: 9 }, { qpm: 9 }],
    [{ tpm: "9" }, { tpm: 9 }],
    [{ tpm: null }, { tpm: undefined }],
    [{ expireTime: "2999-01-02T00:00:00.000000Z" }, { expireTime: "2999-01-02T00:00:00.000000Z" }],
    [{ expireTime: null }, { expireTime: undefined }],
    [{ disabled: true }, { disabled: true }],
];

function mustBe<T>(value: T | undefined): T {
    if (value === undefined) {
        throw new Error("It is not there.");
    }
    return value;
}

describe("a refresh", () => {
    test.each(["kept", "normalised"] as const)(
        "of values that are %s is quiet, and so is what follows",
        async (values) => {
            const emulator = await emulate({ dialect: { values } });
            const host = await hostFor(emulator);
            const created = await create(host, ALIASED);
            expect(await plan(host, created, ALIASED)).toMatchObject({ changes: false });
            const { resource, drift } = await refresh(host, created);
            expect(drift).toBe(false);
            expect(resource).toEqual(created);
            expect(await plan(host, created, ALIASED)).toMatchObject({ changes: false });
            expect(emulator.countRequests()).toMatchObject({ createApiKey: 1, listApiKeys: 2 });
            expect(emulator.countRequests()).not.toHaveProperty("updateApiKey");
        },
    );

    test("shows drift in the inputs, and the next up puts it right", async () => {
        const emulator = await emulate({ dialect: { values: "normalised" } });
        const host = await hostFor(emulator);
        for (const [change, inputs] of DRIFTS) {
            const created = await create(host, ALIASED);
            emulator.changeKey(created.id, change);
            const first = await refresh(host, created);
            expect(first.drift).toBe(true);
            const resource = mustBe(first.resource);
            expect({ ...resource.inputs, ...inputs }).toEqual(resource.inputs);
            expect(resource.inputs).toMatchObject({ teamId: emulator.teamId, __provider: PROVIDER_TEXT });
            expect(resource.outputs["apiKey"]).toBe(created.outputs["apiKey"]);
            // A second refresh finds nothing new.
            expect(await refresh(host, resource)).toEqual({ resource, drift: false });
            const repaired = await update(host, resource, ALIASED);
            expect(await plan(host, repaired, ALIASED)).toMatchObject({ changes: false });
            expect(await refresh(host, repaired)).toMatchObject({ drift: false });
        }
    });

    test("of 250 keys costs three requests, whatever the number of keys that are read", async () => {
        const emulator = await emulate();
        const host = await hostFor(emulator);
        const keys = Array.from({ length: 250 }, () => emulator.addKey());
        const reads = await Promise.all(
            keys.map(({ apiKeyId, teamId, name, acls }) => {
                const outputs = {
                    __provider: PROVIDER_TEXT,
                    apiKeyId,
                    teamId,
                    name,
                    acls,
                    disabled: false,
                    apiKey: "s",
                };
                return host.read(apiKeyId, outputs, { __provider: PROVIDER_TEXT, name, acls });
            }),
        );
        expect(reads.map((read) => read.id)).toEqual(keys.map((key) => key.apiKeyId));
        expect(new Set(reads.map((read) => read.outputs["apiKey"]))).toEqual(new Set(["s"]));
        expect(emulator.countRequests()).toEqual({ listApiKeys: 3 });
    });
});

const OTHER_TEAM = "6e1f4b8e-7d64-43b5-9f4b-2f4b2f6c3a10";
const shared = shareHost({ otherTeams: [OTHER_TEAM] }, { "xai:maxRetries": "0" });

describe("a key that was deleted outside", () => {
    test("is gone when two listings agree, which all gone keys share, and the API does not know it", async () => {
        const { emulator, host } = shared;
        const resources = await Promise.all(Array.from({ length: 10 }, () => create(host)));
        for (const { id } of resources.slice(0, 5)) {
            emulator.deleteKey(id);
        }
        emulator.clearRequests();
        const answers = await Promise.all(resources.map((resource) => refresh(host, resource)));
        expect(answers.map(({ resource }) => resource?.id)).toEqual([
            ...Array(5).fill(undefined),
            ...resources.slice(5).map(({ id }) => id),
        ]);
        expect(emulator.countRequests()).toEqual({ listApiKeys: 2, checkApiKeyPropagation: 5 });
    });

    test("is never told from a listing that fails, the first or the second", async () => {
        const emulator = await emulate({ dialect: { maxPageSize: 1 } });
        const host = await hostFor(emulator, { "xai:maxRetries": "0" });
        const resource = await create(host);
        emulator.addKey();
        emulator.deleteKey(resource.id);
        emulator.addKey();
        for (const after of [0, 1, 2, 3]) {
            emulator.inject({ operation: "listApiKeys", status: 503, after });
            const failure = await failureOf(refresh(host, resource));
            expect(failure.message).toMatch(/^Could not list the API keys of team .* 503/);
            emulator.clearFaults();
        }
        expect(await refresh(host, resource)).toMatchObject({ resource: undefined });
    });

    test("a listing in another shape says nothing either", async () => {
        const { emulator, host } = shared;
        const resource = await create(host);
        for (const body of ['{"apiKeys":[{"id":"x"}]}', "[]", "null", "", "<html></html>", '{"apiKeys":{}}']) {
            emulator.inject({ operation: "listApiKeys", status: 200, body });
            const failure = await failureOf(refresh(host, resource));
            expect(failure.message).toMatch(/^Could not list the API keys of team /);
        }
    });
});

describe("the look-up of a key (get)", () => {
    test("answers what the API holds, without a secret", async () => {
        const { emulator, host } = shared;
        const key = emulator.addKey({ name: "shared", qps: 4, tpm: "7" });
        const { id, outputs, inputs } = await host.get(key.apiKeyId);
        expect(id).toBe(key.apiKeyId);
        expect(inputs).toBeUndefined();
        expect(outputs).toMatchObject({ name: "shared", qps: 4, tpm: "7", teamId: emulator.teamId, acls: key.acls });
        expect(outputs).not.toHaveProperty("apiKey");
    });

    test("looks in the team that it is given", async () => {
        const { emulator, host } = shared;
        const key = emulator.addKey({ teamId: OTHER_TEAM });
        expect(await host.get(key.apiKeyId, { teamId: OTHER_TEAM })).toMatchObject({ outputs: { teamId: OTHER_TEAM } });
    });

    test("of what is not there is an error", async () => {
        const { host } = shared;
        const failure = await failureOf(host.get("nowhere"));
        expect(failure.message).toMatch(/^There is no API key nowhere in team /);
        // What the host prints can arrive after its answer.
        await vi.waitFor(() => expect(host.printed).toBe(`pulumi-xai: ${failure.message}\n`));
    });
});

describe("delete", () => {
    test("deletes with one request", async () => {
        const { emulator, host } = shared;
        const resource = await create(host);
        emulator.clearRequests();
        await host.delete(resource.id, resource.outputs);
        expect(emulator.keys()).toEqual([]);
        expect(emulator.countRequests()).toEqual({ deleteApiKey: 1 });
    });

    test("of what is gone is success, confirmed by a listing and by its id, and so is its repetition", async () => {
        const { emulator, host } = shared;
        const resource = await create(host);
        emulator.deleteKey(resource.id);
        emulator.clearRequests();
        await host.delete(resource.id, resource.outputs);
        await host.delete(resource.id, resource.outputs);
        expect(emulator.countRequests()).toEqual({
            deleteApiKey: 2,
            listApiKeys: 2,
            checkApiKeyPropagation: 2,
            validateManagementKey: 1,
        });
    });

    test("is an error for every 404 but the API's own for a key that is not listed", async () => {
        const { emulator, host } = shared;
        const resource = await create(host);
        emulator.inject({
            operation: "deleteApiKey",
            status: 404,
            body: "<!DOCTYPE html><p>no",
            contentType: "text/html",
        });
        expect((await failureOf(host.delete(resource.id, resource.outputs))).message).toContain("an HTML page");
        emulator.inject({ operation: "deleteApiKey", status: 404 });
        expect((await failureOf(host.delete(resource.id, resource.outputs))).message).toContain("404");
        emulator.inject({ operation: "deleteApiKey", status: 404 });
        emulator.inject({ operation: "listApiKeys", status: 400 });
        await failureOf(host.delete(resource.id, resource.outputs));
        expect(emulator.keys()).toHaveLength(1);
    });

    test("of a gone key does not go by a listing of before", async () => {
        const { emulator, host } = shared;
        const [first, second] = [await create(host), await create(host)];
        // A listing that has the second key, and was not begun for it.
        await refresh(host, first);
        emulator.deleteKey(second.id);
        await host.delete(second.id, second.outputs);
    });

    test("of a key whose create failed in half knows it by its kept state", async () => {
        const { emulator, host } = shared;
        emulator.inject({ operation: "checkApiKeyPropagation", status: 403 });
        const { inputs } = await host.check({}, { ...ARGS, acls: ACLS });
        const { kept } = await failureOf(host.create(inputs));
        await host.delete(kept?.id ?? "", kept?.outputs ?? {});
        expect(emulator.keys()).toEqual([]);
    });
});
