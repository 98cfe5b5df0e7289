/** One line of the bench's table: what was measured, the figure, and the budget for it. */
export type Row = readonly [what: string, measured: string, budget: string];

/** Lays rows out in aligned columns, each under its heading. */
export function table(rows: readonly Row[]): string {
    const lines: readonly Row[] = [["what", "measured", "budget"], ...rows];
    const width = (column: 0 | 1) => Math.max(...lines.map((line) => line[column].length));
    const [first, second] = [width(0), width(1)];
    return lines
        .map(([what, measured, budget]) => `${what.padEnd(first)}  ${measured.padEnd(second)}  ${budget}`.trimEnd())
        .join("\n");
}

/** The median of some figures, with the lowest and the highest where there are several: `1.30 (1.22 to 1.41)`. */
export function spread(figures: readonly number[], digits = 2): string {
    const sorted = figures.toSorted((left, right) => left - right);
    const [lowest, highest] = [sorted[0], sorted.at(-1)];
    const text = median(sorted).toFixed(digits);
    return lowest === undefined || highest === undefined || lowest === highest
        ? text
        : `${text} (${lowest.toFixed(digits)} to ${highest.toFixed(digits)})`;
}

/** The middle one of some figures; of an even number, the mean of the middle two. */
export function median(figures: readonly number[]): number {
    const sorted = figures.toSorted((left, right) => left - right);
    const lower = sorted[Math.ceil(sorted.length / 2) - 1];
    const upper = sorted[Math.floor(sorted.length / 2)];
    if (lower === undefined || upper === undefined) {
        throw new RangeError("The median of no figures is not defined.");
    }
    return (lower + upper) / 2;
}
