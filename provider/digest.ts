import { createHash } from "node:crypto";

/** What stands for a value that may be secret: enough of a hash to tell one from another. */
export function digestOf(text: string): string {
    return createHash("sha256").update(text).digest("base64url").slice(0, 16);
}

/**
 * JSON in which the order of keys means nothing.
 *
 * @param normalise - What each value within is taken for.
 */
export function canonicalJson(value: unknown, normalise: (each: unknown) => unknown = (each) => each): string {
    return JSON.stringify(value, (_key, each: unknown) => {
        const normal = normalise(each);
        return isMap(normal) ? Object.fromEntries(Object.entries(normal).sort(([a], [b]) => (a < b ? -1 : 1))) : normal;
    });
}

/** Whether a value is a map, as `rotation` and its `triggers` are. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
