/**
 * Durations as Pulumi writes them in `customTimeouts`, which is Go's form: `"90s"`, `"5m"`, `"1h30m"`, `"1.5s"`; and days,
 * which Go lacks and rotations are counted in: `"30d"`, always of 24 hours.
 *
 * The parsers on npm accept other languages of duration ("5 minutes", "1y"), or not this one's compound form, so these
 * few lines are our own.
 */

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const WHOLE = /^(\d+(\.\d+)?(ms|s|m|h|d))+$/;
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/**
 * Milliseconds of a duration, or `undefined` for what is none.
 *
 * @example
 * parseDuration("1m30s") // → 90000
 */
export function parseDuration(text: unknown): number | undefined {
    if (typeof text !== "string" || !WHOLE.test(text)) {
        return undefined;
    }
    let total = 0;
    for (const [, amount, unit] of text.matchAll(PART)) {
        total += Number(amount) * (UNITS[unit ?? ""] ?? Number.NaN);
    }
    return Number.isFinite(total) ? Math.round(total) : undefined;
}

/**
 * A duration for people, in the same form.
 *
 * @example
 * formatDuration(90_000) // → "1m30s"
 */
export function formatDuration(ms: number): string {
    if (ms < 1000) {
        return `${Math.round(ms)}ms`;
    }
    const seconds = Math.round(ms / 1000);
    const parts: [number, string][] = [
        [Math.floor(seconds / 3600), "h"],
        [Math.floor((seconds % 3600) / 60), "m"],
        [seconds % 60, "s"],
    ];
    return parts.flatMap(([amount, unit]) => (amount > 0 ? [`${amount}${unit}`] : [])).join("");
}
