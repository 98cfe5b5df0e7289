import {
    ADOPTION_OVERLAP,
    adoptedState,
    describeAdoption,
    heldAlready,
    notInTeam,
    oldSecretsLife,
    wrongSecret,
} from "./adoption.js";
import type { ApiKey } from "./api/apiKeys.js";
import { AuthenticationError, ManagementApiError, XaiError } from "./api/errors.js";
import { teamOf } from "./api/managementKeys.js";
import { changedFields, type Fields, sameValue } from "./apiKeyDiff.js";
import type { ApiKeyInputs, CheckFailure } from "./apiKeyInputs.js";
import { type ApiKeyState, type Carried, settingsOf, withDebt } from "./apiKeyState.js";
import { modelNames } from "./apiKeyUpdate.js";
import { InitializationError } from "./initializationError.js";
import { readable, UnreadableKeyError } from "./keyListing.js";
import { isKnown } from "./ownKeys.js";
import { propagationLimit } from "./propagation.js";
import { withNewSecret } from "./secretRotation.js";
import { inTime, LOOKUP_DEADLINE, type Session } from "./session.js";
import { SettingsError } from "./settings.js";
import { isUnknown } from "./unknown.js";

/**
 * Takes over a key that was there before Pulumi came, without a create. What that means is decided in `adoption.ts`.
 */

/** A key cannot be taken over, and was not. The message is complete. */
export class AdoptionError extends XaiError {}

/**
 * Takes a key over with the secret that the program gives, or with a new one. Its settings are still its own.
 *
 * @returns The key's state with its secret. A new one is still to become known everywhere.
 * @throws {@link AdoptionError} where nothing of it came into the stack; what the listing throws.
 */
export async function adoptKey(
    session: Session,
    teamId: string,
    apiKeyId: string,
    news: ApiKeyInputs,
): Promise<ApiKeyState> {
    if (session.claims.adoptions.isHeld(apiKeyId)) {
        throw new AdoptionError(`${heldAlready(apiKeyId, undefined, undefined)}.`);
    }
    const key = await findKey(session, teamId, apiKeyId);
    const wrong = wrongSecret(key, news.existingSecret);
    if (wrong !== undefined) {
        throw new AdoptionError(wrong);
    }
    const apiKey = news.existingSecret ?? undefined;
    const carried = { teamId, apiKey, ...settingsOf(news) };
    const { state, description } = await plan(session, key, carried, news, apiKey);
    session.warnOnce(description);
    const complete = apiKey === undefined ? await rotated(session, state, news) : state;
    session.claims.taken(apiKeyId, teamId);
    return complete;
}

/**
 * What speaks against a take-over before anything is done, and says in a preview what it will do.
 *
 * @param olds - The inputs of the last run; `{}` at first.
 * @param inputs - The checked ones, their team among them.
 * @param isValid - Whether nothing else speaks against them: what is wrong is not compared with what the API holds.
 */
export async function checkAdoption(
    session: Session,
    olds: Readonly<Record<string, unknown>>,
    inputs: Readonly<Record<string, unknown>>,
    isValid: boolean,
): Promise<readonly CheckFailure[]> {
    const apiKeyId = inputs["adoptKeyId"];
    if (typeof apiKeyId !== "string" || isUnknown(apiKeyId)) {
        return [];
    }
    const { adoptions } = session.claims;
    const given = inputs["teamId"];
    const teamId = typeof given === "string" && !isUnknown(given) ? given : undefined;
    const isNew = Object.keys(olds).length === 0;
    const reason = isNew
        ? adoptions.checkedNew(apiKeyId, teamId)
        : adoptions.checkedOld(apiKeyId, teamId, { apiKeyId: olds["adoptKeyId"], teamId: olds["teamId"] });
    if (reason !== undefined) {
        return [{ property: "adoptKeyId", reason }];
    }
    return isNew && isValid && teamId !== undefined && session.settings.credentials.length > 0
        ? lookUp(session, teamId, apiKeyId, inputs)
        : [];
}

