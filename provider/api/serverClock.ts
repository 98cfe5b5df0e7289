/**
 * The server's clock, as far as its answers show it. This machine's wall clock may be hours off and has no part in it.
 */

/** What the API's instants and `Date` headers may differ by, in milliseconds: they may come from different machines. */
export const CLOCK_GRACE = 1000;

/**
 * Keeps a lower bound of the server's time. An answer's `Date` header was true, or earlier by its truncation to the second,
 * when the answer was made; since it arrived this machine's monotonic clock has gone on.
 *
 * @example
 * clock.heard("Tue, 24 Nov 2026 13:48:36 GMT", performance.now());
 * clock.earliest(performance.now()); // no later than the server's own now
 */
export class ServerClock {
    /** The bound at the monotonic clock's zero, in milliseconds since 1970. */
    #atZero: number | undefined;

    /**
     * Notes an answer.
     *
     * @param date - The header `Date` as it came; what is no HTTP date says nothing.
     * @param arrived - When it arrived, by this machine's monotonic clock, in milliseconds.
     */
    heard(date: unknown, arrived: number): void {
        // RFC 9110, 5.6.7: the one form that is sent.
        if (
            typeof date !== "string" ||
            !/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(date)
        ) {
            return;
        }
        const atZero = Date.parse(date) - arrived;
        // Of several lower bounds the highest one tells most.
        if (!Number.isNaN(atZero) && (this.#atZero === undefined || atZero > this.#atZero)) {
            this.#atZero = atZero;
        }
    }

    /**
     * A lower bound of the server's time, in milliseconds since 1970; `undefined` before any answer.
     *
     * @param now - This machine's monotonic clock, in milliseconds.
     */
    earliest(now: number): number | undefined {
        return this.#atZero === undefined ? undefined : this.#atZero + now;
    }
}
