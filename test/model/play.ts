import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import { type Emulator, type StoredKey, startEmulator } from "xai-management-emulator";
import { Adoptions } from "./adoptions.js";
import { configFor } from "./config.js";
import { Exposure } from "./exposure.js";
import { asksForReplacement, isOpenCreate, leftBehind, type Times, timesIn } from "./internals.js";
import type { ModelOperation, ModelResult, ModelStack, OperationOptions } from "./modelStack.js";
import { argsInForce, heldSettings, ModelProgram, wantedSettings } from "./program.js";
import { type Moment, withoutReason } from "./reasons.js";
import { DEFAULT_ACLS, type KeyArgs, OTHER_TEAM, type Outside, type Sequence, type Step } from "./sequence.js";

/** What a sequence is played on. */
export interface Stage<Stack extends ModelStack> {
    /** A stack of project `shop` and stack `test`. */
    open(config: Record<string, string>, emulator: Emulator, now: () => number): Promise<Stack>;
    close(stack: Stack): Promise<void>;
    /** Whether operations are slow: then a history ends with its first destroy, and nothing is created anew. */
    readonly isSlow: boolean;
}

/** What was played. */
export interface Played {
    /** Operations, those after the trouble too. */
    readonly steps: number;
    /** Of the provider's host, or of the engine and so of the host. */
    readonly kills: number;
    /** Requests that a fault struck. */
    readonly faults: number;
}

/**
 * Plays a sequence, lets the trouble be over, and holds what there is then against what was promised.
 *
 * @throws with all that was done and said, where it is not so
 */
export async function play<Stack extends ModelStack>(sequence: Sequence, stage: Stage<Stack>): Promise<Played> {
    const { dialect, clockHours, propagation } = sequence;
    const clock = new Clock();
    const emulator = await startEmulator({
        dialect,
        propagation,
        otherTeams: [OTHER_TEAM],
        now: () => new Date(clock.now() + clockHours * 3_600_000),
    });
    const config = {
        ...configFor(emulator),
        "xai:maxRetries": String(sequence.maxRetries),
        "xai:operationTimeout": stage.isSlow ? "10s" : "3s",
    };
    const stack = await stage.open(config, emulator, () => clock.now());
    const player = new Player(sequence, emulator, stack, clock);
    try {
        return await player.play(stage.isSlow);
    } catch (error) {
        const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
        throw new Error(`${reason}\n${player.transcript.join("\n")}`);
    } finally {
        await stage.close(stack);
        await emulator.close();
    }
}

/**
 * The instant that was counted, or the held one within a second of it: where an update was killed, and the one after it ignored,
 * what the first had counted a moment before cannot be told from the API's rounding of what the second gave.
 */
function sameSecond(counted: string | undefined, held: string | null): string | undefined {
    const isClose = counted && held && Math.abs(Date.parse(held) - Date.parse(counted)) < 1000;
    return isClose ? held : counted;
}

/** The clock of a sequence: it goes on by itself, and by days. */
class Clock {
    private days = 0;

    now(): number {
        return Date.now() + this.days * 86_400_000;
    }

    pass(days: number): void {
        this.days += days;
    }
}

class Player {
    /** What was done, and what was said. */
    readonly transcript: string[] = [];
    private readonly model = new ModelProgram();
    private readonly adoptions: Adoptions;
    /** What is not this stack's, as it was and has to stay. */
    private readonly strangers = new Map<string, StoredKey>();
    /** The keys that this stack made, that no resource holds, and of which it is known why. */
    private readonly leftBehind = new Set<string>();
    /** The keys whose secret someone else has changed, or a rotation of which nobody heard. */
    private readonly rotatedUnheard = new Set<string>();
    private readonly exposure: Exposure;
    /** What there was of everything. */
    private readonly counts = { steps: 0, kills: 0, faults: 0 };

    constructor(
        private readonly sequence: Sequence,
        private readonly emulator: Emulator,
        private readonly stack: ModelStack,
        private readonly clock: Clock,
    ) {
        this.adoptions = new Adoptions(emulator, this.model);
        this.exposure = new Exposure(emulator, stack);
        for (const name of ["shared", "shop-test-a"]) this.addStranger(name);
        // Of two users: where a listing shows one user's keys alone nobody can tell another's that are gone from hidden ones.
        for (const name of ["one's", "another's"]) this.addStranger(name, OTHER_TEAM);
    }

