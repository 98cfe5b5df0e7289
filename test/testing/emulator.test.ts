import { describe, expect, test } from "vitest";
import { create, keysOf, send, start, update, updateInTeam } from "./emulatorClient.js";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MICROSECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

describe("create", () => {
    test("the guide's example", async () => {
        const emulator = await start();
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

    test("every field, and permissions by alias", async () => {
        const emulator = await start();
        const expireTime = "2999-01-31T10:00:00+02:00";
        const acls = ["api-key:model:grok-4", "api-key:model:grok-2-image-1212", "api-key:endpoint:chat"];
        const key = await create(emulator, { acls, qps: 1, qpm: 2, tpm: "3", expireTime });
        expect(key).toMatchObject({ acls, qps: 1, qpm: 2, tpm: "3", expireTime, previousApiKeys: [] });
    });

    test("in another team that the management key may use", async () => {
        const other = "6e1f4b8e-7d64-43b5-9f4b-2f4b2f6c3a10";
        const emulator = await start({ otherTeams: [other] });
        const answer = await send(emulator, `POST ${keysOf(emulator, other)}`, { name: "there" });
        expect(answer.json).toMatchObject({ teamId: other, aclStrings: [] });
        expect(emulator.keys(other)).toHaveLength(1);
        expect(emulator.keys(emulator.teamId)).toHaveLength(0);
    });
});

describe("list", () => {
    test("everything as one page, without secrets", async () => {
        const emulator = await start({ dialect: { maxPageSize: 2 } });
        for (const name of ["a", "b", "c"]) {
            await create(emulator, { name });
        }
        const answer = await send(emulator, `GET ${keysOf(emulator)}`);
        expect(answer.json).toMatchObject({ apiKeys: [{ name: "a" }, { name: "b" }, { name: "c" }] });
        expect(answer.json).not.toHaveProperty("paginationToken");
        for (const { apiKey } of emulator.keys()) {
            expect(answer.text).not.toContain(apiKey);
        }
    });

    // Asked for, cap, keys: the sizes of the pages that come.
    const PAGINGS: [number, number, number, number[]][] = [
        [1, 100, 3, [1, 1, 1]],
        [2, 100, 3, [2, 1]],
        [2, 100, 4, [2, 2]],
        [3, 100, 3, [3]],
        [50, 2, 5, [2, 2, 1]],
        [10, 100, 0, [0]],
    ];
    test.each(PAGINGS)("pageSize %i of at most %i over %i keys", async (pageSize, maxPageSize, count, sizes) => {
        const emulator = await start({ dialect: { maxPageSize } });
        const ids = Array.from({ length: count }, () => emulator.addKey().apiKeyId);
        const pages: string[][] = [];
        let token: string | undefined = "";
        while (token !== undefined) {
            const query: string = `pageSize=${pageSize}&paginationToken=${encodeURIComponent(token)}`;
            const { text } = await send(emulator, `GET ${keysOf(emulator)}?${query}`);
            const page: { apiKeys: { apiKeyId: string }[]; paginationToken?: string } = JSON.parse(text);
            pages.push(page.apiKeys.map((key) => key.apiKeyId));
            token = page.paginationToken;
        }
        expect(pages.map((page) => page.length)).toEqual(sizes);
        expect(pages.flat()).toEqual(ids);
    });

    test("a token is good for its own listing only", async () => {
        const emulator = await start();
        emulator.addKey();
        emulator.addKey();
        const first = await send(emulator, `GET ${keysOf(emulator)}?pageSize=1`);
        const { paginationToken }: { paginationToken: string } = JSON.parse(first.text);
        const query = `paginationToken=${paginationToken}`;
        expect((await send(emulator, `GET ${keysOf(emulator)}?${query}`)).status).toBe(200);
        expect((await send(emulator, `GET ${keysOf(emulator)}?activeOnly=true&${query}`)).status).toBe(400);
    });

    test("filters", async () => {
        const emulator = await start();
        emulator.addKey({ name: "chat", acls: ["api-key:endpoint:chat"] });
        emulator.addKey({ name: "image", acls: ["api-key:endpoint:image"] });
        emulator.addKey({ name: "off", acls: ["api-key:endpoint:embed"], disabled: true });
        emulator.addKey({ name: "expired", acls: [], expireTime: "2020-01-01T00:00:00Z" });
        const names = async (query: string) => {
            const { text } = await send(emulator, `GET ${keysOf(emulator)}?${query}`);
            const listing: { apiKeys: { name: string }[] } = JSON.parse(text);
            return listing.apiKeys.map((key) => key.name);
        };
        expect(await names("activeOnly=true")).toEqual(["chat", "image"]);
        expect(await names("activeOnly=false")).toEqual(["chat", "image", "off", "expired"]);
        const filters = "aclFilters=api-key:endpoint:chat&aclFilters=api-key:endpoint:embed";
        expect(await names(filters)).toEqual(["chat", "off"]);
        expect(await names(`${filters}&activeOnly=true`)).toEqual(["chat"]);
    });
});

describe.each([
    ["reference's route", update],
    ["guide's route", updateInTeam],
])("update over the %s", (_route, change) => {
    test("changes what the mask names and nothing else", async () => {
        const emulator = await start();
        const key = await create(emulator, { qps: 1, qpm: 2, tpm: "3" });
        const answer = await change(emulator, key, { name: "new", qps: 10, qpm: 20, tpm: "30", disabled: true }, "qpm");
        expect(answer).toMatchObject({ status: 200, json: { name: "a key", qps: 1, qpm: 20, tpm: "3" } });
        expect(answer.json).not.toHaveProperty("apiKey");
        const changed = { ...key, qpm: 20, modifyTime: expect.stringMatching(MICROSECONDS) };
        expect(emulator.key(key.apiKeyId)).toEqual(changed);
    });

    test("every field at once, in both body spellings", async () => {
        const emulator = await start();
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

    test.each(["qps", "qpm", "tpm", "expireTime"])("%s is cleared by null and by absence", async (field) => {
        const emulator = await start();
        const set = { qps: 1, qpm: 2, tpm: "3", expireTime: "2999-01-01T00:00:00Z" };
        for (const cleared of [{ [field]: null }, {}]) {
            const key = await create(emulator, set);
            const answer = await change(emulator, key, cleared, field);
            expect(answer.status).toBe(200);
            expect(answer.json).not.toHaveProperty(field);
            expect(emulator.key(key.apiKeyId)).toMatchObject({ ...set, [field]: null });
        }
    });

    test("takes the whole key object, an expiry that is past included", async () => {
        const emulator = await start();
        const key = emulator.addKey({ expireTime: "2020-01-01T00:00:00Z" });
        const { text } = await send(emulator, `GET ${keysOf(emulator)}`);
        const listing: { apiKeys: object[] } = JSON.parse(text);
        const answer = await change(emulator, key, { ...listing.apiKeys[0], qpm: 7 }, "qpm");
        expect(answer).toMatchObject({ status: 200, json: { qpm: 7, expireTime: "2020-01-01T00:00:00Z" } });
    });
});

test("delete is final", async () => {
    const emulator = await start();
    const key = await create(emulator);
    const path = `/auth/api-keys/${key.apiKeyId}`;
    expect(await send(emulator, `DELETE ${path}`)).toMatchObject({ status: 200, json: {} });
    expect(emulator.keys()).toEqual([]);
    const later = [`DELETE ${path}`, `GET ${path}/propagation`, `POST ${path}/rotate`];
    for (const request of later) {
        expect((await send(emulator, request)).status).toBe(404);
    }
    expect((await update(emulator, key, { qpm: 1 }, "qpm")).status).toBe(404);
    expect((await updateInTeam(emulator, key, { qpm: 1 }, "qpm")).status).toBe(404);
});

describe("models", () => {
    test("each cluster has each of them", async () => {
        const emulator = await start();
        const { text, json } = await send(emulator, `GET /auth/teams/${emulator.teamId}/models`);
        expect(json).toMatchObject({
            clusterConfigs: ["us-east-1", "eu-west-1"].map((cluster) => ({
                clusterName: cluster,
                languageModels: expect.arrayContaining([
                    expect.objectContaining({
                        name: "grok-4-0709",
                        aliases: ["grok-4", "grok-4-latest"],
                        cluster,
                        promptTextTokenPrice: "30000",
                        promptTextTokenPriceLongContext: "60000",
                        features: { functionCalling: true, structuredOutputs: true, reasoning: true },
                    }),
                ]),
                imageGenerationModels: [expect.objectContaining({ name: "grok-2-image-1212", cluster })],
                embeddingModels: [expect.not.objectContaining({ outputModalities: expect.anything() })],
                audioModels: [],
                videoGenerationModels: [],
            })),
        });
        for (const [, value] of text.matchAll(/"\w*(?:[pP]rice\w*|rps|rpm|tpm|rph|rpd)":([^[,}]+)/g)) {
            expect(value).toMatch(/^"\d+"$/);
        }
    });

    test("a retired model is neither listed nor permitted any more", async () => {
        const emulator = await start();
        const key = await create(emulator, { acls: ["api-key:model:grok-4"] });
        emulator.retireModel("grok-4");
        const { text } = await send(emulator, `GET /auth/teams/${emulator.teamId}/models`);
        expect(text).not.toContain("grok-4");
        expect(text).toContain("grok-3");
        const body = { name: "late", acls: ["api-key:model:grok-4-0709"] };
        expect((await send(emulator, `POST ${keysOf(emulator)}`, body)).status).toBe(400);
        expect((await update(emulator, key, { name: "still here" }, "name")).status).toBe(200);
        expect(() => emulator.retireModel("grok-4")).toThrow('There is no model "grok-4".');
    });
});

test("endpoints", async () => {
    const emulator = await start();
    const { text } = await send(emulator, `GET /auth/teams/${emulator.teamId}/endpoints`);
    const { acls }: { acls: { acl: string; value: string }[] } = JSON.parse(text);
    const names = ["chat", "embed", "image", "models", "sample", "tokenize", "documents"];
    expect(acls.map((acl) => acl.value)).toEqual(names);
    expect(acls[0]).toEqual({
        acl: "api-key:endpoint:chat",
        description: expect.any(String),
        namespace: "api-key",
        key: "endpoint",
        value: "chat",
    });
});

test("validation says whose management key it is and what it may do", async () => {
    const emulator = await start();
    const { json } = await send(emulator, "GET /auth/management-keys/validation");
    expect(json).toEqual({
        apiKeyId: expect.stringMatching(UUID),
        scope: "SCOPE_TEAM",
        scopeId: emulator.teamId,
        teamId: emulator.teamId,
        ownerUserId: expect.stringMatching(UUID),
        createTime: expect.stringMatching(MICROSECONDS),
        modifyTime: expect.stringMatching(MICROSECONDS),
        name: expect.any(String),
        acls: expect.arrayContaining([
            "team-token:endpoint:ListApiKeys",
            "team-token:endpoint:CheckApiKeyPropagation",
            "team-token:endpoint:ListPossibleEndpointAcls",
        ]),
        redactedApiKey: `xai-...${emulator.managementKey.slice(-4)}`,
        ipRanges: [],
    });
});

test("pages for people need no key and hold no secret", async () => {
    const emulator = await start();
    const key = await create(emulator);
    await send(emulator, `POST /auth/api-keys/${key.apiKeyId}/rotate`);
    emulator.clearRequests();
    const home = await fetch(`${emulator.url}/`);
    expect(home.headers.get("content-type")).toContain("text/plain");
    expect(await home.text()).toContain("not xAI");
    const keys = await (await fetch(`${emulator.url}/_emulator/keys`)).text();
    expect(JSON.parse(keys)).toMatchObject({ apiKeys: [{ apiKeyId: key.apiKeyId, name: "a key" }] });
    expect(keys).not.toContain(key.apiKey);
    expect(keys).not.toContain(emulator.key(key.apiKeyId)?.apiKey);
    expect(emulator.requests).toEqual([]);
});
