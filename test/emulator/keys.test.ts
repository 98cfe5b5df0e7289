import { describe, expect, test } from "vitest";
import { emulate } from "../servers.js";
import { create, keysOf, listed, send, update, updateInTeam } from "./client.js";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MICROSECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

describe("create", () => {
    test("the guide's example", async () => {
        const emulator = await emulate();
        const acls = ["api-key:model:*", "api-key:endpoint:*"];
        const body = { name: "My API key", acls, qps: 5, qpm: 100, tpm: null };
        const answer = await send(emulator, `POST ${keysOf(emulator)}`, body);
        expect(answer.status).toBe(200);
        expect(answer.json).toEqual({
            apiKey: expect.stringMatching(/^xai-[A-Za-z0-9]{80}$/),
            apiKeyId: expect.stringMatching(UUID),
            userId: expect.stringMatching(UUID),
            teamId: emulator.teamId,
            redactedApiKey: expect.stringMatching(/^xai-\.\.\.[A-Za-z0-9]{4}$/),
            name: "My API key",
            aclStrings: acls,
            qps: 5,
            qpm: 100,
            disabled: false,
            createTime: expect.stringMatching(MICROSECONDS),
            modifyTime: expect.stringMatching(MICROSECONDS),
        });
    });
});

describe("list", () => {
    test("filters: a disabled key is active, an expired key is not", async () => {
        const emulator = await emulate();
        emulator.addKey({ name: "chat", acls: ["api-key:endpoint:chat"] });
        emulator.addKey({ name: "image", acls: ["api-key:endpoint:image"] });
        emulator.addKey({ name: "off", acls: ["api-key:endpoint:embed"], disabled: true });
        emulator.addKey({ name: "expired", acls: ["api-key:endpoint:chat"], expireTime: "2020-01-01T00:00:00Z" });
        const names = async (query: string) => (await listed(emulator, query)).keys.map(({ name }) => name);
        expect(await names("activeOnly=true")).toEqual(["chat", "image", "off"]);
        expect(await names("activeOnly=false")).toEqual(["chat", "image", "off", "expired"]);
        const filters = "aclFilters=api-key:endpoint:chat&aclFilters=api-key:endpoint:embed";
        expect(await names(filters)).toEqual(["chat", "off", "expired"]);
        expect(await names(`${filters}&activeOnly=true`)).toEqual(["chat", "off"]);
    });

    test("a user who is no team admin sees only their own keys", async () => {
        const emulator = await emulate({ ownKeysOnly: true });
        const own = await create(emulator);
        const other = emulator.addKey();
        const ids = async () => (await listed(emulator)).keys.map(({ apiKeyId }) => apiKeyId);
        expect(await ids()).toEqual([own.apiKeyId]);
        emulator.setManagementKey("xai-token-of-the-other-user", other.userId);
        expect(await ids()).toEqual([other.apiKeyId]);
        emulator.setOwnKeysOnly(false);
        expect(await ids()).toEqual([own.apiKeyId, other.apiKeyId]);
    });
});

describe.each([
    ["reference's", update],
    ["guide's", updateInTeam],
])("update over the %s route", (_route, change) => {
    test("changes the fields in the mask and no others", async () => {
        const emulator = await emulate();
        const key = await create(emulator, { qps: 1, qpm: 2, tpm: "3" });
        const answer = await change(emulator, key, { name: "new", qps: 10, qpm: 20, tpm: "30", disabled: true }, "qpm");
        expect(answer).toMatchObject({ status: 200, json: { name: "a key", qps: 1, qpm: 20, tpm: "3" } });
        expect(answer.json).not.toHaveProperty("apiKey");
        const { modifyTime } = emulator.key(key.apiKeyId) ?? key;
        expect(emulator.key(key.apiKeyId)).toEqual({ ...key, qpm: 20, modifyTime });
    });

    test("changes every field at once, in both spellings of the body", async () => {
        const emulator = await emulate();
        const key = await create(emulator);
        const values = { name: "new", qps: 1, qpm: 2, tpm: "3", disabled: true };
        const acls = ["api-key:model:grok-3"];
        const expireTime = "2999-01-01T00:00:00Z";
        const mask = "name,aclStrings, qps,qpm,tpm,expireTime,disabled";
        const camel = await change(emulator, key, { ...values, aclStrings: acls, expireTime }, mask);
        expect(camel.json).toMatchObject({ ...values, aclStrings: acls, expireTime });
        const snake = await change(emulator, key, { acl_strings: [], expire_time: null }, "acl_strings,expire_time");
        expect(snake.json).toMatchObject({ ...values, aclStrings: [] });
        expect(snake.json).not.toHaveProperty("expireTime");
    });

    test("clears a field that is null or absent", async () => {
        const emulator = await emulate();
        for (const cleared of [{ qps: null, qpm: null, tpm: null, expireTime: null }, {}]) {
            const set = { qps: 1, qpm: 2, tpm: "3", expireTime: "2999-01-01T00:00:00Z" };
            const key = await create(emulator, set);
            expect((await change(emulator, key, cleared, "qps,tpm,expireTime")).status).toBe(200);
            expect(emulator.key(key.apiKeyId)).toMatchObject({ qps: null, qpm: 2, tpm: null, expireTime: null });
        }
    });
});

