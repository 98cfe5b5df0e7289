/** RFC 3339 date-times as instants. */

const FORM = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/** The instant that a value names, in milliseconds since 1970; `undefined` where it names none (`2026-02-30`, a missing offset). */
export function timeOf(value: unknown): number | undefined {
    const [, date = "", time = "", fraction = "", offset = ""] = (typeof value === "string" && FORM.exec(value)) || [];
    const instant = Date.parse(`${date}T${time}${fraction.slice(0, 4)}${offset.toUpperCase()}`);
    // Date.parse moves 30 February into March; a real date survives the way back.
    const local = Date.parse(`${date}T${time}Z`);
    if (Number.isNaN(instant) || Number.isNaN(local) || new Date(local).toISOString().slice(0, 10) !== date) {
        return undefined;
    }
    // An offset can move the last hours of 9999 to a year that no form has a place for.
    return /^\d{4}-/.test(new Date(instant).toISOString()) ? instant : undefined;
}

/** The instant of a text cut to whole seconds, in UTC; any other value as it is. */
export function toSeconds(value: unknown): unknown {
    const time = timeOf(value);
    return time === undefined ? value : `${new Date(time).toISOString().slice(0, 19)}Z`;
}
