import { AdoptionClaims } from "./adoptionClaims.js";

/**
 * What this process knows of who holds which key: what it made itself, and what it saw of the stack's resources. Pure but for
 * what it remembers.
 */
export class KeyClaims {
    readonly adoptions = new AdoptionClaims();
    readonly #held = new Set<string>();
    /** Old inputs that were checked, counted by name. */
    readonly #checked = new Map<string, number>();
    /** The keys that were compared with new inputs, by name. */
    readonly #compared = new Map<string, Set<string>>();
    readonly #defaultNames = new Set<string>();
    readonly #givenNames = new Set<string>();

    /** Notes a key that this process made. */
    made(apiKeyId: string, teamId: string): void {
        this.hold(apiKeyId);
        this.adoptions.made(apiKeyId, teamId);
    }

    /** Notes a key that this process took over. */
    taken(apiKeyId: string, teamId: string): void {
        this.hold(apiKeyId);
        this.adoptions.taken(apiKeyId, teamId);
    }

    /** Notes a key that this process deals with. */
    hold(apiKeyId: string): void {
        this.#held.add(apiKeyId);
    }

    isHeld(apiKeyId: string): boolean {
        return this.#held.has(apiKeyId);
    }

    /**
     * Notes a check. One with old inputs belongs to a resource that holds a key of the old name, whose id a check is not
     * told: the comparison that mostly follows is.
     *
     * @param oldName - The name in the old inputs; `undefined` for a resource that is new.
     * @param name - The name in the new ones.
     * @param defaultName - The name that the program's class gave by default; `undefined` where the program gave one.
     */
    checked(oldName: unknown, name: unknown, defaultName: unknown): void {
        if (typeof oldName === "string") {
            const known = nameKey(oldName);
            this.#checked.set(known, (this.#checked.get(known) ?? 0) + 1);
        }
        if (typeof name === "string") {
            (name === defaultName ? this.#defaultNames : this.#givenNames).add(nameKey(name));
        }
    }

    /** Notes a comparison of a resource's old outputs with new inputs. */
    compared(apiKeyId: string, oldName: unknown): void {
        this.hold(apiKeyId);
        if (typeof oldName === "string") {
            const known = nameKey(oldName);
            this.#compared.set(known, (this.#compared.get(known) ?? new Set()).add(apiKeyId));
        }
    }

    /** How many resources hold a key of this name whose id was not seen: `--replace` checks without a comparison. */
    heldUnseen(name: string): number {
        const known = nameKey(name);
        return Math.max(0, (this.#checked.get(known) ?? 0) - (this.#compared.get(known)?.size ?? 0));
    }

    /** Whether a name is the default one of this stack's resources, and no resource was given it by the program. */
    isDefaultName(name: string): boolean {
        return this.#defaultNames.has(nameKey(name)) && !this.#givenNames.has(nameKey(name));
    }
}

/** Two names that the API may make one of: it may trim them. */
export function nameKey(name: string): string {
    return name.trim();
}
