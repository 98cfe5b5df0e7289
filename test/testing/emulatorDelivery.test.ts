import { get } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import type { Emulator, Fault } from "xai-management-emulator";
import { create, keysOf, send, start, update } from "./emulatorClient.js";

/** What comes over the bare connection for a create, and whether the server closed it within a moment. */
async function rawCreate(emulator: Emulator): Promise<{ text: string; closed: boolean }> {
    const body = JSON.stringify({ name: "x" });
    const socket = connect(Number(new URL(emulator.url).port), "127.0.0.1");
    let text = "";
    socket.setEncoding("utf8").on("data", (data: string) => {
        text += data;
    });
    const closed = new Promise<boolean>((resolve) => {
        socket.on("error", () => undefined).on("close", () => resolve(true));
    });
    socket.write(
        `POST ${keysOf(emulator)} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${emulator.managementKey}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    const result = await Promise.race([closed, sleep(300, false)]);
    socket.destroy();
    return { text, closed: result };
}

describe("an answer that breaks off, after the server acted", () => {
    test.each([
        ["in headers", /^HTTP\/1\.1 200 OK\r\nContent-Type: applica$/],
        ["after headers", /^HTTP\/1\.1 200 OK\r\n(.+\r\n)*content-length: \d{3}\r\n(.+\r\n)*\r\n$/i],
        ["in body", /^HTTP\/1\.1 200 OK\r\n(.+\r\n)*content-length: \d{3}\r\n(.+\r\n)*\r\n\{"redacted.+[^}]$/i],
        [
            "in chunked body",
            /^HTTP\/1\.1 200 OK\r\n(.+\r\n)*transfer-encoding: chunked\r\n(.+\r\n)*\r\n[\da-f]+\r\n\{"/i,
        ],
    ] as const)("%s", async (cut, expected) => {
        const emulator = await start();
        emulator.inject({ operation: "createApiKey", cut });
        const { text, closed } = await rawCreate(emulator);
        expect(text).toMatch(expected);
        expect(text).not.toMatch(/\r\n0\r\n/);
        expect(closed).toBe(true);
        expect(emulator.keys()).toHaveLength(1);
        expect(emulator.requests).toMatchObject([{ operation: "createApiKey", status: "cut" }]);
        await create(emulator);
    });

    test("or without having acted, where the fault answers by itself", async () => {
        const emulator = await start();
        emulator.inject({ cut: "in body", status: 503 });
        expect((await rawCreate(emulator)).text).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
        expect(emulator.keys()).toEqual([]);
    });
});

describe("an answer that does not come to an end", () => {
    test("is silent after its headers", async () => {
        const emulator = await start();
        emulator.inject({ stall: "after headers" });
        const { text, closed } = await rawCreate(emulator);
        expect(text).toMatch(/content-length: \d{3}\r\n(.+\r\n)*\r\n$/i);
        expect(closed).toBe(false);
        expect(emulator.requests).toMatchObject([{ status: 200 }]);
    });

    test("trickles, and is whole in the end", async () => {
        const emulator = await start();
        emulator.inject({
            operation: "deleteApiKey",
            status: 400,
            body: '{"message":"no"}',
            stall: { byteEveryMs: 10 },
        });
        const { text, status } = await send(emulator, "DELETE /auth/api-keys/x");
        expect({ text, status }).toEqual({ text: '{"message":"no"}', status: 400 });
        emulator.inject({ stall: { byteEveryMs: 60_000 } });
        const one = await rawCreate(emulator);
        expect(one.text).toMatch(/\r\n\r\n\{$/);
        expect(one.closed).toBe(false);
    });
});

test("an answer can have any size, and stays JSON", async () => {
    const emulator = await start();
    const padding = 100 * 1024 * 1024;
    emulator.inject({ operation: "listApiKeys", padding, times: 2 });
    const bytes = await new Promise<number>((resolve, reject) => {
        const headers = { authorization: `Bearer ${emulator.managementKey}` };
        get(emulator.url + keysOf(emulator), { headers }, (response) => {
            let count = 0;
            response.on("data", (data: Buffer) => {
                count += data.length;
            });
            response.on("end", () => resolve(count)).on("error", reject);
        }).on("error", reject);
    });
    expect(bytes).toBe(padding + '{"apiKeys":[]}'.length);
    emulator.clearFaults();
    emulator.inject({ operation: "listApiKeys", padding: 70_000 });
    expect((await send(emulator, `GET ${keysOf(emulator)}`)).json).toEqual({ apiKeys: [] });
});

describe("an answer in another's place, after the server acted", () => {
    test.each([
        [{ status: 201 }, 201, /^\{"redactedApiKey"/],
        [{ status: 202 }, 202, /^\{"redactedApiKey"/],
        [{ status: 204 }, 204, /^$/],
        [{ status: 504 }, 504, /^\{"code":4,"message":"injected fault 504"\}$/],
        [{ body: "<html>" }, 200, /^<html>$/],
    ] satisfies [Fault, number, RegExp][])("%j", async (fault, status, text) => {
        const emulator = await start();
        emulator.inject({ operation: "createApiKey", acts: true, headers: { "x-id": "7" }, ...fault });
        const answer = await send(emulator, `POST ${keysOf(emulator)}`, { name: "x" });
        expect(answer.status).toBe(status);
        expect(answer.text).toMatch(text);
        expect(answer.headers.get("x-id")).toBe("7");
        expect(emulator.keys()).toHaveLength(1);
    });
});

test("an update that is ignored answers with success and changes nothing", async () => {
    const emulator = await start();
    const key = await create(emulator, { qps: 1 });
    emulator.inject({ operation: "updateApiKey", ignoresUpdate: true });
    expect(await update(emulator, key, { qps: 2 }, "qps")).toMatchObject({ status: 200, json: { qps: 1 } });
    expect(emulator.key(key.apiKeyId)).toEqual(key);
    expect(await update(emulator, key, { qps: 0 }, "qps")).toMatchObject({ status: 400 });
});

describe("a page of a listing", () => {
    const paged = async () => {
        const emulator = await start({ dialect: { maxPageSize: 2 } });
        const ids = [1, 2, 3, 4, 5].map(() => emulator.addKey().apiKeyId);
        const page = async (token = "") => {
            const { json } = await send(emulator, `GET ${keysOf(emulator)}?pageSize=2&paginationToken=${token}`);
            const { apiKeys, paginationToken } = json as { apiKeys: { apiKeyId: string }[]; paginationToken?: string };
            return { ids: apiKeys.map((key) => key.apiKeyId), token: paginationToken };
        };
        return { emulator, ids, page };
    };

    test("skips a key", async () => {
        const { emulator, ids, page } = await paged();
        emulator.inject({ operation: "listApiKeys", page: "skips a key", after: 1 });
        const first = await page();
        expect((await page(first.token)).ids).toEqual([ids[3]]);
        expect((await page(first.token)).ids).toEqual([ids[2], ids[3]]);
    });

    test("repeats its token, which the first page cannot", async () => {
        const { emulator, ids, page } = await paged();
        emulator.inject({ operation: "listApiKeys", page: "repeats its token", times: 2 });
        const first = await page();
        expect(first.ids).toEqual([ids[0], ids[1]]);
        const second = await page(first.token);
        expect(second).toEqual({ ids: [ids[2], ids[3]], token: first.token });
    });

    test("says that it is the last one", async () => {
        const { emulator, ids, page } = await paged();
        emulator.inject({ operation: "listApiKeys", page: "ends early" });
        expect(await page()).toEqual({ ids: [ids[0], ids[1]], token: undefined });
    });
});

test("who is no team admin is listed only their own user's keys", async () => {
    const emulator = await start({ ownKeysOnly: true });
    const own = await create(emulator);
    const other = emulator.addKey();
    const listed = async () => {
        const { json } = await send(emulator, `GET ${keysOf(emulator)}`);
        return (json as { apiKeys: { apiKeyId: string }[] }).apiKeys.map((key) => key.apiKeyId);
    };
    expect(await listed()).toEqual([own.apiKeyId]);
    emulator.setManagementKey("xai-token-of-the-other-user", other.userId);
    expect(await listed()).toEqual([other.apiKeyId]);
    emulator.setOwnKeysOnly(false);
    expect(await listed()).toEqual([own.apiKeyId, other.apiKeyId]);
});

test("Retry-After can be any text", async () => {
    const emulator = await start({ rateLimit: { perSecond: 0.001, retryAfter: { text: "a while" } } });
    await create(emulator);
    const { status, headers } = await send(emulator, `GET ${keysOf(emulator)}`);
    expect([status, headers.get("retry-after")]).toEqual([429, "a while"]);
});

test("closing ends answers that trickle or stay silent", async () => {
    const emulator = await start();
    emulator.inject({ stall: { byteEveryMs: 60_000 } });
    emulator.inject({ stall: "after headers" });
    const waiting = Promise.allSettled([1, 2].map(() => send(emulator, `GET ${keysOf(emulator)}`)));
    await vi.waitFor(() => expect(emulator.requests).toMatchObject([{ status: 200 }, { status: 200 }]));
    await emulator.close();
    expect((await waiting).map((one) => one.status)).toEqual(["rejected", "rejected"]);
});
