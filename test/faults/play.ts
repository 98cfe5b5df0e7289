import { expect } from "vitest";
import { type Emulator, startEmulator } from "../../sdk/testing/index.js";
import { configFor } from "../engines/engine.js";
import { expectNoLeak } from "../engines/leaks.js";
import { type InProcessResult, InProcessStack, type StoredResource } from "../model/inProcessEngine.js";
import { Front } from "./front.js";
import { SCENES, type Scene, type Script, scriptOf } from "./scenes.js";
import { type Cell, isMidway, OUTCOMES, type Outcome, type OutcomeName, shown } from "./table.js";

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

/** How often a call is sent again in these tests. */
const MAX_RETRIES = 2;

interface Stage {
    readonly emulator: Emulator;
    /** What stands before the emulator, where connections are to fail in the middle of a run. */
    readonly front: Front | undefined;
    readonly stack: InProcessStack;
    readonly script: Script;
    readonly before: readonly StoredResource[];
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
        await expectWayOn(OUTCOMES[name], next, stage);
        await expectConverged(next, reported, stage);
        expectNoLeak(emulator.secrets(), stack.exposed());
    } finally {
        front?.close();
        await emulator.close();
    }
}

async function setUp({ scene, trouble }: Cell): Promise<Stage> {
    const hours = trouble.clockHours ?? 0;
    const now = () => new Date(Date.now() + hours * 3_600_000);
    const emulator = await startEmulator({ dialect: { maxPageSize: 2 }, now });
    const { connection } = trouble;
    const front =
        connection !== undefined && isMidway(scene) ? await Front.before(emulator.url, connection.outage) : undefined;
    const { "xai:teamId": teamId = "", ...config } = configFor(emulator);
    // What is 100 MB takes its time.
    const slow = trouble.fault?.padding !== undefined;
    const stack = new InProcessStack({
        config: {
            ...config,
            ...(front === undefined ? {} : { "xai:baseUrl": front.url }),
            ...(scene === "validation" ? {} : { "xai:teamId": teamId }),
            "xai:maxRetries": String(MAX_RETRIES),
            "xai:operationTimeout": slow ? "2m" : "30s",
            "xai:requestTimeout": slow ? "1m" : `${trouble.requestTimeout ?? 15_000}ms`,
        },
    });
    const script = scriptOf(scene);
    if (script.before.length > 0) {
        expect((await stack.up(script.before)).ok).toBe(true);
    }
    return { emulator, front, stack, script, before: stack.keys() };
}

async function begin({ scene, trouble, acts }: Cell, lasts: boolean, stage: Stage): Promise<void> {
    const { emulator, front, stack, script } = stage;
    const { operation, follows }: Scene = SCENES[scene];
    if (front !== undefined && follows !== undefined) {
        front.breakAfter(follows, lasts);
    } else if (trouble.connection !== undefined) {
        stack.config = { ...stack.config, "xai:baseUrl": trouble.connection.baseUrl(emulator.url) };
        if (script.run === "refresh") {
            // A refresh asks where the last update asked.
            await stack.up(script.before);
        }
    }
    const date = new Date(Date.now() + (trouble.clockHours ?? 0) * 3_600_000 + 1000).toUTCString();
    const dated = trouble.fault?.headers?.["retry-after"] === "" ? { headers: { "retry-after": date } } : {};
    if (trouble.fault !== undefined) {
        emulator.inject({
            operation,
            after: script.after,
            times: lasts ? Number.POSITIVE_INFINITY : 1,
            ...trouble.fault,
            ...(trouble.acts === "either" ? { acts } : {}),
            ...dated,
        });
    }
    emulator.clearRequests();
}

function run({ stack, script }: Stage): Promise<InProcessResult> {
    return script.run === "refresh" ? stack.refresh() : stack[script.run](script.program);
}

/** How often the struck request was sent. */
function attemptsAt({ scene }: Cell, emulator: Emulator): number {
    const sent = emulator.requests.filter(({ operation }) => operation === SCENES[scene].operation);
    const isLater = scene === "listLater";
    return sent.filter(({ query }) => (query["paginationToken"] !== undefined) === isLater).length;
}

/** The trouble is over, and what was still on its way has arrived. */
async function end({ emulator, front, stack }: Stage, { trouble }: Cell): Promise<void> {
    emulator.clearFaults();
    await front?.mend();
    if (front === undefined && trouble.connection !== undefined) {
        stack.config = { ...stack.config, "xai:baseUrl": emulator.url };
    }
    await expect.poll(() => emulator.requests.filter(({ status }) => status === 0), { timeout: 10_000 }).toEqual([]);
}

