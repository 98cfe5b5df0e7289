import { checkApiKeyPropagation, createApiKey, deleteApiKey } from "./api/apiKeys.js";
import {
    ConnectionError,
    type ManagementApiError,
    messageOf,
    NotFoundError,
    RateLimitError,
    ServerError,
    UnsupportedRouteError,
    XaiError,
} from "./api/errors.js";
import {
    changedFields,
    createObject,
    type Diff,
    diffApiKey,
    driftedFields,
    type Fields,
    givenAfterRead,
    givenDigests,
    isNormalForm,
    updateObject,
} from "./apiKeyDiff.js";
import { type ApiKeyInputs, parseInputs } from "./apiKeyInputs.js";
import { type ApiKeyState, type Field, inputsFromState, parseState, stateFromApi } from "./apiKeyState.js";
import { modelNames, sendUpdate } from "./apiKeyUpdate.js";
import { formatDuration } from "./duration.js";
import { describeProgress, nextCheck, type Progress, propagationLimit, propagationProgress } from "./propagation.js";
import type { Session } from "./session.js";

/**
 * The life of an API key: diff, create, read, update, delete, against plain values; its check is in `apiKeyCheck.ts`. It knows the API and the
 * decisions; it does not know which host calls it.
 */

/** Plain inputs or outputs as a host hands them over. */
export type Properties = Readonly<Record<string, unknown>>;

/** What the life of a key needs from its surroundings. */
export interface Surroundings {
    readonly session: Session;
    /** Shows a line that the next one replaces. */
    readonly progress: (message: string) => void;
}

/**
 * A key exists, but not all is done: the host has to keep its state and call `update` at the next run.
 */
export class InitializationError extends XaiError {
    /** Private, for it holds the secret: whoever prints the error must not see it. */
    readonly #state: ApiKeyState;

    constructor(
        state: ApiKeyState,
        readonly reason: string,
    ) {
        super(reason);
        this.#state = state;
    }

    /** The key's whole state, its secret in it. */
    get state(): ApiKeyState {
        return this.#state;
    }
}

/** The key that an operation is about is not there. */
export class KeyGoneError extends XaiError {}

/** What an update would change. Pure. */
export function diff(olds: Properties, news: Properties): Diff {
    const state = parseState(olds);
    // Outputs that are no key's cannot be compared: only an update can tell.
    return state === undefined ? { fields: [], replace: false, changes: true } : diffApiKey(state, news);
}

/**
 * Creates a key, brings it to what a create cannot take (`disabled`), and waits until every cluster knows it.
 *
 * @throws {@link InitializationError} for whatever fails once the key exists: it carries the key's whole state.
 */
export async function create(surroundings: Surroundings, inputs: Properties): Promise<ApiKeyState> {
    const { session } = surroundings;
    const news = parseInputs(inputs);
    const teamId = news.teamId ?? (await session.team());
    const created = await createApiKey(session.http, teamId, createObject(news));
    session.listings(teamId).written(created.apiKeyId);

    const carried = {
        teamId,
        apiKey: created.apiKey,
        ...settingsOf(news),
        owed: [
            ...(propagationLimit(news) === undefined ? [] : (["propagation"] as const)),
            ...(created.apiKey === undefined ? (["secret"] as const) : []),
        ],
        given: undefined,
    };
    const answered = created.key ?? { ...createObject(news), ...NOTHING_ANSWERED, apiKeyId: created.apiKeyId };
    const state = withGiven(stateFromApi(answered, carried), news);
    if (created.apiKey === undefined) {
        throw new InitializationError(state, missingSecret(created.apiKeyId));
    }
    if (created.key === undefined) {
        throw new InitializationError(
            state,
            `API key ${created.apiKeyId} was created, but the rest of the answer could not be read. It is kept in the stack with its secret: run \`pulumi refresh\`, then \`pulumi up\`.`,
        );
    }
    const complete = await keepingState(state, () => bringTo(session, state, news));
    return waitIfOwed(surroundings, complete, news);
}

