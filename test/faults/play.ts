import { expect } from "vitest";
import { expectNoLeak } from "../engine/leaks.js";
import {
    attemptsAt,
    expectAttempts,
    expectEnding,
    expectLeft,
    expectNothingUnknown,
    expectOldSecretWorks,
    expectState,
    idsOf,
} from "./expectations.js";
import { OUTCOMES, type Outcome } from "./outcomes.js";
import { begin, end, run, type Stage, setUp } from "./stage.js";
import { type Cell, isMidway } from "./table.js";

/** Plays a cell of the table: brings a stack to the operation, lets the trouble strike, ends it, and goes on. */

/** One way in which a cell is played. */
export interface Play {
    readonly cell: Cell;
    /** Whether the trouble strikes once, or every request of the operation until it is over. */
    readonly lasts: boolean;
    /** What is run first once it is over. */
    readonly next: "up" | "refresh" | "destroy";
}

/** The ways in which a cell is played: each ending, and each way on from one that leaves something to do. */
export function playsOf(cell: Cell): Play[] {
    const { once, lasting } = cell.decision;
    // A refresh asks where the last update asked: after a wrong base URL there is one way on.
    const isElsewhere = cell.trouble.connection !== undefined && !isMidway(cell.scene);
    const ways: readonly Play["next"][] = isElsewhere ? ["up"] : ["up", "refresh", "destroy"];
    const isOver = OUTCOMES[lasting].state === "as the program says";
    const lastingWays = isOver ? ["refresh" as const] : once === lasting ? ways.slice(ways.length > 1 ? 1 : 0) : ways;
    return [{ cell, lasts: false, next: "up" }, ...lastingWays.map((next): Play => ({ cell, lasts: true, next }))];
}

/** Plays, and asserts all that was decided. */
export async function play({ cell, lasts, next }: Play): Promise<void> {
    const stage = await setUp(cell);
    const { emulator, front, stack } = stage;
    try {
        await begin(cell, lasts, stage);
        const struck = await run(stage);
        const attempts = attemptsAt(cell, emulator);
        const after = stack.keys();
        await end(stage, cell);

        const name = cell.decision[lasts ? "lasting" : "once"];
        expectEnding(cell, name, struck);
        expectAttempts(cell, lasts, attempts);
        expectState(OUTCOMES[name], after, stage);
        const reported = expectNothingUnknown(OUTCOMES[name], struck, stage);
        expectOldSecretWorks(stage);
        await expectWayOn(OUTCOMES[name], next, stage);
        await expectConverged(next, reported, stage);
        expectOldSecretWorks(stage);
        expectNoLeak(emulator.secrets(), stack.exposed());
    } finally {
        front?.close();
        await emulator.close();
    }
}

async function expectWayOn({ state }: Outcome, next: Play["next"], stage: Stage): Promise<void> {
    const { stack, script, before } = stage;
    if (next === "destroy") {
        await expectDestroyed(stage);
        return;
    }
    if (next === "refresh") {
        const kept = stack.keys();
        // What was not finished is not the same to an engine, whatever is read.
        const kind = kept.some(({ initErrors }) => initErrors.length > 0) ? "update" : "same";
        const { ok, changes } = await stack.refresh();
        expect({ ok, changes }).toEqual({ ok: true, changes: kept.length === 0 ? {} : { [kind]: kept.length } });
    }
    const { ok, changes } = await stack.up(script.program);
    const isDone = state === "as the program says" && script.run !== "preview";
    const change = state === "as before" || script.run === "preview" ? script.change : isDone ? undefined : "update";
    const count = new Set([...script.program, ...before].map(({ name }) => name)).size;
    const same = count - (change === undefined ? 0 : 1) - (isDone && script.change === "delete" ? 1 : 0);
    expect({ ok, changes }).toEqual({
        ok: true,
        changes: { ...(change === undefined ? {} : { [change]: 1 }), ...(same === 0 ? {} : { same }) },
    });
}

/** The stack's keys are gone, or switched off where the program said so; nobody else's are. */
async function expectDestroyed(stage: Stage): Promise<void> {
    const { emulator, stack, script } = stage;
    const deleted = stack
        .keys()
        .filter(({ inputs }) => inputs["onDelete"] !== "disable")
        .map(({ id }) => id);
    const others = idsOf(stage).filter((id) => !deleted.includes(id));
    expect((await stack.destroy()).ok).toBe(true);
    expect(stack.keys()).toEqual([]);
    expect(idsOf(stage)).toEqual(others);
    if (script.there !== undefined && deleted.includes(script.there.apiKeyId)) {
        // Someone makes it anew.
        emulator.addKey(script.there);
    }
}

/** Refresh and update bring everything to what the program says, and nothing is left to do. */
async function expectConverged(next: Play["next"], reported: readonly string[], stage: Stage): Promise<void> {
    const { emulator, stack, script } = stage;
    if (next === "up") {
        expect((await stack.refresh()).ok).toBe(true);
    }
    if (next !== "refresh" || script.run === "preview") {
        expect((await stack.up(script.program)).ok).toBe(true);
    }
    const keys = stack.keys();
    const wanted = script.program.map(({ name }) => ({ name, initErrors: [] }));
    expect(keys.map(({ name, initErrors }) => ({ name, initErrors }))).toEqual(expect.arrayContaining(wanted));
    expect(keys).toHaveLength(wanted.length);
    const known = [...keys.map(({ id }) => id), ...expectLeft(stage), ...reported];
    expect(idsOf(stage).sort()).toEqual(known.sort());
    for (const { name, id, outputs } of keys) {
        const { qps, disabled = false } = script.program.find((one) => one.name === name)?.args ?? {};
        expect(emulator.key(id)).toMatchObject({ qps, disabled, apiKey: outputs["apiKey"] });
    }
    const { ok, changes } = await stack.preview(script.program);
    expect({ ok, changes }).toEqual({ ok: true, changes: { same: keys.length } });
}