    async play(isSlow: boolean): Promise<Played> {
        for (const step of this.sequence.steps) await this.step(step);
        this.emulator.setPropagation(0);
        // A server whose errors are web pages never says that it does not know a key, so that nothing is proved to be gone.
        if (this.emulator.dialect.errorBody === "html") this.emulator.dialect.errorBody = "message";
        // Nothing stalls from here on, and a busy machine may take its time.
        await this.stack.setConfig("xai:operationTimeout", "5m");
        const { messages } = await this.succeed("refresh");
        await this.upAsTold();
        await this.rotateBack(messages.map(({ message }) => message));
        await this.checkConvergence();
        await this.checkQuiet();
        await this.succeed("destroy");
        if (!isSlow) {
            await this.checkRecreation();
            await this.succeed("destroy");
        }
        expect(await this.stack.keys(), "what is left in the state after destroy").toEqual([]);
        return this.counts;
    }

    private async step(step: Step): Promise<void> {
        this.clock.pass(step.days);
        for (const edit of step.edits) this.model.apply(edit);
        for (const each of step.outside) await this.actOutside(each);
        for (const fault of step.faults) this.emulator.inject(fault);
        const { operation, kill } = step;
        const replace = operation === "replace" ? this.model.names.slice(0, 1) : [];
        // Who replaces a key that was taken over says that a new one is wanted.
        for (const name of replace) this.model.makeNew(name);
        await this.run(operation === "replace" ? "up" : operation, { kill, replace });
    }

    private async actOutside(act: Outside): Promise<void> {
        if (act.outside === "add") {
            this.addStranger(act.name);
            return;
        }
        const [held] = (await this.stack.keys()).filter(({ name }) => name === act.key);
        if (held === undefined || this.emulator.key(held.id) === undefined) return;
        if (act.outside === "delete") this.emulator.deleteKey(held.id);
        else if (act.outside === "change") this.emulator.changeKey(held.id, { qps: act.qps });
        else if (act.outside === "switch off") this.emulator.changeKey(held.id, { disabled: true });
        else if (this.emulator.dialect.rotation) {
            this.emulator.changeKey(held.id, { apiKey: `xai-${randomBytes(40).toString("hex")}` });
            this.rotatedUnheard.add(held.id);
        }
    }

    /**
     * Three seconds old, for the server's clock is known to the second: a key of this stack's default name and the same
     * settings that someone made in the very second of a create cannot be told from what the create made.
     */
    private addStranger(name: string, teamId?: string): void {
        const createTime = new Date(this.clock.now() + this.sequence.clockHours * 3_600_000 - 3_000).toISOString();
        const key = this.emulator.addKey({ name, acls: [...DEFAULT_ACLS], createTime, ...(teamId && { teamId }) });
        this.strangers.set(key.apiKeyId, key);
    }

