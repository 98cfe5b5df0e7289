import { type ApiKey, type CreatedApiKey, createApiKey, isReadable, UnclearCreateError } from "./api/apiKeys.js";
import { messageOf, XaiError } from "./api/errors.js";
import { createObject, sameValue, withGiven } from "./apiKeyDiff.js";
import type { ApiKeyInputs } from "./apiKeyInputs.js";
import { type ApiKeyState, settingsOf, stateFromApi, UPDATABLE_FIELDS } from "./apiKeyState.js";
import { modelNames } from "./apiKeyUpdate.js";
import { InitializationError, keepingState } from "./initializationError.js";
import {
    candidates,
    describeCandidates,
    describeNamesakes,
    judge,
    type LostCreate,
    NOTHING_FOUND,
    namesakes,
    nextSearch,
} from "./lostCreate.js";
import { deleteCertainly } from "./lostWrites.js";
import { propagationLimit } from "./propagation.js";
import { LOST_SECRET, withNewSecret } from "./secretRotation.js";
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

/** A create's answer was lost or without a secret, and so were those of the creates in its place. Nothing was left behind. */
export class NoSecretError extends XaiError {
    constructor(apiKeyId: string, lost: UnclearCreateError | undefined) {
        super(
            `${describeUseless(apiKeyId, lost)} It was deleted again, as those made before it: run \`pulumi up\` again.`,
        );
    }
}

/** How many keys are made in the place of one another where a server without rotation gives none of them a secret. */
export const MAX_KEYS = 3;

/**
 * Makes a key. Where the answer is lost, the key that it made is looked for, and taken over where it can only be that; a key
 * without a secret gets one by rotation, or is deleted and made again where the server has none.
 *
 * @returns The key's state with its secret; what is owed besides stands in it.
 * @throws {@link InitializationError} where the key exists, but its secret is not to be had yet; {@link LostCreateError};
 * {@link NoSecretError}.
 */
export async function makeKey(session: Session, teamId: string, news: ApiKeyInputs): Promise<ApiKeyState> {
    let found: string | undefined;
    for (let made = 1; ; made += 1) {
        const key = await createOrFind(session, teamId, news);
        const state = stateOf(key, teamId, news);
        found ??= key.lost && describeFound(state, key.lost);
        const complete = state.apiKey === undefined ? await withSecretOrDeleted(session, state, key.lost) : state;
        if (complete !== undefined) {
            if (found !== undefined) {
                session.warnOnce(`${found} ${describeTakeover(made, complete)}`);
            }
            return requireReadable(key, complete);
        }
        if (made === MAX_KEYS) {
            throw new NoSecretError(state.apiKeyId, key.lost);
        }
    }
}

/** The key with a new secret; `undefined` where it was deleted, for the server cannot give it one. A failure keeps it. */
async function withSecretOrDeleted(
    session: Session,
    state: ApiKeyState,
    lost: UnclearCreateError | undefined,
): Promise<ApiKeyState | undefined> {
    const rotated = await keepingState(state, () => withNewSecret(session, state, LOST_SECRET));
    if ("lacks" in rotated) {
        await deleteCertainly(session, state).catch((error: unknown) => {
            throw new InitializationError(
                { ...state, owed: ["replacement"] },
                `${describeUseless(state.apiKeyId, lost)} The next \`pulumi up\` replaces it, for deleting it failed: ${messageOf(error)}`,
            );
        });
        return undefined;
    }
    return rotated.state;
}

/** What is told of a key that nobody can use. */
function describeUseless(apiKeyId: string, lost: UnclearCreateError | undefined): string {
    const what = lost === undefined ? "did not hold its secret" : `was lost (${lost.what})`;
    return `API key ${apiKeyId} was created, but the API's answer ${what}, and this server cannot give it a new secret.`;
}

/** What a warning says of a key that was found in the place of a lost answer. From here on whatever fails keeps it. */
function describeFound({ apiKeyId, teamId, createTime }: ApiKeyState, lost: UnclearCreateError): string {
    return `The answer to a create in team ${teamId} was lost (${lost.what}). API key ${apiKeyId}, created at ${createTime} with the same settings under the default name, which is this stack's alone, is what it made.`;
}

function describeTakeover(made: number, { apiKeyId }: ApiKeyState): string {
    return made === 1
        ? "It was taken over, with a new secret: the lost one was rotated away."
        : `This server cannot give it a new secret, so that it was deleted, and API key ${apiKeyId} made in its place.`;
}

/** A key whose create was answered with its id and secret, and with a rest that makes no sense. */
function requireReadable({ key, apiKey }: MadeKey, state: ApiKeyState): ApiKeyState {
    if (key === undefined && apiKey !== undefined) {
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
    session.orphans.created(teamId, news.name, before, news.disabled === true);
    const since = session.serverTime();
    try {
        return await session.creates.run(teamId, news.name, async () => {
            const created = await createApiKey(session.http, teamId, sent);
            session.claims.made(created.apiKeyId, teamId);
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
        const { found, alike } = await search(session, teamId, lost).catch((failure: unknown) => {
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
            claims.made(verdict.take.apiKeyId, teamId);
            creates.found(teamId, name);
            return verdict.take;
        }
        const pause = nextSearch(searches, deadline - performance.now());
        if (pause === undefined) {
            throw new LostCreateError(error, alike.length > 0 ? describeNamesakes(alike) : NOTHING_FOUND);
        }
        await new Promise((resolve) => setTimeout(resolve, pause));
    }
}

/** One search: the keys that the create may have made, and the ids of those that are like them in name alone. */
async function search(
    session: Session,
    teamId: string,
    lost: LostCreate,
): Promise<{ readonly found: readonly ApiKey[]; readonly alike: readonly string[] }> {
    const { name, acls } = lost.sent;
    await session.creates.settled(teamId, name);
    const listed = [...(await session.listings(teamId).fresh()).values()];
    const aliased = listed.some((key) => isReadable(key) && !sameValue("acls", key.acls, acls));
    const names = await modelNames(session, teamId, aliased);
    // A create that began meanwhile may have made one of the listed keys: once it has ended, it is known which.
    await session.creates.settled(teamId, name);
    const isHeld = (apiKeyId: string) => session.claims.isHeld(apiKeyId);
    return { found: candidates(listed, lost, isHeld, names), alike: namesakes(listed, lost, isHeld) };
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
