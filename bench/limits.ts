import { setTimeout } from "node:timers/promises";
import type { RateLimit } from "xai-management-emulator";
import { Account } from "./account.js";
import { neededRequests } from "./needed.js";
import { ALONE_STEPS, type AloneStep, KeysAlone } from "./providerAlone.js";

/** A server's limits, and how many keys live under them. */
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

/** How a limit was met by one step. */
export interface UnderLimit {
    readonly step: AloneStep;
    /** Requests that were sent, over those that were needed. */
    readonly sent: number;
    readonly refused: number;
    /** The time that it took, over the least that the limit allows; `undefined` where it allows all at once. */
    readonly time: number | undefined;
}

/** Lets keys live under a limit on the rate, in a team that holds as many of others. */
export async function underLimit({ keys, limit }: LimitCase): Promise<UnderLimit[]> {
    const account = await Account.open({ emulator: { rateLimit: limit }, otherKeys: keys });
    try {
        const alone = new KeysAlone(account.env, keys);
        const steps: UnderLimit[] = [];
        for (const step of ALONE_STEPS) {
            // The bucket is full at first.
            await setTimeout(1100);
            const seconds = await alone.live(step);
            const { total, refused } = await account.seen();
            const needed = neededRequests(step, keys);
            const least = (needed - limit.perSecond) / limit.perSecond;
            steps.push({ step, sent: total / needed, refused, time: least > 0 ? seconds / least : undefined });
        }
        return steps;
    } finally {
        await account.close();
    }
}
