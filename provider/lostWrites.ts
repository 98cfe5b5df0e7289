import { type ApiKey, deleteApiKey, isReadable } from "./api/apiKeys.js";
import { ConnectionError, NotFoundError, UnsupportedRouteError } from "./api/errors.js";
import { mayHaveActed } from "./api/unclear.js";
import { sameOnceNormalised, sameValue, updateObject } from "./apiKeyDiff.js";
import { type ApiKeyState, inputsFromState } from "./apiKeyState.js";
import { modelNames, sendUpdate, type Update } from "./apiKeyUpdate.js";
import { isGone, type Sought } from "./goneKey.js";
import { requireGone } from "./ownKeys.js";
import type { Session } from "./session.js";

/**
 * Updates and deletes that are certain: where the answer leaves open whether they were done, a listing says it. Where that
 * fails or says no, the first error stands.
 */

/**
 * Sends an update.
 *
 * @returns The key with its new values, as the API answered or lists it.
 * @throws What the update itself ended with.
 */
export async function updateCertainly(session: Session, update: Update): Promise<ApiKey> {
    try {
        return await sendUpdate(session, update);
    } catch (error) {
        const listed = isUnclear(error) ? await listedWithNewValues(session, update).catch(() => undefined) : undefined;
        if (listed === undefined) {
            throw error;
        }
        return listed;
    }
}

async function listedWithNewValues(session: Session, { object, fields, news }: Update): Promise<ApiKey | undefined> {
    const key = (await session.listings(object.teamId).fresh()).get(object.apiKeyId);
    if (key === undefined || !isReadable(key)) {
        return undefined;
    }
    const aliased = fields.includes("acls") && !sameValue("acls", key.acls, news.acls);
    const names = await modelNames(session, object.teamId, aliased);
    return fields.every((field) => sameOnceNormalised(field, key[field], news[field], names)) ? key : undefined;
}

/**
 * Deletes a key. What is gone already counts as deleted: the API says 404 in its own words, and a listing agrees; or the
 * answer leaves it open, and two listings lack it.
 *
 * @throws What the delete itself ended with; OwnKeysOnlyError for a 404 where this management key may not be shown the key.
 */
export async function deleteCertainly(session: Session, key: Sought): Promise<void> {
    try {
        await deleteApiKey(session.http, key.apiKeyId);
    } catch (error) {
        await requireDone(session, key, error, isUnclear(error));
    }
    session.listings(key.teamId).written(key.apiKeyId);
}

/**
 * Switches a key off for good: one update that names that alone. A key that is gone already counts as switched off, as in
 * {@link deleteCertainly}; of a key that is gone an update may also say that there is no such route.
 *
 * @throws What the update itself ended with; OwnKeysOnlyError as there.
 */
export async function disableCertainly(session: Session, key: ApiKeyState): Promise<void> {
    const news = { ...inputsFromState(key), disabled: true };
    // Whatever the state says: someone may have switched it on since.
    const before = { ...key, disabled: false };
    try {
        await updateCertainly(session, { object: updateObject(key, news), fields: ["disabled"], before, news });
    } catch (error) {
        const isMissing = error instanceof NotFoundError || error instanceof UnsupportedRouteError;
        await requireDone(session, key, error, isMissing || isUnclear(error));
    }
    session.listings(key.teamId).written(key.apiKeyId);
}

/**
 * Makes sure that a key is gone to which something was to be done for good: the API says 404 in its own words, and a listing
 * agrees; or the answer leaves it open, and two listings lack it.
 *
 * @throws What the attempt ended with, where it is not; OwnKeysOnlyError for a 404 where this management key may not be shown
 * the key.
 */
async function requireDone(session: Session, key: Sought, error: unknown, leavesOpen: boolean): Promise<void> {
    const gone =
        error instanceof NotFoundError && error.inApiWords
            ? await isGone(session, key)
            : leavesOpen && (await isUnlisted(session, key).catch(() => false));
    if (!gone) {
        throw error;
    }
}

/** Whether two listings lack a key, the second begun after the first had ended: pages shift while keys are deleted. */
async function isUnlisted(session: Session, key: Sought): Promise<boolean> {
    const listings = session.listings(key.teamId);
    for (const _listing of ["first", "second"]) {
        if ((await listings.fresh()).has(key.apiKeyId)) {
            return false;
        }
    }
    await requireGone(session, key);
    return true;
}

/** Such a request is sent again, so that an attempt that never left says nothing of those before it. */
function isUnclear(error: unknown): boolean {
    return error instanceof ConnectionError || mayHaveActed(error);
}
