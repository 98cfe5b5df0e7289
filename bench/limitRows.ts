/** The rows under a limit on requests: how many the provider sends, and how much of the allowed rate it uses. */
import { setTimeout as sleep } from "node:timers/promises";
import type { RateLimit } from "xai-management-emulator";
import { openAccount, total } from "./account.js";
import { ProviderAlone } from "./providerAlone.js";
import type { Row } from "./table.js";

/** Each case is long enough that the first seconds, in which the provider finds the limit, do not decide. */
const CASES: readonly { count: number; limit: RateLimit }[] = [
    { count: 100, limit: { perSecond: 10, retryAfter: "seconds" } },
    { count: 100, limit: { perSecond: 10, retryAfter: "none" } },
    { count: 300, limit: { perSecond: 50, retryAfter: "seconds" } },
    { count: 300, limit: { perSecond: 50, retryAfter: "none" } },
];

/** Measures all cases at once: their limits keep them idle most of the time. */
export async function limitRows(): Promise<Row[]> {
    return (await Promise.all(CASES.map(({ count, limit }) => underLimit(count, limit)))).flat();
}

async function underLimit(count: number, limit: RateLimit): Promise<Row[]> {
    const account = await openAccount({ otherKeys: count, rateLimit: limit });
    const config = {
        "xai:managementKey": account.env.XAI_MANAGEMENT_KEY,
        "xai:teamId": account.env.XAI_TEAM_ID,
        "xai:baseUrl": account.env.XAI_MANAGEMENT_BASE_URL,
        // The slowest limit takes longer than the default allows.
        "xai:operationTimeout": "10m",
    };
    const alone = new ProviderAlone(config, count);
    const rows: Row[] = [];
    try {
        for (const { step, operation, qpm, needed } of life(count)) {
            await account.requests();
            // The server lets a second's worth of requests through at once after a pause.
            await sleep(1100);
            const seconds = await alone.run(operation, qpm);
            const sent = total(await account.requests());
            const rate = (needed - limit.perSecond) / seconds / limit.perSecond;
            const header = limit.retryAfter === "none" ? "no Retry-After" : "Retry-After";
            rows.push([
                `limits, ${count} keys at ${limit.perSecond}/s, ${header}: ${step}`,
                `${(sent / needed).toFixed(2)} x the requests${rate > 0 ? `, ${rate.toFixed(2)} of the rate` : ""}`,
                "1.10, 0.90",
            ]);
        }
    } finally {
        account.close();
    }
    return rows;
}

/** The operations, and the least number of requests that each needs. */
function life(count: number) {
    const lookUps = 2;
    const pages = Math.ceil(count / 100);
    return [
        { step: "create", operation: "up", qpm: 100, needed: lookUps + pages + 2 * count },
        { step: "change", operation: "up", qpm: 101, needed: lookUps + count },
        { step: "refresh", operation: "refresh", qpm: 101, needed: 2 * pages },
        { step: "delete", operation: "destroy", qpm: 101, needed: count },
    ] as const;
}
