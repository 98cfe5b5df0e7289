import { parseHttpDate } from "./serverClock.js";
import type { Answer, Unanswered } from "./transport.js";

/** Decides when a request is sent again, and after which delay. Pure. */

/** How often a connection that does not come about is tried again: a wrong address should not take a minute to say so. */
export const MAX_CONNECTION_RETRIES = 3;
/** The longest delay that a server may ask for, in milliseconds. */
export const MAX_RETRY_AFTER = 60_000;
/** The upper bound of the first delay without `Retry-After`, in milliseconds; it doubles with each attempt. */
export const BACKOFF_BASE = 500;
/** The upper bound of every delay without `Retry-After`, in milliseconds. */
export const BACKOFF_LIMIT = 15_000;

/**
 * Whether sending the request again is safe and may help.
 *
 * A request that is not repeatable (a create) is sent again only where it certainly did not act: after a connection that
 * never came about, and after a 429.
 *
 * @param retries - How often it was sent again already.
 */
export function isRetryable(failure: Answer | Unanswered, repeatable: boolean, retries: number): boolean {
    if (failure.kind === "unanswered") {
        return !failure.lasting && (failure.neverSent ? retries < MAX_CONNECTION_RETRIES : repeatable);
    }
    const { status } = failure;
    // 501 says that the server lacks the method.
    return status === 429 || (repeatable && (status === 408 || (status >= 500 && status !== 501)));
}

/**
 * The delay before the next attempt, in milliseconds: the server's `Retry-After`, else full jitter under a doubling bound.
 *
 * @param attempt - 1 for the first retry.
 * @param random - In [0, 1).
 * @param now - This machine's clock, in milliseconds.
 */
export function retryDelay(failure: Answer | Unanswered, attempt: number, random: number, now: number): number {
    return askedDelay(failure, now) ?? Math.round(random * Math.min(BACKOFF_LIMIT, BACKOFF_BASE * 2 ** (attempt - 1)));
}

/**
 * The delay that the server asks for in `Retry-After`, in milliseconds, capped; `undefined` where it asks for none, or in an
 * unknown form. A date counts from the answer's own `Date`, because this machine's clock may be hours off.
 */
export function askedDelay(failure: Answer | Unanswered, now: number): number | undefined {
    if (failure.kind === "unanswered") {
        return undefined;
    }
    const text = failure.header("retry-after")?.trim() ?? "";
    const until = parseHttpDate(text);
    const asked = /^\d+(\.\d+)?$/.test(text)
        ? Math.ceil(Number(text) * 1000)
        : until && Math.max(0, until - (parseHttpDate(failure.header("date")) ?? now));
    // A delay of 0 would use up all retries at once.
    return asked === undefined || asked === 0 ? undefined : Math.min(asked, MAX_RETRY_AFTER);
}