describe("rotate", () => {
    const emulatorIn2030 = async () => {
        const emulator = await emulate({ now: () => new Date("2030-01-01T00:00:00Z") });
        const settings = { qps: 1, disabled: true, expireTime: "2999-01-01T00:00:00Z" };
        const key = emulator.addKey(settings);
        const rotate = (body?: object) => send(emulator, `POST /auth/api-keys/${key.apiKeyId}/rotate`, body);
        return { emulator, key, rotate };
    };

    test("makes a new secret under the same id, and changes nothing else", async () => {
        const { emulator, key, rotate } = await emulatorIn2030();
        const answer = await rotate({ expireTime: null, oldSecretExpireTime: null });
        const rotated = emulator.key(key.apiKeyId);
        expect(answer).toMatchObject({ status: 200, json: { apiKeyId: key.apiKeyId, apiKey: rotated?.apiKey } });
        expect(rotated?.apiKey).not.toBe(key.apiKey);
        expect(rotated).toEqual({
            ...key,
            apiKey: expect.stringMatching(/^xai-[A-Za-z0-9]{80}$/),
            previousApiKeys: [{ apiKey: key.apiKey, expireTime: "2030-01-02T00:00:00.000000Z" }],
        });
    });

    test("keeps the old secret for a day by default, and for seven at most", async () => {
        const { emulator, key, rotate } = await emulatorIn2030();
        await rotate();
        await rotate({ oldSecretExpireTime: "2030-01-08T00:00:00Z" });
        await rotate({ oldSecretExpireTime: "2029-12-31T00:00:00Z" });
        expect((await rotate({ oldSecretExpireTime: "2030-01-08T00:00:00.001Z" })).status).toBe(400);
        const previous = emulator.key(key.apiKeyId)?.previousApiKeys;
        expect(previous?.map(({ expireTime }) => expireTime.slice(0, 10))).toEqual([
            "2030-01-02",
            "2030-01-08",
            "2029-12-31",
        ]);
        const expireTime = "2031-01-01T00:00:00Z";
        expect((await rotate({ expireTime })).json).toMatchObject({ expireTime });
    });
});

test("a deleted key is gone for every operation, in words that speak of the key", async () => {
    const emulator = await emulate();
    const key = await create(emulator);
    const path = `/auth/api-keys/${key.apiKeyId}`;
    expect(await send(emulator, `DELETE ${path}`)).toMatchObject({ status: 200, json: {} });
    expect(emulator.keys()).toEqual([]);
    for (const answer of [
        await send(emulator, `DELETE ${path}`),
        await send(emulator, `GET ${path}/propagation`),
        await send(emulator, `POST ${path}/rotate`),
        await update(emulator, key, { qpm: 1 }, "qpm"),
        await updateInTeam(emulator, key, { qpm: 1 }, "qpm"),
    ]) {
        expect(answer).toMatchObject({ status: 404, json: { code: 5, message: "Cannot find API key", details: [] } });
    }
});

