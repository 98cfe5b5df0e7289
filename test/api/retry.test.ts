import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as retry from "../../provider/api/retry.js";
import type { Answer, Unanswered } from "../../provider/api/transport.js";

const NOW = Date.UTC(2027, 0, 31, 12, 0, 0);
const answer = (status: number, retryAfter?: string, date?: string): Answer => ({
    kind: "answer",
    status,
    header: (name) => (name === "date" ? date : retryAfter),
    body: "",
});
const broken = (neverSent: boolean, lasting: boolean): Unanswered => ({
    kind: "unanswered",
    neverSent,
    lasting,
    what: "broken",
});

describe("a request is sent again", () => {
    // The failure, whether a repeatable request is sent again, whether a create is.
    test.each<[Answer | Unanswered, boolean, boolean]>([
        [answer(429), true, true],
        [answer(429, "3"), true, true],
        [answer(500), true, false],
        [answer(502), true, false],
        [answer(503, "1"), true, false],
        [answer(504), true, false],
        [answer(599), true, false],
        [answer(408), true, false],
        ...[301, 400, 401, 403, 404, 405, 409, 412, 422, 501].map(
            (status) => [answer(status), false, false] as [Answer | Unanswered, boolean, boolean],
        ),
        [broken(false, false), true, false],
        [broken(true, false), true, true],
        [broken(true, true), false, false],
        [broken(false, true), false, false],
    ])("after %j: %s, and as a create: %s", (failure, repeatable, create) => {
        expect(retry.isRetryable(failure, true, 0)).toBe(repeatable);
        expect(retry.isRetryable(failure, false, 0)).toBe(create);
    });

    test("only a few times where no connection comes about", () => {
        expect(retry.isRetryable(broken(true, false), true, retry.MAX_CONNECTION_RETRIES - 1)).toBe(true);
        expect(retry.isRetryable(broken(true, false), true, retry.MAX_CONNECTION_RETRIES)).toBe(false);
        expect(retry.isRetryable(broken(false, false), true, 100)).toBe(true);
    });
});

describe("Retry-After", () => {
    test.each<[string | undefined, number | undefined]>([
        ["0", undefined],
        [" 3 ", 3000],
        ["1.5", 1500],
        ["Sun, 31 Jan 2027 12:00:05 GMT", 5000],
        ["Sun, 31 Jan 2027 11:59:00 GMT", undefined],
        ["9999999", retry.MAX_RETRY_AFTER],
        ["9".repeat(400), retry.MAX_RETRY_AFTER],
        ["Sun, 31 Jan 2999 12:00:05 GMT", retry.MAX_RETRY_AFTER],
        [undefined, undefined],
        ["", undefined],
        ["-3", undefined],
        ["soon", undefined],
        ["3s", undefined],
        ["Infinity", undefined],
        ["1e3", undefined],
        ["Sun, 99 Foo 2027", undefined],
        ["2027-01-31T12:00:05Z", undefined],
    ])("%.30j asks for %s ms, which is kept to without jitter", (header, delay) => {
        expect(retry.askedDelay(answer(503, header), NOW)).toBe(delay);
        if (delay !== undefined) {
            expect(retry.retryDelay(answer(503, header), 3, 0.5, NOW)).toBe(delay);
        }
    });

    test.each([-7, 0, 7])("as a date counts from the answer's own, with this machine's clock %i hours off", (hours) => {
        const failure = answer(429, "Sun, 31 Jan 2027 12:00:05 GMT", "Sun, 31 Jan 2027 12:00:01 GMT");
        expect(retry.askedDelay(failure, NOW + hours * 3_600_000)).toBe(4000);
    });

    test("gives no delay or one within the limits, whatever it says", () => {
        fc.assert(
            fc.property(fc.oneof(fc.string(), fc.date().map(String)), fc.option(fc.string()), (header, date) => {
                const delay = retry.askedDelay(answer(429, header, date ?? undefined), NOW);
                expect(delay === undefined || (delay >= 0 && delay <= retry.MAX_RETRY_AFTER)).toBe(true);
            }),
        );
    });
});

test("without Retry-After the delay is at random under a bound that doubles up to a limit", () => {
    const random = fc.double({ min: 0, max: 0.999999, noNaN: true });
    fc.assert(
        fc.property(fc.integer({ min: 1, max: 2000 }), random, (attempt, r) => {
            const bound = Math.min(retry.BACKOFF_LIMIT, retry.BACKOFF_BASE * 2 ** (attempt - 1));
            for (const failure of [answer(503, "soon"), broken(true, false)]) {
                expect(retry.retryDelay(failure, attempt, r, NOW)).toBe(Math.round(r * bound));
            }
        }),
    );
});