function missingSecret(apiKeyId: string): string {
    return `API key ${apiKeyId} was created, but the API's answer does not hold its secret, which is given only once. Make the key anew: \`pulumi up --replace '<urn>'\`, with the URN that \`pulumi stack --show-urns\` shows.`;
}

const NOTHING_ANSWERED = { teamId: null, userId: null, disabled: false, redactedApiKey: null, createTime: null };

/** What {@link read} found. */
export interface ReadResult {
    readonly state: ApiKeyState;
    /** The inputs in the place of which drift has come; absent where nothing has drifted. */
    readonly inputs: ApiKeyInputs | undefined;
}

/**
 * Reads a key from the team's listing. The secret and what is owed are carried over.
 *
 * @returns `undefined` for a key that is gone.
 * @throws {@link KeyGoneError} for a look-up (`XaiApiKey.get`) of a key that is not there.
 */
export async function read(
    { session }: Surroundings,
    apiKeyId: string,
    props: Properties,
): Promise<ReadResult | undefined> {
    const before = parseState(props);
    const asked = props["teamId"];
    const teamId = before?.teamId ?? (typeof asked === "string" ? asked : await session.team());
    const key = await session.listings(teamId).find(apiKeyId);
    if (before === undefined) {
        if (key === undefined) {
            throw new KeyGoneError(
                `There is no API key ${apiKeyId} in team ${teamId}. Check the id and the team (\`xai:teamId\`); a management key that is no team admin's sees only its own user's keys.`,
            );
        }
        return { state: stateFromApi(key, { ...NOTHING_CARRIED, teamId }), inputs: undefined };
    }
    if (key === undefined) {
        return undefined;
    }
    const now = stateFromApi(key, before);
    const differing = driftedFields(before, now);
    const names = differing.includes("acls") ? await modelNames(session, teamId) : new Map<string, string>();
    // A listing may hold in its own form what the answer to a create or update still echoed.
    const settled = differing.filter((field) => isNormalForm(field, before[field], now[field], names));
    const drifted = differing.filter((field) => !settled.includes(field));
    const given = {
        ...givenDigests({ ...before, ...pickFields(now, settled) }, pickFields(before, settled)),
        ...before.given,
    };
    const state = { ...now, given: givenAfterRead(given, drifted) };
    return { state, inputs: drifted.length === 0 ? undefined : inputsFromState(state) };
}

function pickFields(fields: Fields, names: readonly Field[]): Fields {
    return Object.fromEntries(names.map((name) => [name, fields[name]]));
}

const NOTHING_CARRIED = {
    waitForPropagation: undefined,
    propagationTimeout: undefined,
    apiKey: undefined,
    owed: undefined,
    given: undefined,
};

/**
 * Sends what changed and nothing else, and goes on with what is owed.
 *
 * @throws {@link InitializationError} where the wait fails; {@link KeyGoneError} for a key that is no longer there.
 */
export async function update(surroundings: Surroundings, olds: Properties, inputs: Properties): Promise<ApiKeyState> {
    const { session } = surroundings;
    const news = parseInputs(inputs);
    const before = parseState(olds);
    if (before === undefined) {
        throw new KeyGoneError(
            "The stack's state of this API key is incomplete. Run `pulumi refresh`, then `pulumi up`.",
        );
    }
    const waits = propagationLimit(news) !== undefined;
    const owed = (before.owed ?? []).filter((debt) => waits || debt !== "propagation");
    const start = { ...before, ...settingsOf(news), owed: owed.length === 0 ? undefined : owed };
    const state = await bringTo(session, start, news);
    if (owed.includes("secret")) {
        throw new InitializationError(state, missingSecret(state.apiKeyId));
    }
    return waitIfOwed(surroundings, state, news);
}

/**
 * Deletes a key. What is gone already counts as deleted: the API says 404 in its own words, and a listing agrees.
 */
