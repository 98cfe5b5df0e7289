import { type CreatedApiKey, isReadable, rotateApiKey } from "./api/apiKeys.js";
import { NotFoundError, RefusedError, UnsupportedRouteError } from "./api/errors.js";
import { mayHaveActed } from "./api/unclear.js";
import { type ApiKeyState, withoutDebts } from "./apiKeyState.js";
import { explainGone } from "./goneKey.js";
import { InitializationError, keepingState } from "./initializationError.js";
import type { Session } from "./session.js";

/**
 * A new secret for a key whose secret this stack never got.
 */

/** How often a rotation is sent whose answer was lost. */
export const MAX_ROTATIONS = 3;
/** The pause before it is sent again, in milliseconds; each further one is twice as long. */
const FIRST_PAUSE = 250;

/**
 * Gives a key a new secret; the old one, which nobody has, stops working at once where the API allows that.
 *
 * Where an answer was lost it rotates again: only the last secret works. Such a rotation may act late, so that the listing
 * then has to show the secret that was answered.
 *
 * @returns The key's state with its secret; `undefined` where the server has no rotation, or answers without a secret.
 * @throws KeyGoneError for a key that is no longer there; what the last rotation ended with.
 */
export async function withNewSecret(session: Session, state: ApiKeyState): Promise<ApiKeyState | undefined> {
    const { apiKeyId } = state;
    let lost = false;
    for (let sent = 1; ; sent += 1) {
        try {
            const answer = await rotateAtOnce(session, state);
            session.listings(state.teamId).written(apiKeyId);
            if (answer.apiKey === undefined) {
                return undefined;
            }
            if (!lost || sent === MAX_ROTATIONS || (await isShown(session, state, answer))) {
                return withSecret(state, answer);
            }
        } catch (error) {
            if (error instanceof NotFoundError || error instanceof UnsupportedRouteError) {
                // A key that is still there lacks the route alone.
                return await explainGone(session, state, error).catch((explained: unknown) => {
                    if (explained === error) {
                        return undefined;
                    }
                    throw explained;
                });
            }
            if (!mayHaveActed(error) || sent === MAX_ROTATIONS) {
                throw error;
            }
            lost = true;
            await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE * 2 ** (sent - 1)));
        }
    }
}

/**
 * Gives a key that exists a new secret, or keeps it until the next run puts another key in its place: nobody can use it.
 *
 * @throws InitializationError with the key's state where there is none to be had; KeyGoneError for a key that is no longer
 * there.
 */
export async function requireNewSecret(session: Session, state: ApiKeyState): Promise<ApiKeyState> {
    const complete = await keepingState(state, () => withNewSecret(session, state));
    if (complete === undefined) {
        throw new InitializationError(
            { ...state, owed: ["replacement"] },
            `API key ${state.apiKeyId} was created, but its secret was lost, and this server cannot give it a new one. Nobody can use the key: the next \`pulumi up\` replaces it.`,
        );
    }
    return complete;
}

/** Rotates; without a time for the old secret where the API refuses the present one. */
async function rotateAtOnce({ http }: Session, { apiKeyId, createTime }: ApiKeyState): Promise<CreatedApiKey> {
    const earliest = http.clock.earliest(performance.now());
    const now = earliest === undefined ? createTime : new Date(earliest).toISOString();
    try {
        return await rotateApiKey(http, apiKeyId, now);
    } catch (error) {
        if (now === undefined || !(error instanceof RefusedError) || !(error.status === 400 || error.status === 422)) {
            throw error;
        }
        return rotateApiKey(http, apiKeyId);
    }
}

/** Whether the listing shows the secret that was answered, as far as it tells: its failure must not lose the secret. */
async function isShown(session: Session, { apiKeyId, teamId }: ApiKeyState, answer: CreatedApiKey): Promise<boolean> {
    const redacted = answer.key?.redactedApiKey ?? null;
    const listed = await session
        .listings(teamId)
        .fresh()
        .then(
            (keys) => keys.get(apiKeyId),
            () => undefined,
        );
    return listed === undefined || !isReadable(listed) || redacted === null || listed.redactedApiKey === redacted;
}

function withSecret(state: ApiKeyState, answer: CreatedApiKey): ApiKeyState {
    return {
        ...withoutDebts(state, ["secret"]),
        apiKey: answer.apiKey,
        redactedApiKey: answer.key?.redactedApiKey ?? undefined,
    };
}
