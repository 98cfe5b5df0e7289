import { heldAlready, heldTwice, notItsKey, twoResources } from "./adoption.js";
import { Comparisons } from "./comparisons.js";
import { isUnknown } from "./unknown.js";

/** What a delete of a key has to know of the program: who goes on having it, or is to have it and does not yet. */
export type Claimed = "taken over" | "held" | "to be taken over" | undefined;

/**
 * Which keys the resources of this process hold and adopt, so that one key is never two resources': whoever was deleted
 * first would take it away from the other. Pure but for what it remembers.
 *
 * A check is told neither the resource nor its key's id, and a replacement checks twice, with old inputs and without. What
 * the old inputs adopt is the resource's own key, whatever becomes of the rest.
 */
export class AdoptionClaims {
    /** The keys of the stack's resources, those that this process made or took over among them, and their teams. */
    readonly #held = new Map<string, string | undefined>();
    /** The keys that a resource of the program is to adopt, or has adopted, and its team. */
    readonly #adopted = new Map<string, string | undefined>();
    /** The keys that this process took over. */
    readonly #taken = new Set<string>();
    /** The resources of the program that go on having a key, as far as they were compared. */
    readonly #keepers = new Map<string, Set<string>>();
    readonly #comparisons = new Comparisons();

    /**
     * Notes the check of a resource that is not there yet.
     *
     * @returns Why it cannot have the key.
     */
    checkedNew(apiKeyId: string, teamId: string | undefined): string | undefined {
        const holder = this.#held.has(apiKeyId) ? this.#held : this.#adopted;
        if (holder.has(apiKeyId)) {
            return heldAlready(apiKeyId, teamId, holder.get(apiKeyId));
        }
        this.#adopted.set(apiKeyId, teamId);
        return undefined;
    }

    /**
     * Notes the check of a resource that is there.
     *
     * @param before - What the old inputs adopt and in which team; an absent id may be one that a refresh left out.
     * @returns Why it cannot have the key.
     */
    checkedOld(
        apiKeyId: string,
        teamId: string | undefined,
        before: { readonly apiKeyId: unknown; readonly teamId: unknown },
    ): string | undefined {
        const isOther = before.apiKeyId !== undefined && before.apiKeyId !== apiKeyId;
        if (isOther || (teamId !== undefined && before.teamId !== teamId)) {
            // It is replaced, or refused by its comparison.
            return undefined;
        }
        if (this.#adopted.has(apiKeyId)) {
            return heldAlready(apiKeyId, teamId, this.#adopted.get(apiKeyId));
        }
        this.#adopted.set(apiKeyId, teamId);
        return undefined;
    }

    /**
     * Notes the end of any check.
     *
     * @param who - The name that the program's class gives by default, or the one that the program gives.
     * @param isNew - Whether there were no old inputs. A resource that was compared before is being replaced then, whoever
     * asked for that, and gives its key up.
     * @param inputs - As the check leaves them.
     */
    checked(who: string, isNew: boolean, inputs: Readonly<Record<string, unknown>>): void {
        if (!isNew) {
            this.#comparisons.await(who, inputs);
            return;
        }
        for (const keepers of this.#keepers.values()) {
            keepers.delete(who);
        }
    }

    /**
     * Notes the comparison of a resource that is there. One of a refresh proves nothing about the program.
     *
     * @param olds - Its outputs. Only those of a look-up hold neither a secret nor that one is owed: it holds no key.
     * @param news - Its new inputs.
     * @param isReplaced - Whether the resource gets another key.
     * @returns Why that cannot be.
     */
    compared(
        apiKeyId: string,
        olds: Readonly<Record<string, unknown>>,
        news: Readonly<Record<string, unknown>>,
        isReplaced: boolean,
    ): string | undefined {
        const who = this.#comparisons.take(news);
        if (who === undefined) {
            return undefined;
        }
        const isHolder = olds["apiKey"] !== undefined || olds["owed"] !== undefined;
        if (isHolder) {
            this.#hold(apiKeyId, olds["teamId"]);
        }
        if (isReplaced) {
            return undefined;
        }
        const keepers = this.#keepers.get(apiKeyId) ?? new Set<string>();
        const isTwice = [...keepers].some((other) => other !== who);
        if (isHolder) {
            this.#keepers.set(apiKeyId, keepers.add(who));
        }
        const { adoptKeyId } = news;
        if (typeof adoptKeyId === "string" && !isUnknown(adoptKeyId) && adoptKeyId !== apiKeyId) {
            return notItsKey(apiKeyId, adoptKeyId);
        }
        if (adoptKeyId !== apiKeyId && this.#adopted.has(apiKeyId)) {
            return twoResources(apiKeyId);
        }
        return isHolder && isTwice ? heldTwice(apiKeyId) : undefined;
    }

    /** Notes a key that this process made: its resource holds it. */
    made(apiKeyId: string, teamId: string): void {
        this.#hold(apiKeyId, teamId);
    }

    /** Notes that a key was taken over: its adopter holds it. */
    taken(apiKeyId: string, teamId: string): void {
        this.#hold(apiKeyId, teamId);
        this.#taken.add(apiKeyId);
    }

    /** Whether a resource of the stack is known to hold a key. */
    isHeld(apiKeyId: string): boolean {
        return this.#held.has(apiKeyId);
    }

    /** What the program has to do with a key whose resource goes, or is replaced. */
    claimed(apiKeyId: string): Claimed {
        if (this.#taken.has(apiKeyId)) {
            return "taken over";
        }
        const isAdopted = this.#adopted.has(apiKeyId);
        if ((this.#keepers.get(apiKeyId)?.size ?? 0) > 0) {
            return isAdopted ? "taken over" : "held";
        }
        return isAdopted ? "to be taken over" : undefined;
    }

    #hold(apiKeyId: string, teamId: unknown): void {
        this.#held.set(apiKeyId, typeof teamId === "string" ? teamId : undefined);
    }
}
