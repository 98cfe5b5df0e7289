import { heldAlready, notItsKey, twoResources } from "./adoption.js";
import { Comparisons } from "./comparisons.js";
import { isUnknown } from "./unknown.js";

/**
 * Which keys the resources of this process hold and adopt, so that one key is never two resources': whoever was deleted
 * first would take it away from the other. Pure but for what it remembers.
 *
 * A check is told neither the resource nor its key's id, and a replacement checks twice, with old inputs and without. What
 * the old inputs adopt is the resource's own key, whatever becomes of the rest.
 */
export class AdoptionClaims {
    /** The keys in the state of the stack's resources, and their teams. */
    readonly #held = new Map<string, string | undefined>();
    /** The keys that a resource of the program adopts, or has adopted, and its team. */
    readonly #adopted = new Map<string, string | undefined>();
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
     * Notes the end of the check of a resource that is there.
     *
     * @param who - The name that the program's class gives by default, or the one that the program gives.
     * @param inputs - As the check leaves them.
     */
    checked(who: string, inputs: Readonly<Record<string, unknown>>): void {
        this.#comparisons.await(who, inputs);
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
        if (this.#comparisons.take(news) === undefined) {
            return undefined;
        }
        if (olds["apiKey"] !== undefined || olds["owed"] !== undefined) {
            const { teamId } = olds;
            this.#held.set(apiKeyId, typeof teamId === "string" ? teamId : undefined);
        }
        if (isReplaced) {
            return undefined;
        }
        const { adoptKeyId } = news;
        if (typeof adoptKeyId === "string" && !isUnknown(adoptKeyId) && adoptKeyId !== apiKeyId) {
            return notItsKey(apiKeyId, adoptKeyId);
        }
        return adoptKeyId !== apiKeyId && this.#adopted.has(apiKeyId) ? twoResources(apiKeyId) : undefined;
    }

    /** Whether a resource of the stack is known to hold a key. */
    isHeld(apiKeyId: string): boolean {
        return this.#held.has(apiKeyId);
    }

    /** Whether a resource of the program adopts a key, or has adopted it. */
    isAdopted(apiKeyId: string): boolean {
        return this.#adopted.has(apiKeyId);
    }
}
