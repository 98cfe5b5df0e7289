import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { type CellResult, play } from "./cell.js";
import { KINDS } from "./kinds.js";
import { faultPage } from "./page.js";
import { STAGES } from "./stages.js";
import { type Expectation, expectations, keysOf, stagesOf, TABLE } from "./table.js";

/** How many cells are played at once: most of their time they wait. */
const LANES = 16;

const CELLS = keysOf(TABLE).flatMap(expectations);
const results = new Map<Expectation, readonly CellResult[]>();

beforeAll(async () => {
    const waiting = [...CELLS];
    const lane = async () => {
        for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
            results.set(cell, await play(cell));
        }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    process.stdout.write(`faults: ${CELLS.length} cells\n`);
});

describe("a fault at each stage of a key's life", () => {
    test.each(keysOf(KINDS).map((name) => [KINDS[name].title, name] as const))("%s", (_title, kindName) => {
        const cells = CELLS.filter((cell) => cell.kindName === kindName);
        expect(new Set(cells.map(({ stageName }) => stageName))).toEqual(new Set(stagesOf(kindName)));
        const named = (cell: Expectation, value: unknown) =>
            [`${STAGES[cell.stageName].title}, ${cell.frequency}`, value] as const;
        const played = cells.map((cell) => named(cell, results.get(cell)));
        const expected = cells.map((cell) =>
            named(
                cell,
                results.get(cell)?.map(() => ({ outcome: cell.outcome, problems: [] })),
            ),
        );
        expect(Object.fromEntries(played)).toEqual(Object.fromEntries(expected));
    });
});

test("the page of faults is up to date (npm run docs:faults), and at most 10 KB", () => {
    expect(readFileSync("docs/faults.md", "utf8")).toBe(faultPage());
    expect(faultPage().length).toBeLessThanOrEqual(10_000);
});
