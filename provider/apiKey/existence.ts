import { type ApiKey, getPropagation, label } from "../api/apiKeys.js";
import { isMissingRoute, ManagementApiError, messageOf, NotFoundError, XaiError } from "../api/errors.js";
import { isReadable, type ListedApiKey } from "../api/listApiKeys.js";
import type { Account } from "../team/account.js";
import type { KeyState } from "./state.js";

/**
 * Whether a key is gone. Listings may end early, hide keys of other users, or come from a proxy: a key is gone only when two
 * listings lack it, the second begun after the first had ended, and the API, asked by the key's id, says that there is no such key.
 */

/** What has to be known of a key to look for it. */
export type Sought = Pick<KeyState, "apiKeyId" | "teamId" | "name">;

/** What a search for a key came to. */
export type Existence =
    | { readonly listed: ListedApiKey }
    | { readonly gone: true }
    /** Why it cannot be said, as a whole sentence. */
    | { readonly unproven: string };

/**
 * Looks for a key.
 *
 * @throws What the listing throws.
 */
export async function findKey(account: Account, key: Sought): Promise<Existence> {
    const listed = await account.listing(key.teamId).find(key.apiKeyId);
    return listed === undefined ? askById(account, key) : { listed };
}

/** Asks the API about one id. The key's team and user do not matter. */
async function askById(account: Account, key: Sought): Promise<Exclude<Existence, { listed: unknown }>> {
    try {
        await getPropagation(account.http, key);
    } catch (error) {
        if (error instanceof NotFoundError && error.speaksOfKey(key.apiKeyId)) {
            return { gone: true };
        }
        if (error instanceof XaiError) {
            const hint = isMissingRoute(error) ? " This server cannot be asked for one key." : "";
            return { unproven: `${messageOf(error)}${hint}` };
        }
        throw error;
    }
    return {
        unproven:
            "The API knows the key, but the team's listing does not show it: the listing is incomplete, or the key is another user's and this management key is no team admin's.",
    };
}

/** The key that an operation is about does not exist. */
export class KeyGoneError extends XaiError {}

/**
 * Explains an error of a write that may mean that the key is gone: a 404, a missing route, or a lost answer.
 *
 * @throws {@link KeyGoneError} where that is proved; otherwise the error, with the reason where a proof was prevented.
 */
export async function explainMissing(account: Account, key: Sought, error: unknown): Promise<never> {
    if (!isMissingRoute(error) && !(error instanceof ManagementApiError && error.mayHaveActed)) {
        throw error;
    }
    account.listing(key.teamId).written(key.apiKeyId);
    const found = await findKey(account, key).catch((failure: unknown) => ({ unproven: messageOf(failure) }));
    if ("gone" in found) {
        throw new KeyGoneError(
            `${label(key)} no longer exists: it was deleted outside of this stack. Run \`pulumi refresh\`; the next \`pulumi up\` creates a new key.`,
        );
    }
    throw "unproven" in found
        ? new XaiError(`${messageOf(error)} Could not check whether ${label(key)} still exists: ${found.unproven}`)
        : error;
}

/**
 * The key of an id in its team's listing.
 *
 * @param hint - What to do where it is not there: whole sentences.
 * @throws {@link KeyGoneError} where two listings lack it; XaiError where its fields cannot be read.
 */
export async function requireListed(account: Account, teamId: string, apiKeyId: string, hint: string): Promise<ApiKey> {
    const found = await findKey(account, { apiKeyId, teamId, name: "" });
    if ("listed" in found) {
        return readable(found.listed);
    }
    throw new KeyGoneError(
        "gone" in found
            ? `There is no API key ${apiKeyId}. ${hint}`
            : `API key ${apiKeyId} is not in the listing of team ${teamId}. ${found.unproven} ${hint}`,
    );
}

/** What to do about a listed key whose fields could not be read. */
export function unreadableWords(key: { apiKeyId: string; name: string; unreadable: string }): string {
    return `${label(key)} is in the team's listing, but its \`${key.unreadable}\` has an unexpected shape. Report that to the maintainers of pulumi-xai.`;
}

/**
 * An entry of a listing as a key.
 *
 * @throws XaiError where its fields could not be read.
 */
function readable(key: ListedApiKey): ApiKey {
    if (!isReadable(key)) {
        throw new XaiError(unreadableWords({ ...key, name: "" }));
    }
    return key;
}
