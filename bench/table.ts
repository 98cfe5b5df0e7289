import type { Spread } from "./spread.js";

/** A line of a table: what is measured, and a text for each column. An absent text is an empty field. */
export type Row = readonly [label: string, ...cells: readonly (string | undefined)[]];

/** Lays rows out in aligned columns; the first row is the heading. */
export function alignedTable(rows: readonly Row[]): string {
    const columns = Math.max(...rows.map((row) => row.length));
    const widths = Array.from({ length: columns }, (_, column) =>
        Math.max(...rows.map((row) => row[column]?.length ?? 0)),
    );
    return rows
        .map((row) =>
            widths
                .map((width, column) => {
                    const text = row[column] ?? "";
                    return column === 0 ? text.padEnd(width) : text.padStart(width);
                })
                .join("  ")
                .trimEnd(),
        )
        .map((line) => `${line}\n`)
        .join("");
}

/** A spread in a field: its minimum, median and maximum, or the one figure where they are the same. */
export function spreadText({ min, median, max }: Spread, figure: (value: number) => string): string {
    return min === max ? figure(median) : [min, median, max].map(figure).join(" ");
}

/** A figure with two decimals. */
export function decimals(value: number): string {
    return value.toFixed(2);
}

/** A count, or the mean of counts. */
export function count(value: number): string {
    return Number.isInteger(value) ? String(value) : value.toFixed(1);
}
