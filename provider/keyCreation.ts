import { type ApiKey, type CreatedApiKey, createApiKey, isReadable, UnclearCreateError } from "./api/apiKeys.js";
import { messageOf, XaiError } from "./api/errors.js";
import { createObject, sameValue, withGiven } from "./apiKeyDiff.js";
import type { ApiKeyInputs } from "./apiKeyInputs.js";
import { type ApiKeyState, settingsOf, stateFromApi, UPDATABLE_FIELDS } from "./apiKeyState.js";
import { modelNames } from "./apiKeyUpdate.js";
import { InitializationError, keepingState } from "./initializationError.js";
import { candidates, describeCandidates, judge, type LostCreate, NOTHING_FOUND, nextSearch } from "./lostCreate.js";
import { deleteCertainly } from "./lostWrites.js";
import { propagationLimit } from "./propagation.js";
import { missingSecret, requireNewSecret, withNewSecret } from "./secretRotation.js";
import type { Session } from "./session.js";

/**
 * One key out of one POST, whatever becomes of its answer. What a lost answer means is decided in `lostCreate.ts`.
 */

/** A create's answer was lost, and the key that it may have made was not taken over. The message is complete. */
export class LostCreateError extends XaiError {
    constructor(lost: UnclearCreateError, finding: string) {
        super(`${lost.message} ${finding}`);
    }
}

/**
 * Makes a key. Where the answer is lost, the key that it made is looked for, and taken over where it can only be that.
 *
 * @returns The key's state with its secret; what is owed besides stands in it.
 * @throws {@link InitializationError} where the key exists, but its secret is not to be had yet; {@link LostCreateError}.
 */
export async function makeKey(session: Session, teamId: string, news: ApiKeyInputs): Promise<ApiKeyState> {
    const made = await createOrFind(session, teamId, news);
    const state = stateOf(made, teamId, news);
    if (made.lost !== undefined) {
        return takeOver(session, state, news, made.lost);
    }
    if (state.apiKey === undefined) {
        return requireNewSecret(session, state);
    }
    if (made.key === undefined) {
        throw new InitializationError(
            state,
            `API key ${state.apiKeyId} was created, but the rest of the answer could not be read. It is kept in the stack with its secret: run \`pulumi refresh\`, then \`pulumi up\`.`,
        );
    }
    return state;
}

/** A key that a create made: as it was answered, or found after its answer was lost. */
interface MadeKey extends CreatedApiKey {
    readonly lost?: UnclearCreateError;
}

async function createOrFind(session: Session, teamId: string, news: ApiKeyInputs): Promise<MadeKey> {
    const sent = createObject(news);
    const before = await session.keysBefore(teamId);
    session.orphans.created(teamId, news.name, before);
    const since = session.http.clock.earliest(performance.now());
    try {
        return await session.creates.run(teamId, news.name, async () => {
            const created = await createApiKey(session.http, teamId, sent);
            session.claims.hold(created.apiKeyId);
            session.listings(teamId).written(created.apiKeyId);
            return created;
        });
    } catch (error) {
        if (!(error instanceof UnclearCreateError)) {
            throw error;
        }
        const key = await find(session, teamId, { sent, since, before }, error);
        return { apiKeyId: key.apiKeyId, apiKey: undefined, key, lost: error };
    }
}

/** The key that a lost create made, where it can only be that. */
async function find(session: Session, teamId: string, lost: LostCreate, error: UnclearCreateError): Promise<ApiKey> {
    const { claims, creates, settings } = session;
    const { name } = lost.sent;
    const deadline = performance.now() + settings.operationTimeout;
    for (let searches = 1; ; searches += 1) {
        const found = await search(session, teamId, lost).catch((failure: unknown) => {
            throw new LostCreateError(
                error,
                `Whether it does could not be found out: ${messageOf(failure)} Look in the xAI Console for a key of this name made just now, and delete it before you run again.`,
            );
        });
        if (found.length > 0) {
            const verdict = judge(lost, found, claims.isDefaultName(name), creates.lost(teamId, name));
            if ("untouched" in verdict) {
                throw new LostCreateError(error, describeCandidates(found, verdict.untouched));
            }
            claims.hold(verdict.take.apiKeyId);
            creates.found(teamId, name);
            return verdict.take;
        }
        const pause = nextSearch(searches, deadline - performance.now());
        if (pause === undefined) {
            throw new LostCreateError(error, NOTHING_FOUND);
        }
        await new Promise((resolve) => setTimeout(resolve, pause));
    }
}

async function search(session: Session, teamId: string, lost: LostCreate): Promise<readonly ApiKey[]> {
    const { name, acls } = lost.sent;
    await session.creates.settled(teamId, name);
    const listed = [...(await session.listings(teamId).fresh()).values()];
    const aliased = listed.some((key) => isReadable(key) && !sameValue("acls", key.acls, acls));
    const names = await modelNames(session, teamId, aliased);
    // A create that began meanwhile may have made one of the listed keys: once it has ended, it is known which.
    await session.creates.settled(teamId, name);
    return candidates(listed, lost, (apiKeyId) => session.claims.isHeld(apiKeyId), names);
}

/** Takes a found key over. From here on whatever fails keeps it in the stack. */
async function takeOver(
    session: Session,
    state: ApiKeyState,
    news: ApiKeyInputs,
    lost: UnclearCreateError,
): Promise<ApiKeyState> {
    const { apiKeyId, teamId, createTime = "an unknown time" } = state;
    const found = `The answer to a create in team ${teamId} was lost (${lost.what}). API key ${apiKeyId}, created at ${createTime} with the same settings under the default name, which is this stack's alone, is what it made.`;
    const complete = await keepingState(state, () => withNewSecret(session, state));
    if (complete !== undefined) {
        session.warnOnce(`${found} It was taken over, with a new secret: the lost one was rotated away.`);
        return complete;
    }
    await keepingState(state, () => deleteCertainly(session, state));
    const anew = stateOf(await createOrFind(session, teamId, news), teamId, news);
    session.warnOnce(
        `${found} This server cannot give it a new secret, so that it was deleted, and API key ${anew.apiKeyId} made in its place.`,
    );
    if (anew.apiKey === undefined) {
        throw new InitializationError(anew, missingSecret(anew.apiKeyId));
    }
    return anew;
}

const NOTHING_ANSWERED = {
    teamId: null,
    userId: null,
    disabled: false,
    redactedApiKey: null,
    createTime: null,
    modifyTime: null,
};

function stateOf(made: MadeKey, teamId: string, news: ApiKeyInputs): ApiKeyState {
    const answered = made.key ?? { ...createObject(news), ...NOTHING_ANSWERED, apiKeyId: made.apiKeyId };
    const owed = [
        ...(propagationLimit(news) === undefined ? [] : (["propagation"] as const)),
        ...(made.apiKey === undefined ? (["secret"] as const) : []),
    ];
    const carried = { teamId, apiKey: made.apiKey, ...settingsOf(news), owed, given: undefined };
    return withGiven(stateFromApi(answered, carried), news, UPDATABLE_FIELDS);
}
