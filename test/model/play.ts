import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import { type Emulator, startEmulator } from "xai-management-emulator";
import { configFor } from "../engine/config.js";
import { Adoptions } from "./adoptions.js";
import { Convergence } from "./convergence.js";
import { Exposure } from "./exposure.js";
import { asksForReplacement } from "./internals.js";
import { Ledger } from "./ledger.js";
import type { ModelOperation, ModelResult, ModelStack, OperationOptions } from "./modelStack.js";
import { ModelProgram } from "./program.js";
import { type Moment, withoutReason } from "./reasons.js";
import { DEFAULT_ACLS, OTHER_TEAM, type Outside, type Sequence, type Step } from "./sequence.js";

/** What a sequence is played on. */
export interface Stage<Stack extends ModelStack> {
    /** A stack of project `shop` and stack `test`. */
    open(config: Record<string, string>, emulator: Emulator, now: () => number): Promise<Stack>;
    close(stack: Stack): Promise<void>;
    /** Whether operations are slow: then a history ends with its first destroy, and nothing is created anew. */
    readonly isSlow: boolean;
    /** Whether a refresh marks the secrets of an `up` that failed, which dynamic mode cannot. Default: false. */
    readonly marksSecrets?: boolean;
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
    const player = new Player(sequence, emulator, stack, clock, stage.marksSecrets ?? false);
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
    private readonly ledger: Ledger;
    private readonly convergence: Convergence;
    private readonly exposure: Exposure;
    /** What there was of everything. */
    private readonly counts = { steps: 0, kills: 0, faults: 0 };

    constructor(
        private readonly sequence: Sequence,
        private readonly emulator: Emulator,
        private readonly stack: ModelStack,
        private readonly clock: Clock,
        marksSecrets: boolean,
    ) {
        this.adoptions = new Adoptions(emulator, this.model);
        this.ledger = new Ledger(emulator, stack, this.adoptions);
        this.convergence = new Convergence(emulator, stack, this.model, () => clock.now());
        this.exposure = new Exposure(emulator, stack, marksSecrets);
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
        await this.convergence.check();
        await this.checkQuiet();
        await this.succeed("destroy");
        if (!isSlow) {
            const others = this.emulator.keys();
            const { messages } = await this.succeed("up");
            await this.convergence.check();
            this.convergence.checkOrphansNamed(
                others,
                messages.map(({ message }) => message),
            );
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
            this.ledger.noteRotation(held.id);
        }
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
        for (const id of disabling) if (this.emulator.key(id)?.disabled) await this.ledger.noteSwitchedOff(id);
        await this.ledger.checkUnheld(known, messages, isSilent);
        // Where an update failed, the warning says itself that a resource may hold the key.
        if (result.ok) this.ledger.checkWarnings(before, messages);
        if (!result.ok) await this.ledger.noteUnheardRotations();
        await this.ledger.checkHeld();
        return result;
    }

    private async moment(): Promise<Moment> {
        const server = new Map(this.emulator.keys().map((key) => [key.apiKeyId, key]));
        return { server, state: await this.stack.keys() };
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

    /**
     * Three seconds old, for the server's clock is known to the second: a key of this stack's default name and the same
     * settings that someone made in the very second of a create cannot be told from what the create made.
     */
    private addStranger(name: string, teamId?: string): void {
        const createTime = new Date(this.clock.now() + this.sequence.clockHours * 3_600_000 - 3_000).toISOString();
        const key = this.emulator.addKey({ name, acls: [...DEFAULT_ACLS], createTime, ...(teamId && { teamId }) });
        this.ledger.addStranger(key);
    }

    /** Nothing more is to be done. */
    private async checkQuiet(): Promise<void> {
        for (const operation of ["preview", "refresh", "up"] as const) {
            const begun = this.emulator.requests.length;
            const result = await this.run(operation, {});
            const asked = this.emulator.requests.slice(begun).map((one) => one.operation);
            await this.convergence.checkQuiet(operation, result, asked);
        }
        await this.convergence.check();
    }
}
