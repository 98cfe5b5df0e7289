import { describe, expect, test } from "vitest";
import { emulate } from "../servers.js";
import { create, keysOf, send, update, updateInTeam } from "./client.js";

describe("credentials", () => {
    test.each([
        {},
        { authorization: "Bearer xai-token-wrong" },
        { authorization: "xai-token-right" },
        { authorization: "Basic xai-token-right" },
        { authorization: "Bearer " },
    ])("%j gets 401, whatever the request", async (headers) => {
        const emulator = await emulate({ managementKey: "xai-token-right" });
        for (const path of ["/auth/teams/x/api-keys", "/auth/nowhere"]) {
            const response = await fetch(emulator.url + path, { headers });
            expect(response.status).toBe(401);
            expect(response.headers.get("www-authenticate")).toBe("Bearer");
            expect(await response.text()).not.toContain("xai-token");
        }
    });

    test("a missing permission gets 403, and either name of the permission for models is enough", async () => {
        const emulator = await emulate();
        const acls = ["team-token:endpoint:ListModelsForTeam"];
        emulator.setManagementKeyAcls(acls);
        expect((await send(emulator, `GET /auth/teams/${emulator.teamId}/models`)).status).toBe(200);
        const refused = await send(emulator, `POST ${keysOf(emulator)}`, { name: "x" });
        expect(refused).toMatchObject({ status: 403, json: { message: expect.stringContaining("CreateApiKey") } });
        const validation = await send(emulator, "GET /auth/management-keys/validation");
        expect(validation).toMatchObject({ status: 200, json: { acls } });
        emulator.setManagementKeyAcls(undefined);
        await create(emulator);
    });

    test("another team and its keys get 403", async () => {
        const emulator = await emulate();
        const { apiKeyId } = emulator.addKey({ teamId: "another" });
        for (const request of [
            ...["GET /auth/teams/another/api-keys", "POST /auth/teams/another/api-keys"],
            ...["PUT /auth/teams/another/api-keys", "GET /auth/teams/another/models"],
            ...["GET /auth/teams/another/endpoints", `DELETE /auth/api-keys/${apiKeyId}`],
            `GET /auth/api-keys/${apiKeyId}/propagation`,
        ]) {
            expect((await send(emulator, request)).status, request).toBe(403);
        }
    });
});

test("the guide's route updates a key in its own team only, and needs its id", async () => {
    const emulator = await emulate({ otherTeams: ["second"] });
    const key = emulator.addKey({ teamId: "second" });
    expect((await updateInTeam(emulator, key, { qpm: 1 }, "qpm")).status).toBe(404);
    expect((await update(emulator, key, { qpm: 1 }, "qpm")).status).toBe(200);
    const answer = await send(emulator, `PUT ${keysOf(emulator)}`, { apiKey: { qpm: 1 }, fieldMask: "qpm" });
    expect(answer).toMatchObject({ status: 400, json: { message: expect.stringContaining("apiKeyId") } });
});

test.each(["/auth", "/v1/auth/api-keys"])("%s is outside of the API: a page, without a key too", async (path) => {
    const response = await fetch((await emulate()).url + path);
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toContain("text/html");
    expect(await response.text()).toContain("Not Found");
});

// The body, as text or as fields beside a good name, and what the message must name.
const BAD_CREATES: [string | object, ...string[]][] = [
    ["", "body"],
    ["{", "not JSON"],
    [{ name: "  " }, "name"],
    [{ aclStrings: [] }, "aclStrings"],
    [{ apiKey: "xai-abc" }, "apiKey"],
    [{ acls: ["api-key:modle:grok-4"] }, "acls", "api-key:modle:grok-4"],
    [{ acls: ["api-key:endpoint:constructor"] }, "acls", "constructor"],
    [{ qps: 0 }, "qps"],
    [{ tpm: 5 }, "tpm"],
    [{ expireTime: "2999-02-30T00:00:00Z" }, "expireTime"],
    [{ expireTime: "2020-01-01T00:00:00Z" }, "expireTime", "future"],
    [{ name: 1, qps: 0, tpm: 1, x: 1 }, "name", "qps", "tpm", "x: unknown"],
];
test.each(BAD_CREATES)("create refuses %j", async (body, ...named) => {
    const emulator = await emulate();
    const sent = typeof body === "string" ? body : { name: "good", ...body };
    const answer = await send(emulator, `POST ${keysOf(emulator)}`, sent);
    expect(answer).toMatchObject({ status: 400, json: { code: 3 } });
    expect(named.filter((name) => !answer.text.includes(name))).toEqual([]);
    expect(emulator.keys()).toEqual([]);
});

// The key object, the mask, and what the message must name.
const BAD_UPDATES: [unknown, unknown, ...string[]][] = [
    [{}, undefined, "fieldMask"],
    [{ qpm: 1 }, "qpm,foo", "fieldMask", "foo"],
    ["<The apiKey Object>", "qpm", "apiKey", "key object"],
    [{ apiKey: "xai-secret", qpm: 1 }, "qpm", "apiKey.apiKey", "never"],
    [{ acls: [] }, "aclStrings", "apiKey.acls: unknown"],
    [{ qps: "1", qpm: 1 }, "qpm", "apiKey.qps"],
    [{ aclStrings: [], acl_strings: [] }, "aclStrings", "aclStrings", "acl_strings"],
    [{ name: null }, "name", "apiKey.name"],
    [{ disabled: "true" }, "disabled", "apiKey.disabled"],
    [{ apiKeyId: "another", qpm: 1 }, "qpm", "apiKey.apiKeyId"],
];
test.each(BAD_UPDATES)("update refuses %j with the mask %j", async (apiKey, fieldMask, ...named) => {
    const emulator = await emulate();
    const key = emulator.addKey();
    const answer = await send(emulator, `PUT /auth/api-keys/${key.apiKeyId}`, { apiKey, fieldMask });
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain("xai-secret");
    expect(named.filter((name) => !answer.text.includes(name))).toEqual([]);
    expect(emulator.key(key.apiKeyId)).toEqual(key);
});

test.each([
    ["[]", "body"],
    [{ foo: 1 }, "foo"],
    [{ expireTime: "soon" }, "expireTime"],
    [{ expireTime: "2020-01-01T00:00:00Z" }, "expireTime"],
    [{ oldSecretExpireTime: "tomorrow" }, "oldSecretExpireTime"],
])("rotate refuses %j", async (body, named) => {
    const emulator = await emulate();
    const key = emulator.addKey();
    const answer = await send(emulator, `POST /auth/api-keys/${key.apiKeyId}/rotate`, body);
    expect(answer).toMatchObject({ status: 400, json: { message: expect.stringContaining(named) } });
    expect(emulator.key(key.apiKeyId)).toEqual(key);
});

test.each([
    ...["pageSize=0", "pageSize=ten", "pageSize=1&pageSize=2", "paginationToken=made-up", "activeOnly=yes"],
    "pagesize=1",
])("list refuses %s", async (query) => {
    const emulator = await emulate();
    const answer = await send(emulator, `GET ${keysOf(emulator)}?${query}`);
    const message = expect.stringContaining(query.split("=")[0] ?? "");
    expect(answer).toMatchObject({ status: 400, json: { message } });
});
