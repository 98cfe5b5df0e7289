import { afterEach, describe, expect, test, vi } from "vitest";
import type { Emulator } from "xai-management-emulator";
import { z } from "zod";
import { createApiKey, deleteApiKey, getPropagation } from "../../provider/api/apiKeys.js";
import { Credential } from "../../provider/api/credential.js";
import { listEndpoints } from "../../provider/api/endpoints.js";
import { AuthenticationError, NoManagementKeyError, RateLimitError, ServerError } from "../../provider/api/errors.js";
import { listApiKeys } from "../../provider/api/listApiKeys.js";
import { path, UnusableIdError } from "../../provider/api/path.js";
import { emulate, serve } from "../servers.js";
import { client, failureOf, httpFor } from "./client.js";

const NEW = { name: "ci", acls: ["api-key:model:*", "api-key:endpoint:*"] };
const KEY = { apiKeyId: "id", name: "ci" };
const statuses = (emulator: Emulator) => emulator.requests.map(({ status }) => status);

afterEach(() => {
    vi.restoreAllMocks();
});
/** Delays without jitter are none. */
const withoutDelays = () => vi.spyOn(Math, "random").mockReturnValue(0);

describe("a failed call is sent again", () => {
    test.each([0, 1, 3])(
        "%i times where `maxRetries` says so; then the API's last word is the error",
        async (maxRetries) => {
            withoutDelays();
            const emulator = await emulate();
            emulator.inject({ status: 503, times: Number.POSITIVE_INFINITY });
            const failure = await failureOf(listApiKeys(httpFor(emulator, { maxRetries }), emulator.teamId));
            expect(failure).toBeInstanceOf(ServerError);
            expect(emulator.requests).toHaveLength(maxRetries + 1);
        },
    );

    test("where it is a create, after a 429 alone", async () => {
        const emulator = await emulate();
        emulator.inject({ status: 429, headers: { "retry-after": "0" } });
        await createApiKey(httpFor(emulator), emulator.teamId, NEW);
        expect(statuses(emulator)).toEqual([429, 200]);
        expect(emulator.keys()).toHaveLength(1);
    });

    test.each(["in headers", "after headers", "in body", "in chunked body", "before", "after"] as const)(
        "where its answer is cut %s, but not where it is a create",
        async (cut) => {
            withoutDelays();
            const emulator = await emulate();
            const http = httpFor(emulator);
            emulator.inject({ operation: "listEndpoints", cut, times: 2 });
            expect(await listEndpoints(http, emulator.teamId)).not.toEqual([]);
            emulator.inject({ operation: "createApiKey", cut });
            expect((await failureOf(createApiKey(http, emulator.teamId, NEW))).mayHaveActed).toBe(true);
            expect(emulator.countRequests()).toEqual({ listEndpoints: 3, createApiKey: 1 });
        },
    );

    test("and its error tells whether any attempt may have acted", async () => {
        withoutDelays();
        const emulator = await emulate();
        const http = httpFor(emulator);
        const { apiKeyId } = emulator.addKey();
        expect((await failureOf(deleteApiKey(http, { apiKeyId: "none", name: "" }))).mayHaveActed).toBe(false);
        emulator.inject({ operation: "deleteApiKey", cut: "after" });
        expect(await failureOf(deleteApiKey(http, { apiKeyId, name: "ci" }))).toMatchObject({
            name: "NotFoundError",
            mayHaveActed: true,
        });
        emulator.inject({ operation: "createApiKey", status: 429, headers: { "retry-after": "0" }, times: 9 });
        expect((await failureOf(createApiKey(http, emulator.teamId, NEW))).mayHaveActed).toBe(false);
    });
});

describe("the deadline", () => {
    test("of a call is not passed by a long Retry-After", async () => {
        const emulator = await emulate();
        emulator.inject({ status: 429, headers: { "retry-after": "50" }, times: Number.POSITIVE_INFINITY });
        const failure = await failureOf(listApiKeys(httpFor(emulator, { operationTimeout: 1000 }), emulator.teamId));
        expect(failure).toBeInstanceOf(RateLimitError);
        expect(emulator.requests).toHaveLength(1);
    });

    test("of a shorter call stands in the message beside the settings", async () => {
        const baseUrl = await serve(() => undefined);
        const { message } = await failureOf(
            getPropagation(client(baseUrl, { maxRetries: 0 }).http, KEY, { deadline: 80 }),
        );
        expect(message).toContain("no complete answer in time. The limits are `xai:requestTimeout` (5s an attempt)");
        expect(message).toContain("`xai:operationTimeout` (10s over all, 80ms for this call)");
    });

    test("ends the wait of a call that another one's 429 holds back, and nothing is sent", async () => {
        const emulator = await emulate();
        emulator.inject({ status: 429, headers: { "retry-after": "2" } });
        const http = httpFor(emulator, { maxRetries: 0 });
        await failureOf(listEndpoints(http, emulator.teamId));
        const failure = await failureOf(getPropagation(http, KEY, { deadline: 100 }));
        expect(failure.message).toContain("its turn did not come in time, so the request was not sent");
        expect(failure.message).toContain("`--parallel`");
        expect(failure.mayHaveActed).toBe(false);
        expect(emulator.requests).toHaveLength(1);
    });

    test("does not cut a create off that is under way", async () => {
        const emulator = await emulate({ latencyMs: 300 });
        const http = httpFor(emulator, { maxConcurrency: 1, operationTimeout: 700 });
        const results = await Promise.allSettled([1, 2, 3, 4, 5].map(() => createApiKey(http, emulator.teamId, NEW)));
        const made = results.filter(({ status }) => status === "fulfilled");
        expect(emulator.keys()).toHaveLength(made.length);
        expect(emulator.requests).toHaveLength(made.length);
        expect(made.length).toBeLessThan(5);
    });

    test("may be 90 days", async () => {
        const emulator = await emulate();
        const limit = 90 * 24 * 3_600_000;
        const http = httpFor(emulator, { requestTimeout: limit, operationTimeout: limit });
        expect(await listEndpoints(http, emulator.teamId)).not.toEqual([]);
    });
});

