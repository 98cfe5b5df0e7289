import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
    type AttemptFailure,
    askedPause,
    BACKOFF_BASE,
    BACKOFF_LIMIT,
    isRetryable,
    MAX_CONNECTION_RETRIES,
    MAX_RETRY_AFTER,
    parseRetryAfter,
    retryDelay,
} from "../../provider/api/retry.js";

const NOW = Date.parse("2027-01-31T12:00:00Z");
const answer = (status: number, retryAfter?: string, date?: string): AttemptFailure => ({
    kind: "answer",
    status,
    retryAfter,
    date,
});
const NEVER_SENT: AttemptFailure = { kind: "connection", neverSent: true, lasting: false };

describe("Retry-After", () => {
    test.each([
        ["0", 0],
        ["3", 3000],
        [" 3 ", 3000],
        ["1.5", 1500],
        ["Sun, 31 Jan 2027 12:00:05 GMT", 5000],
        ["Sunday, 31-Jan-27 12:00:05 GMT", 5000],
        ["Sun Jan 31 12:00:05 2027", 5000],
        ["Sun, 31 Jan 2027 13:00:05 +0100", 5000],
        ["Sun, 31 Jan 2027 11:59:00 GMT", 0],
    ])("%j is %i ms from now", (header, ms) => {
        expect(parseRetryAfter(header, undefined, NOW)).toBe(ms);
    });

    test.each([-7, 0, 7])(
        "a date counts from the server's own, where this machine's clock is %i hours off",
        (hours) => {
            const now = NOW + hours * 3_600_000;
            const date = "Sun, 31 Jan 2027 12:00:01 GMT";
            expect(parseRetryAfter("Sun, 31 Jan 2027 12:00:05 GMT", date, now)).toBe(4000);
            expect(parseRetryAfter("Sun, 31 Jan 2027 12:00:00 GMT", date, now)).toBe(0);
            expect(parseRetryAfter("7", date, now)).toBe(7000);
            expect(parseRetryAfter("Sun, 31 Jan 2027 12:00:05 GMT", "today", NOW)).toBe(5000);
            expect(askedPause(answer(429, "Sun, 31 Jan 2027 12:00:05 GMT", date), now)).toBe(4000);
        },
    );

    test("a date means the same in whatever zone this machine is", () => {
        const zone = process.env["TZ"];
        process.env["TZ"] = "Asia/Tokyo";
        try {
            expect(parseRetryAfter("Sun Jan 31 12:00:05 2027", undefined, NOW)).toBe(5000);
        } finally {
            if (zone === undefined) {
                delete process.env["TZ"];
            } else {
                process.env["TZ"] = zone;
            }
        }
    });

    test("whatever it says, a pause is none or within its limits", () => {
        fc.assert(
            fc.property(fc.oneof(fc.string(), fc.date().map(String)), fc.option(fc.string()), (header, date) => {
                const pause = askedPause(answer(429, header, date ?? undefined), NOW);
                expect(pause === undefined || (pause >= 0 && pause <= MAX_RETRY_AFTER)).toBe(true);
            }),
        );
    });

    test.each([
        undefined,
        "",
        " ",
        "-3",
        "soon",
        "3s",
        "NaN",
        "Infinity",
        "1e3",
        "Sun, 99 Foo 2027",
        "2027-01-31T12:00:05Z",
    ])("%j says nothing", (header) => {
        expect(parseRetryAfter(header, undefined, NOW)).toBeUndefined();
    });

    test.each(["9999999", "9".repeat(400), "Sun, 31 Jan 2999 12:00:05 GMT"])("%.20s… is capped", (header) => {
        expect(retryDelay(answer(429, header), 1, 0.5, NOW)).toBe(MAX_RETRY_AFTER);
    });

    test("is kept to exactly, without jitter", () => {
        fc.assert(
            fc.property(
                fc.integer({ min: 0, max: 60 }),
                fc.nat(20),
                fc.double({ min: 0, max: 0.999 }),
                (s, n, random) => {
                    expect(retryDelay(answer(503, String(s)), n + 1, random, NOW)).toBe(s * 1000);
                },
            ),
        );
    });
});

test("without a word from the server the pause is between nothing and a bound that doubles up to a limit", () => {
    const random = fc.double({ min: 0, max: 0.999999, noNaN: true });
    fc.assert(
        fc.property(
            fc.integer({ min: 1, max: 2000 }),
            random,
            fc.constantFrom(undefined, "soon"),
            (attempt, r, header) => {
                const bound = Math.min(BACKOFF_LIMIT, BACKOFF_BASE * 2 ** (attempt - 1));
                for (const failure of [answer(503, header), NEVER_SENT]) {
                    const pause = retryDelay(failure, attempt, r, NOW);
                    expect(pause).toBeGreaterThanOrEqual(0);
                    expect(pause).toBeLessThanOrEqual(bound);
                }
            },
        ),
    );
});

describe("a request is sent again", () => {
    const BROKEN: AttemptFailure = { kind: "connection", neverSent: false, lasting: false };
    const UNTRUSTED: AttemptFailure = { kind: "connection", neverSent: true, lasting: true };
    // What happened, whether a repeatable request is sent again, whether a create is.
    const CASES: [AttemptFailure, boolean, boolean][] = [
        [answer(429), true, true],
        [answer(429, "3"), true, true],
        [answer(500), true, false],
        [answer(502), true, false],
        [answer(503, "1"), true, false],
        [answer(504), true, false],
        [answer(599), true, false],
        [answer(408), true, false],
        [answer(501), false, false],
        [answer(301), false, false],
        [answer(400), false, false],
        [answer(401), false, false],
        [answer(403), false, false],
        [answer(404), false, false],
        [answer(405), false, false],
        [answer(409), false, false],
        [answer(422), false, false],
        [BROKEN, true, false],
        [NEVER_SENT, true, true],
        [UNTRUSTED, false, false],
    ];
    test.each(CASES)("after %j: %s, or as a create: %s", (failure, repeatable, create) => {
        expect(isRetryable(failure, true, 0)).toBe(repeatable);
        expect(isRetryable(failure, false, 0)).toBe(create);
    });

    test("only a few times where no connection comes about", () => {
        expect(isRetryable(NEVER_SENT, true, MAX_CONNECTION_RETRIES - 1)).toBe(true);
        expect(isRetryable(NEVER_SENT, true, MAX_CONNECTION_RETRIES)).toBe(false);
        expect(isRetryable(BROKEN, true, 100)).toBe(true);
    });
});
