import { type ApiKey, isReadable, type ListedApiKey } from "../provider/api/apiKeys.js";
import { shorten, XaiError } from "../provider/api/errors.js";
import { didYouMean, MODEL_ACL } from "../provider/apiKeyInputs.js";
import { timeOf } from "../provider/instant.js";
import { readable } from "../provider/keyListing.js";
import { mayLackOthers } from "../provider/ownKeys.js";
import type { GetApiKeyResult } from "./getApiKey.js";
import { type IdOrName, show } from "./lookUpArguments.js";
import type { Asker } from "./modelChoice.js";
import type { Model } from "./models.js";
import { onlyRedacted } from "./redacted.js";

/** Which keys of a team's listing were meant. Pure. */

/** A complete listing of a team's keys. */
export type Listed = ReadonlyMap<string, ListedApiKey>;

/** The key that was meant is not there, or is not one alone. */
export class KeyChoiceError extends XaiError {}

/**
 * The key of an id or a name; `undefined` where the listing has none.
 *
 * @throws {@link KeyChoiceError} that lists the ids where several keys have the name; UnreadableKeyError where the key of
 * that id could not be read.
 */
export function theKey(listed: Listed, asked: IdOrName, { teamId, isSecret }: Asker): ApiKey | undefined {
    if ("id" in asked) {
        const key = listed.get(asked.id);
        return key && readable(key);
    }
    const [key, ...others] = [...listed.values()].filter(isReadable).filter((one) => one.name === asked.name);
    if (key !== undefined && others.length > 0) {
        const ids = [key, ...others].map(({ apiKeyId }) => apiKeyId).join(", ");
        throw new KeyChoiceError(
            `${others.length + 1} API keys of team ${teamId} have the name ${show(asked.name, isSecret)}: ${ids}. Look it up by its \`id\`.`,
        );
    }
    return key;
}

/**
 * Why there is no such key, as far as the listing and the API tell.
 *
 * @param isKnown - Whether the API knows a key of that id, in whichever team; `undefined` where it was not or could not be
 * asked.
 */
export function noSuchKey(
    listed: Listed,
    asked: IdOrName,
    { teamId, isSecret }: Asker,
    isKnown: boolean | undefined,
): KeyChoiceError {
    // Where the API itself says that there is no such key, nobody hides it.
    const hidden =
        isKnown !== false && mayLackOthers(listed.values())
            ? " The listing shows keys of no more than one user, as it does to a management key that is no team admin's: it may be another user's."
            : "";
    if ("id" in asked) {
        const id = show(asked.id, isSecret).replaceAll('"', "");
        return new KeyChoiceError(
            isKnown
                ? `API key ${id} exists, but the listing of team ${teamId} does not have it: it is in another team (give its \`teamId\`), or another user's, for a management key that is no team admin's is shown only its own user's keys.`
                : `There is no API key ${id} in team ${teamId}. Check the id and the team (\`teamId\`, \`xai:teamId\`).${hidden}`,
        );
    }
    const names = [...listed.values()].filter(isReadable).map(({ name }) => name);
    // A name that is near a plain one gives nothing away; one that is near a secret would.
    const suggestion = isSecret ? "" : shorten(didYouMean(asked.name, names));
    const unread = unreadableIds(listed);
    const odd = unread.length === 0 ? "" : ` It may be one that could not be read: ${unread.join(", ")}.`;
    return new KeyChoiceError(
        `Team ${teamId} has no API key with the name ${show(asked.name, isSecret)}${suggestion || "."}${odd}${hidden}`,
    );
}

/** The ids of keys that are there and could not be read. */
export function unreadableIds(listed: Listed): string[] {
    return [...listed.values()].filter((key) => !isReadable(key)).map(({ apiKeyId }) => apiKeyId);
}

/** Which keys are wanted; what is absent does not matter. */
export interface Wanted {
    readonly name: string | undefined;
    /** The ways to write the permission that they have to have; see {@link waysToWrite}. */
    readonly acls: ReadonlySet<string> | undefined;
    /** The instant at which they have to be active, in milliseconds since 1970. */
    readonly activeAt: number | undefined;
}

/** The keys that are wanted, in the listing's order. */
export function keysWanted(listed: Listed, { name, acls, activeAt }: Wanted): ApiKey[] {
    return [...listed.values()]
        .filter(isReadable)
        .filter(
            (key) =>
                (name === undefined || key.name === name) &&
                (acls === undefined || key.acls.some((acl) => acls.has(acl))) &&
                (activeAt === undefined || isActive(key, activeAt)),
        );
}

/** Whether a key is neither switched off nor expired. An expiry that names no instant ends nothing. */
export function isActive({ disabled, expireTime }: ApiKey, at: number): boolean {
    const expiry = timeOf(expireTime);
    return !disabled && (expiry === undefined || expiry > at);
}

/** Whether a permission is for one model. */
export function namesModel(acl: string): boolean {
    return acl.startsWith(MODEL_ACL) && acl !== `${MODEL_ACL}*`;
}

/**
 * The ways in which a key may hold a permission: as it is, and a model's under every name and alias, for the API may have
 * changed one into another.
 */
export function waysToWrite(acl: string, models: readonly Model[]): ReadonlySet<string> {
    const ways = models.map(({ name, aliases }) => [name, ...aliases].map((one) => MODEL_ACL + one));
    return new Set([acl, ...ways.filter((all) => all.includes(acl)).flat()]);
}

/** A key as programs get it. */
export function keyResult(key: ApiKey, teamId: string): GetApiKeyResult {
    return {
        apiKeyId: key.apiKeyId,
        name: key.name,
        teamId: key.teamId ?? teamId,
        userId: key.userId ?? undefined,
        acls: [...key.acls],
        qps: key.qps ?? undefined,
        qpm: key.qpm ?? undefined,
        tpm: key.tpm ?? undefined,
        expireTime: key.expireTime ?? undefined,
        disabled: key.disabled,
        redactedApiKey: onlyRedacted(key.redactedApiKey),
        createTime: key.createTime ?? undefined,
        modifyTime: key.modifyTime ?? undefined,
    };
}