    /** Runs an operation, lets what is on its way arrive, and checks what has to hold at any time. */
    private async run(operation: ModelOperation, options: OperationOptions): Promise<ModelResult> {
        const begun = this.emulator.requests.length;
        const keys = await this.stack.keys();
        const before = new Set(keys.map(({ id }) => id));
        const disabling = keys.filter(({ outputs }) => outputs["onDelete"] === "disable").map(({ id }) => id);
        if (operation === "up" || operation === "preview") this.adoptions.prepare(keys, begun % 2 === 0);
        const moment = await this.moment();
        const known = new Set(moment.server.keys());

        const result = await this.stack.run(operation, this.model.program, options);
        this.emulator.clearFaults();
        await this.stack.arrived();
        do await new Promise((resolve) => setTimeout(resolve, 1));
        while (this.emulator.requests.some(({ status }) => status === 0));

        const asked = this.emulator.requests.slice(begun);
        this.counts.steps += 1;
        this.counts.kills += result.killed ? 1 : 0;
        this.counts.faults += asked.filter(({ fault }) => fault !== undefined).length;
        const requests = asked.map((one) => `${one.operation} ${one.status}`);
        const messages = result.messages.map(({ message }) => message);
        this.transcript.push(
            `${operation} ${JSON.stringify(this.model.program)}: ${result.ok ? "ok" : "failed"}${result.killed ? ", killed" : ""} ${JSON.stringify(result.changes)}; ${requests.join(", ")}`,
            ...result.messages.map(({ severity, message }) => `    ${severity}: ${message}`),
        );
        if (operation === "preview") {
            const writes = requests.filter((one) => /^(create|update|rotate|delete)ApiKey/.test(one));
            expect(writes, "what a preview writes").toEqual([]);
        }
        const made = this.emulator.keys().filter(({ apiKeyId }) => !known.has(apiKeyId)).length;
        const resources = operation === "up" ? this.model.names.length : 0;
        expect(made, "keys that one operation makes").toBeLessThanOrEqual(resources);
        const leaked = await this.exposure.leaksOf({ operation, ok: result.ok, program: this.model.program });
        expect(leaked, `leaks: ${leaked.join("; ")}`).toEqual([]);
        const wrong = withoutReason({
            operation,
            before: moment,
            after: await this.moment(),
            result,
            model: this.model,
            replace: options.replace ?? [],
            teamId: this.emulator.teamId,
        });
        expect(wrong, `without a reason: ${wrong.join("; ")}`).toEqual([]);
        const isSilent = result.killed && options.kill?.who === "engine";
        for (const id of disabling) if (this.emulator.key(id)?.disabled) await this.noteSwitchedOff(id);
        await this.checkUnheld(known, messages, isSilent);
        // Where an update failed, the warning says itself that a resource may hold the key.
        if (result.ok) this.checkWarnings(before, messages);
        if (!result.ok) await this.noteUnheardRotations();
        await this.checkHeld();
        return result;
    }

    private async moment(): Promise<Moment> {
        const server = new Map(this.emulator.keys().map((key) => [key.apiKeyId, key]));
        return { server, state: await this.stack.keys() };
    }

    /** A key that its resource has switched off and left, as the program said. */
    private async noteSwitchedOff(id: string): Promise<void> {
        if (!(await this.stack.keys()).some((key) => key.id === id)) this.leftBehind.add(id);
    }

    /** Where an operation failed, a rotation may have acted of which nobody heard: then the secret before works on, or did. */
    private async noteUnheardRotations(): Promise<void> {
        for (const { id, outputs } of await this.stack.keys()) {
            const replaced = this.emulator.key(id)?.previousApiKeys.map(({ apiKey }) => apiKey) ?? [];
            if (replaced.some((secret) => secret === outputs["apiKey"])) this.rotatedUnheard.add(id);
        }
    }

    private async succeed(operation: ModelOperation): Promise<ModelResult> {
        const result = await this.run(operation, {});
        expect(result.ok, `${operation} succeeds once the trouble is over`).toBe(true);
        return result;
    }

    /**
     * One `up`; or more on a server without rotation, where each says which key is due for a new secret, and the user replaces it.
     * The keys that follow a replaced one are due after it.
     */
    private async upAsTold(replace: readonly string[] = [], ups = this.model.names.length + 2): Promise<void> {
        const { ok, messages } = await this.run("up", { replace });
        if (ok) return;
        const said = messages.map(({ message }) => message).join("\n");
        const due = (await this.stack.keys()).filter((key) => !key.delete && asksForReplacement(said, key.id));
        const isTold = due.length > 0 && !this.emulator.dialect.rotation && ups > 1;
        expect(isTold, "up succeeds once the trouble is over, or says what the next one does").toBe(true);
        for (const { name } of due) this.model.makeNew(name);
        await this.upAsTold(
            due.map(({ name }) => name),
            ups - 1,
        );
    }

    /** Who is told that a key's secret is another one rotates it back by a trigger. */
    private async rotateBack(said: readonly string[]): Promise<void> {
        const stale = (await this.stack.keys()).filter(
            ({ id, outputs }) => this.emulator.key(id)?.apiKey !== outputs["apiKey"],
        );
        for (const { name, id, outputs } of stale) {
            const { rotatedAt } = outputs;
            // Just after a rotation of the stack's own nobody can tell; and a redacted form may hide the difference.
            const isTold = rotatedAt === undefined && this.emulator.dialect.redaction === "dots";
            if (isTold) expect(said.join("\n"), `the warning of ${id}, rotated by someone else`).toContain(id);
            this.model.apply({
                edit: "change",
                key: name,
                args: { rotation: { triggers: { back: 1 } }, ignoreChanges: [] },
            });
        }
        if (stale.length > 0) await this.succeed("up");
    }

