import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import type { Fault } from "xai-management-emulator";
import { create, keysOf, send, start } from "./emulatorClient.js";

describe("faults", () => {
    test("strike the operation that they are for, once, in order, after those that may pass", async () => {
        const emulator = await start();
        emulator.inject({ operation: "listApiKeys", status: 503, after: 1, times: 2 });
        emulator.inject({ operation: "listApiKeys", status: 500, after: 1 });
        const list = async () => (await send(emulator, `GET ${keysOf(emulator)}`)).status;
        expect((await send(emulator, `POST ${keysOf(emulator)}`, { name: "x" })).status).toBe(200);
        expect([await list(), await list(), await list(), await list(), await list()]).toEqual([
            200, 503, 503, 500, 200,
        ]);
    });

    test("are told of by the requests that they struck", async () => {
        const emulator = await start();
        emulator.inject({ operation: "listApiKeys", delayMs: 1 });
        for (let count = 0; count < 2; count += 1) await send(emulator, `GET ${keysOf(emulator)}`);
        expect(emulator.requests.map(({ fault }) => fault)).toEqual([
            { operation: "listApiKeys", delayMs: 1 },
            undefined,
        ]);
    });

    test("of any operation, until they are cleared", async () => {
        const emulator = await start();
        emulator.inject({ status: 502, times: Number.POSITIVE_INFINITY });
        expect((await send(emulator, `GET ${keysOf(emulator)}`)).status).toBe(502);
        expect((await send(emulator, "GET /auth/management-keys/validation")).status).toBe(502);
        emulator.clearFaults();
        expect((await send(emulator, `GET ${keysOf(emulator)}`)).status).toBe(200);
    });

    const ANSWERS: [Fault, number, string, Record<string, string>][] = [
        [{ status: 429, headers: { "Retry-After": "7" } }, 429, '{"code":8,', { "retry-after": "7" }],
        [
            { status: 520, body: "<h1>no</h1>", contentType: "text/html" },
            520,
            "<h1>no</h1>",
            { "content-type": "text/html" },
        ],
        [{ status: 200, body: "{" }, 200, "{", { "content-type": "application/json" }],
        [{ body: "" }, 200, "", {}],
        [{ status: 204 }, 204, "", {}],
        [
            { status: 302, headers: { location: "http://elsewhere.invalid/" } },
            302,
            "",
            { location: "http://elsewhere.invalid/" },
        ],
    ];
    test.each(ANSWERS)("%j is answered without acting", async (fault, status, text, headers) => {
        const emulator = await start();
        emulator.inject(fault);
        const response = await fetch(emulator.url + keysOf(emulator), {
            method: "POST",
            body: JSON.stringify({ name: "x" }),
            headers: { authorization: `Bearer ${emulator.managementKey}` },
            redirect: "manual",
        });
        expect(response.status).toBe(status);
        expect(await response.text()).toContain(text);
        for (const [name, value] of Object.entries(headers)) {
            expect(response.headers.get(name)).toBe(value);
        }
        expect(emulator.keys()).toEqual([]);
        expect(emulator.requests).toMatchObject([{ operation: "createApiKey", status }]);
    });

    test("headers alone are added to the ordinary answer", async () => {
        const emulator = await start();
        emulator.inject({ headers: { "x-request-id": "42", date: "Thu, 01 Jan 1970 00:00:00 GMT" } });
        const answer = await send(emulator, `POST ${keysOf(emulator)}`, { name: "x" });
        expect(answer.status).toBe(200);
        expect(answer.headers.get("x-request-id")).toBe("42");
        expect(answer.headers.get("date")).toBe("Thu, 01 Jan 1970 00:00:00 GMT");
    });

    test.each([
        ["before", 0],
        ["after", 1],
    ] as const)("a connection cut %s acting", async (cut, keys) => {
        const emulator = await start();
        emulator.inject({ operation: "createApiKey", cut });
        await expect(send(emulator, `POST ${keysOf(emulator)}`, { name: "x" })).rejects.toThrow("fetch failed");
        expect(emulator.keys()).toHaveLength(keys);
        expect(emulator.requests).toMatchObject([{ operation: "createApiKey", status: "cut", body: { name: "x" } }]);
        await create(emulator);
        expect(emulator.keys()).toHaveLength(keys + 1);
    });

    test("a delay holds up one request", async () => {
        const emulator = await start();
        emulator.inject({ operation: "createApiKey", delayMs: 400 });
        const started = performance.now();
        await create(emulator);
        const first = performance.now();
        expect(first - started).toBeGreaterThanOrEqual(399);
        await create(emulator);
        expect(performance.now() - first).toBeLessThan(400);
    });

    test("a client that gives up does not stop the server from acting", async () => {
        const emulator = await start();
        emulator.inject({ delayMs: 300 });
        const patience = new AbortController();
        const hasty = send(emulator, `POST ${keysOf(emulator)}`, { name: "x" }, patience.signal);
        await vi.waitFor(() => expect(emulator.requests).toMatchObject([{ status: 0 }]));
        patience.abort();
        await expect(hasty).rejects.toThrow();
        expect(emulator.keys()).toHaveLength(0);
        await vi.waitFor(() => expect(emulator.requests).toMatchObject([{ status: 200 }]));
        expect(emulator.keys()).toHaveLength(1);
    });

    test("an impossible status is refused at once", async () => {
        const emulator = await start();
        expect(() => emulator.inject({ status: 99 })).toThrow("200 to 599");
    });
});

