import { leftToItsAdopter, leftToItsHolder, notTakenOver } from "./adoption.js";
import {
    broughtUpToDate,
    changedFields,
    type Diff,
    diffApiKey,
    driftedFields,
    updateObject,
    withGiven,
} from "./apiKeyDiff.js";
import { type ApiKeyInputs, parseInputs } from "./apiKeyInputs.js";
import { rotateInPlace, rotationFor } from "./apiKeyRotation.js";
import {
    type ApiKeyState,
    inputsFromState,
    parseState,
    settingsOf,
    stateFromApi,
    UPDATABLE_FIELDS,
    withDebt,
    withoutDebts,
} from "./apiKeyState.js";
import { modelNames } from "./apiKeyUpdate.js";
import { withoutConfiguredTeam } from "./configuredTeam.js";
import { foreignRotation } from "./foreignRotation.js";
import { explainGone, KeyGoneError } from "./goneKey.js";
import { keepingState } from "./initializationError.js";
import { AdoptionError, adoptKey } from "./keyAdoption.js";
import { makeKey } from "./keyCreation.js";
import { deleteCertainly, disableCertainly, updateCertainly } from "./lostWrites.js";
import { requireGone } from "./ownKeys.js";
import { propagationLimit } from "./propagation.js";
import { waitIfOwed } from "./propagationWait.js";
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

/** What an update would change. Pure. */
export function diff(olds: Properties, news: Properties): Diff {
    const state = parseState(olds);
    // Outputs that are no key's cannot be compared: only an update can tell.
    return state === undefined ? { fields: [], replaces: [], rotates: false, changes: true } : diffApiKey(state, news);
}

/**
 * Creates a key, or takes over the one that the program names, brings it to the program's settings where it has others (a
 * new one cannot be `disabled`), and waits until every cluster knows it.
 *
 * @throws InitializationError for whatever fails once the key exists: it carries the key's whole state.
 */
export async function create(surroundings: Surroundings, inputs: Properties): Promise<ApiKeyState> {
    const { session } = surroundings;
    const news = parseInputs(inputs);
    session.http.hideName(news.name);
    const teamId = news.teamId ?? (await session.team());
    const { adoptKeyId } = news;
    const state =
        typeof adoptKeyId === "string"
            ? await adoptKey(session, teamId, adoptKeyId, news)
            : await makeKey(session, teamId, news);
    const kept = `API key ${state.apiKeyId} exists and is kept in the stack, with the settings that it has: \`pulumi up\` goes on with the update.`;
    const complete = await keepingState(state, () => bringTo(session, state, news), kept);
    return waitIfOwed(surroundings, complete, news);
}

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
 * @throws {@link KeyGoneError} for a look-up (`XaiApiKey.get`) of a key that is not there; OwnKeysOnlyError where this
 * management key may not be shown it.
 */
export async function read(
    { session }: Surroundings,
    apiKeyId: string,
    props: Properties,
): Promise<ReadResult | undefined> {
    const before = parseState(props);
    session.http.hideName(before?.name);
    const { teamId: asked } = withoutConfiguredTeam(props);
    const teamId = before?.teamId ?? (typeof asked === "string" ? asked : await session.team());
    session.claims.hold(apiKeyId);
    const key = await session.listings(teamId).find(apiKeyId);
    if (before === undefined) {
        if (key === undefined) {
            throw new KeyGoneError(
                `There is no API key ${apiKeyId} in team ${teamId}. Check the id and the team (\`xai:teamId\`); a management key that is no team admin's sees only its own user's keys.`,
            );
        }
        return { state: stateFromApi(key, { teamId }), inputs: undefined };
    }
    if (key === undefined) {
        await requireGone(session, { ...before, apiKeyId });
        return undefined;
    }
    const warning = foreignRotation(before, key.redactedApiKey, session.serverTime());
    if (warning !== undefined) {
        session.warnOnce(warning);
    }
    const now = stateFromApi(key, before);
    const names = await modelNames(session, teamId, driftedFields(before, now).includes("acls"));
    const { state, drifted } = broughtUpToDate(before, now, UPDATABLE_FIELDS, names);
    return { state, inputs: drifted.length === 0 ? undefined : inputsFromState(state) };
}

/**
 * Sends what changed and nothing else, rotates the secret where that is due, and goes on with what is owed.
 *
 * @throws InitializationError where the wait fails; {@link KeyGoneError} for a key that is no longer there.
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
    session.http.hideName(before.name);
    session.http.hideName(news.name);
    session.claims.hold(before.apiKeyId);
    const waits = propagationLimit(news) !== undefined;
    const start = withoutDebts({ ...before, ...settingsOf(news) }, waits ? [] : ["propagation"]);
    const rotation = rotationFor(before, news);
    if (rotation === undefined) {
        return waitIfOwed(surroundings, await bringTo(session, start, news), news);
    }
    // Until the rotation is made, these two stay as they were carried out before.
    const pending = { ...start, expiresIn: before.expiresIn, schedule: before.schedule };
    // An expiry that the rotation sets is no update's.
    const others = rotation.expireTime === undefined ? news : { ...news, expireTime: start.expireTime };
    const written = await bringTo(session, pending, others);
    const rotate = () => rotateInPlace(session, written, news, rotation);
    const made = await (written === pending ? rotate() : keepingState(written, rotate));
    const rotated = { ...made, ...settingsOf(news) };
    // A new secret has to become known everywhere, as a new key has.
    const renewed = waits && rotated.apiKey !== written.apiKey ? withDebt(rotated, "propagation") : rotated;
    const complete = await keepingState(renewed, () => bringTo(session, renewed, news));
    return waitIfOwed(surroundings, complete, news);
}

/**
 * Deletes a key, or switches it off and leaves it, as the state says; one that is gone already counts as done. One that
 * another resource of the program has is that one's to keep.
 *
 * @throws {@link AdoptionError} where another resource of the program is to take the key over, and has not done so.
 */
export async function remove({ session }: Surroundings, apiKeyId: string, props: Properties): Promise<void> {
    const state = parseState(props);
    session.http.hideName(state?.name);
    const teamId = state?.teamId ?? (await session.team());
    session.claims.hold(apiKeyId);
    switch (session.claims.adoptions.claimed(apiKeyId)) {
        case "taken over":
            session.warnOnce(leftToItsAdopter(apiKeyId));
            return;
        case "held":
            session.warnOnce(leftToItsHolder(apiKeyId));
            return;
        case "to be taken over":
            throw new AdoptionError(notTakenOver(apiKeyId));
    }
    if (state?.onDelete === "disable") {
        await disableCertainly(session, { ...state, apiKeyId });
    } else {
        await deleteCertainly(session, { apiKeyId, teamId, userId: state?.userId });
    }
}

/** Updates the key where it differs from the inputs, with exactly the fields that differ. */
async function bringTo(session: Session, state: ApiKeyState, news: ApiKeyInputs): Promise<ApiKeyState> {
    const fields = changedFields(state, news);
    if (fields.length === 0) {
        return state;
    }
    const key = await updateCertainly(session, {
        object: updateObject(state, news),
        fields,
        before: state,
        news,
    }).catch((error: unknown) => explainGone(session, state, error));
    session.listings(state.teamId).written(state.apiKeyId);
    const now = stateFromApi(key, state);
    const untouched = UPDATABLE_FIELDS.filter((field) => !fields.includes(field));
    const aliased = untouched.includes("acls") && driftedFields(state, now).includes("acls");
    const names = await modelNames(session, state.teamId, aliased);
    return withGiven(broughtUpToDate(state, now, untouched, names).state, news, fields);
}
