import { describe, expect, test } from "vitest";
import type { Dialect } from "xai-management-emulator";
import * as apiKeys from "../../provider/api/apiKeys.js";
import { UnexpectedAnswerError } from "../../provider/api/errors.js";
import { isReadable, listApiKeys, MAX_FRUITLESS_PAGES, PAGE_SIZE } from "../../provider/api/listApiKeys.js";
import { emulate, serve } from "../servers.js";
import { answering, client, failureOf, httpFor } from "./client.js";

const NEW = { name: "ci", acls: ["api-key:model:*", "api-key:endpoint:*"], qps: 5, qpm: null, tpm: "50000" };

test.each([
    [{ apiKeyId: "id", name: "ci" }, 'API key "ci" (id)'],
    [{ apiKeyId: "id", name: "" }, "API key id"],
])("messages name %j as %s", (key, text) => {
    expect(apiKeys.label(key)).toBe(text);
});

const DIALECTS: Partial<Dialect>[] = [
    {},
    { answerSpelling: "acl_strings", disabledAs: "string", unsetAs: "null", tpmAs: "number", redaction: "stars" },
];
test.each(DIALECTS)(
    "in the dialect %j a key is created, listed, rotated, found on clusters and deleted",
    async (dialect) => {
        const emulator = await emulate({ dialect, propagation: { "eu-west-1": "never" } });
        const http = httpFor(emulator);
        const created = await apiKeys.createApiKey(http, emulator.teamId, NEW);
        const stored = emulator.key(created.apiKeyId);
        expect(created.apiKey).toBe(stored?.apiKey);
        expect(created.key).toEqual({
            ...NEW,
            apiKeyId: created.apiKeyId,
            teamId: emulator.teamId,
            userId: stored?.userId,
            expireTime: null,
            disabled: false,
            redactedApiKey: expect.stringMatching(/^xai-/),
            createTime: stored?.createTime,
            modifyTime: stored?.modifyTime,
        });
        expect(emulator.requests[0]?.body).toEqual({ name: "ci", acls: NEW.acls, qps: 5, tpm: "50000" });
        expect(await listApiKeys(http, emulator.teamId)).toEqual(new Map([[created.apiKeyId, created.key]]));
        const key = { apiKeyId: created.apiKeyId, name: "ci" };
        const oldSecretExpireTime = new Date(Date.now() + 60_000).toISOString();
        const rotated = await apiKeys.rotateApiKey(http, key, { oldSecretExpireTime, expireTime: undefined });
        expect(rotated).toMatchObject({ apiKeyId: key.apiKeyId, apiKey: emulator.key(key.apiKeyId)?.apiKey });
        expect(rotated.apiKey).not.toBe(created.apiKey);
        expect(emulator.requests.at(-1)?.body).toEqual({ oldSecretExpireTime });
        expect(await apiKeys.getPropagation(http, key)).toEqual({ "us-east-1": true, "eu-west-1": false });
        await apiKeys.deleteApiKey(http, key);
        expect((await failureOf(apiKeys.deleteApiKey(http, key))).message).toContain(
            `Could not delete API key "ci" (${key.apiKeyId}): the API answered 404`,
        );
    },
);

describe("a key in an answer", () => {
    const listed = async (key: object) =>
        (await listApiKeys(await answering({ apiKeys: [{ apiKeyId: "id", name: "n", ...key }] }), "t")).get("id");
    test.each([
        [{ qps: { odd: 1 } }, "qps"],
        [{ qps: "1e3" }, "qps"],
        [{ acl_strings: "a" }, "acls"],
        [{ aclStrings: ["a", 7] }, "acls.1"],
        [{ disabled: "perhaps" }, "disabled"],
        [{ tpm: 1.5 }, "tpm"],
    ])("with %j exists, and says which field has an unexpected shape", async (given, unreadable) => {
        const key = await listed({ ...given, name: "ci" });
        expect(key).toEqual({ apiKeyId: "id", unreadable });
        expect(key !== undefined && isReadable(key)).toBe(false);
    });

    test.each([
        [{ apiKey: "s", qps: { odd: 1 } }, "s"],
        [{ apiKey: null, name: "n" }, undefined],
        [{}, undefined],
    ])("of a create, %j, keeps what can be read", async (body, apiKey) => {
        const created = await apiKeys.createApiKey(await answering({ apiKeyId: "id", ...body }), "t", NEW);
        expect([created.apiKeyId, created.apiKey]).toEqual(["id", apiKey]);
    });
});

