import { describe, expect, test } from "vitest";
import type { Dialect } from "xai-management-emulator";
import {
    checkApiKeyPropagation,
    createApiKey,
    deleteApiKey,
    listApiKeys,
    type NewApiKey,
    PAGE_SIZE,
    updateApiKey,
} from "../../provider/api/apiKeys.js";
import { listEndpoints } from "../../provider/api/endpoints.js";
import { NotFoundError, RefusedError, UnexpectedAnswerError } from "../../provider/api/errors.js";
import { path, UnusableIdError } from "../../provider/api/http.js";
import { teamOf, validateManagementKey } from "../../provider/api/managementKeys.js";
import { listModels } from "../../provider/api/models.js";
import { httpFor } from "./apiClient.js";
import { emulate, requestsOf } from "./emulators.js";

const NEW: NewApiKey = {
    name: "n",
    acls: ["api-key:model:*", "api-key:endpoint:*"],
    qps: 5,
    qpm: null,
    tpm: "50000",
    expireTime: null,
};

const DIALECTS: Partial<Dialect>[] = [
    {},
    { answerSpelling: "acl_strings", disabledAs: "string", unsetAs: "null", tpmAs: "number", redaction: "stars" },
    { disabledAs: "string" },
    { unsetAs: "null" },
    { tpmAs: "number" },
];

describe.each(DIALECTS)("in the dialect %j", (dialect) => {
    test("a key is created, listed, updated and deleted, and reads the same everywhere", async () => {
        const emulator = await emulate({ dialect });
        const { http } = httpFor(emulator);
        const created = await createApiKey(http, emulator.teamId, NEW);
        const stored = emulator.key(created.apiKeyId);
        expect(created.apiKey).toBe(stored?.apiKey);
        const secret = created.apiKey ?? "";
        const redactedApiKey =
            dialect.redaction === "stars" ? `xai-${secret[4]}**${secret.slice(-1)}` : `xai-...${secret.slice(-4)}`;
        const key = {
            ...NEW,
            apiKeyId: created.apiKeyId,
            teamId: emulator.teamId,
            userId: stored?.userId,
            disabled: false,
            redactedApiKey,
            createTime: stored?.createTime,
            modifyTime: stored?.modifyTime,
        };
        expect(created.key).toEqual(key);
        expect(requestsOf(emulator, "createApiKey")[0]?.body).toEqual({
            name: "n",
            acls: NEW.acls,
            qps: 5,
            tpm: "50000",
        });
        expect(await listApiKeys(http, emulator.teamId)).toEqual(new Map([[created.apiKeyId, key]]));
        const { acls, ...rest } = key;
        const object = { ...rest, aclStrings: acls, qps: null, qpm: 7, disabled: true };
        const { redactedApiKey: _r, createTime: _c, modifyTime: _m, userId: _u, ...sent } = object;
        const updated = { ...key, qps: null, qpm: 7, modifyTime: expect.any(String) };
        expect(await updateApiKey(http, "guide", sent, ["qps", "qpm", "disabled"])).toEqual({
            ...updated,
            disabled: true,
        });
        expect(await updateApiKey(http, "reference", { ...sent, disabled: false }, ["disabled"])).toEqual(updated);
        expect(emulator.requests.map((request) => [request.method, request.path])).toEqual([
            ["POST", `/auth/teams/${emulator.teamId}/api-keys`],
            ["GET", `/auth/teams/${emulator.teamId}/api-keys`],
            ["PUT", `/auth/teams/${emulator.teamId}/api-keys`],
            ["PUT", `/auth/api-keys/${created.apiKeyId}`],
        ]);
        await deleteApiKey(http, created.apiKeyId);
        expect(await listApiKeys(http, emulator.teamId)).toEqual(new Map());
        await expect(deleteApiKey(http, created.apiKeyId)).rejects.toThrow(NotFoundError);
    });
});

