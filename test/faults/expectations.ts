import { expect } from "vitest";
import type { Emulator } from "../../sdk/testing/index.js";
import type { InProcessResult, StoredResource } from "../model/inProcessEngine.js";
import { OUTCOMES, type Outcome, type OutcomeName } from "./outcomes.js";
import { SCENES } from "./scenes.js";
import { shown } from "./shown.js";
import { MAX_RETRIES, type Stage } from "./stage.js";
import type { Cell } from "./table.js";

/** Holds what came of a trouble against what was decided. */

/** How often the struck request was sent. */
export function attemptsAt({ scene }: Cell, emulator: Emulator): number {
    const sent = emulator.requests.filter(({ operation }) => operation === SCENES[scene].operation);
    const isLater = scene === "listLater";
    return sent.filter(({ query }) => (query["paginationToken"] !== undefined) === isLater).length;
}

/** What is shown, and whether it failed. */
export function expectEnding(cell: Cell, name: OutcomeName, { ok, messages }: InProcessResult): void {
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

/** How often the request was sent. */
export function expectAttempts({ scene, trouble, decision }: Cell, lasts: boolean, attempts: number): void {
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
export function expectNothingUnknown(
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
