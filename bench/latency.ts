import { Account } from "./account.js";
import { requestsInARow } from "./needed.js";
import { ALONE_STEPS, type AloneStep, KeysAlone } from "./providerAlone.js";

/** The latency that is measured with, in milliseconds. */
export const LATENCY = 50;
/** With how many keys. */
export const LATENCY_KEYS = 100;

/** How long each step takes where every answer takes a while, over the least time that as many at once need. */
export async function underLatency(): Promise<ReadonlyMap<AloneStep, number>> {
    const account = await Account.open({ emulator: { latencyMs: LATENCY }, otherKeys: LATENCY_KEYS });
    try {
        const alone = new KeysAlone(account.env, LATENCY_KEYS);
        const times = new Map<AloneStep, number>();
        for (const step of ALONE_STEPS) {
            const seconds = await alone.live(step);
            times.set(step, (seconds * 1000) / (requestsInARow(step, LATENCY_KEYS) * LATENCY));
        }
        return times;
    } finally {
        await account.close();
    }
}
