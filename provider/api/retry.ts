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
      }
    | {
          readonly kind: "connection";
          /** True where the request cannot have reached the server. */
          readonly neverSent: boolean;
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
        return failure.neverSent ? retries < MAX_CONNECTION_RETRIES : repeatable;
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
 * @param now - This machine's clock, in milliseconds: a `Retry-After` date is held against it.
 */
export function retryDelay(failure: AttemptFailure, attempt: number, random: number, now: number): number {
    const asked = failure.kind === "answer" ? parseRetryAfter(failure.retryAfter, now) : undefined;
    if (asked !== undefined) {
        return Math.min(asked, MAX_RETRY_AFTER);
    }
    return Math.round(random * Math.min(BACKOFF_LIMIT, BACKOFF_BASE * 2 ** (attempt - 1)));
}

/**
 * `Retry-After` as milliseconds from now: seconds or an HTTP date (RFC 9110, 10.2.3). `undefined` where it is absent or
 * malformed: a bad hint falls back to the ordinary pause, it does not stop the retries.
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
    const text = header?.trim() ?? "";
    if (/^\d+(\.\d+)?$/.test(text)) {
        return Math.ceil(Number(text) * 1000);
    }
    if (!/^[A-Za-z]{3,9},? /.test(text)) {
        return undefined;
    }
    const date = Date.parse(text);
    return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