async function lookUp(
    session: Session,
    teamId: string,
    apiKeyId: string,
    inputs: Readonly<Record<string, unknown>>,
): Promise<readonly CheckFailure[]> {
    try {
        const key = await inTime(findKey(session, teamId, apiKeyId), LOOKUP_DEADLINE);
        if (key === undefined) {
            session.warnOnce(`Whether API key ${apiKeyId} can be taken over was not found out in time.`);
            return [];
        }
        const { existingSecret } = inputs;
        const reason = wrongSecret(key, existingSecret);
        if (reason !== undefined) {
            // Not under the property's name: the engine would show the value with it.
            return [{ property: "", reason }];
        }
        const { description } = await plan(session, key, { teamId }, inputs, existingSecret);
        session.warnOnce(description);
        return [];
    } catch (error) {
        if (error instanceof AdoptionError) {
            return [{ property: "adoptKeyId", reason: error.message }];
        }
        if (error instanceof AuthenticationError) {
            // With this management key nothing will work.
            return [{ property: "", reason: error.message }];
        }
        if (
            error instanceof ManagementApiError ||
            error instanceof SettingsError ||
            error instanceof UnreadableKeyError
        ) {
            session.warnOnce(`Whether API key ${apiKeyId} can be taken over was not found out. ${error.message}`);
            return [];
        }
        throw error;
    }
}

/** The state that a key is taken over in, and what becomes of it in words. */
async function plan(
    session: Session,
    key: ApiKey,
    carried: Carried,
    news: Fields,
    existingSecret: unknown,
): Promise<{ readonly state: ApiKeyState; readonly description: string }> {
    const { teamId } = carried;
    const names = await modelNames(session, teamId, !sameValue("acls", key.acls, news.acls));
    const state = adoptedState(key, news, carried, names);
    const changed = changedFields(state, news);
    return { state, description: describeAdoption(key, teamId, existingSecret, changed, session.timeNow()) };
}

/** The key in its team's listing, that of others where there is one of about now: it may also have come since. */
async function findKey(session: Session, teamId: string, apiKeyId: string): Promise<ApiKey> {
    const listings = session.listings(teamId);
    const key = (await listings.recent()).get(apiKeyId) ?? (await listings.fresh()).get(apiKeyId);
    if (key === undefined) {
        const itsTeam = await teamAmongKnown(session, teamId, apiKeyId);
        const known = itsTeam === undefined ? await isKnown(session, apiKeyId).catch(() => undefined) : true;
        throw new AdoptionError(`${notInTeam(apiKeyId, teamId, itsTeam, known)}.`);
    }
    return readable(key);
}

/** The team of a key that another team's listing lacks, where it is one that this process knows of. */
async function teamAmongKnown(session: Session, teamId: string, apiKeyId: string): Promise<string | undefined> {
    const { configuredTeamId, environmentTeamId } = session.settings;
    const managementKey = await session.managementKey().catch(() => undefined);
    const own = managementKey === undefined ? undefined : teamOf(managementKey);
    for (const team of new Set([configuredTeamId, environmentTeamId, own])) {
        if (team === undefined || team === teamId) {
            continue;
        }
        const listed = await session
            .listings(team)
            .recent()
            .catch(() => undefined);
        if (listed?.has(apiKeyId)) {
            return team;
        }
    }
    return undefined;
}

/** Gives the key a new secret; services that use the old one have a day to take it, where it works as long. */
async function rotated(session: Session, state: ApiKeyState, news: ApiKeyInputs): Promise<ApiKeyState> {
    const { apiKeyId } = state;
    const old = `secret that it had ${oldSecretsLife(state.expireTime, session.timeNow())}`;
    const result = await withNewSecret(session, state, { overlap: ADOPTION_OVERLAP }).catch((error: unknown) => {
        // Not kept in the stack: the next run takes it over again, which leaves the services their secret for a day.
        throw error instanceof InitializationError
            ? new AdoptionError(`${error.message} It is not in the stack yet; the ${old}.`)
            : error;
    });
    if ("state" in result) {
        return propagationLimit(news) === undefined ? result.state : withDebt(result.state, "propagation");
    }
    throw new AdoptionError(
        result.lacks === "route"
            ? `API key ${apiKeyId} was not taken over: its secret is not known, and this server cannot give it a new one (${result.what}). Nothing was changed. Give its secret: \`existingSecret: config.requireSecret("…")\`.`
            : `API key ${apiKeyId} was not taken over: the API gave it a new secret, but its answer does not hold it. The ${old}: make a key without \`adoptKeyId\` for the services that use this one.`,
    );
}