test("propagation ends after its time, or never, and starts again with a rotation", async () => {
    const emulator = await emulate({ propagation: "never", clusters: ["a", "b"] });
    const { apiKeyId } = await create(emulator);
    const check = async () => (await send(emulator, `GET /auth/api-keys/${apiKeyId}/propagation`)).json;
    expect(await check()).toEqual({ icPropagation: { a: false, b: false } });
    emulator.setPropagation({ b: 3_600_000 });
    expect(await check()).toEqual({ icPropagation: { a: true, b: false } });
    emulator.setPropagation(20);
    await expect.poll(check).toEqual({ icPropagation: { a: true, b: true } });
    emulator.setPropagation({ b: 3_600_000 });
    await send(emulator, `POST /auth/api-keys/${apiKeyId}/rotate`);
    expect(await check()).toEqual({ icPropagation: { a: true, b: false } });
    expect(() => emulator.setPropagation({ d: 5 })).toThrow("There is no cluster d; there are a, b.");
});

test("the server's clock sets every time that it writes or compares", async () => {
    const clock = { now: new Date("2050-06-01T12:00:00.123Z") };
    const emulator = await emulate({ now: () => clock.now });
    const key = await create(emulator, { expireTime: "2050-06-01T13:00:00Z" });
    expect(key).toMatchObject({ createTime: "2050-06-01T12:00:00.123000Z", modifyTime: "2050-06-01T12:00:00.123000Z" });
    clock.now = new Date("2050-06-01T14:00:00Z");
    const active = await send(emulator, `GET ${keysOf(emulator)}?activeOnly=true`);
    expect(active.json).toEqual({ apiKeys: [] });
    expect(active.headers.get("date")).toBe("Wed, 01 Jun 2050 14:00:00 GMT");
    await expect(create(emulator, { expireTime: "2050-06-01T13:00:00Z" })).rejects.toThrow("future");
});

describe("behind the clients' backs", () => {
    test("keys are added, changed and deleted without a request, and are handed out as copies", async () => {
        const emulator = await emulate();
        const { apiKeyId } = emulator.addKey({ name: "theirs", qps: 4 });
        emulator.keys()[0]?.acls.push("api-key:model:x");
        expect(emulator.key(apiKeyId)).toMatchObject({ name: "theirs", qps: 4, acls: { length: 2 } });
        emulator.changeKey(apiKeyId, { disabled: true, apiKey: "xai-rotated-oYZ4" });
        expect(emulator.requests).toEqual([]);
        const { keys } = await listed(emulator);
        expect(keys).toMatchObject([{ disabled: true, qps: 4, redactedApiKey: "xai-...oYZ4" }]);
        emulator.deleteKey(apiKeyId);
        expect(emulator.keys()).toEqual([]);
        expect(() => emulator.deleteKey(apiKeyId)).toThrow(apiKeyId);
        expect(() => emulator.changeKey(apiKeyId, {})).toThrow(apiKeyId);
    });

    test("every secret since the start is known, deleted and replaced ones included", async () => {
        const emulator = await emulate();
        const first = emulator.managementKey;
        const gone = emulator.addKey();
        emulator.deleteKey(gone.apiKeyId);
        const rotated = emulator.addKey();
        await send(emulator, `POST /auth/api-keys/${rotated.apiKeyId}/rotate`);
        const now = emulator.key(rotated.apiKeyId)?.apiKey;
        emulator.changeKey(rotated.apiKeyId, { apiKey: "xai-given-by-hand" });
        emulator.setManagementKey("xai-token-second");
        const ofKeys = [gone.apiKey, rotated.apiKey, now, "xai-given-by-hand"];
        expect(emulator.secrets()).toEqual([first, "xai-token-second", ...ofKeys]);
    });
});

test("the pages for people need no key and hold no secret", async () => {
    const emulator = await emulate();
    const key = await create(emulator);
    await send(emulator, `POST /auth/api-keys/${key.apiKeyId}/rotate`);
    emulator.clearRequests();
    const home = await fetch(`${emulator.url}/`);
    expect(home.headers.get("content-type")).toContain("text/plain");
    expect(await home.text()).toContain("not xAI");
    const keys = await (await fetch(`${emulator.url}/_emulator/keys`)).text();
    expect(JSON.parse(keys)).toMatchObject({ apiKeys: [{ apiKeyId: key.apiKeyId, name: "a key" }] });
    expect(emulator.secrets().filter((secret) => keys.includes(secret))).toEqual([]);
    expect(emulator.requests).toEqual([]);
});
