import { describe, expect, test } from "vitest";
import { create, keysOf, send, start, update, updateInTeam } from "./emulatorClient.js";

describe("credentials", () => {
    const PATHS = ["GET /auth/teams/x/api-keys", "POST /auth/teams/x/api-keys", "GET /nowhere", "PATCH /auth"];
    const CREDENTIALS: [string, Record<string, string>][] = [
        ["no header", {}],
        ["another key", { authorization: "Bearer xai-token-wrong" }],
        ["no scheme", { authorization: "xai-token-right" }],
        ["another scheme", { authorization: "Basic xai-token-right" }],
        ["an empty key", { authorization: "Bearer " }],
    ];
    test.each(CREDENTIALS)("%s", async (_name, headers) => {
        const emulator = await start({ managementKey: "xai-token-right" });
        for (const request of PATHS) {
            const [method = "", path = ""] = request.split(" ");
            const response = await fetch(emulator.url + path, { method, headers });
            expect(response.status, request).toBe(401);
            expect(await response.text()).not.toContain("xai-token");
        }
    });

    test("a replaced management key is refused", async () => {
        const emulator = await start({ managementKey: "xai-token-old" });
        emulator.setManagementKey("xai-token-new");
        expect(emulator.env.XAI_MANAGEMENT_KEY).toBe("xai-token-new");
        expect((await send(emulator, `GET ${keysOf(emulator)}`)).status).toBe(200);
        const headers = { authorization: "Bearer xai-token-old" };
        expect((await fetch(emulator.url + keysOf(emulator), { headers })).status).toBe(401);
    });

    test("permissions of the management key", async () => {
        const emulator = await start();
        const acls = ["team-token:endpoint:ListApiKeys"];
        emulator.setManagementKeyAcls(acls);
        expect((await send(emulator, `GET ${keysOf(emulator)}`)).status).toBe(200);
        const refused = await send(emulator, `POST ${keysOf(emulator)}`, { name: "x" });
        expect(refused).toMatchObject({ status: 403, json: { message: expect.stringContaining("CreateApiKey") } });
        const validation = await send(emulator, "GET /auth/management-keys/validation");
        expect(validation).toMatchObject({ status: 200, json: { acls } });
        emulator.setManagementKeyAcls(undefined);
        expect((await send(emulator, `POST ${keysOf(emulator)}`, { name: "x" })).status).toBe(200);
    });
});

test("a team that is not one's own, and its keys", async () => {
    const emulator = await start();
    const { apiKeyId } = emulator.addKey({ teamId: "another-team" });
    const requests = [
        "GET /auth/teams/another-team/api-keys",
        "POST /auth/teams/another-team/api-keys",
        "PUT /auth/teams/another-team/api-keys",
        "GET /auth/teams/another-team/models",
        "GET /auth/teams/another-team/endpoints",
        `DELETE /auth/api-keys/${apiKeyId}`,
        `GET /auth/api-keys/${apiKeyId}/propagation`,
    ];
    for (const request of requests) {
        expect((await send(emulator, request)).status, request).toBe(403);
    }
    expect(emulator.keys()).toHaveLength(1);
});

test("a key is updated in its own team only", async () => {
    const emulator = await start({ otherTeams: ["second"] });
    const key = emulator.addKey({ teamId: "second" });
    expect((await updateInTeam(emulator, key, { qpm: 1 }, "qpm")).status).toBe(404);
    expect((await update(emulator, key, { qpm: 1 }, "qpm")).status).toBe(200);
});

test("what the API does not have", async () => {
    const emulator = await start();
    const { apiKeyId } = emulator.addKey();
    const requests = [
        "GET /auth",
        `GET /auth/api-keys/${apiKeyId}`,
        `PATCH ${keysOf(emulator)}`,
        `GET ${keysOf(emulator)}/`,
        `GET /v1${keysOf(emulator)}`,
        "GET /auth/api-keys/gone/propagation",
        "DELETE /auth/api-keys/gone",
        "POST /auth/api-keys/gone/rotate",
    ];
    for (const request of requests) {
        expect(await send(emulator, request), request).toMatchObject({
            status: 404,
            json: { code: 5, message: expect.stringContaining("there is no") },
        });
    }
});