describe("a signal", () => {
    const REASON = new Error("the user cancelled");
    const key = { apiKeyId: "id", name: "ci" };

    test("ends a repeatable request at once", async () => {
        const cancel = new AbortController();
        const baseUrl = await serve(() => cancel.abort(REASON));
        await expect(getPropagation(client(baseUrl).http, key, { signal: cancel.signal })).rejects.toBe(REASON);
    });

    test("ends the delay before another attempt, and the wait for a turn", async () => {
        const cancel = new AbortController();
        const baseUrl = await serve((_request, response) => {
            response.writeHead(429, { "retry-after": "9" }).end(() => setTimeout(() => cancel.abort(REASON), 50));
        });
        const { http } = client(baseUrl);
        const calls = [1, 2].map(() => getPropagation(http, key, { signal: cancel.signal }));
        for (const call of calls) {
            await expect(call).rejects.toBe(REASON);
        }
        await expect(getPropagation(http, key, { signal: cancel.signal })).rejects.toBe(REASON);
    });

    test("lets a POST under way end", async () => {
        const cancel = new AbortController();
        const baseUrl = await serve((_request, response) => {
            cancel.abort(REASON);
            setTimeout(() => response.end('{"apiKeyId":"id"}'), 50);
        });
        const made = await client(baseUrl).http.send({
            action: { endpoint: "CreateApiKey", description: "create" },
            method: "POST",
            path: "/x",
            answer: z.unknown(),
            repeatable: false,
            signal: cancel.signal,
        });
        expect(made).toEqual({ apiKeyId: "id" });
    });
});

describe("the management key", () => {
    const two = (emulator: Emulator, second = emulator.managementKey) =>
        client(emulator.url, {
            credentials: [
                new Credential("xai-token-old-and-refused", "xai:managementKey"),
                new Credential(second, "XAI_MANAGEMENT_KEY"),
            ],
        });

    test("of the environment is used after a 401 on the configured one, with one warning, for good", async () => {
        const emulator = await emulate();
        const { http, warnings } = two(emulator);
        await listEndpoints(http, emulator.teamId);
        await createApiKey(http, emulator.teamId, NEW);
        expect(statuses(emulator)).toEqual([401, 200, 200]);
        expect(warnings).toHaveLength(1);
        expect(warnings[0]).toMatch(/key of xai:managementKey \(401\); the one of XAI_MANAGEMENT_KEY works/);
        expect(warnings[0]).not.toContain("xai-token-");
    });

    test("of the environment counts as good where the API refuses something else", async () => {
        const emulator = await emulate();
        const { http, warnings } = two(emulator);
        await failureOf(deleteApiKey(http, { apiKeyId: "none", name: "" }));
        await listEndpoints(http, emulator.teamId);
        expect(statuses(emulator)).toEqual([401, 404, 200]);
        expect(warnings).toHaveLength(1);
    });

    test("that is wrong in both places is an error without a warning", async () => {
        const emulator = await emulate();
        const { http, warnings } = two(emulator, "xai-token-refused-as-well");
        expect(await failureOf(listEndpoints(http, emulator.teamId))).toBeInstanceOf(AuthenticationError);
        expect(warnings).toEqual([]);
        expect(emulator.requests).toHaveLength(2);
    });

    test("that is missing is an error before anything is sent", async () => {
        const emulator = await emulate();
        const { http } = client(emulator.url, { credentials: [] });
        await expect(listEndpoints(http, "t")).rejects.toThrow(NoManagementKeyError);
        expect(emulator.requests).toEqual([]);
    });
});

describe("an answer", () => {
    test.each([201, 202, 203, 207])("of %i is a success where the body fits", async (status) => {
        const emulator = await emulate();
        emulator.inject({ status, acts: true });
        const { apiKeyId } = await createApiKey(httpFor(emulator), emulator.teamId, NEW);
        expect(emulator.key(apiKeyId)).toBeDefined();
    });

    test("of 204 is a success of a delete, and of 202 is none", async () => {
        const emulator = await emulate();
        const http = httpFor(emulator);
        emulator.inject({ status: 204, acts: true });
        await deleteApiKey(http, { apiKeyId: emulator.addKey().apiKeyId, name: "" });
        emulator.inject({ status: 202, acts: true });
        const failure = await failureOf(deleteApiKey(http, { apiKeyId: emulator.addKey().apiKeyId, name: "" }));
        expect(failure.message).toContain("answered 202, which does not say whether it is done");
        expect(failure.mayHaveActed).toBe(true);
    });
});

test("a create uses a new connection, which no server is about to close", async () => {
    const connections: [string, number][] = [];
    const numbers = new WeakMap<object, number>();
    let count = 0;
    const baseUrl = await serve((request, response) => {
        count += numbers.has(request.socket) ? 0 : 1;
        numbers.set(request.socket, numbers.get(request.socket) ?? count);
        connections.push([request.method ?? "", numbers.get(request.socket) ?? 0]);
        response.end(request.method === "POST" ? '{"apiKeyId":"k"}' : '{"acls":[]}');
    });
    const { http } = client(baseUrl);
    await listEndpoints(http, "t");
    await createApiKey(http, "t", NEW);
    await createApiKey(http, "t", NEW);
    await listEndpoints(http, "t");
    expect(connections).toEqual([
        ["GET", 1],
        ["POST", 2],
        ["POST", 3],
        ["GET", 1],
    ]);
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
