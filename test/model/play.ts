import { expect } from "vitest";
import { type Emulator, type StoredKey, startEmulator } from "../../sdk/testing/index.js";
import { configFor } from "../engines/engine.js";
import { expectNoLeak } from "../engines/leaks.js";
import type { InProcessOperation, StoredResource } from "./inProcessEngine.js";
import type { ModelOperation, ModelStack } from "./modelStack.js";
import { heldSettings, ModelProgram, wantedSettings } from "./program.js";
import { DEFAULT_ACLS, OTHER_TEAM, type Outside, SECRET_NAME, type Sequence, type Step } from "./sequence.js";

/** What a sequence is played on. */
export interface Stage {
    /** A stack of project `shop` and stack `test`. */
    open(config: Record<string, string>): Promise<ModelStack>;
    close(stack: ModelStack): Promise<void>;
}

/**
 * Plays a sequence, lets the trouble be over, and holds what there is then against what was promised.
 *
 * @throws with all that was done and said, where it is not so
 */
export async function play(sequence: Sequence, stage: Stage): Promise<void> {
    const { dialect, clockHours, propagation } = sequence;
    const emulator = await startEmulator({
        dialect,
        propagation,
        otherTeams: [OTHER_TEAM],
        now: () => new Date(Date.now() + clockHours * 3_600_000),
    });
    const stack = await stage.open({
        ...configFor(emulator),
        "xai:maxRetries": String(sequence.maxRetries),
        "xai:operationTimeout": "3s",
    });
    const player = new Player(sequence, emulator, stack);
    try {
        await player.play();
    } catch (error) {
        const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
        throw new Error(`${reason}\n${player.transcript.join("\n")}`);
    } finally {
        await stage.close(stack);
        await emulator.close();
    }
}

class Player {
    /** What was done, and what was said. */
    readonly transcript: string[] = [];
    private readonly model = new ModelProgram();
    private readonly secrets = new Set<string>();
    /** What is not this stack's, as it was and has to stay. */
    private readonly strangers = new Map<string, StoredKey>();
    /** The keys that were made while their maker was being killed. */
    private readonly killedWith = new Set<string>();
    private said = "";

    constructor(
        private readonly sequence: Sequence,
        private readonly emulator: Emulator,
        private readonly stack: ModelStack,
    ) {
        this.secrets.add(emulator.managementKey).add(SECRET_NAME);
        for (const name of ["shared", "shop-test-a"]) this.addStranger(name);
    }

    async play(): Promise<void> {
        for (const step of this.sequence.steps) await this.step(step);
        await this.calm();
        await this.run("refresh", {}, "succeeds");
        await this.run("up", {}, "succeeds");
        await this.checkConvergence();
        await this.checkQuiet();
        await this.checkOrphans();
        expectNoLeak(this.secrets, await this.stack.exposed());
        await this.run("destroy", {}, "succeeds");
        expect(await this.stack.keys(), "what is left in the state after destroy").toEqual([]);
        await this.checkOrphans();
    }

    private async step(step: Step): Promise<void> {
        for (const edit of step.edits) this.model.apply(edit);
        for (const each of step.outside) await this.actOutside(each);
        for (const fault of step.faults) this.emulator.inject(fault);
        const known = new Set(this.emulator.keys().map(({ apiKeyId }) => apiKeyId));
        const before = await this.stack.keys();

        const { operation, kill } = step;
        const options = {
            kill,
            ...(operation === "replace" ? { replace: this.model.names.slice(0, 1) } : {}),
        };
        const killed = await this.run(operation === "replace" ? "up" : operation, options, "may fail");
        this.emulator.clearFaults();
        await this.settled();
        for (const { apiKeyId } of this.emulator.keys()) {
            // A lost answer to a create is not looked for yet.
            const isExcused = killed || /may exist all the same/.test(this.said);
            if (isExcused && !known.has(apiKeyId)) this.killedWith.add(apiKeyId);
        }
        await this.checkAlways();
        if (operation === "refresh") await this.checkNothingForgotten(before);
    }

    /** Lets what is on its way arrive, and all trouble be over. */
    private async calm(): Promise<void> {
        this.emulator.clearFaults();
        this.emulator.setPropagation(0);
        await this.settled();
    }

    private async settled(): Promise<void> {
        while (this.emulator.requests.some(({ status }) => status === 0)) {
            await new Promise((resolve) => setTimeout(resolve, 5));
        }
        for (const { apiKey } of this.emulator.keys()) this.secrets.add(apiKey);
    }

    private async actOutside(act: Outside): Promise<void> {
        if (act.outside === "add") {
            this.addStranger(act.name);
            return;
        }
        const [held] = (await this.stack.keys()).filter(({ name }) => name === act.key);
        if (held === undefined || this.emulator.key(held.id) === undefined) return;
        if (act.outside === "delete") this.emulator.deleteKey(held.id);
        else this.emulator.changeKey(held.id, { qps: act.qps });
    }

