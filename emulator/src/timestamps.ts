/** RFC 3339 times, read as strictly as a server does and written with its precision. */

const RFC_3339 =
    /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** A time as milliseconds since 1970, or undefined if the text is not RFC 3339. */
export function parseTimestamp(text: string): number | undefined {
    const match = RFC_3339.exec(text);
    if (match === null) {
        return undefined;
    }
    const [year, month, day] = match.slice(1, 4).map(Number);
    if (year === undefined || month === undefined || day === undefined || day > daysIn(year, month)) {
        return undefined;
    }
    const milliseconds = Date.parse(text.toUpperCase());
    return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

/** A time in UTC with microseconds, as the API writes it: `2026-01-31T08:00:00.123000Z`. */
export function formatTimestamp(time: Date): string {
    return time.toISOString().replace("Z", "000Z");
}

/** The same time in UTC with microseconds; finer digits are cut off. A text that is not RFC 3339 stays as it is. */
export function normaliseTimestamp(text: string): string {
    const milliseconds = parseTimestamp(text);
    if (milliseconds === undefined) {
        return text;
    }
    const fraction = RFC_3339.exec(text)?.[7] ?? "";
    const seconds = new Date(milliseconds).toISOString().slice(0, 19);
    return `${seconds}.${fraction.padEnd(6, "0").slice(0, 6)}Z`;
}

function daysIn(year: number, month: number): number {
    return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
