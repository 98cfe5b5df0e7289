import { NotFoundError, UnsupportedRouteError, XaiError } from "./api/errors.js";
import type { ApiKeyState } from "./apiKeyState.js";
import type { Session } from "./session.js";

/** The key that an operation is about is not there. */
export class KeyGoneError extends XaiError {}

/**
 * Says what a refused operation on a key means. A 404 (or a missing route) for a key that the listing lacks as well has one
 * cause, and one way out.
 *
 * @throws {@link KeyGoneError} in that case; the error itself in any other.
 */
export async function explainGone(
    session: Session,
    state: Pick<ApiKeyState, "apiKeyId" | "teamId" | "userId">,
    error: unknown,
): Promise<never> {
    if (error instanceof NotFoundError || error instanceof UnsupportedRouteError) {
        const there = await session
            .listings(state.teamId)
            .has(state.apiKeyId)
            .catch(() => true);
        if (!there) {
            throw new KeyGoneError(
                `API key ${state.apiKeyId} is no longer in team ${state.teamId}: it was deleted outside of this stack. Run \`pulumi refresh\`; the next \`pulumi up\` creates a new key.`,
            );
        }
    }
    throw error;
}
