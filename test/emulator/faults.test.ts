import { connect } from "node:net";
import { describe, expect, test, vi } from "vitest";
import type { Emulator, Fault } from "xai-management-emulator";
import { emulate } from "../servers.js";
import { create, keysOf, listed, send, update } from "./client.js";

describe("a fault", () => {
    test("meets requests of its operation, in order, after those that may pass", async () => {
        const emulator = await emulate();
        emulator.inject({ operation: "listApiKeys", status: 503, after: 1, times: 2 });
        emulator.inject({ operation: "listApiKeys", status: 500, after: 1 });
        await create(emulator);
        const statuses: number[] = [];
        for (let count = 0; count < 5; count += 1) {
            statuses.push((await send(emulator, `GET ${keysOf(emulator)}`)).status);
        }
        expect(statuses).toEqual([200, 503, 503, 500, 200]);
        expect(emulator.requests[2]).toMatchObject({ status: 503, fault: { status: 503, times: 2 } });
    });

    test("meets requests of any operation by default, until it is cleared", async () => {
        const emulator = await emulate();
        emulator.inject({ status: 502, times: Number.POSITIVE_INFINITY });
        expect((await send(emulator, `GET ${keysOf(emulator)}`)).status).toBe(502);
        expect((await send(emulator, "GET /auth/management-keys/validation")).status).toBe(502);
        emulator.clearFaults();
        expect((await send(emulator, `GET ${keysOf(emulator)}`)).status).toBe(200);
    });

    const ANSWERS: [Fault, number, string, Record<string, string>][] = [
        [{ status: 429, headers: { "Retry-After": "7" } }, 429, '{"code":8,', { "retry-after": "7" }],
        [{ status: 520, body: "<b>", contentType: "text/html" }, 520, "<b>", { "content-type": "text/html" }],
        [{ body: "{" }, 200, "{", { "content-type": "application/json" }],
        [{ status: 302, headers: { location: "http://x.invalid/" } }, 302, "", { location: "http://x.invalid/" }],
    ];
    test.each(ANSWERS)("%j answers without acting", async (fault, status, text, headers) => {
        const emulator = await emulate();
        emulator.inject(fault);
        const answer = await send(emulator, `POST ${keysOf(emulator)}`, { name: "x" });
        expect(answer.status).toBe(status);
        expect(answer.text).toContain(text);
        expect(Object.fromEntries(answer.headers)).toMatchObject(headers);
        expect(emulator.keys()).toEqual([]);
        expect(emulator.requests).toMatchObject([{ operation: "createApiKey", status }]);
    });

    test.each([
        [{ status: 201 }, 201, /^\{"redactedApiKey"/],
        [{ status: 204 }, 204, /^$/],
        [{ status: 504 }, 504, /^\{"code":4,"message":"injected fault 504","details":\[\]\}$/],
    ] satisfies [Fault, number, RegExp][])("%j can answer after the server acted", async (fault, status, text) => {
        const emulator = await emulate();
        emulator.inject({ operation: "createApiKey", acts: true, headers: { "x-id": "7" }, ...fault });
        const answer = await send(emulator, `POST ${keysOf(emulator)}`, { name: "x" });
        expect(answer.status).toBe(status);
        expect(answer.text).toMatch(text);
        expect(answer.headers.get("x-id")).toBe("7");
        expect(emulator.keys()).toHaveLength(1);
    });

    test("delays a request, and a client that gives up does not stop the server", async () => {
        const emulator = await emulate();
        emulator.inject({ delayMs: 100 });
        const impatience = new AbortController();
        const request = send(emulator, `POST ${keysOf(emulator)}`, { name: "x" }, impatience.signal);
        await vi.waitFor(() => expect(emulator.requests).toMatchObject([{ status: 0 }]));
        expect(emulator.keys()).toEqual([]);
        impatience.abort();
        await expect(request).rejects.toThrow();
        await vi.waitFor(() => expect(emulator.requests).toMatchObject([{ status: 200 }]));
        expect(emulator.keys()).toHaveLength(1);
    });

    test("can answer 200 to an update and leave the key, or some of its fields, as it was", async () => {
        const emulator = await emulate();
        const key = await create(emulator, { qps: 1 });
        emulator.inject({ operation: "updateApiKey", ignoresUpdate: true });
        expect(await update(emulator, key, { qps: 2 }, "qps")).toMatchObject({ status: 200, json: { qps: 1 } });
        expect(emulator.key(key.apiKeyId)).toEqual(key);
        emulator.inject({ operation: "updateApiKey", ignoresUpdate: ["qps"] });
        const partial = await update(emulator, key, { qps: 2, qpm: 3 }, "qps,qpm");
        expect(partial).toMatchObject({ status: 200, json: { qps: 1, qpm: 3 } });
    });
});

/** What the server sends over a bare connection, until it closes it or a pattern matches. */
async function rawCreate(emulator: Emulator, until?: RegExp): Promise<{ text: string; closed: boolean }> {
    const body = JSON.stringify({ name: "x" });
    const socket = connect(Number(new URL(emulator.url).port), "127.0.0.1");
    socket.setEncoding("utf8");
    socket.write(
        `POST ${keysOf(emulator)} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${emulator.managementKey}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    return await new Promise((resolve) => {
        let text = "";
        socket.on("error", () => undefined).on("close", () => resolve({ text, closed: true }));
        socket.on("data", (data: string) => {
            text += data;
            if (until?.test(text)) {
                resolve({ text, closed: false });
                socket.destroy();
            }
        });
    });
}

describe("a connection", () => {
    test.each([
        ["before", 0],
        ["after", 1],
    ] as const)("breaks %s the server acts", async (cut, keys) => {
        const emulator = await emulate();
        emulator.inject({ operation: "createApiKey", cut });
        await expect(send(emulator, `POST ${keysOf(emulator)}`, { name: "x" })).rejects.toThrow("fetch failed");
        expect(emulator.keys()).toHaveLength(keys);
        expect(emulator.requests).toMatchObject([{ operation: "createApiKey", status: "cut", body: { name: "x" } }]);
    });

    test.each([
        ["in headers", /^HTTP\/1\.1 200 OK\r\nContent-Type: applica$/],
        ["after headers", /^HTTP\/1\.1 200 OK\r\n(.+\r\n)*content-length: \d{3}\r\n(.+\r\n)*\r\n$/i],
        ["in body", /^HTTP\/1\.1 200 OK\r\n(.+\r\n)*content-length: \d{3}\r\n(.+\r\n)*\r\n\{"redacted.+[^}]$/i],
        [
            "in chunked body",
            /^HTTP\/1\.1 200 OK\r\n(.+\r\n)*transfer-encoding: chunked\r\n(.+\r\n)*\r\n[\da-f]+\r\n\{"/i,
        ],
    ] as const)("breaks %s of the answer, after the server acted", async (cut, expected) => {
        const emulator = await emulate();
        emulator.inject({ operation: "createApiKey", cut });
        const { text } = await rawCreate(emulator);
        expect(text).toMatch(expected);
        expect(text).not.toMatch(/\r\n0\r\n/);
        expect(emulator.keys()).toHaveLength(1);
        expect(emulator.requests).toMatchObject([{ operation: "createApiKey", status: "cut" }]);
    });

    test("stays open and silent after the headers", async () => {
        const emulator = await emulate();
        emulator.inject({ stall: "after headers" });
        expect(await rawCreate(emulator, /content-length: \d{3}\r\n(.+\r\n)*\r\n$/i)).toMatchObject({ closed: false });
        expect(emulator.requests).toMatchObject([{ status: 200 }]);
    });

    test("sends a body byte by byte, which is whole in the end", async () => {
        const emulator = await emulate();
        emulator.inject({ status: 400, body: '{"message":"no"}', stall: { byteEveryMs: 2 } });
        const answer = await send(emulator, "DELETE /auth/api-keys/x");
        expect(answer).toMatchObject({ text: '{"message":"no"}', status: 400 });
        emulator.inject({ stall: { byteEveryMs: 3_600_000 } });
        expect(await rawCreate(emulator, /\r\n\r\n\{$/)).toMatchObject({ closed: false });
    });

    test("sends an answer of any size, which stays JSON", async () => {
        const emulator = await emulate();
        const padding = 2 * 1024 * 1024 + 1;
        emulator.inject({ operation: "listApiKeys", padding });
        const { text, json } = await send(emulator, `GET ${keysOf(emulator)}`);
        expect([text.length, json]).toEqual([padding + '{"apiKeys":[]}'.length, { apiKeys: [] }]);
    });
});

describe("a page of a listing", () => {
    const threePages = async (page: NonNullable<Fault["page"]>, after: number) => {
        const emulator = await emulate({ dialect: { maxPageSize: 2 } });
        const ids = [1, 2, 3, 4, 5].map(() => emulator.addKey().apiKeyId);
        emulator.inject({ operation: "listApiKeys", page, after });
        const next = async (token = "") => {
            const { keys, token: nextToken } = await listed(emulator, `pageSize=2&paginationToken=${token}`);
            return { numbers: keys.map(({ apiKeyId }) => ids.indexOf(apiKeyId)), token: nextToken };
        };
        return { first: await next(), next };
    };

    test("skips a key", async () => {
        const { first, next } = await threePages("skips a key", 1);
        expect((await next(first.token)).numbers).toEqual([3]);
        expect((await next(first.token)).numbers).toEqual([2, 3]);
    });

    test("repeats its token", async () => {
        const { first, next } = await threePages("repeats its token", 1);
        expect(await next(first.token)).toEqual({ numbers: [2, 3], token: first.token });
    });

    test("claims to be the last one", async () => {
        const { first } = await threePages("ends early", 0);
        expect(first).toEqual({ numbers: [0, 1], token: undefined });
    });
});

describe("a rate limit", () => {
    test("lets a burst pass, and its 429 uses up no fault", async () => {
        const emulator = await emulate({ rateLimit: { perSecond: 0.001, burst: 3, retryAfter: "seconds" } });
        const list = async () => (await send(emulator, `GET ${keysOf(emulator)}`)).status;
        expect([await list(), await list(), await list(), await list()]).toEqual([200, 200, 200, 429]);
        emulator.inject({ operation: "listApiKeys", status: 503 });
        expect(await list()).toBe(429);
        emulator.setRateLimit(undefined);
        expect([await list(), await list()]).toEqual([503, 200]);
    });

    test.each([
        ["seconds", "10"],
        ["date", "Sat, 01 Jan 2050 00:00:10 GMT"],
        ["none", null],
        [{ text: "a while" }, "a while"],
    ] as const)("answers Retry-After as %j", async (retryAfter, expected) => {
        const now = () => new Date("2050-01-01T00:00:00Z");
        const emulator = await emulate({ rateLimit: { perSecond: 0.1, retryAfter }, now });
        await send(emulator, `GET ${keysOf(emulator)}`);
        const { status, json, headers } = await send(emulator, `GET ${keysOf(emulator)}`);
        expect({ status, json }).toEqual({
            status: 429,
            json: { code: 8, message: "too many requests", details: [] },
        });
        expect(headers.get("retry-after")).toBe(expected);
    });
});

test("requests are recorded without the credential", async () => {
    const emulator = await emulate();
    await send(emulator, `GET ${keysOf(emulator)}?pageSize=2&aclFilters=a&aclFilters=b`);
    await send(emulator, `POST ${keysOf(emulator)}`, "{bad");
    await send(emulator, "GET /elsewhere");
    const team = emulator.teamId;
    const query = { pageSize: ["2"], aclFilters: ["a", "b"] };
    expect(emulator.requests).toMatchObject([
        { operation: "listApiKeys", method: "GET", path: `/auth/teams/${team}/api-keys`, query, status: 200 },
        { operation: "createApiKey", body: "{bad", status: 400 },
        { operation: "unknown", path: "/elsewhere", status: 404 },
    ]);
    expect(JSON.stringify(emulator.requests)).not.toContain(emulator.managementKey);
    expect(emulator.countRequests()).toEqual({ listApiKeys: 1, createApiKey: 1, unknown: 1 });
    emulator.clearRequests();
    expect(emulator.countRequests()).toEqual({});
});

test("closing ends requests that wait, and answers that do not end", async () => {
    const emulator = await emulate();
    emulator.inject({ stall: { byteEveryMs: 3_600_000 } });
    emulator.inject({ stall: "after headers" });
    const requests = [1, 2].map(() => send(emulator, `GET ${keysOf(emulator)}`));
    await vi.waitFor(() => expect(emulator.requests).toMatchObject([{ status: 200 }, { status: 200 }]));
    emulator.setLatency(3_600_000);
    requests.push(send(emulator, `GET ${keysOf(emulator)}`));
    const settled = Promise.allSettled(requests);
    await vi.waitFor(() => expect(emulator.requests).toHaveLength(3));
    await emulator.close();
    expect((await settled).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    await emulator.close();
});
