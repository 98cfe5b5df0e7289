import { checkApiKeyPropagation, createApiKey, deleteApiKey } from "./api/apiKeys.js";
import {
    AuthenticationError,
    ManagementApiError,
    messageOf,
    NotFoundError,
    UnsupportedRouteError,
    XaiError,
} from "./api/errors.js";
import {
    changedFields,
    createObject,
    type Diff,
    diffApiKey,
    driftedFields,
    givenAfterRead,
    givenDigests,
    updateObject,
} from "./apiKeyDiff.js";
import { type ApiKeyInputs, type CheckFailure, isStoredAcl, parseInputs, validateInputs } from "./apiKeyInputs.js";
import { type ApiKeyState, type Field, inputsFromState, parseState, stateFromApi } from "./apiKeyState.js";
import { sendUpdate } from "./apiKeyUpdate.js";
import { namesSomething, unknownAcl } from "./catalogue.js";
import { formatDuration } from "./duration.js";
import { describeProgress, nextCheck, type Progress, propagationLimit, propagationProgress } from "./propagation.js";
import type { Session } from "./session.js";
import { SettingsError } from "./settings.js";
import { isUnknown } from "./unknown.js";

/**
 * The life of an API key: check, diff, create, read, update, delete, against plain values. It knows the API and the
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
    constructor(
        readonly state: ApiKeyState,
        readonly reason: string,
    ) {
        super(reason);
    }
}

/** The key that an operation is about is not there. */
export class KeyGoneError extends XaiError {}

/** Holds a program's arguments against their forms, the clock, and what the team has. Writes nothing. */
export async function check(
    { session }: Surroundings,
    olds: Properties,
    news: Properties,
    now: number,
): Promise<{ inputs: Properties; failures: readonly CheckFailure[] }> {
    const { failures, warnings } = validateInputs(olds, news, now);
    for (const warning of warnings) {
        session.warnOnce(warning);
    }
    const inputs = await withTeam(session, olds, news);
    const teamId = inputs["teamId"];
    return { inputs, failures: [...failures, ...(await unknownAcls(session, olds, news, teamId))] };
}

/**
 * Fills in the team. At creation it comes from wherever it is known; afterwards only the program and `xai:teamId` may
 * move a key, so that an environment that says otherwise changes nothing.
 */
async function withTeam(session: Session, olds: Properties, news: Properties): Promise<Properties> {
    const { configuredTeamId, environmentTeamId, credentials } = session.settings;
    const given = news["teamId"] ?? configuredTeamId;
    if (given !== undefined) {
        return { ...news, teamId: given };
    }
    const { teamId: _, ...rest } = news;
    const isNew = Object.keys(olds).length === 0;
    if (isNew) {
        if (environmentTeamId === undefined && credentials.length === 0) {
            return rest;
        }
        // Whoever cannot be asked now is asked again by create, and then it is an error.
        const teamId = await session.teamForCheck().catch(() => undefined);
        return teamId === undefined ? rest : { ...rest, teamId };
    }
    const stored = olds["teamId"];
    if (typeof stored !== "string") {
        return rest;
    }
    if (environmentTeamId !== undefined && environmentTeamId !== stored && !isUnknown(stored)) {
        session.warnOnce(
            `XAI_TEAM_ID says team ${environmentTeamId}, but keys of this stack are in team ${stored} and stay there. To move them set \`xai:teamId\` or the argument \`teamId\`, which replaces them.`,
        );
    }
    return { ...rest, teamId: stored };
}

