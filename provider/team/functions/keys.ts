import type { ApiKey } from "../../api/apiKeys.js";
import { XaiError } from "../../api/errors.js";
import { isReadable } from "../../api/listApiKeys.js";
import { shorten } from "../../api/words.js";
import { resolveAlias } from "../../fields.js";
import { timeOf } from "../../instant.js";
import { didYouMean } from "../../suggest.js";
import type { Account } from "../account.js";
import type { Listing } from "../keyListing.js";
import { type Arguments, show, wrongArguments } from "./arguments.js";
import type { Asked } from "./modelChoice.js";

/** The keys of a team as programs see them. All functions of a deployment share one listing. */

/** The keys of a complete listing, by id. */
type Listed = Listing["keys"];

/** The one of the two by which a program looks up a key. */
export type IdOrName = { readonly id: string } | { readonly name: string };

/** @throws XaiError where the program gave neither, or both. */
export function idOrName({ id, name }: Pick<Arguments<"getApiKey">, "id" | "name">): IdOrName {
    if (id !== undefined && name === undefined) {
        return { id };
    }
    if (name !== undefined && id === undefined) {
        return { name };
    }
    throw wrongArguments("getApiKey", ["give either the key's `id` or its `name`"]);
}

/** The deployment's listing, however old it is. */
export function listKeys(account: Account, teamId: string): Promise<Listing> {
    return account.listing(teamId).get({ notOlderThan: Number.NEGATIVE_INFINITY });
}

/**
 * Finds a key. Where the shared listing lacks it, a second one decides: pages shift while keys are deleted, and the key may
 * be newer than the first.
 *
 * @throws XaiError where there is none, or more than one; what a listing throws.
 */
export async function findKey(account: Account, wanted: IdOrName, asked: Asked): Promise<ApiKey> {
    const { keys, endedAt } = await listKeys(account, asked.teamId);
    const key = chooseKey(keys, wanted, asked);
    if (key !== undefined) {
        return key;
    }
    const fresh = await account.listing(asked.teamId).get({ notOlderThan: endedAt });
    const late = chooseKey(fresh.keys, wanted, asked);
    if (late !== undefined) {
        return late;
    }
    throw noSuchKey(fresh.keys, wanted, asked);
}

/**
 * The key of an id or a name; `undefined` where the listing has none. Pure.
 *
 * @throws XaiError that lists the ids where several keys have the name, or where the key cannot be read.
 */
export function chooseKey(listed: Listed, wanted: IdOrName, { teamId, isSecret }: Asked): ApiKey | undefined {
    const [key, ...others] = [...listed.values()].filter((one) =>
        "id" in wanted ? one.apiKeyId === wanted.id : isReadable(one) && one.name === wanted.name,
    );
    if (key !== undefined && others.length > 0 && "name" in wanted) {
        const ids = [key, ...others].map(({ apiKeyId }) => apiKeyId).join(", ");
        throw new XaiError(
            `${others.length + 1} API keys of team ${teamId} have the name ${show(wanted.name, isSecret)}: ${ids}. Look the key up by its \`id\`.`,
        );
    }
    if (key !== undefined && !isReadable(key)) {
        throw new XaiError(
            `API key ${key.apiKeyId} is in the listing of team ${teamId}, but its ${key.unreadable} has an unexpected shape. Please report it.`,
        );
    }
    return key;
}

/** Why there is no such key, as far as the listing tells. Pure. */
export function noSuchKey(listed: Listed, wanted: IdOrName, { teamId, isSecret }: Asked): XaiError {
    const [what, given] = "id" in wanted ? ["id", wanted.id] : ["name", wanted.name];
    const names = [...listed.values()].filter(isReadable).map(({ name }) => name);
    // A suggestion for a secret would give it away.
    const suggestion = isSecret || what === "id" ? "" : shorten(didYouMean(given, names));
    const unread = what === "id" ? [] : unreadableIds(listed);
    return new XaiError(
        [
            `Team ${teamId} has no API key with the ${what} ${show(given, isSecret)}${suggestion || "."}`,
            ...(what === "id" ? ["Check the id and the team (`teamId`, `xai:teamId`)."] : []),
            ...(unread.length > 0 ? [`It may be one that could not be read: ${unread.join(", ")}.`] : []),
            ...(mayLackOthers(listed)
                ? [
                      "A management key whose owner is no team admin sees only its owner's keys, so the key may belong to another user.",
                  ]
                : []),
        ].join(" "),
    );
}

/** Whether the listing may lack keys of other users: no two of its keys belong to different users. Pure. */
export function mayLackOthers(listed: Listed): boolean {
    return new Set([...listed.values()].filter(isReadable).flatMap(({ userId }) => userId ?? [])).size <= 1;
}

/** The ids of keys that exist and could not be read. Pure. */
export function unreadableIds(listed: Listed): string[] {
    return [...listed.values()].filter((key) => !isReadable(key)).map(({ apiKeyId }) => apiKeyId);
}

/**
 * The keys that fit the arguments, in the listing's order. Pure.
 *
 * @param modelNames - Every name and alias of the team's models, and the name that it stands for.
 * @param now - The server's time, in milliseconds since 1970.
 */
export function chooseKeys(
    listed: Listed,
    { name, acl, activeOnly }: Omit<Arguments<"getApiKeys">, "teamId">,
    modelNames: ReadonlyMap<string, string>,
    now: number,
): ApiKey[] {
    const resolved = (one: string) => resolveAlias(one, modelNames);
    return (
        [...listed.values()]
            .filter(isReadable)
            .filter((key) => name === undefined || key.name === name)
            .filter((key) => acl === undefined || key.acls?.some((one) => resolved(one) === resolved(acl)))
            // An expiry that names no instant ends nothing.
            .filter((key) => !activeOnly || (!key.disabled && (timeOf(key.expireTime) ?? now + 1) > now))
    );
}

/** A key as programs see it. */
export function keyResult(key: ApiKey, teamId: string) {
    return {
        apiKeyId: key.apiKeyId,
        name: key.name,
        teamId: key.teamId ?? teamId,
        userId: key.userId ?? undefined,
        acls: [...(key.acls ?? [])],
        qps: key.qps ?? undefined,
        qpm: key.qpm ?? undefined,
        tpm: key.tpm ?? undefined,
        expireTime: key.expireTime ?? undefined,
        disabled: key.disabled,
        redactedApiKey: key.redactedApiKey ?? undefined,
        createTime: key.createTime ?? undefined,
        modifyTime: key.modifyTime ?? undefined,
    };
}
