import { checkApiKeyPropagation } from "./api/apiKeys.js";
import {
    ConnectionError,
    type ManagementApiError,
    NotFoundError,
    RateLimitError,
    ServerError,
    XaiError,
} from "./api/errors.js";
import type { ApiKeyInputs } from "./apiKeyInputs.js";
import type { Surroundings } from "./apiKeyLifecycle.js";
import { type ApiKeyState, withoutDebts } from "./apiKeyState.js";
import { formatDuration } from "./duration.js";
import { explainGone, KeyGoneError } from "./goneKey.js";
import { keepingState } from "./initializationError.js";
import {
    DEFAULT_PROPAGATION_TIMEOUT,
    describeProgress,
    learnt,
    nextCheck,
    type Progress,
    propagationLimit,
    propagationProgress,
} from "./propagation.js";
import type { Session } from "./session.js";

/**
 * The wait until every cluster knows a key: asks, shows, sleeps. When to ask is decided in `propagation.ts`.
 */

/** The key exists, but not every cluster knew it in time. */
export class PropagationTimeoutError extends XaiError {}

/**
 * Waits for propagation where that is owed, and takes the debt off.
 *
 * @throws InitializationError where the wait fails.
 */
export async function waitIfOwed(
    surroundings: Surroundings,
    state: ApiKeyState,
    news: ApiKeyInputs,
): Promise<ApiKeyState> {
    const limit = propagationLimit(news);
    if (limit === undefined || !state.owed?.includes("propagation")) {
        return state;
    }
    await keepingState(state, () => awaitPropagation(surroundings, state, limit));
    return withoutDebts(state, ["propagation"]);
}

/** How long one check may take at least, in milliseconds: the last one falls on the limit. */
const LEAST_CHECK = 1000;

async function awaitPropagation({ session, progress }: Surroundings, key: ApiKeyState, limit: number): Promise<void> {
    const { apiKeyId } = key;
    const begun = performance.now();
    const waited = () => performance.now() - begun;
    const isNew = isJustMade(session, key);
    let notYet = 0;
    let known = propagationProgress({});
    await pauseFor(nextCheck(0, 0, limit, 0, isNew ? session.propagationTook : undefined) ?? 0);
    for (let checks = 1; ; checks += 1) {
        const asked = waited();
        const now = await propagationOf(session, apiKeyId, Math.max(LEAST_CHECK, limit - asked));
        if (now.done) {
            if (isNew) {
                session.propagationTook = learnt(session.propagationTook, notYet, asked);
            }
            return;
        }
        notYet = asked;
        known = now.trouble === undefined ? now : known;
        const took = isNew ? session.propagationTook : undefined;
        const pause = nextCheck(checks, waited(), limit, Math.random(), took);
        if (pause === undefined) {
            const { trouble } = now;
            if (trouble instanceof NotFoundError) {
                await explainGone(session, key, trouble).catch((error: unknown) => {
                    if (error instanceof KeyGoneError) {
                        throw error;
                    }
                });
            }
            const last = trouble === undefined ? "" : ` The last check failed: ${trouble.message}`;
            throw new PropagationTimeoutError(
                `API key ${apiKeyId} exists, but after its \`propagationTimeout\` (default: ${formatDuration(DEFAULT_PROPAGATION_TIMEOUT)}) it is not known everywhere: ${describeProgress(known)}. It is kept in the stack; \`pulumi up\` goes on waiting. Raise that, or set \`waitForPropagation: false\`.${last}`,
            );
        }
        progress(`Waiting until API key ${apiKeyId} is known everywhere: ${describeProgress(known)}`);
        await pauseFor(pause);
    }
}

/** A key is new for so long, in milliseconds: of an older one it is not known how long it has been on its way. */
const NEW = 5000;

function isJustMade(session: Session, { createTime }: ApiKeyState): boolean {
    const now = session.serverTime();
    return now !== undefined && createTime !== undefined && now - Date.parse(createTime) < NEW;
}

async function pauseFor(milliseconds: number): Promise<void> {
    if (milliseconds > 0) {
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
    }
}

/** One check. What may pass by itself says nothing yet: a key of a moment ago, a server in trouble, a broken line. */
async function propagationOf(
    session: Session,
    apiKeyId: string,
    deadline: number,
): Promise<Progress & { readonly trouble?: ManagementApiError }> {
    try {
        return propagationProgress(await checkApiKeyPropagation(session.http, apiKeyId, deadline));
    } catch (error) {
        const passing =
            error instanceof NotFoundError ||
            error instanceof ServerError ||
            error instanceof RateLimitError ||
            error instanceof ConnectionError;
        if (passing) {
            return { ...propagationProgress({}), trouble: error };
        }
        throw error;
    }
}
