import { expect } from "vitest";
import type { Emulator, StoredKey } from "xai-management-emulator";
import type { Adoptions } from "./adoptions.js";
import { isOpenCreate, orphanIn } from "./internals.js";
import type { ModelStack } from "./modelStack.js";

/** Whose each key of the server is: what has to hold after every operation, whatever went wrong in it. */
export class Ledger {
    /** What is not this stack's, as it was and has to stay. */
    private readonly strangers = new Map<string, StoredKey>();
    /** The keys that this stack made, that no resource holds, and of which it is known why. */
    private readonly leftBehind = new Set<string>();
    /** The keys whose secret someone else has changed, or a rotation of which nobody heard. */
    private readonly rotatedUnheard = new Set<string>();

    constructor(
        private readonly emulator: Emulator,
        private readonly stack: ModelStack,
        private readonly adoptions: Adoptions,
    ) {}

    addStranger(key: StoredKey): void {
        this.strangers.set(key.apiKeyId, key);
    }

    /** Someone else changes the secret of a key of the stack. */
    noteRotation(id: string): void {
        this.rotatedUnheard.add(id);
    }

    /** A key that its resource has switched off and left, as the program said. */
    async noteSwitchedOff(id: string): Promise<void> {
        if (!(await this.stack.keys()).some((key) => key.id === id)) this.leftBehind.add(id);
    }

    /** Where an operation failed, a rotation may have acted of which nobody heard: then the secret before works on, or did. */
    async noteUnheardRotations(): Promise<void> {
        for (const { id, outputs } of await this.stack.keys()) {
            const replaced = this.emulator.key(id)?.previousApiKeys.map(({ apiKey }) => apiKey) ?? [];
            if (replaced.some((secret) => secret === outputs["apiKey"])) this.rotatedUnheard.add(id);
        }
    }

    /** Every key that no resource holds is someone else's, or there is a reason. */
    async checkUnheld(known: ReadonlySet<string>, messages: readonly string[], isSilent: boolean): Promise<void> {
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

    /** Who is told of a key left behind is told the truth: it is there, and no resource had it. */
    checkWarnings(before: ReadonlySet<string>, messages: readonly string[]): void {
        const told = messages.map(orphanIn).filter((id) => id !== undefined);
        const wrong = told.filter((id) => before.has(id) || this.emulator.key(id) === undefined);
        expect(wrong, "keys that are called left behind").toEqual([]);
    }

    /** What the state holds is a key of its own with the server's secret; what is someone else's is as it was. */
    async checkHeld(): Promise<void> {
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
}
