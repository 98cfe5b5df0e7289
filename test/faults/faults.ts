import { afterAll, beforeAll, describe, test } from "vitest";
import { play, playsOf } from "./play.js";
import { SCENES, type SceneName } from "./scenes.js";
import { type Cell, cells } from "./table.js";

/** How many plays are under way at once: most of their time they wait. */
const LANES = 40;

/** Plays every cell of the table for some operations, a test for each, and prints how many there are. */
export function playCells(scenes: readonly SceneName[]): void {
    const all = cells(scenes);
    const plays = all.flatMap((cell) => playsOf(cell));
    const outcomes = new Map<Cell, Promise<unknown>[]>();

    beforeAll(() => {
        let next = 0;
        const ends = plays.map(({ cell }) => {
            let end = (_outcome: Promise<void>) => {};
            const ended = new Promise<void>((resolve) => {
                end = resolve;
            });
            // Each failure is its test's, however long that has yet to wait.
            ended.catch(() => undefined);
            outcomes.set(cell, [...(outcomes.get(cell) ?? []), ended]);
            return end;
        });
        const lane = async () => {
            for (let mine = next; mine < plays.length; mine = next) {
                next += 1;
                const one = plays[mine];
                const outcome = one === undefined ? Promise.resolve() : play(one);
                ends[mine]?.(outcome);
                await outcome.catch(() => undefined);
            }
        };
        for (let lanes = 0; lanes < LANES; lanes += 1) {
            void lane();
        }
    });

    for (const scene of scenes) {
        describe(SCENES[scene].title, () => {
            const own = all.filter((cell) => cell.scene === scene);
            test.each(own.map((cell) => [titleOf(cell), cell] as const))("%s", async (_title, cell) => {
                await Promise.all(outcomes.get(cell) ?? []);
            });
        });
    }

    afterAll(() => {
        process.stdout.write(`faults: ${all.length} cells of the table, played in ${plays.length} ways\n`);
    });
}

function titleOf({ scene, trouble, acts, decision }: Cell): string {
    const acted =
        trouble.acts === "either" && SCENES[scene].writes
            ? acts
                ? ", and the server acts"
                : ", and it does not act"
            : "";
    return `${trouble.name}${acted}: ${decision.lasting}`;
}