describe("an answer of a key", () => {
    const listed = async (key: object) => {
        const emulator = await emulate();
        emulator.inject({
            operation: "listApiKeys",
            body: JSON.stringify({ apiKeys: [{ apiKeyId: "id", name: "n", ...key }] }),
        });
        return (await listApiKeys(httpFor(emulator).http, emulator.teamId)).get("id");
    };
    test.each<[object, object]>([
        [{ acl_strings: ["a"] }, { acls: ["a"] }],
        [{ aclStrings: ["a"], acl_strings: ["b"] }, { acls: ["a"] }],
        [{ aclStrings: null }, { acls: [] }],
        [{ disabled: "false" }, { disabled: false }],
        [{ disabled: "true" }, { disabled: true }],
        [{ disabled: null }, { disabled: false }],
        [{ tpm: 5 }, { tpm: "5" }],
        [{ tpm: "5" }, { tpm: "5" }],
        [{ tpm: "" }, { tpm: null }],
        [
            { qps: "5", qpm: 7 },
            { qps: 5, qpm: 7 },
        ],
        [
            { qps: null, qpm: null, tpm: null },
            { qps: null, qpm: null, tpm: null },
        ],
        [{ expireTime: "" }, { expireTime: null }],
        [{ redactedApiKey: "xai-a**b", somethingNew: { x: 1 } }, { redactedApiKey: "xai-a**b" }],
    ])("with %j is read as %j", async (given, read) => {
        expect(await listed(given)).toMatchObject(read);
    });

    test.each([{ qps: { odd: 1 } }, { aclStrings: "a" }, { disabled: "perhaps" }, { tpm: 1.5 }])(
        "with %j is there, but says only which of its fields cannot be read",
        async (given) => {
            expect(await listed({ ...given, name: "confidential" })).toEqual({
                apiKeyId: "id",
                unreadable: Object.keys(given)[0],
            });
        },
    );

    test("without a readable id is refused by the place alone", async () => {
        const failure = await listed({ apiKeyId: 7, name: "confidential" }).catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(UnexpectedAnswerError);
        expect(String(failure)).toContain("unexpected shape at apiKeys.0.apiKeyId");
        expect(String(failure)).not.toContain("confidential");
    });
});

describe("a create's answer", () => {
    test.each([
        [
            { apiKeyId: "id", apiKey: "s", qps: { odd: 1 } },
            { apiKeyId: "id", apiKey: "s", key: undefined },
        ],
        [{ apiKeyId: "id" }, { apiKeyId: "id", apiKey: undefined }],
        [
            { apiKeyId: "id", apiKey: null },
            { apiKeyId: "id", apiKey: undefined },
        ],
    ])("that is partly unreadable keeps what can be read: %j", async (body, read) => {
        const emulator = await emulate();
        emulator.inject({ operation: "createApiKey", body: JSON.stringify(body) });
        expect(await createApiKey(httpFor(emulator).http, emulator.teamId, NEW)).toMatchObject(read);
    });
});

describe("paging", () => {
    test.each([
        [0, 1],
        [1, 1],
        [PAGE_SIZE, 1],
        [PAGE_SIZE + 1, 2],
        [3 * PAGE_SIZE, 3],
        [3 * PAGE_SIZE + 50, 4],
    ])("%i keys cost %i requests", async (count, requests) => {
        for (const unsetAs of ["absent", "null"] as const) {
            const emulator = await emulate({ dialect: { unsetAs } });
            const ids = Array.from({ length: count }, () => emulator.addKey().apiKeyId);
            const keys = await listApiKeys(httpFor(emulator).http, emulator.teamId);
            expect([...keys.keys()]).toEqual(ids);
            expect(emulator.requests).toHaveLength(requests);
            expect(emulator.requests[0]?.query).toEqual({ pageSize: [String(PAGE_SIZE)] });
        }
    });

    test("goes by what the server gives, where that is less than was asked for", async () => {
        const emulator = await emulate({ dialect: { maxPageSize: 2 } });
        const ids = Array.from({ length: 5 }, () => emulator.addKey().apiKeyId);
        expect([...(await listApiKeys(httpFor(emulator).http, emulator.teamId)).keys()]).toEqual(ids);
        expect(emulator.requests).toHaveLength(3);
    });

    test("goes without a page size where the server refuses ours", async () => {
        const emulator = await emulate();
        const { apiKeyId } = emulator.addKey();
        emulator.inject({ operation: "listApiKeys", status: 400 });
        expect([...(await listApiKeys(httpFor(emulator).http, emulator.teamId)).keys()]).toEqual([apiKeyId]);
        expect(emulator.requests.map(({ query }) => query)).toEqual([{ pageSize: [String(PAGE_SIZE)] }, {}]);
    });

    test.each(["{}", '{"paginationToken":""}', '{"apiKeys":[]}'])("may be empty: %s", async (body) => {
        const emulator = await emulate();
        emulator.inject({ operation: "listApiKeys", body });
        expect((await listApiKeys(httpFor(emulator).http, emulator.teamId)).size).toBe(0);
    });

    test.each(['{"ok":true}', '{"apiKeys":null,"error":"later"}', "[]", '"keys"', "null", ""])(
        "is not read out of an answer of another kind: %j",
        async (body) => {
            const emulator = await emulate();
            emulator.inject({ operation: "listApiKeys", body });
            await expect(listApiKeys(httpFor(emulator).http, emulator.teamId)).rejects.toThrow(UnexpectedAnswerError);
        },
    );

    test("that comes round to the same page is an error, not an endless loop", async () => {
        const emulator = await emulate();
        const body = JSON.stringify({ apiKeys: [], paginationToken: "again" });
        emulator.inject({ operation: "listApiKeys", body, times: Number.POSITIVE_INFINITY });
        await expect(listApiKeys(httpFor(emulator).http, emulator.teamId)).rejects.toThrow(UnexpectedAnswerError);
        expect(emulator.requests.length).toBeLessThan(4);
    });
});