export async function remove({ session }: Surroundings, apiKeyId: string, props: Properties): Promise<void> {
    const teamId = parseState(props)?.teamId ?? (await session.team());
    try {
        await deleteApiKey(session.http, apiKeyId);
    } catch (error) {
        const gone =
            error instanceof NotFoundError && error.inApiWords && !(await session.listings(teamId).has(apiKeyId));
        if (!gone) {
            throw error;
        }
    }
    session.listings(teamId).written(apiKeyId);
}

/** Updates the key where it differs from the inputs, with exactly the fields that differ. */
async function bringTo(session: Session, state: ApiKeyState, news: ApiKeyInputs): Promise<ApiKeyState> {
    const fields = changedFields(state, news);
    if (fields.length === 0) {
        return withGiven(state, news);
    }
    const key = await sendUpdate(session, { object: updateObject(state, news), fields, before: state, news }).catch(
        (error: unknown) => explainGone(session, state, error),
    );
    session.listings(state.teamId).written(state.apiKeyId);
    return withGiven(stateFromApi(key, state), news, fields);
}

/** A 404 for a key that the listing lacks as well has one cause, and one way out. */
async function explainGone(session: Session, state: ApiKeyState, error: unknown): Promise<never> {
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

/** Renews the record of what the program gave, for the fields that were just written. */
function withGiven(state: ApiKeyState, news: ApiKeyInputs, written: readonly Field[] = []): ApiKeyState {
    const digests = { ...givenAfterRead(state.given, written), ...givenDigests(state, news) };
    return { ...state, given: Object.keys(digests).length === 0 ? undefined : digests };
}

function settingsOf(news: ApiKeyInputs) {
    return {
        waitForPropagation: news.waitForPropagation ?? undefined,
        propagationTimeout: news.propagationTimeout ?? undefined,
    };
}

/** Runs a step for a key that exists: its failure keeps the key's state. */
async function keepingState<T>(state: ApiKeyState, step: () => Promise<T>): Promise<T> {
    try {
        return await step();
    } catch (error) {
        if (error instanceof KeyGoneError) {
            throw error;
        }
        // A bug of ours must not lose the key either.
        throw new InitializationError(state, messageOf(error));
    }
}

/** Waits for propagation where that is owed, and takes the debt off. */
async function waitIfOwed(surroundings: Surroundings, state: ApiKeyState, news: ApiKeyInputs): Promise<ApiKeyState> {
    const limit = propagationLimit(news);
    if (limit === undefined || !state.owed?.includes("propagation")) {
        return state;
    }
    await keepingState(state, () => awaitPropagation(surroundings, state, limit));
    const owed = state.owed.filter((debt) => debt !== "propagation");
    return { ...state, owed: owed.length === 0 ? undefined : owed };
}

/** The key exists, but not every cluster knew it in time. */
export class PropagationTimeoutError extends XaiError {}

/** How long one check may take at least, in milliseconds: the last one falls on the limit. */
const LEAST_CHECK = 1000;

async function awaitPropagation({ session, progress }: Surroundings, key: ApiKeyState, limit: number): Promise<void> {
    const { apiKeyId } = key;
    const begun = Date.now();
    let known = propagationProgress({});
    for (let checks = 1; ; checks += 1) {
        const rest = limit - (Date.now() - begun);
        const now = await propagationOf(session, apiKeyId, Math.max(LEAST_CHECK, rest));
        if (now.done) {
            return;
        }
        known = now.trouble === undefined ? now : known;
        const pause = nextCheck(checks, Date.now() - begun, limit, Math.random());
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
                `API key ${apiKeyId} exists, but after ${formatDuration(limit)} it is not known everywhere: ${describeProgress(known)}. It is kept in the stack; \`pulumi up\` goes on waiting. Raise \`propagationTimeout\`, or set \`waitForPropagation: false\`.${last}`,
            );
        }
        progress(`Waiting until API key ${apiKeyId} is known everywhere: ${describeProgress(known)}`);
        await new Promise((resolve) => setTimeout(resolve, pause));
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
