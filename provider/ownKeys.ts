import { checkApiKeyPropagation, isReadable, type ListedApiKey } from "./api/apiKeys.js";
import { NotFoundError, PermissionError, UnsupportedRouteError, XaiError } from "./api/errors.js";
import type { Sought } from "./goneKey.js";
import type { Session } from "./session.js";

/**
 * A management key that is no team admin's is shown only its own user's keys: there another user's key is missing, and not
 * gone.
 */

/** A key is in no listing, but this management key may not be shown it. Nothing was concluded. */
export class OwnKeysOnlyError extends XaiError {
    constructor({ apiKeyId, teamId, userId }: Sought) {
        super(
            `API key ${apiKeyId} is not in the listing of team ${teamId}, but it belongs to user ${userId}, and this management key seems to be shown only the keys of its own user. Nothing was concluded. Use a management key of a team admin; or, if the key really is gone, take it out of the stack: \`pulumi state delete '<urn>'\`, with the URN that \`pulumi stack --show-urns\` shows.`,
        );
    }
}

/** A key is in no listing, but the server knows it: the listings were not complete. Nothing was concluded. */
export class IncompleteListingError extends XaiError {
    constructor({ apiKeyId, teamId }: Sought) {
        super(
            `API key ${apiKeyId} is not in the listing of team ${teamId}, but the API knows it: the listing is not complete. Nothing was concluded: run again, and report it where it lasts.`,
        );
    }
}

/**
 * Whether a listing may lack a key for being another user's: it shows the keys of one user at most, and not of the key's.
 * Pure.
 *
 * @param userId - Whose the missing key is; `undefined` where that is not known.
 */
export function mayBeHidden(userId: string | undefined, listed: Iterable<ListedApiKey>): boolean {
    const users = usersOf(listed);
    return userId !== undefined && users.size <= 1 && !users.has(userId);
}

/**
 * Whether a listing may lack keys of other users, as far as it shows that itself: no two of its keys are of different
 * users. Pure.
 */
export function mayLackOthers(listed: Iterable<ListedApiKey>): boolean {
    return usersOf(listed).size <= 1;
}

function usersOf(listed: Iterable<ListedApiKey>): ReadonlySet<string> {
    return new Set([...listed].filter(isReadable).flatMap((key) => key.userId ?? []));
}

/**
 * Makes sure that a key that the listings lack is not hidden from this management key. Asks further only where it may be:
 * whose the management key is, and where the server cannot say that and shows no key at all, whether it knows this one.
 *
 * @throws {@link OwnKeysOnlyError} where it may be hidden; what the API answers to those questions.
 */
async function requireSight(session: Session, key: Sought): Promise<void> {
    const listed = await session.listings(key.teamId).last();
    if (!mayBeHidden(key.userId, listed.values())) {
        return;
    }
    const managementKey = await session.managementKey();
    const isCertain =
        managementKey === undefined
            ? listed.size === 0 && (await isKnown(session, key.apiKeyId)) === false
            : managementKey.ownerUserId === key.userId;
    if (!isCertain) {
        throw new OwnKeysOnlyError(key);
    }
}

/**
 * Makes sure that a key that a listing lacks is neither hidden nor left out, for a server may end a listing early: it is asked
 * by the key's id.
 *
 * @throws {@link OwnKeysOnlyError} where it may be hidden; what the API answers to those questions; {@link IncompleteListingError} where the API knows the key.
 */
export async function requireGone(session: Session, key: Sought): Promise<void> {
    await requireSight(session, key);
    if (await isKnown(session, key.apiKeyId)) {
        throw new IncompleteListingError(key);
    }
}

/** Whether the server knows a key by its id, in whichever team; `undefined` where that cannot be asked. */
export async function isKnown({ http }: Session, apiKeyId: string): Promise<boolean | undefined> {
    try {
        await checkApiKeyPropagation(http, apiKeyId);
        return true;
    } catch (error) {
        if (error instanceof NotFoundError && error.inApiWords) {
            return false;
        }
        if (
            error instanceof NotFoundError ||
            error instanceof PermissionError ||
            error instanceof UnsupportedRouteError
        ) {
            return undefined;
        }
        throw error;
    }
}