    private addStranger(name: string): void {
        const key = this.emulator.addKey({ name, acls: [...DEFAULT_ACLS] });
        this.strangers.set(key.apiKeyId, key);
        this.secrets.add(key.apiKey);
    }

    /** @returns whether something was killed */
    private async run(
        operation: ModelOperation,
        options: InProcessOperation,
        hope: "succeeds" | "may fail",
    ): Promise<boolean> {
        const begun = this.emulator.requests.length;
        const result = await this.stack.run(operation, this.model.program, options);
        const requests = this.emulator.requests.slice(begun).map((one) => `${one.operation} ${one.status}`);
        const messages = result.messages.map(({ severity, message }) => `    ${severity}: ${message}`);
        this.transcript.push(
            `${operation} ${JSON.stringify(this.model.program)}: ${result.ok ? "ok" : "failed"}${result.killed ? ", killed" : ""} ${JSON.stringify(result.changes)}; ${requests.join(", ")}`,
            ...messages,
        );
        this.said += `${messages.join("\n")}\n`;
        if (hope === "succeeds") {
            expect(result.ok, `${operation} succeeds once the trouble is over`).toBe(true);
        }
        if (operation === "preview") {
            const writes = requests.filter((one) => /^(create|update|rotate|delete)ApiKey/.test(one));
            expect(writes, "what a preview writes").toEqual([]);
        }
        return result.killed;
    }

    /** What has to hold at any time. */
    private async checkAlways(): Promise<void> {
        const keys = await this.stack.keys();
        const ids = keys.map(({ id }) => id);
        expect(new Set(ids).size, "resources that hold a key of their own").toBe(ids.length);
        for (const { id, outputs } of keys) {
            const held = this.emulator.key(id);
            if (held !== undefined && outputs["apiKey"] !== undefined) {
                expect(outputs["apiKey"], `the stored secret of ${id}`).toBe(held.apiKey);
            }
        }
        for (const [id, stranger] of this.strangers) {
            expect(this.emulator.key(id), `someone else's key ${stranger.name}`).toEqual(stranger);
        }
    }

    /** A refresh forgets no key that exists. */
    private async checkNothingForgotten(before: readonly StoredResource[]): Promise<void> {
        const after = new Set((await this.stack.keys()).map(({ id }) => id));
        const forgotten = before
            .map(({ id }) => id)
            .filter((id) => this.emulator.key(id) !== undefined && !after.has(id));
        expect(forgotten, "keys that a refresh has forgotten").toEqual([]);
    }

    /** The server has what the program says, and the state has the server's secrets. */
    private async checkConvergence(): Promise<void> {
        await this.settled();
        await this.checkAlways();
        const keys = await this.stack.keys();
        expect(keys.map(({ name }) => name).sort(), "the keys in the state").toEqual(this.model.names.sort());
        for (const { name, id, outputs, initErrors } of keys) {
            const held = this.emulator.key(id);
            expect(held, `the key ${id} of ${name} on the server`).toBeDefined();
            if (held === undefined) continue;
            const normalised = this.sequence.dialect.values === "normalised";
            const known = { name: `shop-test-${name}`, teamId: this.emulator.teamId, normalised };
            expect(heldSettings(held), `the settings of ${name}`).toEqual(
                wantedSettings(this.model.argsOf(name), known),
            );
            expect(outputs["apiKey"], `the secret of ${name}`).toBe(held.apiKey);
            expect(initErrors, `what is left to do for ${name}`).toEqual([]);
        }
    }

    /** Nothing more is to be done. */
    private async checkQuiet(): Promise<void> {
        const same = this.model.names.length === 0 ? {} : { same: this.model.names.length };
        for (const operation of ["preview", "refresh", "up"] as const) {
            const { ok, changes } = await this.stack.run(operation, this.model.program, {});
            expect({ ok, changes }, `another ${operation}`).toEqual({ ok: true, changes: same });
        }
        await this.checkConvergence();
    }

    /** Every key that no resource holds is someone else's, or the user was told its id. */
    private async checkOrphans(): Promise<void> {
        const held = new Set((await this.stack.keys()).map(({ id }) => id));
        const unknown = this.emulator
            .keys()
            .filter(({ apiKeyId }) => !held.has(apiKeyId) && !this.strangers.has(apiKeyId))
            .filter(({ apiKeyId }) => !this.said.includes(apiKeyId) && !this.killedWith.has(apiKeyId))
            .map(({ apiKeyId, name }) => `${apiKeyId} ${name}`);
        expect(unknown, "keys that no resource holds and no message names").toEqual([]);
    }
}
