import type { RateLimit } from "../sdk/testing/index.js";
import { Account } from "./account.js";
import { createKeys, LANES } from "./providerAlone.js";

/** A server's limits, and how many keys are created under them. */
interface LimitCase {
    readonly keys: number;
    readonly limit: RateLimit;
}

/** Long enough that the first seconds, in which the limit is found out, do not decide. */
export const LIMITS: readonly LimitCase[] = [
    { keys: 100, limit: { perSecond: 10, retryAfter: "seconds" } },
    { keys: 100, limit: { perSecond: 10, retryAfter: "none" } },
    { keys: 300, limit: { perSecond: 50, retryAfter: "seconds" } },
    { keys: 300, limit: { perSecond: 50, retryAfter: "none" } },
];

/** How a limit was met. */
export interface UnderLimit {
    readonly needed: number;
    /** Requests that were sent, over those that were needed. */
    readonly sent: number;
    readonly refused: number;
    /** The time that it took, over the least that the limit allows. */
    readonly time: number;
}

/** Creates keys under a limit on the rate. */
export async function underLimit({ keys, limit }: LimitCase): Promise<UnderLimit> {
    const account = await Account.open({ emulator: { rateLimit: limit }, otherKeys: keys });
    try {
        const seconds = await createKeys(account.env, keys);
        const { total, refused } = await account.seen();
        const needed = neededRequests(keys);
        // The bucket is full at first.
        const least = (needed - limit.perSecond) / limit.perSecond;
        return { needed, sent: total / needed, refused, time: seconds / least };
    } finally {
        await account.close();
    }
}

/** A create and a check of its propagation for each key, the listing of a team that holds as many, two look-ups. */
function neededRequests(keys: number): number {
    return 2 * keys + pagesOf(keys) + 2;
}

function pagesOf(keys: number): number {
    return Math.max(1, Math.ceil(keys / 100));
}

/** The latency that is measured with, in milliseconds. */
export const LATENCY = 50;
/** With how many keys. */
export const LATENCY_KEYS = 100;

/** How long creates take where every answer takes a while, over the least time that as many at once need. */
export async function underLatency(): Promise<number> {
    const account = await Account.open({ emulator: { latencyMs: LATENCY }, otherKeys: LATENCY_KEYS });
    try {
        const seconds = await createKeys(account.env, LATENCY_KEYS);
        // The look-ups go side by side, the listing's pages one after the other, then each lane's creates and checks.
        const inARow = 1 + pagesOf(LATENCY_KEYS) + 2 * Math.ceil(LATENCY_KEYS / LANES);
        return (seconds * 1000) / (inARow * LATENCY);
    } finally {
        await account.close();
    }
}