test("models, endpoints and propagation come as the API has them", async () => {
    const emulator = await emulate({ propagation: { "eu-west-1": "never" } });
    const { http } = httpFor(emulator);
    const clusters = await listModels(http, emulator.teamId);
    expect(clusters.map((cluster) => cluster.clusterName)).toEqual(["us-east-1", "eu-west-1"]);
    expect(clusters[0]?.languageModels.find((model) => model.name === "grok-4-0709")?.aliases).toContain("grok-4");
    const { acls } = await listEndpoints(http, emulator.teamId);
    expect(acls.map((acl) => acl.acl)).toContain("api-key:endpoint:chat");
    const { apiKeyId } = emulator.addKey();
    expect(await checkApiKeyPropagation(http, apiKeyId)).toEqual({ "us-east-1": true, "eu-west-1": false });
});

test.each(["{}", '{"icPropagation":null}'])("propagation in an answer of %s names no cluster", async (body) => {
    const emulator = await emulate();
    emulator.inject({ operation: "checkApiKeyPropagation", body });
    expect(await checkApiKeyPropagation(httpFor(emulator).http, "id")).toEqual({});
});

test("models and endpoints that an answer lacks are none", async () => {
    const emulator = await emulate();
    const { http } = httpFor(emulator);
    emulator.inject({
        operation: "listModels",
        body: '{"clusterConfigs":[{"clusterName":"c","languageModels":null}]}',
    });
    emulator.inject({ operation: "listEndpoints", body: "{}" });
    expect(await listModels(http, emulator.teamId)).toMatchObject([{ languageModels: [], audioModels: [] }]);
    expect(await listEndpoints(http, emulator.teamId)).toEqual({ acls: [] });
});