describe("a listing", () => {
    test.each([
        [0, PAGE_SIZE, 1],
        [PAGE_SIZE, PAGE_SIZE, 1],
        [PAGE_SIZE + 1, PAGE_SIZE, 2],
        [5, 2, 3],
    ])("of %i keys in pages of %i costs %i requests", async (count, maxPageSize, requests) => {
        const emulator = await emulate({ dialect: { maxPageSize } });
        const ids = Array.from({ length: count }, () => emulator.addKey().apiKeyId);
        expect([...(await listApiKeys(httpFor(emulator), emulator.teamId)).keys()]).toEqual(ids);
        expect(emulator.requests).toHaveLength(requests);
    });

    test("goes without a page size where the server refuses ours", async () => {
        const emulator = await emulate();
        const { apiKeyId } = emulator.addKey();
        emulator.inject({ operation: "listApiKeys", status: 400 });
        expect([...(await listApiKeys(httpFor(emulator), emulator.teamId)).keys()]).toEqual([apiKeyId]);
        expect(emulator.requests.map(({ query }) => query)).toEqual([{ pageSize: [`${PAGE_SIZE}`] }, {}]);
    });

    test.each(["{}", '{"paginationToken":""}', '{"apiKeys":null,"paginationToken":null}', '{"apiKeys":[]}'])(
        "may be empty: %s",
        async (body) => {
            expect((await listApiKeys(await answering(body), "t")).size).toBe(0);
        },
    );

    test.each(['{"ok":true}', '{"apiKeys":null,"error":"later"}', '{"__proto__":null}', "[]", '"keys"', "null", ""])(
        "is not read out of an answer of another kind: %j",
        async (body) => {
            const failure = await failureOf(listApiKeys(await answering(body), "t"));
            expect(failure).toBeInstanceOf(UnexpectedAnswerError);
            expect(failure.message).toContain(
                "Could not list the API keys of team t: the answer had an unexpected shape",
            );
        },
    );

    test("with an entry without an id fails, and names the field and no value", async () => {
        const body = { apiKeys: [{ apiKeyId: "a" }, { apiKeyId: 7, name: "confidential" }] };
        const { message } = await failureOf(listApiKeys(await answering(body), "t"));
        expect(message).toContain("unexpected shape at apiKeys.1.apiKeyId");
        expect(message).not.toContain("confidential");
    });

    test("that repeats a page's token fails", async () => {
        const failure = await failureOf(
            listApiKeys(await answering({ apiKeys: [{ apiKeyId: "a" }], paginationToken: "again" }), "t"),
        );
        expect(failure.message).toContain("repeated a page's token. The listing may lack keys");
    });

    test("whose pages hold no further key ends with an error", async () => {
        let token = 0;
        const baseUrl = await serve((_request, response) => {
            token += 1;
            response.end(JSON.stringify({ apiKeys: [{ apiKeyId: "k" }], paginationToken: `${token}` }));
        });
        const failure = await failureOf(listApiKeys(client(baseUrl).http, "t"));
        expect(failure.message).toContain(`its last ${MAX_FRUITLESS_PAGES} pages held no further key`);
        expect(token).toBe(MAX_FRUITLESS_PAGES + 1);
    });
});

describe("propagation", () => {
    const KEY = { apiKeyId: "id", name: "ci" };
    test.each<[string, object]>([
        ["{}", {}],
        ['{"icPropagation":null}', {}],
        ['{"icPropagation":{"a":true,"b":"false"}}', { a: true, b: false }],
    ])("%s is %j", async (body, clusters) => {
        expect(await apiKeys.getPropagation(await answering(body), KEY)).toEqual(clusters);
    });

    test("of another shape is an error that names the key", async () => {
        const failure = await failureOf(apiKeys.getPropagation(await answering('{"icPropagation":{"a":1}}'), KEY));
        expect(failure.message).toContain('Could not check the propagation of API key "ci" (id)');
        expect(failure.message).toContain("unexpected shape at icPropagation.a");
    });
});

test("a delete that is answered with something else than nothing is not believed", async () => {
    const failure = await failureOf(
        apiKeys.deleteApiKey(await answering('{"deleted":false}'), { apiKeyId: "a", name: "" }),
    );
    expect(failure).toBeInstanceOf(UnexpectedAnswerError);
    expect(failure.mayHaveActed).toBe(true);
});
