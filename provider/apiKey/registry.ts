import { XaiError } from "../api/errors.js";

/** A key cannot be adopted as the program says. */
export class AdoptionError extends XaiError {}

/**
 * The ids and names of the keys that this process has seen its program hold, adopt or create. Three decisions rest on it:
 * whether a delete has to leave the key to the resource that adopted it, whether a lost create may take over a key that it
 * finds, and whether a listed key is an orphan.
 */
export class KeyRegistry {
    readonly #held = new Set<string>();
    /** The keys that resources which exist have adopted: id to resource, where a check of an existing one has told it. */
    readonly #adopted = new Map<string, string | undefined>();
    /** The resources that are to adopt a key and do not exist yet: id to name. */
    readonly #adopters = new Map<string, string>();
    /** How many new resources have a name by default. */
    readonly #newDefaultNames = new Map<string, number>();
    readonly #givenNames = new Set<string>();
    readonly #suspects = new Map<string, { readonly name: string; readonly warning: string }>();
    /** The names of resources that exist. */
    readonly #existingNames = new Set<string>();

    /** Notes the check of a resource. `oldName` is absent for a new one. */
    checked(resource: { oldName: unknown; name: string; isDefault: boolean }): void {
        const name = resource.name.trim();
        if (typeof resource.oldName === "string") {
            this.#existingNames.add(resource.oldName.trim());
        } else if (resource.isDefault) {
            this.#newDefaultNames.set(name, (this.#newDefaultNames.get(name) ?? 0) + 1);
        }
        if (!resource.isDefault) {
            this.#givenNames.add(name);
        }
    }

    /** Whether a new resource of this program has the name by default, and the program gives it to none. */
    isDefaultName(name: string): boolean {
        return this.#newDefaultNames.has(name.trim()) && !this.#givenNames.has(name.trim());
    }

    /** Whether one new resource of this program has the name by default, and no other resource has it. */
    isOnlyDefaultName(name: string): boolean {
        return (
            this.isDefaultName(name) &&
            this.#newDefaultNames.get(name.trim()) === 1 &&
            !this.#existingNames.has(name.trim())
        );
    }

    /** Notes that a resource of this program holds a key. */
    hold(apiKeyId: string): void {
        this.#held.add(apiKeyId);
    }

    isHeld(apiKeyId: string): boolean {
        return this.#held.has(apiKeyId);
    }

    /** Notes a listed key of a default name that nobody may hold, with what to say of it. */
    suspectOrphan(apiKeyId: string, name: string, warning: string): void {
        this.#suspects.set(apiKeyId, { name, warning });
    }

    /**
     * The warnings of the keys that no resource holds. Only the end of a run tells: `pulumi up --replace` creates a key first, and
     * names the old one when it deletes it; and a resource that is checked late may be given the name of another by default.
     */
    orphans(): readonly string[] {
        return [...this.#suspects]
            .filter(([apiKeyId, { name }]) => !this.#held.has(apiKeyId) && this.isDefaultName(name))
            .map(([, { warning }]) => warning);
    }

    /** Notes that a new resource, of the given name, is to adopt a key. */
    willAdopt(apiKeyId: string, name: string): void {
        this.#adopters.set(apiKeyId, name);
    }

    /**
     * Notes that a resource that exists has adopted a key.
     *
     * @param resource - Which one, where it may still be made anew in this run.
     */
    adopt(apiKeyId: string, resource?: string): void {
        this.#held.add(apiKeyId);
        this.#adopted.set(apiKeyId, resource);
    }

    /** Notes that a resource is made anew without adopting a key: then it gives up the one that it had adopted. */
    madeAnew(resource: string): void {
        for (const [apiKeyId, adopter] of this.#adopted) {
            if (adopter === resource) {
                this.#adopted.delete(apiKeyId);
            }
        }
    }

    /** Whether a resource that exists has adopted a key. */
    isAdopted(apiKeyId: string): boolean {
        return this.#adopted.has(apiKeyId);
    }

    /** The name of the resource that is to adopt a key and has not done so; `undefined` where there is none. */
    pendingAdopter(apiKeyId: string): string | undefined {
        return this.#adopted.has(apiKeyId) ? undefined : this.#adopters.get(apiKeyId);
    }
}