describe("whose a management key is", () => {
    test.each(["aclStrings", "acl_strings"] as const)(
        "is asked for, also where the answer says %s",
        async (spelling) => {
            const emulator = await emulate({ dialect: { answerSpelling: spelling } });
            expect(teamOf(await validateManagementKey(httpFor(emulator).http))).toBe(emulator.teamId);
        },
    );

    test("is described whole, in every published spelling", async () => {
        for (const spelling of ["aclStrings", "acl_strings"] as const) {
            const emulator = await emulate({ dialect: { answerSpelling: spelling, redaction: "stars" } });
            emulator.setManagementKeyAcls(["team-token:endpoint:ListApiKeys"]);
            expect(await validateManagementKey(httpFor(emulator).http)).toEqual({
                scope: "SCOPE_TEAM",
                scopeId: emulator.teamId,
                teamId: emulator.teamId,
                ownerUserId: expect.stringMatching(/^[\da-f-]{36}$/),
                apiKeyId: expect.stringMatching(/^[\da-f-]{36}$/),
                name: "Emulated management key",
                createTime: expect.stringMatching(/^20.*Z$/),
                modifyTime: expect.stringMatching(/^20.*Z$/),
                acls: ["team-token:endpoint:ListApiKeys"],
                redactedApiKey: `xai-t**${emulator.managementKey.slice(-1)}`,
                ipRanges: undefined,
            });
        }
    });

    test.each([{}, { acls: null, ipRanges: null }, { acls: "all", ipRanges: {}, name: 7, redactedApiKey: [] }])(
        "is known though the answer describes it so: %j",
        async (description) => {
            const emulator = await emulate();
            const body = JSON.stringify({ scope: "SCOPE_TEAM", scopeId: "t", ...description });
            emulator.inject({ operation: "validateManagementKey", body });
            const key = await validateManagementKey(httpFor(emulator).http);
            expect(teamOf(key)).toBe("t");
            expect(key).toMatchObject({ name: "", redactedApiKey: "" });
            expect([key.acls, key.ipRanges]).toEqual([undefined, undefined]);
        },
    );

    test.each([
        [{ scope: "SCOPE_TEAM", scopeId: "t", teamId: "old" }, "t"],
        [{ scope: "SCOPE_TEAM", scopeId: "", teamId: "old" }, "old"],
        [{ scope: "SCOPE_ORGANIZATION", scopeId: "org", teamId: "" }, undefined],
        [{ scope: "SCOPE_ORGANIZATION", scopeId: "org", teamId: "old" }, "old"],
        [{ scope: "", scopeId: "", teamId: "" }, undefined],
    ])("%j: %s", (key, team) => {
        expect(teamOf(key)).toBe(team);
    });
});

describe("a path", () => {
    test.each([
        ["a/b", "/x/a%2Fb/y"],
        ["a b?c#d", "/x/a%20b%3Fc%23d/y"],
        ["…", "/x/%E2%80%A6/y"],
    ])("escapes %j", (id, whole) => {
        expect(path`/x/${id}/y`).toBe(whole);
    });

    test.each(["", ".", "..", "a\ud800"])("refuses %j", (id) => {
        expect(() => path`/x/${id}`).toThrow(UnusableIdError);
    });
});

describe("an object of another kind", () => {
    test.each([
        ['{"__proto__": null}', "the keys", () => listApiKeys],
        ['{"message": "try later"}', "the models", () => listModels],
        ['{"message": "try later"}', "the endpoints", () => listEndpoints],
        ['{"__proto__": {}}', "the endpoints", () => listEndpoints],
    ])("such as %s is no empty listing of %s", async (body, _, list) => {
        const emulator = await emulate();
        emulator.inject({ body });
        await expect(list()(httpFor(emulator).http, emulator.teamId)).rejects.toThrow("unexpected shape");
    });

    test("is no key: what has no name is kept as unreadable, and stops no other", async () => {
        const emulator = await emulate();
        emulator.inject({ body: '{"apiKeys": [{"apiKeyId": "a"}, {"apiKeyId": "b", "name": "n", "qps": "1e3"}]}' });
        const listed = await listApiKeys(httpFor(emulator).http, emulator.teamId);
        expect([...listed.values()]).toEqual([
            { apiKeyId: "a", unreadable: "name" },
            { apiKeyId: "b", unreadable: "qps" },
        ]);
    });

    test("is no number: a limit with more digits than a number holds is unreadable, not infinite", async () => {
        const emulator = await emulate();
        emulator.inject({ body: `{"apiKeys": [{"apiKeyId": "a", "name": "n", "qps": "${"9".repeat(400)}"}]}` });
        const listed = await listApiKeys(httpFor(emulator).http, emulator.teamId);
        expect([...listed.values()]).toEqual([{ apiKeyId: "a", unreadable: "qps" }]);
    });
});

test("what the API refuses is an error with its words", async () => {
    const emulator = await emulate();
    const refused = createApiKey(httpFor(emulator).http, emulator.teamId, { ...NEW, acls: ["api-key:model:nope"] });
    await expect(refused).rejects.toThrow(RefusedError);
    await expect(refused).rejects.toThrow("names a model that the team lacks");
});
