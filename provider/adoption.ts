import type { ApiKey } from "./api/apiKeys.js";
import { type Fields, isNormalForm, sameValue, withGiven } from "./apiKeyDiff.js";
import type { CheckFailure } from "./apiKeyInputs.js";
import { type ApiKeyState, type Carried, type Field, stateFromApi, UPDATABLE_FIELDS } from "./apiKeyState.js";
import { fitsRedacted } from "./foreignRotation.js";
import { timeOf } from "./instant.js";
import { isUnknown } from "./unknown.js";

/**
 * A key that was there before Pulumi came is taken over (`adoptKeyId`): what that means, what is refused, and the words for
 * it. Pure.
 */

/** How long the secret that a key has goes on working at most where it is taken over with a new one, in milliseconds. */
export const ADOPTION_OVERLAP = 24 * 60 * 60_000;

/**
 * What is wrong with the arguments of a take-over, whatever the API holds: refused for a resource that is new, and said of
 * one that is there, where they mean nothing any more.
 *
 * @param olds - The inputs of the last run; `{}` at first.
 */
export function adoptionArguments(
    olds: Readonly<Record<string, unknown>>,
    news: Readonly<Record<string, unknown>>,
): { readonly failures: readonly CheckFailure[]; readonly warnings: readonly string[] } {
    const { adoptKeyId, existingSecret } = news;
    const before = olds["existingSecret"];
    const isAlone = isGiven(existingSecret) && !isGiven(adoptKeyId);
    if (Object.keys(olds).length === 0) {
        // Not under the property's name: the engine would show the value with it.
        const reason =
            "`existingSecret` is the secret of a key that is taken over: it needs `adoptKeyId`, the key's id";
        return { failures: isAlone ? [{ property: "", reason }] : [], warnings: [] };
    }
    const isChanged =
        isGiven(before) && isGiven(existingSecret) && !isUnknown(existingSecret) && before !== existingSecret;
    return {
        failures: [],
        warnings: isChanged || (isAlone && !isGiven(before)) ? [SECRET_READ_ONCE] : [],
    };
}

const SECRET_READ_ONCE =
    "`existingSecret` of an API key was given or changed after the key came into the stack. It is read only when a key is taken over, and changes nothing now: the stack keeps the secret that it has.";

function isGiven(value: unknown): boolean {
    return value !== undefined && value !== null;
}

/**
 * A key as the listing has it, in the state that it has before anything of it is changed. What the program gives in another
 * form than the API keeps it is recorded, so that it is no difference.
 *
 * @param modelNames - Every alias and name of the team's models, and the name that it stands for. May be empty.
 */
export function adoptedState(
    key: ApiKey,
    news: Fields,
    carried: Carried,
    modelNames: ReadonlyMap<string, string>,
): ApiKeyState {
    const held = stateFromApi(key, carried);
    const alike = UPDATABLE_FIELDS.filter(
        (field) =>
            !sameValue(field, held[field], news[field]) && isNormalForm(field, news[field], held[field], modelNames),
    );
    return withGiven(held, news, alike);
}

/** Why a secret cannot be the key's; `undefined` where nothing speaks against it. */
export function wrongSecret(key: ApiKey, existingSecret: unknown): string | undefined {
    if (typeof existingSecret !== "string" || isUnknown(existingSecret)) {
        return undefined;
    }
    return fitsRedacted(existingSecret, key.redactedApiKey ?? "") === false
        ? `\`existingSecret\` is not the secret of API key ${key.apiKeyId}: the API shows that one as ${key.redactedApiKey}. Give the secret that the key has now; or leave \`existingSecret\` out, and the key gets a new one.`
        : undefined;
}

/**
 * Until when the secret that a key has works where it is taken over with a new one: after "the secret that it had".
 *
 * @param expireTime - The key's, as the listing has it.
 * @param now - In milliseconds since 1970.
 */
export function oldSecretsLife(expireTime: string | null | undefined, now: number): string {
    const expiry = timeOf(expireTime);
    if (expiry === undefined || expiry - now > ADOPTION_OVERLAP) {
        return "goes on working for 24 hours";
    }
    return expiry > now ? `goes on working until it expires at ${expireTime}` : `expired at ${expireTime}`;
}

/**
 * What a take-over does, for whoever looks at its preview or run: the names of the fields, and not their values.
 *
 * @param now - In milliseconds since 1970.
 */
