import { expect } from "vitest";
import type { Emulator, Operation, StoredKey } from "xai-management-emulator";
import { orphanIn, type Times, timesIn } from "./internals.js";
import type { ModelResult, ModelStack } from "./modelStack.js";
import { argsInForce, heldSettings, type ModelProgram, wantedSettings } from "./program.js";

/** What has to hold once the trouble is over: the stack has come to what the program says, and rests. */
export class Convergence {
    constructor(
        private readonly emulator: Emulator,
        private readonly stack: ModelStack,
        private readonly model: ModelProgram,
        private readonly now: () => number,
    ) {}

    /** The server has what the program says, and the state has the server's secrets. */
    async check(): Promise<void> {
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
        const untilThen = (text = "") => Date.parse(text) - this.now();
        if (expiresIn !== null) {
            const left = untilThen(expireTime);
            // A counted expiry is rounded up to whole seconds.
            expect(left, `what is left until ${name} expires`).toBeLessThan(lengthOf(expiresIn) + 1000);
            if (beforeExpiry !== undefined)
                expect(left, `what is left of ${name}`).toBeGreaterThan(lengthOf(beforeExpiry) - 60_000);
        }
        if (every !== undefined) {
            expect(-untilThen(since), `the age of the secret of ${name}`).toBeLessThan(lengthOf(every) + 60_000);
        }
    }

    /** Nothing is to be done, and few requests show it. */
    async checkQuiet(
        operation: "preview" | "refresh" | "up",
        { ok, changes, messages }: ModelResult,
        asked: readonly Operation[],
    ): Promise<void> {
        const same = this.model.names.length === 0 ? {} : { same: this.model.names.length };
        expect({ ok, changes }, `another ${operation}`).toEqual({ ok: true, changes: same });
        if (operation === "refresh") await this.checkSwitchedOff(messages.map(({ message }) => message).join("\n"));
        const listed = asked.filter((one) => one === "listApiKeys").length;
        const teams = new Set((await this.stack.keys()).map(({ outputs }) => outputs["teamId"]));
        const pages = operation === "refresh" ? this.pages(teams) : 0;
        expect(listed, `the pages that a ${operation} lists`).toBeLessThanOrEqual(pages);
        // Models and endpoints of each team, and whose the management key is.
        // A check knows the arguments alone: without `teamId` it asks the configured team.
        const asks = teams.add(this.emulator.teamId).size;
        expect(asked.length - listed, `requests of a quiet ${operation}`).toBeLessThanOrEqual(2 * asks + 1);
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

    /**
     * Whoever creates a key under a default name is told of every key under it that nobody holds.
     *
     * @param others What there was before.
     */
    checkOrphansNamed(others: readonly StoredKey[], messages: readonly string[]): void {
        const isDefaultName = (logicalName: string) =>
            (this.model.argsOf(logicalName).name ?? defaultName(logicalName)) === defaultName(logicalName);
        const given = this.model.names
            .filter((name) => !isDefaultName(name))
            .map((name) => this.model.argsOf(name).name);
        const expected = this.model.names.flatMap((logicalName) => {
            const { adopts, disabled = false, teamId = this.emulator.teamId } = this.model.argsOf(logicalName);
            const name = defaultName(logicalName);
            if (!isDefaultName(logicalName) || adopts !== undefined || given.includes(name)) return [];
            const orphans = others.filter((key) => key.name === name && key.teamId === teamId);
            return orphans.filter((key) => disabled || !key.disabled).map(({ apiKeyId }) => apiKeyId);
        });
        const told = messages.map(orphanIn).filter((id) => id !== undefined);
        expect(told.sort(), "the keys that a create under the same name tells of").toEqual(expected.sort());
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

/** A duration in milliseconds; no number fits what is none. */
function lengthOf(duration: string): number {
    const [, count, unit] = /^(\d+)([dh])$/.exec(duration) ?? [];
    return Number(count) * (unit === "d" ? 24 : 1) * 3_600_000;
}

function defaultName(logicalName: string): string {
    return `shop-test-${logicalName}`;
}
