import { parseDuration } from "../duration.js";
import { timeOf } from "../instant.js";
import { isMap } from "../isMap.js";
import type { Properties } from "./context.js";
import { expiryOf, recordIn } from "./inputs.js";

/** Whether a key has expired or will soon, and what to say of it. Pure. */

/** How long before its expiry a key is warned about, in milliseconds. */
export const NEAR_EXPIRY = 14 * 86_400_000;

/**
 * A warning for a key that has expired, or expires within 14 days, and that nothing renews; else `undefined`.
 *
 * @param key - The key in words: `API key "shop-test-search"`.
 * @param inputs - Checked inputs of a key that exists.
 * @param now - In milliseconds since 1970.
 */
export function expiryWarning(key: string, inputs: Properties, now: number): string | undefined {
    const expireTime = expiryOf(inputs);
    const expiry = timeOf(expireTime);
    if (expiry === undefined || expiry - now >= NEAR_EXPIRY || isRenewed(inputs, expiry)) {
        return undefined;
    }
    const isCounted = (inputs["expiresIn"] ?? null) !== null;
    const way = isCounted
        ? "change a value in `rotation.triggers`, which gives it a new secret and a new expiry, or change `expiresIn`"
        : "move `expireTime`";
    return expiry <= now
        ? `${key} expired at ${String(expireTime)}, and the API refuses it. To revive it, ${way}.`
        : `${key} expires at ${String(expireTime)}, within 14 days, and nothing renews it. To keep it, ${way}${isCounted ? "; `rotation.beforeExpiry` renews it by itself" : ""}.`;
}

/** Whether an expiry has passed, so that no request may send it. */
export function isPast(expireTime: unknown, now: number): boolean {
    const time = timeOf(expireTime);
    return time !== undefined && time <= now;
}

/** Whether a rotation comes by itself before the expiry, and moves it. */
function isRenewed(inputs: Properties, expiry: number): boolean {
    const { rotation, expiresIn = null } = inputs;
    if (expiresIn === null || !isMap(rotation)) {
        return false;
    }
    const { beforeExpiry = null, every } = rotation;
    const since = timeOf(recordIn(inputs)?.since);
    const period = parseDuration(every);
    return beforeExpiry !== null || (since !== undefined && period !== undefined && since + period < expiry);
}