// A create's body, as text or as fields beside a good name, and what the refusal must name.
const BAD_CREATES: [string, string | object, string[]][] = [
    ["no body", "", ["body"]],
    ["no JSON", "{", ["no JSON"]],
    ["a list", "[]", ["body"]],
    ["null", "null", ["body"]],
    ["no name", "{}", ["name"]],
    ["an empty name", { name: "" }, ["name"]],
    ["a blank name", { name: "  " }, ["name"]],
    ["a name that is a number", { name: 5 }, ["name"]],
    ["a name that is null", { name: null }, ["name"]],
    ["unknown fields", { foo: 1, bar: 2 }, ["foo: unknown", "bar: unknown"]],
    ["aclStrings", { aclStrings: [] }, ["aclStrings"]],
    ["disabled", { disabled: true }, ["disabled"]],
    ["a secret", { apiKey: "xai-abc" }, ["apiKey"]],
    ["permissions that are text", { acls: "api-key:model:*" }, ["acls"]],
    ["a permission that is a number", { acls: [1] }, ["acls.0"]],
    ["a misspelt permission", { acls: ["api-key:modle:grok-4"] }, ["acls", "api-key:modle:grok-4"]],
    ["a permission without value", { acls: ["api-key:model:"] }, ["acls"]],
    ["an unknown model", { acls: ["api-key:model:grok-99"] }, ["acls", "grok-99"]],
    ["an unknown endpoint", { acls: ["api-key:endpoint:caht"] }, ["acls", "caht"]],
    ["an inherited endpoint", { acls: ["api-key:endpoint:constructor"] }, ["acls", "constructor"]],
    ["qps 0", { qps: 0 }, ["qps"]],
    ["qps -1", { qps: -1 }, ["qps"]],
    ["qps 1.5", { qps: 1.5 }, ["qps"]],
    ["qps as text", { qps: "5" }, ["qps"]],
    ["qpm beyond 32 bits", { qpm: 2 ** 31 }, ["qpm"]],
    ["qpm true", { qpm: true }, ["qpm"]],
    ["tpm as a number", { tpm: 5 }, ["tpm"]],
    ["tpm 0", { tpm: "0" }, ["tpm"]],
    ["tpm 1.5", { tpm: "1.5" }, ["tpm"]],
    ["tpm in words", { tpm: "many" }, ["tpm"]],
    ["tpm empty", { tpm: "" }, ["tpm"]],
    ["an expiry that is a number", { expireTime: 5 }, ["expireTime"]],
    ["an expiry without seconds", { expireTime: "2999-01-01T00:00Z" }, ["expireTime"]],
    ["an expiry without zone", { expireTime: "2999-01-01T00:00:00" }, ["expireTime"]],
    ["an expiry on no day", { expireTime: "2999-02-30T00:00:00Z" }, ["expireTime"]],
    ["an expiry at no hour", { expireTime: "2999-02-03T25:00:00Z" }, ["expireTime"]],
    ["an expiry that is past", { expireTime: "2020-01-01T00:00:00Z" }, ["expireTime", "future"]],
    ["several at once", { name: 1, qps: 0, tpm: 1, x: 1 }, ["name", "qps", "tpm", "x: unknown"]],
];
test.each(BAD_CREATES)("create with %s", async (_name, body, named) => {
    const emulator = await start();
    const sent = typeof body === "string" ? body : { name: "good", ...body };
    const answer = await send(emulator, `POST ${keysOf(emulator)}`, sent);
    expect(answer).toMatchObject({ status: 400, json: { code: 3, message: expect.any(String) } });
    for (const name of named) {
        expect(answer.text).toContain(name.replaceAll('"', '\\"'));
    }
    expect(emulator.keys()).toEqual([]);
});

