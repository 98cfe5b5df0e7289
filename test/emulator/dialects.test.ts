import { describe, expect, test } from "vitest";
import type { Dialect } from "xai-management-emulator";
import { emulate } from "../servers.js";
import { create, keysOf, send, update, updateInTeam } from "./client.js";

describe("routes that a dialect lacks", () => {
    test.each([
        [404, "Not Found"],
        [405, "Method Not Allowed"],
        [501, "Not Implemented"],
    ] as const)("answer %i", async (missingRoute, message) => {
        const lacking = { missingRoute, rotation: false, validation: false };
        const guide = await emulate({ dialect: { ...lacking, updateRoute: "guide" } });
        const key = await create(guide);
        expect((await update(guide, key, { qpm: 1 }, "qpm")).status).toBe(missingRoute);
        expect((await updateInTeam(guide, key, { qpm: 1 }, "qpm")).status).toBe(200);
        expect((await send(guide, `POST /auth/api-keys/${key.apiKeyId}/rotate`)).status).toBe(missingRoute);
        const validation = await send(guide, "GET /auth/management-keys/validation");
        expect(validation).toMatchObject({ status: missingRoute, json: { message } });
        const { updateApiKey, rotateApiKey, validateManagementKey } = guide.countRequests();
        expect([updateApiKey, rotateApiKey, validateManagementKey]).toEqual([2, 1, 1]);

        const reference = await emulate({ dialect: { missingRoute, updateRoute: "reference" } });
        const other = await create(reference);
        expect((await updateInTeam(reference, other, { qpm: 1 }, "qpm")).status).toBe(missingRoute);
        expect((await update(reference, other, { qpm: 1 }, "qpm")).status).toBe(200);
    });
});

// Spelling, action for unknown paths, path, status, and whether the key changed.
const MASKS: [Dialect["maskSpelling"], Dialect["unknownMaskPaths"], string, number, boolean][] = [
    ["both", "refused", "aclStrings", 200, true],
    ["both", "refused", "acl_strings", 200, true],
    ["camel", "refused", "aclStrings", 200, true],
    ["camel", "refused", "acl_strings", 400, false],
    ["camel", "ignored", "acl_strings", 200, false],
    ["snake", "refused", "acl_strings", 200, true],
    ["snake", "refused", "aclStrings", 400, false],
    ["snake", "ignored", "expireTime", 200, false],
    ["snake", "refused", "expire_time", 200, true],
];
test.each(MASKS)("mask %s, unknown paths %s: %s", async (maskSpelling, unknownMaskPaths, path, status, changes) => {
    const emulator = await emulate({ dialect: { maskSpelling, unknownMaskPaths } });
    const key = await create(emulator);
    const body = { aclStrings: [], expireTime: "2999-01-01T00:00:00Z" };
    expect((await update(emulator, key, body, path)).status).toBe(status);
    const now = emulator.key(key.apiKeyId);
    expect(now?.acls.length === 0 || now?.expireTime !== null).toBe(changes);
});

// A point of the dialect, and what a listing shows and lacks of a key with tpm 5 and no other limit.
const ANSWERS: [Partial<Dialect>, object, string[]][] = [
    [{}, { aclStrings: ["api-key:model:*"], disabled: false, tpm: "5" }, ["qps", "qpm", "expireTime", "acl_strings"]],
    [{ answerSpelling: "acl_strings" }, { acl_strings: ["api-key:model:*"] }, ["aclStrings"]],
    [{ disabledAs: "string" }, { disabled: "false" }, []],
    [{ unsetAs: "null" }, { qps: null, qpm: null, expireTime: null, tpm: "5" }, []],
    [{ tpmAs: "number" }, { tpm: 5 }, []],
    [{ redaction: "stars" }, { redactedApiKey: expect.stringMatching(/^xai-\w\*\*\w$/) }, []],
];
test.each(ANSWERS)("answers in %j", async (dialect, shown, absent) => {
    const emulator = await emulate({ dialect });
    await create(emulator, { acls: ["api-key:model:*"], tpm: "5" });
    const { text } = await send(emulator, `GET ${keysOf(emulator)}`);
    const { apiKeys }: { apiKeys: object[] } = JSON.parse(text);
    expect(apiKeys).toMatchObject([shown]);
    for (const name of absent) {
        expect(apiKeys[0]).not.toHaveProperty(name);
    }
});

const SENT = {
    name: " spaced ",
    acls: ["api-key:model:grok-4-latest", "api-key:model:grok-4", "api-key:endpoint:chat", "api-key:model:*"],
    expireTime: "2999-01-31T10:00:00.1234567+02:00",
};
const NORMALISED = {
    name: "spaced",
    acls: ["api-key:endpoint:chat", "api-key:model:*", "api-key:model:grok-4-0709"],
    expireTime: "2999-01-31T08:00:00.123456Z",
};
test.each([
    ["kept", SENT],
    ["normalised", NORMALISED],
] as const)("values %s, by create and by update", async (values, expected) => {
    const emulator = await emulate({ dialect: { values } });
    expect(await create(emulator, SENT)).toMatchObject(expected);
    const key = emulator.addKey();
    const body = { name: SENT.name, aclStrings: SENT.acls, expireTime: SENT.expireTime };
    expect((await update(emulator, key, body, "name,aclStrings,expireTime")).status).toBe(200);
    expect(emulator.key(key.apiKeyId)).toMatchObject(expected);
});

const MESSAGE = "Cannot find API key";
const ERRORS: [Dialect["errorBody"], string, unknown][] = [
    ["message", "application/json", { code: 5, message: MESSAGE, details: [] }],
    ["error.message", "application/json", { error: { code: 5, message: MESSAGE, details: [] } }],
    ["error", "application/json", { code: 5, error: MESSAGE }],
    ["text", "text/plain", undefined],
    ["html", "text/html", undefined],
];
test.each(ERRORS)("errors as %s", async (errorBody, contentType, json) => {
    const emulator = await emulate({ dialect: { errorBody } });
    const answer = await send(emulator, "DELETE /auth/api-keys/gone");
    expect(answer).toMatchObject({ status: 404, text: expect.stringContaining(MESSAGE) });
    expect(answer.json).toEqual(json);
    expect(answer.headers.get("content-type")).toContain(contentType);
    const refused = await send(emulator, `POST ${keysOf(emulator)}`, { name: "x", acls: ["<script>&"] });
    expect(refused.text.includes("&lt;script&gt;&amp;")).toBe(errorBody === "html");
});
