/**
 * RFC 3339 date-times, compared as instants and to more than JavaScript's milliseconds: the API keeps microseconds.
 */

const FORM = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})$/;

const FIRST_YEAR = Date.parse("0000-01-01T00:00:00Z");
const AFTER_LAST_YEAR = Date.parse("+010000-01-01T00:00:00Z");

/** An instant: whole seconds since 1970 in UTC, and the fraction's digits without trailing zeros. */
export interface Instant {
    readonly seconds: number;
    readonly fraction: string;
}

/** The instant that an RFC 3339 text names, or `undefined` where it names none (`2026-02-30`, a missing offset). */
export function parseInstant(text: string): Instant | undefined {
    const match = FORM.exec(text);
    if (match === null) {
        return undefined;
    }
    const [, date = "", time = "", fraction = "", offset = ""] = match;
    const ms = Date.parse(`${date}T${time}${offset.toUpperCase()}`);
    // Date.parse moves 30 February into March; a real date survives the way back.
    const local = Date.parse(`${date}T${time}Z`);
    if (Number.isNaN(ms) || Number.isNaN(local) || new Date(local).toISOString().slice(0, 10) !== date) {
        return undefined;
    }
    // An offset can move the last hours of 9999 to a year that no form has a place for.
    if (ms < FIRST_YEAR || ms >= AFTER_LAST_YEAR) {
        return undefined;
    }
    return { seconds: ms / 1000, fraction: fraction.replace(/0+$/, "") };
}

/** The instant that a value names, in milliseconds since 1970, for comparison with a clock; `undefined` where it names none. */
export function timeOf(text: unknown): number | undefined {
    const instant = typeof text === "string" ? parseInstant(text) : undefined;
    return instant && instant.seconds * 1000 + Number(`0.${instant.fraction || "0"}`) * 1000;
}

/** The text's instant cut to the microseconds that the API keeps, in UTC; the text itself where it names no instant. */
export function toMicroseconds(text: string): string {
    const instant = parseInstant(text);
    if (instant === undefined) {
        return text;
    }
    const base = new Date(instant.seconds * 1000).toISOString().slice(0, 19);
    return `${base}.${instant.fraction.slice(0, 6).padEnd(6, "0")}Z`;
}
