import fc from "fast-check";
import { expect, test } from "vitest";
import { listApiKeys } from "../../provider/api/listApiKeys.js";
import { ServerClock } from "../../provider/api/serverClock.js";
import { emulate } from "../servers.js";
import { httpFor } from "./client.js";

test.each([
    undefined,
    "",
    "yesterday",
    "2026-11-24T13:48:36Z",
    "Tue, 24 Nov 2026 13:48:36 +0100",
    "Xyz, 99 Abc 2026 13:48:36 GMT",
])("the clock learns nothing from the header %j", (date) => {
    const clock = new ServerClock();
    clock.heard(date, 0);
    expect(clock.earliest(0)).toBeUndefined();
});

/** Answers of a server: when each was made after the one before, and how long it travelled, in milliseconds. */
const answers = fc.array(fc.record({ gap: fc.nat(5000), travel: fc.nat(3000) }), { minLength: 1, maxLength: 10 });

test("the clock never runs ahead of the server's, and is at most a second and the shortest way behind", () => {
    const instants = fc.integer({ min: Date.UTC(2000), max: Date.UTC(2100) });
    fc.assert(
        fc.property(instants, fc.nat(1e9), answers, fc.nat(1e7), (serverAtStart, monotonicAtStart, heard, later) => {
            const clock = new ServerClock();
            let passed = 0;
            let shortest = Number.POSITIVE_INFINITY;
            let last = 0;
            for (const { gap, travel } of heard) {
                passed += gap;
                shortest = Math.min(shortest, travel);
                last = Math.max(last, passed + travel);
                clock.heard(new Date(serverAtStart + passed).toUTCString(), monotonicAtStart + passed + travel);
            }
            const server = serverAtStart + last + later;
            const bound = clock.earliest(monotonicAtStart + last + later) ?? Number.NaN;
            expect(bound).toBeLessThanOrEqual(server);
            expect(bound).toBeGreaterThan(server - 1000 - shortest - 1);
        }),
    );
});

test("the clock is read from the API's successes, whatever this machine's clock says", async () => {
    const now = Date.UTC(2050, 5, 1, 12);
    const emulator = await emulate({ now: () => new Date(now) });
    const http = httpFor(emulator, { maxRetries: 0 });
    const headers = { date: "Tue, 24 Nov 2099 13:48:36 GMT" };
    emulator.inject({ operation: "listApiKeys", status: 503, headers });
    await expect(listApiKeys(http, emulator.teamId)).rejects.toThrow("503");
    expect(http.clock.earliest(performance.now())).toBeUndefined();
    await listApiKeys(http, emulator.teamId);
    const heard = performance.now();
    expect(http.clock.earliest(0)).toBeGreaterThan(now - heard - 1000);
    expect(http.clock.earliest(0)).toBeLessThanOrEqual(now);
});