/** Holds the permissions against the team's models and endpoints, as far as they can be asked for. */
async function unknownAcls(
    session: Session,
    olds: Properties,
    news: Properties,
    teamId: unknown,
): Promise<readonly CheckFailure[]> {
    const acls = Array.isArray(news["acls"]) ? news["acls"].filter(namesSomething) : [];
    if (session.settings.validateAcls === "off" || acls.length === 0) {
        return [];
    }
    if (session.settings.credentials.length === 0) {
        session.warnOnce(
            "The keys' ACLs were not held against the team's models and endpoints: no management key is set.",
        );
        return [];
    }
    if (isUnknown(teamId)) {
        return [];
    }
    const failures: CheckFailure[] = [];
    try {
        const catalogue = await session.catalogue(typeof teamId === "string" ? teamId : await session.teamForCheck());
        for (const acl of acls) {
            const reason = unknownAcl(acl, catalogue);
            if (reason === undefined) {
                continue;
            }
            if (session.settings.validateAcls === "warn" || isStoredAcl(olds, acl)) {
                session.warnOnce(`\`acls\` of an API key: ${reason}`);
            } else {
                failures.push({ property: "acls", reason });
            }
        }
    } catch (error) {
        if (error instanceof AuthenticationError) {
            return [{ property: "", reason: error.message }];
        }
        if (!(error instanceof ManagementApiError) && !(error instanceof SettingsError)) {
            throw error;
        }
        session.warnOnce(`The keys' ACLs were not held against the team's models and endpoints. ${error.message}`);
    }
    return failures;
}

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
        owed: propagationLimit(news) === undefined ? undefined : (["propagation"] as const),
        given: undefined,
    };
    const answered = created.key ?? { ...createObject(news), ...NOTHING_ANSWERED, apiKeyId: created.apiKeyId };
    const state = withGiven(stateFromApi(answered, carried), news);
    if (created.key === undefined || created.apiKey === undefined) {
        const what = created.apiKey === undefined ? "its secret is not in the answer" : "the answer could not be read";
        throw new InitializationError(
            state,
            `API key ${created.apiKeyId} was created, but ${what}. Make it anew with \`pulumi up --replace\`.`,
        );
    }
    const complete = await keepingState(state, () => bringTo(session, state, news));
    return waitIfOwed(surroundings, complete, news);
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
    const given = props["teamId"];
    const teamId = before?.teamId ?? (typeof given === "string" ? given : await session.team());
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
    const drifted = driftedFields(before, now);
    const state = { ...now, given: givenAfterRead(before.given, drifted) };
    return { state, inputs: drifted.length === 0 ? undefined : inputsFromState(state) };
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
    const owed = propagationLimit(news) === undefined ? undefined : before.owed;
    const state = await bringTo(session, { ...before, ...settingsOf(news), owed }, news);
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
function withGiven(state: ApiKeyState, news: ApiKeyInputs, written?: readonly Field[]): ApiKeyState {
    const kept = written === undefined ? {} : givenAfterRead(state.given, written);
    const digests = { ...(written === undefined ? state.given : kept), ...givenDigests(state, news) };
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
    await keepingState(state, () => awaitPropagation(surroundings, state.apiKeyId, limit));
    return { ...state, owed: undefined };
}

/** The key exists, but not every cluster knew it in time. */
export class PropagationTimeoutError extends XaiError {}

async function awaitPropagation({ session, progress }: Surroundings, apiKeyId: string, limit: number): Promise<void> {
    const begun = Date.now();
    for (let checks = 1; ; checks += 1) {
        const now = await propagationOf(session, apiKeyId);
        if (now.done) {
            return;
        }
        const pause = nextCheck(checks, Date.now() - begun, limit, Math.random());
        if (pause === undefined) {
            throw new PropagationTimeoutError(
                `API key ${apiKeyId} exists, but after ${formatDuration(limit)} it is not known everywhere: ${describeProgress(now)}. It is kept in the stack; \`pulumi up\` goes on waiting. Raise \`propagationTimeout\`, or set \`waitForPropagation: false\`.`,
            );
        }
        progress(`Waiting until API key ${apiKeyId} is known everywhere: ${describeProgress(now)}`);
        await new Promise((resolve) => setTimeout(resolve, pause));
    }
}

async function propagationOf(session: Session, apiKeyId: string): Promise<Progress> {
    try {
        return propagationProgress(await checkApiKeyPropagation(session.http, apiKeyId));
    } catch (error) {
        if (error instanceof NotFoundError && error.inApiWords) {
            // A key of a moment ago may not be known here either.
            return propagationProgress({});
        }
        throw error;
    }
}
