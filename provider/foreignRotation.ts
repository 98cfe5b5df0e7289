import type { ApiKeyState } from "./apiKeyState.js";

/**
 * Whether the secret that the API shows in part is another one than the stack's: someone else has rotated it. Pure.
 */

/** What stands for the hidden middle: `xai-...oYZ4`, `xai-a**b`. */
const REDACTED = /^([\w-]*)(?:\.{2,}|\*+|…|•+)([\w-]*)$/u;

/**
 * Whether a secret fits what is shown of one: its beginning and its end.
 *
 * @param redacted - The API's text; more than one form is published.
 * @returns `undefined` where the two cannot be compared: an unknown form, or one that shows nothing.
 *
 * @example
 * fitsRedacted("xai-abcoYZ4", "xai-...oYZ4") // → true
 */
export function fitsRedacted(secret: string, redacted: string): boolean | undefined {
    const [whole, head = "", tail = ""] = REDACTED.exec(redacted) ?? [];
    const shown = head.length + tail.length;
    if (whole === undefined || shown === 0) {
        return undefined;
    }
    const fits = secret.startsWith(head) && secret.endsWith(tail);
    return fits && shown > secret.length ? undefined : fits;
}

/** How long after the stack's own rotation a listing may still show the secret before, in milliseconds. */
const STALENESS = 60_000;

/**
 * A warning for a key that someone else has rotated, as far as its listed form shows it; else `undefined`.
 *
 * @param listed - The redacted secret in the listing.
 * @param now - The server's time, in milliseconds since 1970; `undefined` where it is not known.
 */
export function foreignRotation(
    { apiKeyId, apiKey, rotatedAt, owed }: ApiKeyState,
    listed: string | null,
    now: number | undefined,
): string | undefined {
    if (apiKey === undefined || listed === null || fitsRedacted(apiKey, listed) !== false) {
        return undefined;
    }
    const isOurs = owed?.includes("secret") || (now !== undefined && now - Date.parse(rotatedAt ?? "") < STALENESS);
    return isOurs
        ? undefined
        : `API key ${apiKeyId} has another secret than the stack holds: it was rotated outside of this stack. The stack's secret stops working when its overlap ends, if it has not yet. To bring the key back into the stack's hands, change a value in its \`rotation.triggers\` and run \`pulumi up\`, which gives it a new secret.`;
}