export function describeAdoption(
    key: ApiKey,
    teamId: string,
    existingSecret: unknown,
    changed: readonly Field[],
    now: number,
): string {
    const { apiKeyId, redactedApiKey, expireTime } = key;
    const isUnsure =
        typeof existingSecret === "string" && fitsRedacted(existingSecret, redactedApiKey ?? "") === undefined;
    const secret = isGiven(existingSecret)
        ? `with the secret that \`existingSecret\` gives${isUnsure && !isUnknown(existingSecret) ? ", which nothing that the API shows could be held against" : ""}`
        : `with a new secret; the one that it has ${oldSecretsLife(expireTime, now)}`;
    const settings =
        changed.length === 0
            ? "Its settings are the program's already."
            : `Its settings become the program's: ${changed.map((field) => `\`${field}\``).join(", ")}.`;
    return `API key ${apiKeyId} of team ${teamId} is taken over ${secret}. ${settings}`;
}

/** A key that another resource has, or this one before its replacement. */
export function heldAlready(apiKeyId: string, teamId: string | undefined, itsTeam: string | undefined): string {
    if (teamId !== undefined && itsTeam !== undefined && itsTeam !== teamId) {
        return `API key ${apiKeyId} belongs to team ${itsTeam}, and cannot be taken over in team ${teamId}: a key does not move. Leave \`adoptKeyId\` out for a new key there, or give the id of one that is there`;
    }
    return `API key ${apiKeyId} is held by a resource of this stack already, and a key has one resource. Where that is another resource, take \`adoptKeyId\` out of one of them; where it has another name now, give it the option \`aliases\`; where it is this one, to be replaced, leave \`adoptKeyId\` out for a new key`;
}

/** A resource that has another key than the one that it is to adopt. */
export function notItsKey(apiKeyId: string, adoptKeyId: string): string {
    return `\`adoptKeyId\` names API key ${adoptKeyId}, but this resource has API key ${apiKeyId}, and keeps it: a key is taken over when its resource is created. Take \`adoptKeyId\` out, or put ${apiKeyId} there; for ${adoptKeyId} declare an \`XaiApiKey\` of its own.`;
}

/** A resource whose key another one adopts. */
export function twoResources(apiKeyId: string): string {
    return `API key ${apiKeyId} is this resource's, and another resource of the program takes it over by \`adoptKeyId\`: a key has one resource. Take \`adoptKeyId\` out of the other one, or this resource out of the stack without its key: \`pulumi state delete '<urn>'\`, with the URN that \`pulumi stack --show-urns\` shows.`;
}

/** A key that two resources of the stack have, whoever gave it to them. */
export function heldTwice(apiKeyId: string): string {
    return `API key ${apiKeyId} is held by two resources of the program, this one and another, and a key has one. Take the one that is not to have it out of the program, and out of the stack without its key: \`pulumi state delete '<urn>'\`, with the URN that \`pulumi stack --show-urns\` shows.`;
}

/** A key whose resource leaves the stack, or is replaced, while another one of the program has it. */
export function leftToItsHolder(apiKeyId: string): string {
    return `API key ${apiKeyId} was neither deleted nor disabled with the resource that leaves the stack: another one of the program holds it.`;
}

/** A key whose resource leaves the stack, or is replaced, before the one of the program that is to have it does. */
export function notTakenOver(apiKeyId: string): string {
    return `API key ${apiKeyId} was neither deleted nor disabled, and its resource stays in the stack: one of the program is to take it over by \`adoptKeyId\`, and has not done so. Mend what kept it from that, and run \`pulumi up\` again. With \`deleteBeforeReplace\` a resource cannot take over the key that it gives up: take that option or \`adoptKeyId\` out.`;
}

/** A key whose resource leaves the stack, or is replaced, while one of the program has adopted it. */
export function leftToItsAdopter(apiKeyId: string): string {
    return `API key ${apiKeyId} was neither deleted nor disabled with the resource that had it before: one of the program has taken it over by \`adoptKeyId\`. Where a resource has only got another name, its option \`aliases\` says so; to replace a key by a new one leave \`adoptKeyId\` out.`;
}

/**
 * Why a key that the team's listing lacks cannot be taken over.
 *
 * @param itsTeam - The team in whose listing it is, where that was found out.
 * @param isKnown - Whether the API knows it by its id; `undefined` where that could not be asked.
 */
export function notInTeam(
    apiKeyId: string,
    teamId: string,
    itsTeam: string | undefined,
    isKnown: boolean | undefined,
): string {
    if (itsTeam !== undefined) {
        return heldAlready(apiKeyId, teamId, itsTeam);
    }
    if (isKnown) {
        return `API key ${apiKeyId} is not in the listing of team ${teamId}, but the API knows it: it belongs to another team, or to a user whose keys this management key is not shown, or the listing is not complete. Give its team as \`teamId\`, or use a management key of a team admin; where it is this team's, run again`;
    }
    return `There is no API key ${apiKeyId} in team ${teamId} to take over. Check the id and the team (\`teamId\`, \`xai:teamId\`); a management key that is no team admin's sees only its own user's keys. Where the key was deleted, leave \`adoptKeyId\` out for a new one`;
}
