import type { ApiKey } from "../provider/api/apiKeys.js";
import { XaiError } from "../provider/api/errors.js";
import { isKnown } from "../provider/ownKeys.js";
import type { Session } from "../provider/session.js";
import { noSuchKey, theKey, unreadableIds } from "./keyChoice.js";
import type { IdOrName } from "./lookUpArguments.js";
import type { Asker } from "./modelChoice.js";

/** A team's keys, out of the listing that all look-ups of a deployment share. */

/**
 * Finds a key. Where the shared listing lacks it, a second one has to agree that it is not there: pages shift while keys
 * are deleted, and the key may have been made since.
 *
 * @throws KeyChoiceError where there is none, or more than one; what a listing throws.
 */
export async function findKey(session: Session, asked: IdOrName, asker: Asker): Promise<ApiKey> {
    const listings = session.listings(asker.teamId);
    const key = theKey(await listings.last(), asked, asker);
    if (key !== undefined) {
        return key;
    }
    const fresh = await listings.fresh();
    const late = theKey(fresh, asked, asker);
    if (late !== undefined) {
        return late;
    }
    throw noSuchKey(fresh, asked, asker, "id" in asked ? await isAnywhere(session, asked.id) : undefined);
}

/** Warns of keys that no look-up by anything but their id can find. */
export async function warnOfUnreadable(session: Session, teamId: string): Promise<void> {
    const ids = unreadableIds(await session.listings(teamId).last());
    if (ids.length > 0) {
        session.warnOnce(
            `API keys of team ${teamId} are left out of what is looked up, for fields of theirs have an unexpected shape: ${ids.join(", ")}. Please report it.`,
        );
    }
}

/** Whether the API knows a key in any team. It only adds to what is said, so that no answer is no error. */
async function isAnywhere(session: Session, apiKeyId: string): Promise<boolean | undefined> {
    try {
        return await isKnown(session, apiKeyId);
    } catch (error) {
        if (error instanceof XaiError) {
            return undefined;
        }
        throw error;
    }
}
