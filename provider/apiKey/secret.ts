import { label } from "../api/apiKeys.js";
import { AdoptionError } from "./registry.js";
import type { KeyState } from "./state.js";

/** A key's secret against the part of it that the API shows. Pure. */

/** What stands for the hidden middle: `xai-...oYZ4`, `xai-a**b`. */
const REDACTED = /^([\w-]*)(?:\.{2,}|\*+|…|•+)([\w-]*)$/u;

/**
 * Whether a secret fits the beginning and end that the API shows.
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

/** @throws AdoptionError for a secret that does not fit what the API shows of the key's. */
export function requireItsSecret(key: Pick<KeyState, "apiKeyId" | "name" | "redactedApiKey">, secret: string): void {
    const { redactedApiKey = "" } = key;
    if (fitsRedacted(secret, redactedApiKey) === false) {
        throw new AdoptionError(
            `\`existingSecret\` is not the secret of ${label(key)}: the API shows that one as ${redactedApiKey}. Give the secret that the key has now, or leave \`existingSecret\` out to give the key a new one.`,
        );
    }
}

/** How long after the stack's own rotation a listing may still show the secret before, in milliseconds. */
const STALENESS = 60_000;

/**
 * A warning for a key that somebody else has rotated, as far as its listed form shows it; else `undefined`.
 *
 * @param listed - The redacted secret in the listing.
 * @param now - The server's time, in milliseconds since 1970.
 */
export function foreignRotationWarning(state: KeyState, listed: string | null, now: number): string | undefined {
    const { apiKey, rotatedAt, pending } = state;
    if (apiKey === undefined || listed === null || fitsRedacted(apiKey, listed) !== false) {
        return undefined;
    }
    const isOurs = pending?.includes("secret") || now - Date.parse(rotatedAt ?? "") < STALENESS;
    return isOurs
        ? undefined
        : `${label(state)} has another secret than the stack holds: it was rotated outside of this stack, and the stack's secret stops working when its overlap ends. Change a value in \`rotation.triggers\` and run \`pulumi up\` to give the key a secret that the stack knows.`;
}
