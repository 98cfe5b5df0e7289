import { parseDuration } from "./duration.js";
import { timeOf } from "./instant.js";
import { clockSlack, scheduleIn } from "./rotationSchedule.js";

/**
 * What to say of a key that has expired, or soon will. Pure.
 */

/** How long before its expiry a key is warned about, in milliseconds. */
export const NEAR_EXPIRY = 14 * 86_400_000;

type Properties = Readonly<Record<string, unknown>>;

/**
 * A warning for a key that has expired, or expires within 14 days, and that nothing renews; else `undefined`.
 *
 * @param inputs - Checked inputs of a key that exists, the schedule among them.
 * @param key - What to call it, such as `API key "shop-test-search"`.
 * @param now - In milliseconds since 1970.
 */
export function expiryWarning(inputs: Properties, key: string, now: number): string | undefined {
    const { expireTime, expiresIn = null } = inputs;
    const expiry = typeof expireTime === "string" ? timeOf(expireTime) : undefined;
    if (expiry === undefined || expiry - now >= NEAR_EXPIRY || isRenewed(inputs, expiry)) {
        return undefined;
    }
    const way =
        expiresIn === null
            ? "move `expireTime`"
            : "change a value in `rotation.triggers`, which gives it a new secret and a new expiry, or `expiresIn`";
    return expiry <= now
        ? `The ${key} with \`expireTime\` ${String(expireTime)} has expired: it is refused until that is changed. To revive it, ${way}.`
        : `The ${key} with \`expireTime\` ${String(expireTime)} expires within 14 days, and nothing renews it. To keep it, ${way}${expiresIn === null ? "" : "; `rotation.beforeExpiry` renews it by itself"}.`;
}

/**
 * A warning for a key that expires later than its `expiresIn` allows: a clock that was ahead has counted it, once and for
 * ever after; else `undefined`.
 *
 * @param inputs - Checked inputs of a key that exists, the schedule among them.
 * @param key - What to call it, such as `API key "shop-test-search"`.
 * @param now - In milliseconds since 1970.
 */
export function lateExpiryWarning({ expireTime, expiresIn }: Properties, key: string, now: number): string | undefined {
    const expiry = typeof expireTime === "string" ? timeOf(expireTime) : undefined;
    const length = typeof expiresIn === "string" ? parseDuration(expiresIn) : undefined;
    if (expiry === undefined || length === undefined || expiry - now <= length + clockSlack(length)) {
        return undefined;
    }
    return `The ${key} expires at ${String(expireTime)}, which is more than \`expiresIn\` from now: the clock of this machine is behind, or that of the machine that counted it was ahead. To have it counted anew by a right clock, change \`expiresIn\` a little, such as from "90d" to "91d"; or change a value in \`rotation.triggers\`, which gives the key a new secret as well.`;
}

/** Whether a rotation comes by itself before the expiry, and moves it. */
function isRenewed({ rotation, expiresIn = null, schedule }: Properties, expiry: number): boolean {
    if (expiresIn === null || typeof rotation !== "object" || rotation === null) {
        return false;
    }
    const { beforeExpiry = null, every }: { beforeExpiry?: unknown; every?: unknown } = rotation;
    const since = timeOf(scheduleIn({ schedule })?.since);
    const period = typeof every === "string" ? parseDuration(every) : undefined;
    const next = since === undefined || period === undefined ? undefined : since + period;
    return beforeExpiry !== null || (next !== undefined && next < expiry);
}
