import { describe, expect, test } from "vitest";
import { create, send, start } from "./emulatorClient.js";

const MICROSECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const HOUR_MS = 60 * 60 * 1000;

function hoursAhead(hours: number): string {
    return new Date(Date.now() + hours * HOUR_MS).toISOString();
}

describe("rotate", () => {
    test("a new secret under the same id; the old one works for a day", async () => {
        const emulator = await start();
        const key = await create(emulator, { expireTime: "2999-01-01T00:00:00Z" });
        const answer = await send(emulator, `POST /auth/api-keys/${key.apiKeyId}/rotate`);
        expect(answer).toMatchObject({ status: 200, json: { apiKeyId: key.apiKeyId, expireTime: key.expireTime } });
        const rotated = emulator.key(key.apiKeyId);
        expect(answer.json).toMatchObject({ apiKey: rotated?.apiKey });
        expect(rotated?.apiKey).not.toBe(key.apiKey);
        expect(rotated?.previousApiKeys).toEqual([
            { apiKey: key.apiKey, expireTime: expect.stringMatching(MICROSECONDS) },
        ]);
        const left = Date.parse(rotated?.previousApiKeys[0]?.expireTime ?? "") - Date.now();
        expect(left).toBeGreaterThan(23.9 * HOUR_MS);
        expect(left).toBeLessThanOrEqual(24 * HOUR_MS);
    });

    test("with both times, and an overlap that is over", async () => {
        const emulator = await start();
        const key = await create(emulator);
        const rotate = `POST /auth/api-keys/${key.apiKeyId}/rotate`;
        const times = { expireTime: "2999-01-01T00:00:00Z", oldSecretExpireTime: hoursAhead(6.9 * 24) };
        expect((await send(emulator, rotate, times)).json).toMatchObject({ expireTime: times.expireTime });
        expect((await send(emulator, rotate, { oldSecretExpireTime: hoursAhead(-1) })).status).toBe(200);
        expect(emulator.key(key.apiKeyId)?.previousApiKeys).toHaveLength(2);
    });

    test("is held to its own clock: a day where no overlap is given, seven at most", async () => {
        const now = Date.parse("2030-01-01T00:00:00Z");
        const emulator = await start({ now: () => new Date(now) });
        const { apiKeyId } = await create(emulator);
        const rotate = (oldSecretExpireTime?: string) =>
            send(emulator, `POST /auth/api-keys/${apiKeyId}/rotate`, { oldSecretExpireTime });
        expect((await rotate()).status).toBe(200);
        expect((await rotate("2030-01-08T00:00:00Z")).status).toBe(200);
        expect((await rotate("2030-01-08T00:00:00.001Z")).status).toBe(400);
        expect(emulator.key(apiKeyId)?.previousApiKeys.map(({ expireTime }) => expireTime)).toEqual([
            "2030-01-02T00:00:00.000000Z",
            "2030-01-08T00:00:00.000000Z",
        ]);
    });

    test("changes nothing else, an expiry that is null included", async () => {
        const emulator = await start();
        const key = emulator.addKey({
            ...{ name: "all of it", qps: 1, qpm: 2, tpm: "3", disabled: true },
            expireTime: "2020-01-01T00:00:00Z",
        });
        const times = { expireTime: null, oldSecretExpireTime: null };
        const { json } = await send(emulator, `POST /auth/api-keys/${key.apiKeyId}/rotate`, times);
        expect(json).toMatchObject({ disabled: true, expireTime: key.expireTime });
        expect(emulator.key(key.apiKeyId)).toEqual({
            ...key,
            apiKey: expect.stringMatching(/^xai-/),
            previousApiKeys: [expect.objectContaining({ apiKey: key.apiKey })],
            modifyTime: expect.stringMatching(MICROSECONDS),
        });
    });
});
