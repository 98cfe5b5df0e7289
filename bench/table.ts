import type { Spread } from "./spread.js";

/** Lays spreads out in aligned columns, with two decimals, under a heading. */
export function spreadTable(heading: string, rows: readonly (readonly [label: string, spread: Spread])[]): string {
    const figure = (value: number): string => value.toFixed(2);
    const cells = [
        [heading, "min", "median", "max"],
        ...rows.map(([label, { min, median, max }]) => [label, figure(min), figure(median), figure(max)]),
    ];
    const labelWidth = Math.max(...cells.map(([label = ""]) => label.length));
    const line = ([label = "", ...figures]: readonly string[]): string =>
        [label.padEnd(labelWidth), ...figures.map((text) => text.padStart(8))].join("");
    return cells.map((row) => `${line(row)}\n`).join("");
}