    /** Every key that no resource holds is someone else's, or there is a reason. */
    private async checkUnheld(
        known: ReadonlySet<string>,
        messages: readonly string[],
        isSilent: boolean,
    ): Promise<void> {
        const held = new Set((await this.stack.keys()).map(({ id }) => id));
        const unheld = this.emulator
            .keys()
            .map(({ apiKeyId }) => apiKeyId)
            .filter((id) => !held.has(id) && !this.strangers.has(id) && !this.leftBehind.has(id))
            .filter((id) => !this.adoptions.isWaiting(id));
        expect(
            unheld.filter((id) => known.has(id)),
            "keys that the stack has forgotten",
        ).toEqual([]);
        // An id in a message is no excuse: a create that was answered keeps its key in the state. An open create stands for one
        // key at most, whichever it names: of equal creates nobody knows which made what.
        const isAccountedFor = isSilent || unheld.length <= messages.filter(isOpenCreate).length;
        expect(isAccountedFor ? [] : unheld, "keys that no resource holds for no reason").toEqual([]);
        for (const id of unheld) this.leftBehind.add(id);
    }

    /** Who is told of keys left behind is told the truth: no resource had them. */
    private checkWarnings(before: ReadonlySet<string>, messages: readonly string[]): void {
        for (const { ids, count } of told(messages)) {
            const right = ids.filter((id) => !before.has(id) && this.emulator.key(id) !== undefined);
            expect(right.length, `keys left behind of ${ids.join()}`).toBeGreaterThanOrEqual(count);
        }
    }

    /** What the state holds is a key of its own with the server's secret; what is someone else's is as it was. */
    private async checkHeld(): Promise<void> {
        const keys = await this.stack.keys();
        const ids = keys.map(({ id }) => id);
        expect(new Set(ids).size, "resources that hold a key of their own").toBe(ids.length);
        for (const { id, outputs } of keys) {
            const held = this.emulator.key(id);
            if (held === undefined || outputs["apiKey"] === undefined) continue;
            if (outputs["apiKey"] === held.apiKey) this.rotatedUnheard.delete(id);
            if (!this.rotatedUnheard.has(id)) {
                expect(outputs["apiKey"], `the stored secret of ${id}`).toBe(held.apiKey);
            }
        }
        for (const [id, stranger] of this.strangers) {
            expect(this.emulator.key(id), `someone else's key ${stranger.name}`).toEqual(stranger);
        }
    }

    /** The server has what the program says, and the state has the server's secrets. */
    private async checkConvergence(): Promise<void> {
        const keys = await this.stack.keys();
        expect(keys.map(({ name }) => name).sort(), "the keys in the state").toEqual(this.model.names.sort());
        for (const { name, id, inputs, outputs, initErrors } of keys) {
            const held = this.emulator.key(id);
            expect(held, `the key ${id} of ${name} on the server`).toBeDefined();
            if (held === undefined) continue;
            const times = timesIn(outputs);
            const known = {
                name: defaultName(name),
                // What the program leaves alone is as it is found.
                teamId: held.teamId,
                disabled: held.disabled,
                expireTime: sameSecond(times.expireTime, held.expireTime) ?? null,
            };
            expect(heldSettings(held), `the settings of ${name}`).toEqual(
                wantedSettings(argsInForce(this.model.argsOf(name), inputs), known),
            );
            expect(outputs["apiKey"], `the secret of ${name}`).toBe(held.apiKey);
            this.checkTimes(name, times);
            expect(initErrors, `what is left to do for ${name}`).toEqual([]);
        }
    }

    /** What is due by now was done. */
    private checkTimes(name: string, { since, expireTime }: Times): void {
        const { expiresIn = null, rotation, ignoreChanges = [] } = this.model.argsOf(name);
        if (ignoreChanges.includes("*")) return;
        const { every, beforeExpiry } = rotation ?? {};
        const untilThen = (text = "") => Date.parse(text) - this.clock.now();
        if (expiresIn !== null) {
            const left = untilThen(expireTime);
            expect(left, `what is left until ${name} expires`).toBeLessThanOrEqual(lengthOf(expiresIn));
            if (beforeExpiry !== undefined)
                expect(left, `what is left of ${name}`).toBeGreaterThan(lengthOf(beforeExpiry) - 60_000);
        }
        if (every !== undefined) {
            expect(-untilThen(since), `the age of the secret of ${name}`).toBeLessThan(lengthOf(every) + 60_000);
        }
    }

