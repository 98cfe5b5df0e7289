import type { Emulator } from "xai-management-emulator";
import type { StoredKey } from "./modelStack.js";
import type { ModelProgram } from "./program.js";
import { DEFAULT_ACLS } from "./sequence.js";

/** The keys that were there before, and that a program takes over. */
export class Adoptions {
    /** All that a program was ever told to take over, and that the stack never had. */
    private readonly waiting = new Set<string>();

    constructor(
        private readonly emulator: Emulator,
        private readonly model: ModelProgram,
    ) {}

    /**
     * Gives each resource that is to take a key over one to take, as a user does who looks at the console before: a key that is
     * there, with the secret that it has. Who has a key already takes none, and is not told so every time.
     *
     * @param held - The keys in the stack.
     * @param isTidy - Whether `adoptKeyId` is taken out once the key is in the stack.
     */
    prepare(held: readonly StoredKey[], isTidy: boolean): void {
        for (const { id } of held) this.waiting.delete(id);
        for (const name of this.model.names) {
            const { adopts, teamId } = this.model.argsOf(name);
            if (adopts === undefined) continue;
            const own = held.find((key) => key.name === name && !key.delete)?.id;
            const asked = this.model.adoptionOf(name)?.adoptKeyId;
            if (own !== undefined) {
                if (own !== asked || isTidy) this.model.makeNew(name);
                continue;
            }
            const there = asked === undefined ? undefined : this.emulator.key(asked);
            const key = there ?? this.add(teamId ?? this.emulator.teamId);
            const needsSecret = adopts === "with its secret" || !this.emulator.dialect.rotation;
            this.model.adopt(name, {
                adoptKeyId: key.apiKeyId,
                ...(needsSecret ? { existingSecret: key.apiKey } : {}),
            });
        }
    }

    /** Whether a key is still whose it was: the stack was to take it over, and has not. */
    isWaiting(apiKeyId: string): boolean {
        return this.waiting.has(apiKeyId);
    }

    private add(teamId: string) {
        const key = this.emulator.addKey({ name: "legacy", acls: [...DEFAULT_ACLS], qps: 3, teamId });
        this.waiting.add(key.apiKeyId);
        return key;
    }
}