// An update's key object and mask, and what the refusal must name.
const BAD_UPDATES: [string, unknown, unknown, string[]][] = [
    ["no mask", {}, undefined, ["fieldMask"]],
    ["a mask that is a list", {}, ["qpm"], ["fieldMask"]],
    ["an empty mask", { qpm: 1 }, "", ["fieldMask"]],
    ["a mask of commas", { qpm: 1 }, " , ,", ["fieldMask"]],
    ["an unknown path", { qpm: 1 }, "qpm,foo", ["fieldMask", "foo"]],
    ["create's name for permissions as a path", {}, "acls", ["fieldMask", "acls"]],
    ["a path that cannot change", { teamId: "x" }, "teamId", ["fieldMask", "teamId"]],
    ["the secret as a path", {}, "apiKey", ["fieldMask", "apiKey"]],
    ["everything as a path", {}, "*", ["fieldMask", "*"]],
    ["a key object that is text", "<The apiKey Object>", "qpm", ["apiKey", "key object"]],
    ["no key object", undefined, "qpm", ["apiKey"]],
    ["the secret", { apiKey: "xai-secret", qpm: 1 }, "qpm", ["apiKey.apiKey", "never"]],
    ["a secret that is null", { apiKey: null, qpm: 1 }, "qpm", ["apiKey.apiKey"]],
    ["create's name for permissions", { acls: [] }, "aclStrings", ["apiKey.acls: unknown"]],
    ["an unknown field outside the mask", { foo: 1, qpm: 1 }, "qpm", ["apiKey.foo: unknown"]],
    ["a wrong type outside the mask", { qps: "1", qpm: 1 }, "qpm", ["apiKey.qps"]],
    ["both spellings", { aclStrings: [], acl_strings: [] }, "aclStrings", ["aclStrings", "acl_strings"]],
    ["an absent name", {}, "name", ["apiKey.name"]],
    ["a null name", { name: null }, "name", ["apiKey.name"]],
    ["an empty name", { name: "" }, "name", ["apiKey.name"]],
    ["absent permissions", {}, "aclStrings", ["apiKey.aclStrings"]],
    ["null permissions", { aclStrings: null }, "aclStrings", ["apiKey.aclStrings"]],
    ["an unknown model", { aclStrings: ["api-key:model:nope"] }, "aclStrings", ["apiKey.aclStrings", "nope"]],
    ["absent disabled", {}, "disabled", ["apiKey.disabled"]],
    ["disabled as text", { disabled: "true" }, "disabled", ["apiKey.disabled"]],
    ["qpm 0", { qpm: 0 }, "qpm", ["apiKey.qpm"]],
    ["tpm as a number", { tpm: 5 }, "tpm", ["apiKey.tpm"]],
    ["an expiry that is past", { expireTime: "2020-01-01T00:00:00Z" }, "expireTime", ["apiKey.expireTime"]],
    ["another key's id", { apiKeyId: "another", qpm: 1 }, "qpm", ["apiKey.apiKeyId"]],
];
test.each(BAD_UPDATES)("update with %s", async (_name, apiKey, fieldMask, named) => {
    const emulator = await start();
    const key = await create(emulator);
    const answer = await send(emulator, `PUT /auth/api-keys/${key.apiKeyId}`, { apiKey, fieldMask });
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain("xai-secret");
    for (const name of named) {
        expect(answer.text).toContain(name);
    }
    expect(emulator.key(key.apiKeyId)).toEqual(key);
});

test("the guide's update must say which key", async () => {
    const emulator = await start();
    const answer = await send(emulator, `PUT ${keysOf(emulator)}`, { apiKey: { qpm: 1 }, fieldMask: "qpm" });
    expect(answer).toMatchObject({ status: 400, json: { message: expect.stringContaining("apiKeyId") } });
});

const BAD_ROTATIONS: [string, object | string, string][] = [
    ["a list", "[]", "body"],
    ["an unknown field", { foo: 1 }, "foo"],
    ["an expiry that is a number", { expireTime: 5 }, "expireTime"],
    ["an expiry that is no instant", { expireTime: "soon" }, "expireTime"],
    ["an expiry that is past", { expireTime: "2020-01-01T00:00:00Z" }, "expireTime"],
    ["an overlap that is no instant", { oldSecretExpireTime: "tomorrow" }, "oldSecretExpireTime"],
    [
        "an overlap of 8 days",
        { oldSecretExpireTime: new Date(Date.now() + 8 * 24 * 60 * 60 * 1000).toISOString() },
        "7 days",
    ],
];
test.each(BAD_ROTATIONS)("rotate with %s", async (_name, body, named) => {
    const emulator = await start();
    const key = await create(emulator);
    const answer = await send(emulator, `POST /auth/api-keys/${key.apiKeyId}/rotate`, body);
    expect(answer).toMatchObject({ status: 400, json: { message: expect.stringContaining(named) } });
    expect(emulator.key(key.apiKeyId)).toEqual(key);
});

const BAD_QUERIES = [
    "pageSize=0",
    "pageSize=-1",
    "pageSize=1.5",
    "pageSize=ten",
    "pageSize=",
    "pageSize=1&pageSize=2",
    "paginationToken=made-up",
    "activeOnly=yes",
    "pagesize=1",
    "pageToken=",
];
test.each(BAD_QUERIES)("list with %s", async (query) => {
    const emulator = await start();
    const answer = await send(emulator, `GET ${keysOf(emulator)}?${query}`);
    expect(answer).toMatchObject({
        status: 400,
        json: { message: expect.stringContaining(query.split("=")[0] ?? "") },
    });
});