describe("rate limits", () => {
    test("let a burst pass, then the rate", async () => {
        const emulator = await start({ rateLimit: { perSecond: 2, burst: 3, retryAfter: "seconds" } });
        const list = () => send(emulator, `GET ${keysOf(emulator)}`);
        const statuses = (await Promise.all(Array.from({ length: 6 }, list))).map((answer) => answer.status);
        expect(statuses.filter((status) => status === 200)).toHaveLength(3);
        expect(statuses.filter((status) => status === 429)).toHaveLength(3);
        await sleep(550);
        expect((await list()).status).toBe(200);
    });

    test.each([
        ["seconds", /^10$/],
        ["date", /^\w{3}, 01 Jan 2050 00:00:10 GMT$/],
        ["none", undefined],
    ] as const)("Retry-After as %s", async (retryAfter, expected) => {
        const now = () => new Date("2050-01-01T00:00:00Z");
        const emulator = await start({ rateLimit: { perSecond: 0.1, retryAfter }, now });
        expect((await send(emulator, `GET ${keysOf(emulator)}`)).status).toBe(200);
        const refused = await send(emulator, `GET ${keysOf(emulator)}`);
        expect(refused).toMatchObject({ status: 429, json: { code: 8, message: "too many requests" } });
        const header = refused.headers.get("retry-after");
        expect(expected === undefined ? header === null : expected.test(header ?? "")).toBe(true);
        emulator.setRateLimit(undefined);
        expect((await send(emulator, `GET ${keysOf(emulator)}`)).status).toBe(200);
    });

    test("a request that is refused uses up no fault", async () => {
        const emulator = await start({ rateLimit: { perSecond: 0.1, retryAfter: "none" } });
        await create(emulator);
        emulator.inject({ operation: "createApiKey", cut: "after" });
        expect((await send(emulator, `POST ${keysOf(emulator)}`, { name: "x" })).status).toBe(429);
        emulator.setRateLimit(undefined);
        await expect(create(emulator)).rejects.toThrow("fetch failed");
        expect(emulator.keys()).toHaveLength(2);
    });
});

describe("propagation", () => {
    test("takes its time on each cluster", async () => {
        const emulator = await start({ propagation: { "eu-west-1": 300 } });
        const { apiKeyId } = await create(emulator);
        const check = async () => (await send(emulator, `GET /auth/api-keys/${apiKeyId}/propagation`)).json;
        expect(await check()).toEqual({ icPropagation: { "us-east-1": true, "eu-west-1": false } });
        await sleep(320);
        expect(await check()).toEqual({ icPropagation: { "us-east-1": true, "eu-west-1": true } });
        await send(emulator, `POST /auth/api-keys/${apiKeyId}/rotate`);
        expect(await check()).toEqual({ icPropagation: { "us-east-1": true, "eu-west-1": false } });
    });

    test("never ends, until it may", async () => {
        const emulator = await start({ propagation: "never", clusters: ["a", "b", "c"] });
        const { apiKeyId } = await create(emulator);
        const check = async () => (await send(emulator, `GET /auth/api-keys/${apiKeyId}/propagation`)).json;
        expect(await check()).toEqual({ icPropagation: { a: false, b: false, c: false } });
        emulator.setPropagation({ b: "never" });
        expect(await check()).toEqual({ icPropagation: { a: true, b: false, c: true } });
        emulator.setPropagation(0);
        expect(await check()).toEqual({ icPropagation: { a: true, b: true, c: true } });
        expect(() => emulator.setPropagation({ d: 5 })).toThrow("There is no cluster d; there are a, b, c.");
    });
});