    /** Nothing more is to be done, and few requests show it. */
    private async checkQuiet(): Promise<void> {
        const same = this.model.names.length === 0 ? {} : { same: this.model.names.length };
        for (const operation of ["preview", "refresh", "up"] as const) {
            const begun = this.emulator.requests.length;
            const { ok, changes, messages } = await this.run(operation, {});
            if (operation === "refresh") await this.checkSwitchedOff(messages.map(({ message }) => message).join("\n"));
            expect({ ok, changes }, `another ${operation}`).toEqual({ ok: true, changes: same });
            const asked = this.emulator.requests.slice(begun).map((one) => one.operation);
            const listed = asked.filter((one) => one === "listApiKeys").length;
            const teams = new Set((await this.stack.keys()).map(({ outputs }) => outputs["teamId"]));
            expect(listed, `the pages that a ${operation} lists`).toBeLessThanOrEqual(
                operation === "refresh" ? this.pages(teams) : 0,
            );
            // Models and endpoints of each team, and whose the management key is.
            // A check knows the arguments alone: without `teamId` it asks the configured team.
            const asks = teams.add(this.emulator.teamId).size;
            expect(asked.length - listed, `requests of a quiet ${operation}`).toBeLessThanOrEqual(2 * asks + 1);
        }
        await this.checkConvergence();
    }

    /** Each key that is off, although the program does not say so, is named. */
    private async checkSwitchedOff(said: string): Promise<void> {
        for (const { name, id, inputs } of await this.stack.keys()) {
            const isMeant = argsInForce(this.model.argsOf(name), inputs).disabled === true;
            if (this.emulator.key(id)?.disabled && !isMeant) expect(said).toContain(`(${id}) is switched off`);
        }
    }

    /** How many pages one listing of each team takes. */
    private pages(teams: ReadonlySet<unknown>): number {
        const counts = [...teams].map((team) => this.emulator.keys().filter(({ teamId }) => teamId === team).length);
        return counts.reduce((sum, keys) => sum + Math.ceil(keys / this.emulator.dialect.maxPageSize), 0);
    }

    /** Whoever creates a key under a default name is told of every key under it that nobody holds. */
    private async checkRecreation(): Promise<void> {
        const others = this.emulator.keys();
        const { messages } = await this.succeed("up");
        await this.checkConvergence();
        const given = new Set(
            this.model.names.map((name) =>
                isDefaultName(name, this.model.argsOf(name)) ? "" : this.model.argsOf(name).name,
            ),
        );
        const expected = this.model.names.flatMap((logicalName) => {
            const args = this.model.argsOf(logicalName);
            const { adopts, disabled = false, teamId = this.emulator.teamId } = args;
            const isNew = isDefaultName(logicalName, args) && adopts === undefined;
            const isDefault = isNew && !given.has(defaultName(logicalName));
            return others
                .filter(
                    (key) =>
                        isDefault &&
                        (disabled || !key.disabled) &&
                        key.name === defaultName(logicalName) &&
                        key.teamId === teamId,
                )
                .map(({ apiKeyId }) => apiKeyId);
        });
        const ids = told(messages.map(({ message }) => message)).flatMap((one) => one.ids);
        expect(ids.sort(), "the keys that a create under the same name tells of").toEqual(expected.sort());
    }
}

/** A duration in milliseconds; no number fits what is none. */
function lengthOf(duration: string): number {
    const [, count, unit] = /^(\d+)([dh])$/.exec(duration) ?? [];
    return Number(count) * (unit === "d" ? 24 : 1) * 3_600_000;
}

/** What messages say of keys left behind. */
function told(messages: readonly string[]) {
    return messages.map(leftBehind).filter((one) => one !== undefined);
}

function defaultName(logicalName: string): string {
    return `shop-test-${logicalName}`;
}

/** Whether a key has its default name: given or not, it is the same. */
function isDefaultName(logicalName: string, { name = defaultName(logicalName) }: KeyArgs): boolean {
    return name === defaultName(logicalName);
}
