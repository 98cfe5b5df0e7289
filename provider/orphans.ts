import { isReadable, type ListedApiKey } from "./api/apiKeys.js";
import { type KeyClaims, nameKey } from "./keyClaims.js";

/**
 * Keys that an interrupted update left behind: the engine or this provider was killed between a create and its news. The
 * next process that creates a key of the same default name finds them, for nobody else has that name. Pure but for what
 * it remembers.
 */

/** Listed keys of a name that can be used, and how many more there are than resources that may hold them. */
export interface Unclaimed {
    readonly apiKeyIds: readonly string[];
    /** At most as many as there are ids; 0 where each may be held. */
    readonly surplus: number;
}

/**
 * The keys of a name that no resource is known to hold. Those that are switched off are none of them where the one to be
 * created is not: `onDelete: "disable"` leaves such on purpose, and nobody can call anything with one.
 *
 * @param listed - The team's keys before this process created any.
 * @param isDisabled - Whether the key to be created is switched off.
 */
export function unclaimed(
    name: string,
    listed: Iterable<ListedApiKey>,
    claims: Pick<KeyClaims, "isHeld" | "heldUnseen">,
    isDisabled = false,
): Unclaimed {
    const apiKeyIds = [...listed]
        .filter(isReadable)
        .filter(
            (key) =>
                nameKey(key.name) === nameKey(name) && (isDisabled || !key.disabled) && !claims.isHeld(key.apiKeyId),
        )
        .map((key) => key.apiKeyId);
    return { apiKeyIds, surplus: Math.max(0, apiKeyIds.length - claims.heldUnseen(name)) };
}

/** What to tell of keys that nobody is known to hold. */
export function describeUnclaimed(teamId: string, { apiKeyIds, surplus }: Unclaimed): string {
    const [has, it] = apiKeyIds.length === 1 ? ["has", "it"] : ["have", "them"];
    const some = surplus === apiKeyIds.length ? "" : `${surplus} of `;
    const keys = apiKeyIds.length === 1 ? "API key" : "the API keys";
    const which = `${some}${keys} ${apiKeyIds.join(", ")} of team ${teamId}`;
    return `${which.charAt(0).toUpperCase()}${which.slice(1)} ${has} the default name of a key that this update creates, and no resource that this update dealt with holds ${it}: probably left behind by an update that was interrupted. Look at ${it} in the xAI Console: delete there what nobody uses, or keep it. Where this update failed or was limited to some resources, another one of the stack may hold ${it}: \`pulumi stack --show-ids\` tells.`;
}

type KeysBefore = ReadonlyMap<string, ListedApiKey> | undefined;

/**
 * The names under which this process creates keys, and the keys that there were before of the same names. Whether somebody
 * holds those is known only at the end: `--replace` creates a key without a word of the old one, and deletes that last.
 */
export class OrphanWatch {
    readonly #creates = new Map<string, { teamId: string; name: string; before: KeysBefore; isDisabled: boolean }>();

    constructor(private readonly claims: KeyClaims) {}

    /**
     * Notes a create.
     *
     * @param before - The team's keys before this process created any; `undefined` where no listing was to be had.
     */
    created(teamId: string, name: string, before: KeysBefore, isDisabled: boolean): void {
        this.#creates.set(`${teamId}\n${nameKey(name)}`, { teamId, name, before, isDisabled });
    }

    /** The warnings that are left once the engine has nothing more to say. */
    warnings(): readonly string[] {
        return [...this.#creates.values()].flatMap(({ teamId, name, before, isDisabled }) => {
            const left = unclaimed(name, before?.values() ?? [], this.claims, isDisabled);
            return this.claims.isDefaultName(name) && left.surplus > 0 ? [describeUnclaimed(teamId, left)] : [];
        });
    }
}