test("latency holds up every request", async () => {
    const emulator = await start({ latencyMs: 60 });
    const started = performance.now();
    await Promise.all([create(emulator), create(emulator)]);
    const took = performance.now() - started;
    expect(took).toBeGreaterThanOrEqual(59);
    emulator.setLatency(0);
    await create(emulator);
});

test("requests are recorded without the credential", async () => {
    const emulator = await start();
    await send(emulator, `GET ${keysOf(emulator)}?pageSize=2&aclFilters=a&aclFilters=b`);
    await send(emulator, `POST ${keysOf(emulator)}`, "{bad");
    await send(emulator, "GET /elsewhere");
    const team = emulator.teamId;
    expect(emulator.requests).toEqual([
        {
            operation: "listApiKeys",
            method: "GET",
            path: `/auth/teams/${team}/api-keys`,
            query: { pageSize: ["2"], aclFilters: ["a", "b"] },
            body: undefined,
            status: 200,
            at: expect.any(Number),
        },
        expect.objectContaining({ operation: "createApiKey", body: "{bad", status: 400 }),
        expect.objectContaining({ operation: "unknown", path: "/elsewhere", status: 404 }),
    ]);
    expect(JSON.stringify(emulator.requests)).not.toContain(emulator.managementKey);
    expect(emulator.countRequests()).toEqual({ listApiKeys: 1, createApiKey: 1, unknown: 1 });
    emulator.clearRequests();
    expect(emulator.countRequests()).toEqual({});
});

test("the server's clock is in every time that it writes or compares", async () => {
    const clock = { now: new Date("2050-06-01T12:00:00.123Z") };
    const emulator = await start({ now: () => clock.now });
    const key = await create(emulator, { expireTime: "2050-06-01T13:00:00Z" });
    expect(key).toMatchObject({ createTime: "2050-06-01T12:00:00.123000Z", modifyTime: "2050-06-01T12:00:00.123000Z" });
    clock.now = new Date("2050-06-01T14:00:00Z");
    const active = await send(emulator, `GET ${keysOf(emulator)}?activeOnly=true`);
    expect(active.json).toEqual({ apiKeys: [] });
    expect(active.headers.get("date")).toBe("Wed, 01 Jun 2050 14:00:00 GMT");
    await expect(create(emulator, { expireTime: "2050-06-01T13:00:00Z" })).rejects.toThrow("future");
});

describe("the handle", () => {
    test("gives out copies", async () => {
        const emulator = await start();
        const { apiKeyId } = emulator.addKey({ name: "theirs", qps: 4 });
        emulator.keys()[0]?.acls.push("api-key:model:x");
        expect(emulator.key(apiKeyId)).toMatchObject({ name: "theirs", qps: 4, acls: { length: 2 } });
        expect(emulator.requests).toEqual([]);
    });

    test("changes and deletes as someone else would", async () => {
        const emulator = await start();
        const key = await create(emulator);
        const changed = emulator.changeKey(key.apiKeyId, { qpm: 3, apiKey: "xai-rotated-oYZ4" });
        expect(changed).toMatchObject({ qpm: 3, apiKey: "xai-rotated-oYZ4", name: key.name });
        const listing = await send(emulator, `GET ${keysOf(emulator)}`);
        expect(listing.json).toMatchObject({ apiKeys: [{ qpm: 3, redactedApiKey: "xai-...oYZ4" }] });
        emulator.deleteKey(key.apiKeyId);
        expect(emulator.keys()).toEqual([]);
        expect(() => emulator.deleteKey(key.apiKeyId)).toThrow(key.apiKeyId);
        expect(() => emulator.changeKey(key.apiKeyId, {})).toThrow(key.apiKeyId);
    });

    test("closes at once, whatever is open or waiting", async () => {
        const emulator = await start({ latencyMs: 60_000 });
        const waiting = send(emulator, `GET ${keysOf(emulator)}`).catch((error: unknown) => error);
        await sleep(30);
        const started = performance.now();
        await emulator.close();
        expect(performance.now() - started).toBeLessThan(1000);
        expect(await waiting).toBeInstanceOf(Error);
        await emulator.close();
    });
});
