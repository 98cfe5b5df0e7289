import { expect } from "vitest";
import { type Emulator, type StoredKey, startEmulator } from "../../sdk/testing/index.js";
import { configFor } from "../engines/engine.js";
import { leaks } from "../engines/leaks.js";
import { leftBehind, unaccounted } from "./accounts.js";
import type { InProcessOperation } from "./inProcessEngine.js";
import type { ModelOperation, ModelResult, ModelStack } from "./modelStack.js";
import { heldSettings, ModelProgram, wantedSettings } from "./program.js";
import { DEFAULT_ACLS, OTHER_TEAM, type Outside, SECRET_NAME, type Sequence, type Step } from "./sequence.js";

/** What a sequence is played on. */
export interface Stage<Stack extends ModelStack> {
    /** A stack of project `shop` and stack `test`. */
    open(config: Record<string, string>, emulator: Emulator): Promise<Stack>;
    close(stack: Stack): Promise<void>;
}

/**
 * Plays a sequence, lets the trouble be over, and holds what there is then against what was promised.
 *
 * @throws with all that was done and said, where it is not so
 */
export async function play<Stack extends ModelStack>(sequence: Sequence, stage: Stage<Stack>): Promise<void> {
    const { dialect, clockHours, propagation } = sequence;
    const emulator = await startEmulator({
        dialect,
        propagation,
        otherTeams: [OTHER_TEAM],
        now: () => new Date(Date.now() + clockHours * 3_600_000),
    });
    const config = {
        ...configFor(emulator),
        "xai:maxRetries": String(sequence.maxRetries),
        "xai:operationTimeout": "3s",
    };
    const stack = await stage.open(config, emulator);
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
    /** What is not this stack's, as it was and has to stay. */
    private readonly strangers = new Map<string, StoredKey>();
    /** The keys that this stack made, that no resource holds, and of which it is known why. */
    private readonly leftBehind = new Set<string>();
    /**
     * Whether the secret name may have come into the state as something that was read: an update failed that may have given it
     * to a key, and what a refresh then finds, the engine marks as it had marked the old name.
     */
    private mayShowName = false;

    constructor(
        private readonly sequence: Sequence,
        private readonly emulator: Emulator,
        private readonly stack: ModelStack,
    ) {
        for (const name of ["shared", "shop-test-a"]) this.addStranger(name);
    }

    async play(): Promise<void> {
        for (const step of this.sequence.steps) await this.step(step);
        this.emulator.setPropagation(0);
        await this.succeed("refresh");
        await this.upAsTold();
        await this.checkConvergence();
        await this.checkQuiet();
        await this.succeed("destroy");
        await this.checkRecreation();
        await this.succeed("destroy");
        expect(await this.stack.keys(), "what is left in the state after destroy").toEqual([]);
        const secrets = [...this.emulator.secrets(), ...(this.mayShowName ? [] : [SECRET_NAME])];
        const leaked = leaks(secrets, await this.stack.exposed());
        expect(leaked, `leaks: ${leaked.join("; ")}`).toEqual([]);
    }

    private async step(step: Step): Promise<void> {
        for (const edit of step.edits) this.model.apply(edit);
        for (const each of step.outside) await this.actOutside(each);
        for (const fault of step.faults) this.emulator.inject(fault);
        const { operation, kill } = step;
        await this.run(operation === "replace" ? "up" : operation, {
            kill,
            ...(operation === "replace" ? { replace: this.model.names.slice(0, 1) } : {}),
        });
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

    /**
     * Three seconds old, for the server's clock is known to the second: a key of this stack's default name and the same
     * settings that someone made in the very second of a create cannot be told from what the create made.
     */
    private addStranger(name: string): void {
        const createTime = new Date(Date.now() + this.sequence.clockHours * 3_600_000 - 3_000).toISOString();
        const key = this.emulator.addKey({ name, acls: [...DEFAULT_ACLS], createTime });
        this.strangers.set(key.apiKeyId, key);
    }

    /** Runs an operation, lets what is on its way arrive, and checks what has to hold at any time. */
    private async run(operation: ModelOperation, options: InProcessOperation): Promise<ModelResult> {
        const begun = this.emulator.requests.length;
        const known = new Set(this.emulator.keys().map(({ apiKeyId }) => apiKeyId));
        const before = new Set((await this.stack.keys()).map(({ id }) => id));

        const result = await this.stack.run(operation, this.model.program, options);
        this.emulator.clearFaults();
        await this.stack.arrived();
        do await new Promise((resolve) => setTimeout(resolve, 1));
        while (this.emulator.requests.some(({ status }) => status === 0));

        const requests = this.emulator.requests.slice(begun).map((one) => `${one.operation} ${one.status}`);
        const messages = result.messages.map(({ message }) => message);
        this.transcript.push(
            `${operation} ${JSON.stringify(this.model.program)}: ${result.ok ? "ok" : "failed"}${result.killed ? ", killed" : ""} ${JSON.stringify(result.changes)}; ${requests.join(", ")}`,
            ...result.messages.map(({ severity, message }) => `    ${severity}: ${message}`),
        );
        if (operation === "preview") {
            const writes = requests.filter((one) => /^(create|update|rotate|delete)ApiKey/.test(one));
            expect(writes, "what a preview writes").toEqual([]);
        }
        this.mayShowName ||=
            !result.ok && this.model.names.some((name) => this.model.argsOf(name).name === SECRET_NAME);
        const isSilent = result.killed && options.kill?.who === "engine";
        await this.checkUnheld(known, messages, isSilent);
        // Where an update failed, the warning says itself that a resource may hold the key.
        if (result.ok) this.checkWarnings(before, messages);
        await this.checkHeld();
        return result;
    }

    private async succeed(operation: ModelOperation): Promise<ModelResult> {
        const result = await this.run(operation, {});
        expect(result.ok, `${operation} succeeds once the trouble is over`).toBe(true);
        return result;
    }

    /** One `up`; or two, where the first says that the server cannot give a key a new secret, and that the next replaces it. */
    private async upAsTold(): Promise<void> {
        const { ok, messages } = await this.run("up", {});
        if (ok) return;
        const told = messages.filter(({ message }) => message.includes("the next `pulumi up` replaces it"));
        expect(told.length, "up succeeds once the trouble is over, or says that the next one does").toBeGreaterThan(0);
        expect(this.emulator.dialect.rotation, "that the server can rotate").toBe(false);
        await this.succeed("up");
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
            .filter((id) => !held.has(id) && !this.strangers.has(id) && !this.leftBehind.has(id));
        expect(
            unheld.filter((id) => known.has(id)),
            "keys that the stack has forgotten",
        ).toEqual([]);
        expect(unaccounted({ isSilent, messages, unheld }), "keys that no resource holds for no reason").toEqual([]);
        for (const id of unheld) this.leftBehind.add(id);
    }

    /** Who is told of keys left behind is told the truth: no resource had them. */
    private checkWarnings(before: ReadonlySet<string>, messages: readonly string[]): void {
        for (const { ids, count } of leftBehind(messages)) {
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
            if (held !== undefined && outputs["apiKey"] !== undefined) {
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
        for (const { name, id, outputs, initErrors } of keys) {
            const held = this.emulator.key(id);
            expect(held, `the key ${id} of ${name} on the server`).toBeDefined();
            if (held === undefined) continue;
            const known = { name: defaultName(name), teamId: this.emulator.teamId };
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
        for (const operation of ["preview", "refresh"] as const) {
            const { ok, changes } = await this.run(operation, {});
            expect({ ok, changes }, `another ${operation}`).toEqual({ ok: true, changes: same });
        }
        await this.checkConvergence();
    }

    /** Whoever creates a key under a default name is told of every key under it that nobody holds. */
    private async checkRecreation(): Promise<void> {
        const others = this.emulator.keys();
        const { messages } = await this.succeed("up");
        await this.checkConvergence();
        const given = new Set(this.model.names.map((name) => this.model.argsOf(name).name));
        const expected = this.model.names.flatMap((logicalName) => {
            const { name, teamId = this.emulator.teamId } = this.model.argsOf(logicalName);
            const isDefault = name === undefined && !given.has(defaultName(logicalName));
            return others
                .filter((key) => isDefault && key.name === defaultName(logicalName) && key.teamId === teamId)
                .map(({ apiKeyId }) => apiKeyId);
        });
        const told = leftBehind(messages.map(({ message }) => message)).flatMap(({ ids }) => ids);
        expect(told.sort(), "the keys that a create under the same name tells of").toEqual(expected.sort());
    }
}

function defaultName(logicalName: string): string {
    return `shop-test-${logicalName}`;
}
