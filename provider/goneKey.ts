import { NotFoundError, UnsupportedRouteError, XaiError } from "./api/errors.js";
import type { ApiKeyState } from "./apiKeyState.js";
import { OwnKeysOnlyError, requireGone } from "./ownKeys.js";
import type { Session } from "./session.js";

/** The key that an operation is about is not there. */
export class KeyGoneError extends XaiError {}

/** What has to be known of a key to say whether it is gone. */
export type Sought = Pick<ApiKeyState, "apiKeyId" | "teamId" | "userId">;

/**
 * Whether a key is gone that the API itself calls so: a complete listing lacks it as well, and asked by its id the server
 * does not know it. Either answer alone may be a proxy's, or end early.
 *
 * @throws OwnKeysOnlyError where this management key may not see it; IncompleteListingError; what the listing throws.
 */
export async function isGone(session: Session, key: Sought): Promise<boolean> {
    const listings = session.listings(key.teamId);
    if (await listings.has(key.apiKeyId)) {
        return false;
    }
    await requireGone(session, key);
    return true;
}

/**
 * Says what a refused operation on a key means. A 404 (or a missing route) for a key that the listing lacks as well has one
 * cause, and one way out.
 *
 * @throws {@link KeyGoneError} in that case; OwnKeysOnlyError where the listing may lack it for another reason; the error
 * itself in any other case.
 */
export async function explainGone(session: Session, key: Sought, error: unknown): Promise<never> {
    if (error instanceof NotFoundError || error instanceof UnsupportedRouteError) {
        const gone = await isGone(session, key).catch((failure: unknown) => {
            if (failure instanceof OwnKeysOnlyError) {
                throw failure;
            }
            return false;
        });
        if (gone) {
            throw new KeyGoneError(
                `API key ${key.apiKeyId} is no longer in team ${key.teamId}: it was deleted outside of this stack. Run \`pulumi refresh\`; the next \`pulumi up\` creates a new key.`,
            );
        }
    }
    throw error;
}
