/**
 * When a request is sent again, and after which pause. Pure: the HTTP core asks, and does.
 */

/** How one attempt failed, as far as retrying needs it. */
export type AttemptFailure =
    | {
          readonly kind: "answer";
          readonly status: number;
          /** The header `Retry-After` as it came. */
          readonly retryAfter: string | undefined;
          /** The header `Date` as it came: the server's clock, which a `Retry-After` date is of. */
          readonly date: string | undefined;
      }
    | {
          readonly kind: "connection";
          /** True where the request cannot have reached the server. */
          readonly neverSent: boolean;
          /** True where another try would end the same way: no certificate gets trusted by waiting. */
          readonly lasting: boolean;
      };

/** How often a connection that does not come about is tried again: a wrong address should not take a minute to say so. */
export const MAX_CONNECTION_RETRIES = 3;

/**
 * Whether sending the request again can do no harm and may help.
 *
 * A request that is not repeatable (a create) is sent again only after what proves that nothing was done: a connection
 * that never came about, or a 429, which refuses before acting.
 *
 * @param retries - How often it was sent again already.
 */
export function isRetryable(failure: AttemptFailure, repeatable: boolean, retries: number): boolean {
    if (failure.kind === "connection") {
        return !failure.lasting && (failure.neverSent ? retries < MAX_CONNECTION_RETRIES : repeatable);
    }
    if (failure.status === 429) {
        return true;
    }
    // 501 says that the server lacks the method: asking again cannot help.
    return repeatable && (failure.status === 408 || (failure.status >= 500 && failure.status !== 501));
}

/** The longest pause that a server may ask for, in milliseconds. */
export const MAX_RETRY_AFTER = 60_000;
/** The first pause's upper bound without a word from the server, in milliseconds; it doubles with each attempt. */
export const BACKOFF_BASE = 500;
/** The upper bound of any pause without a word from the server, in milliseconds. */
export const BACKOFF_LIMIT = 15_000;

/**
 * The pause before the next attempt, in milliseconds: the server's `Retry-After` first (capped, not jittered), else
 * full jitter under a doubling bound.
 *
 * @param attempt - 1 for the first retry.
 * @param random - In [0, 1).
 * @param now - This machine's clock, in milliseconds.
 */
export function retryDelay(failure: AttemptFailure, attempt: number, random: number, now: number): number {
    return askedPause(failure, now) ?? Math.round(random * Math.min(BACKOFF_LIMIT, BACKOFF_BASE * 2 ** (attempt - 1)));
}

/** The pause that the server asks for, in milliseconds and capped; `undefined` where it asks for none. */
export function askedPause(failure: AttemptFailure, now: number): number | undefined {
    const asked = failure.kind === "answer" ? parseRetryAfter(failure.retryAfter, failure.date, now) : undefined;
    return asked === undefined ? undefined : Math.min(asked, MAX_RETRY_AFTER);
}

/**
 * `Retry-After` as milliseconds from now: seconds or an HTTP date (RFC 9110, 10.2.3). `undefined` where it is absent or
 * malformed: a bad hint falls back to the ordinary pause, it does not stop the retries.
 *
 * @param date - The same answer's header `Date`: a date counts from there, for this machine's clock may be hours off.
 * @param now - This machine's clock, for an answer without a `Date`.
 */
export function parseRetryAfter(
    retryAfter: string | undefined,
    date: string | undefined,
    now: number,
): number | undefined {
    const text = retryAfter?.trim() ?? "";
    if (/^\d+(\.\d+)?$/.test(text)) {
        return Math.ceil(Number(text) * 1000);
    }
    const until = parseHttpDate(text);
    return until === undefined ? undefined : Math.max(0, until - (parseHttpDate(date?.trim() ?? "") ?? now));
}

const HTTP_DATE =
    /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? (\d{1,2}[ -][A-Za-z]{3}[ -]\d{2,4} \d{2}:\d{2}:\d{2}|[A-Za-z]{3} {1,2}\d{1,2} \d{2}:\d{2}:\d{2} \d{4})\b/;

/**
 * An HTTP date (RFC 9110, 5.6.7) in milliseconds since 1970, in each of its three forms; `undefined` for what is none.
 *
 * @example
 * parseHttpDate("Sun Nov  6 08:49:37 1994") // as "Sun, 06 Nov 1994 08:49:37 GMT": asctime's form is in GMT, too
 */
function parseHttpDate(text: string): number | undefined {
    // Anything else with a number in it would pass for a moment of the year 2001.
    if (!HTTP_DATE.test(text)) {
        return undefined;
    }
    const withZone = /(GMT|UTC|[+-]\d{4})$/i.test(text) ? text : `${text} GMT`;
    const date = Date.parse(withZone);
    return Number.isNaN(date) ? undefined : date;
}
