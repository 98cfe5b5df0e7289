import { expect } from "vitest";
import type { Emulator } from "xai-management-emulator";
import type { InProcessResult, StoredResource } from "../model/inProcessEngine.js";
import { OUTCOMES, type Outcome, type OutcomeName } from "./outcomes.js";
import { SCENES, type Scene } from "./scenes.js";
import { shown } from "./shown.js";
import { MAX_RETRIES, type Stage } from "./stage.js";
import { type Cell, isAskedTwice } from "./table.js";

/** Holds what came of a trouble against what was decided. */

/** How often the struck request was sent. */
export function attemptsAt({ scene }: Cell, emulator: Emulator): number {
    const sent = emulator.requests.filter(({ operation }) => operation === SCENES[scene].operation);
    const isLater = scene === "listLater";
    return sent.filter(({ query }) => (query["paginationToken"] !== undefined) === isLater).length;
}

/** What is shown, and whether it failed. */
export function expectEnding({ scene, trouble }: Cell, name: OutcomeName, { ok, messages }: InProcessResult): void {
    const { ends }: Outcome = OUTCOMES[name];
    const all = textOf(messages);
    expect({ ok, said: ok ? "" : all }).toEqual({ ok: ends !== "fails", said: ok ? "" : all });
    const { says, warns } = shown(scene, trouble, name);
    const { announces = "" }: Scene = SCENES[scene];
    if (says === undefined) {
        expect(all).toMatch(new RegExp(`^${patternOf(announces)}$`));
        return;
    }
    const warnings = textOf(messages.filter(({ severity }) => severity === "warning"));
    const errors = textOf(messages.filter(({ severity }) => severity === "error"));
    expect(ends === "fails" ? errors : warnings).toMatch(new RegExp(patternOf(says)));
    if (ends !== "fails") {
        expect(errors).toBe("");
    }
    if (warns !== undefined) {
        expect(warnings).toMatch(new RegExp(patternOf(warns)));
    }
}

function textOf(messages: InProcessResult["messages"]): string {
    return messages.map(({ message }) => message).join("\n");
}

/** A pattern of a text in which words in braces stand for anything. */
function patternOf(template: string): string {
    return template
        .split(/\{\w+\}/)
        .map(escaped)
        .join(".*?");
}

function escaped(text: string): string {
    return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** How often the request was sent. */
export function expectAttempts(cell: Cell, lasts: boolean, attempts: number): void {
    const { trouble, decision } = cell;
    // What reaches no server cannot be counted there, a wait asks as often as it has time, and two listings are compared.
    if (trouble.connection !== undefined || UNCOUNTED.has(decision.lasting)) {
        return;
    }
    const questions = isAskedTwice(cell, decision[lasts ? "lasting" : "once"]) ? 2 : 1;
    expect(attempts).toBe(questions * sentForOne(cell, lasts));
}

const UNCOUNTED: ReadonlySet<OutcomeName> = new Set(["waits", "left out", "not listed"]);

function sentForOne({ trouble, decision }: Cell, lasts: boolean): number {
    switch (decision.again) {
        case "never":
            return 1;
        case "once, another way":
            return 2;
        case "up to 3 times":
            // One that acts late takes the secret of the next one away, too.
            return lasts || trouble.fault?.delayMs !== undefined ? 3 : 2;
        case "up to `xai:maxRetries`":
            return lasts ? 1 + MAX_RETRIES : 2;
    }
}

/** What the state holds. */
export function expectState(
    { state }: Outcome,
    after: readonly StoredResource[],
    { emulator, before, script }: Stage,
): void {
    if (state === "as before") {
        expect(byName(after)).toEqual(byName(before));
        return;
    }
    const names = script.run === "preview" ? [] : script.program.map(({ name }) => name);
    expect(byName(after).map(({ name }) => name)).toEqual(names.sort());
    if (state === "the key with its old secret, and a note that it needs a new one") {
        const kept = (keys: readonly StoredResource[]) => keys.map(({ id, outputs }) => [id, outputs["apiKey"]]);
        expect(kept(after)).toEqual(kept(before));
        expect(after.map(({ outputs }) => outputs["owed"])).toEqual([["secret"]]);
        return;
    }
    const isNew = script.there === undefined;
    for (const { id, outputs, initErrors } of after) {
        const { apiKey, qps, disabled } = emulator.key(id) ?? {};
        expect(outputs).toMatchObject({ apiKey, qps, disabled });
        const isDone = state === "as the program says";
        const isKept = state === "the key with its secret, and the settings that it has";
        // The wait comes after the settings, and who takes a key over with its secret has none.
        expect(outputs["owed"]).toEqual(isDone || (isKept && !isNew) ? undefined : ["propagation"]);
        expect(initErrors).toHaveLength(isDone ? 0 : 1);
    }
}

function byName(keys: readonly StoredResource[]): readonly StoredResource[] {
    return [...keys].sort((one, other) => one.name.localeCompare(other.name));
}

/**
 * The server holds no key that nobody knows: none but the state's and those that are left, and where that was decided one that
 * the message names.
 *
 * @returns The ids that the message names.
 */
export function expectNothingUnknown({ reports }: Outcome, { messages }: InProcessResult, stage: Stage): string[] {
    const known = [...stage.stack.keys().map(({ id }) => id), ...expectLeft(stage)];
    const others = idsOf(stage).filter((id) => !known.includes(id));
    expect(idsOf(stage)).toEqual(expect.arrayContaining(known));
    expect(others).toHaveLength(reports === true ? 1 : 0);
    for (const id of others) {
        expect(textOf(messages)).toContain(id);
    }
    return others;
}

/**
 * The keys of the server that no resource has, and that are known all the same: those that were switched off in place of a
 * delete, which they are, and one that is yet to be taken over.
 */
export function expectLeft({ emulator, stack, script, before }: Stage): string[] {
    const held = stack.keys().map(({ id }) => id);
    const given = before.filter(({ id, inputs }) => inputs["onDelete"] === "disable" && !held.includes(id));
    for (const { id } of given) {
        expect(emulator.key(id)).toMatchObject({ disabled: true });
    }
    const there = script.there === undefined ? [] : [script.there.apiKeyId];
    return [...given.map(({ id }) => id), ...there.filter((id) => !held.includes(id))];
}

const HOUR = 3_600_000;

/** Whoever used the key that is taken over can go on: its secret works for a day, or for good where the program gives it. */
export function expectOldSecretWorks({ emulator, script: { there }, now }: Stage): void {
    if (there === undefined) {
        return;
    }
    const { apiKey, previousApiKeys = [] } = emulator.key(there.apiKeyId) ?? {};
    const old = previousApiKeys.find((previous) => previous.apiKey === there.apiKey);
    if (apiKey !== there.apiKey) {
        expect(Date.parse(old?.expireTime ?? "") - now().getTime()).toBeGreaterThan(23 * HOUR);
    }
}

/** The server's keys. */
export function idsOf({ emulator }: Stage): string[] {
    return emulator.keys().map(({ apiKeyId }) => apiKeyId);
}