function expectEnding(cell: Cell, name: OutcomeName, { ok, messages }: InProcessResult): void {
    const { ends }: Outcome = OUTCOMES[name];
    const said = messages.map(({ message }) => message).join("\n");
    expect({ ok, said: ok ? "" : said }).toEqual({ ok: ends !== "fails", said: ok ? "" : said });
    const template = shown(cell.scene, cell.trouble, name);
    if (template === undefined) {
        expect(said).toBe("");
    } else {
        expect(said).toMatch(patternOf(template));
    }
}

/** A pattern of a text in which words in braces stand for anything. */
function patternOf(template: string): RegExp {
    return new RegExp(
        template
            .split(/\{\w+\}/)
            .map(escaped)
            .join(".*?"),
    );
}

function escaped(text: string): string {
    return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function expectAttempts({ scene, trouble, decision }: Cell, lasts: boolean, attempts: number): void {
    // What reaches no server cannot be counted there, and a wait asks as often as it has time.
    if (trouble.connection !== undefined || decision.lasting === "waits" || decision.lasting === "left out") {
        return;
    }
    // A check and a create ask both for the team, where the check does not end it all.
    const questions = scene === "validation" && decision.lasting === "fails" && trouble.outlasts !== true ? 2 : 1;
    switch (decision.again) {
        case "never":
            expect(attempts).toBe(scene === "validation" && decision.once === "asked again" ? 2 : 1);
            break;
        case "once, another way":
            expect(attempts).toBe(2);
            break;
        case "up to 3 times":
            // One that acts late takes the secret of the next one away, too.
            expect(attempts).toBe(lasts || trouble.fault?.delayMs !== undefined ? 3 : 2);
            break;
        case "up to `xai:maxRetries`":
            expect(attempts).toBe(lasts ? questions * (1 + MAX_RETRIES) : 2);
            break;
    }
}

function expectState({ state }: Outcome, after: readonly StoredResource[], { emulator, before, script }: Stage): void {
    if (state === "as before") {
        expect(byName(after)).toEqual(byName(before));
        return;
    }
    const names = script.run === "preview" ? [] : script.program.map(({ name }) => name);
    expect(after.map(({ name }) => name).sort()).toEqual(names);
    if (state === "the key with its old secret, and a note that it needs a new one") {
        const kept = (keys: readonly StoredResource[]) => keys.map(({ id, outputs }) => [id, outputs["apiKey"]]);
        expect(kept(after)).toEqual(kept(before));
        expect(after.map(({ outputs }) => outputs["owed"])).toEqual([["secret"]]);
        return;
    }
    for (const { id, outputs } of after) {
        expect(outputs["apiKey"]).toBe(emulator.key(id)?.apiKey);
        expect(outputs["owed"]).toEqual(state === "as the program says" ? undefined : ["propagation"]);
    }
}

function byName(keys: readonly StoredResource[]): readonly StoredResource[] {
    return [...keys].sort((one, other) => one.name.localeCompare(other.name));
}

/** The server holds no key that nobody knows: none but the state's, and where that was decided one that the message names. */
function expectNothingUnknown(
    { reports }: Outcome,
    { messages }: InProcessResult,
    { emulator, stack }: Stage,
): string[] {
    const held = new Set(stack.keys().map(({ id }) => id));
    const others = emulator.keys().filter(({ apiKeyId }) => !held.has(apiKeyId));
    expect(others).toHaveLength(reports === true ? 1 : 0);
    for (const { apiKeyId } of others) {
        expect(messages.map(({ message }) => message).join()).toContain(apiKeyId);
    }
    return others.map(({ apiKeyId }) => apiKeyId);
}

async function expectWayOn({ state }: Outcome, next: Play["next"], stage: Stage): Promise<void> {
    const { stack, script, before } = stage;
    if (next === "destroy") {
        expect((await stack.destroy()).ok).toBe(true);
        expect(stack.keys()).toEqual([]);
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

/** Refresh and update bring everything to what the program says, and nothing is left to do. */
async function expectConverged(
    next: Play["next"],
    reported: readonly string[],
    { emulator, stack, script }: Stage,
): Promise<void> {
    if (next === "up") {
        expect((await stack.refresh()).ok).toBe(true);
    }
    if (next !== "refresh" || script.run === "preview") {
        expect((await stack.up(script.program)).ok).toBe(true);
    }
    const keys = stack.keys();
    expect(keys.map(({ name, initErrors }) => ({ name, initErrors }))).toEqual(
        script.program.map(({ name }) => ({ name, initErrors: [] })),
    );
    expect(
        emulator
            .keys()
            .map(({ apiKeyId }) => apiKeyId)
            .sort(),
    ).toEqual([...keys.map(({ id }) => id), ...reported].sort());
    for (const { name, id, outputs } of keys) {
        const args = script.program.find((one) => one.name === name)?.args;
        expect(emulator.key(id)).toMatchObject({ qps: args?.["qps"], apiKey: outputs["apiKey"] });
    }
    const { ok, changes } = await stack.preview(script.program);
    expect({ ok, changes }).toEqual({ ok: true, changes: { same: keys.length } });
}
