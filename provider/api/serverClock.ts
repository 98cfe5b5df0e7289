/**
 * The server's clock, as far as its answers show it. This machine's wall clock may be hours off, and has no part in it.
 */

/** How much the API's instants and `Date` headers may differ, in milliseconds: they may come from different machines. */
export const CLOCK_GRACE = 1000;

/** Keeps a lower bound of the server's time. */
export class ServerClock {
    /** The bound at the monotonic clock's zero, in milliseconds since 1970. */
    #atZero: number | undefined;

    /**
     * Notes an answer. Its `Date` was true, or up to a second early, when the answer was made.
     *
     * @param date - The header as it came.
     * @param arrived - When it arrived, by `performance.now()`.
     */
    heard(date: string | undefined, arrived: number): void {
        const atZero = (parseHttpDate(date) ?? Number.NaN) - arrived;
        // The highest of several lower bounds is the closest.
        if (atZero > (this.#atZero ?? Number.NEGATIVE_INFINITY)) {
            this.#atZero = atZero;
        }
    }

    /**
     * The server's time is no earlier than this, in milliseconds since 1970; `undefined` before any answer.
     *
     * @param now - `performance.now()`.
     */
    earliest(now: number): number | undefined {
        return this.#atZero === undefined ? undefined : this.#atZero + now;
    }
}

/** An HTTP date in the form that servers send (RFC 9110, 5.6.7), in milliseconds since 1970; else `undefined`. */
export function parseHttpDate(text: string | undefined): number | undefined {
    // Date.parse takes almost anything with a number in it for a moment of the year 2001.
    const isDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text ?? "");
    const time = isDate ? Date.parse(text ?? "") : Number.NaN;
    return Number.isNaN(time) ? undefined : time;
}
