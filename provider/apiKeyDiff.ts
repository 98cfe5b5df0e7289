import type { ApiKey, NewApiKey, UpdateApiKeyObject } from "./api/apiKeys.js";
import { type ApiKeyInputs, MODEL_ACL } from "./apiKeyInputs.js";
import { type ApiKeyState, type Field, givenDigest, sameSettings, UPDATABLE_FIELDS } from "./apiKeyState.js";
import { sameInstant, toMicroseconds } from "./instant.js";
import { isRotationDue, sameSchedule, scheduleIn } from "./rotationSchedule.js";
import { hasUnknown } from "./unknown.js";

/**
 * What changed, which mask says so, and what an answer shows: all the decisions about a key's fields. Pure.
 */

/** A key's changeable fields, on either side of a comparison. */
export type Fields = { readonly [F in Field]?: unknown };

/** What a diff found. */
export interface Diff {
    /** The fields that an update has to name. */
    readonly fields: readonly Field[];
    /** Why the key has to be made anew: another team, or a secret that is not to be had otherwise. Empty where it has not. */
    readonly replaces: readonly ("teamId" | "apiKey")[];
    /** Whether the key gets a new secret in place. */
    readonly rotates: boolean;
    /** Whether anything at all is to be done, a wait that is still owed included. */
    readonly changes: boolean;
}

/**
 * Compares what the API holds (old outputs) with what the program gives (new inputs).
 *
 * In a refresh the engine calls it the other way up, with what was just read as olds and the stored inputs as news; it
 * therefore looks at nothing but its arguments. An unknown value is never a change by itself.
 */
export function diffApiKey(state: ApiKeyState, news: Readonly<Record<string, unknown>>): Diff {
    const fields = changedFields(state, news);
    const teamId = news["teamId"];
    const isMoved = isSet(teamId) && !hasUnknown(teamId) && teamId !== state.teamId;
    const replaces = [
        ...(isMoved ? (["teamId"] as const) : []),
        ...(state.owed?.includes("replacement") ? (["apiKey"] as const) : []),
    ];
    const settings = !sameSettings(state, news);
    const rotates = isRotationDue(state.schedule, news);
    const schedule = rotates || !sameSchedule(state.schedule, scheduleIn(news));
    const owed = (state.owed ?? []).length > 0;
    return { fields, replaces, rotates, changes: isMoved || settings || schedule || owed || fields.length > 0 };
}

/** The fields in which what the API holds is not what the program gives. */
export function changedFields(held: Fields & Pick<ApiKeyState, "apiKeyId" | "given">, news: Fields): readonly Field[] {
    return UPDATABLE_FIELDS.filter((field) => {
        const given = news[field];
        if (hasUnknown(given) || sameValue(field, held[field], given)) {
            return false;
        }
        const digest = held.given?.[field];
        return digest === undefined || digest !== givenDigest(held.apiKeyId, canonical(field, given));
    });
}

/** The fields in which two readings of the API differ: drift. */
export function driftedFields(before: Fields, now: Fields): readonly Field[] {
    return UPDATABLE_FIELDS.filter((field) => !sameValue(field, before[field], now[field]));
}

/** Whether two values of a field mean the same: sets as sets, instants as instants, null as absent, text as number. */
export function sameValue(field: Field, a: unknown, b: unknown): boolean {
    if (field === "expireTime" && typeof a === "string" && typeof b === "string") {
        return sameInstant(a, b);
    }
    return JSON.stringify(canonical(field, a)) === JSON.stringify(canonical(field, b));
}

/** A value in the one form in which equal meanings are equal texts. */
function canonical(field: Field, value: unknown): unknown {
    if (field === "disabled") {
        return value === true;
    }
    if (!isSet(value)) {
        return null;
    }
    if (field === "acls" && Array.isArray(value)) {
        return [...new Set(value.map(textOf))].sort();
    }
    if (field === "tpm" || field === "qps" || field === "qpm") {
        const text = textOf(value);
        return /^\d+$/.test(text) ? BigInt(text).toString() : text;
    }
    return value;
}

/** A value as text, also where it makes no sense: an old state may hold anything, and not everything has a `toString`. */
function textOf(value: unknown): string {
    return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

/**
 * The digests to record for fields that the API holds in another form than it was given. What the API does not hold at
 * all (no limit, no permission) is no other form of it: that stays a difference.
 */
export function givenDigests(held: Fields & { readonly apiKeyId: string }, news: Fields): ApiKeyState["given"] {
    return Object.fromEntries(
        UPDATABLE_FIELDS.filter(
            (field) =>
                field !== "disabled" &&
                isHeld(held[field]) &&
                isSet(news[field]) &&
                !sameValue(field, held[field], news[field]),
        ).map((field) => [field, givenDigest(held.apiKeyId, canonical(field, news[field]))]),
    );
}

/**
 * Renews the record of what the program gave, for the fields that were just written. What the API holds in another field
 * was not made of what the program gives.
 */
export function withGiven(state: ApiKeyState, news: Fields, written: readonly Field[]): ApiKeyState {
    const digests = { ...givenAfterRead(state.given, written), ...givenDigests(state, pickFields(news, written)) };
    return { ...state, given: Object.keys(digests).length === 0 ? undefined : digests };
}

/** The records that are still true of what was read: a drifted field's is void. */
export function givenAfterRead(given: ApiKeyState["given"], drifted: readonly Field[]): ApiKeyState["given"] {
    const kept = Object.entries(given ?? {}).filter(([field]) => !drifted.some((name) => name === field));
    return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/**
 * What was known of a key, brought to what was read of it since. A listing may hold in its own form what the answer to a
 * create or update still echoed: that is no drift, and what was given is recorded.
 *
 * @param compared - The fields to look at; what is recorded of the others stays.
 * @param modelNames - Every alias and name of the team's models, and the name that it stands for. May be empty.
 */
export function broughtUpToDate(
    before: ApiKeyState,
    now: ApiKeyState,
    compared: readonly Field[],
    modelNames: ReadonlyMap<string, string>,
): { readonly state: ApiKeyState; readonly drifted: readonly Field[] } {
    const differing = driftedFields(before, now).filter((field) => compared.includes(field));
    const settled = differing.filter((field) => isNormalForm(field, before[field], now[field], modelNames));
    const drifted = differing.filter((field) => !settled.includes(field));
    const given = {
        ...givenDigests({ ...before, ...pickFields(now, settled) }, pickFields(before, settled)),
        ...before.given,
    };
    return { state: { ...now, given: givenAfterRead(given, drifted) }, drifted };
}

function pickFields(fields: Fields, names: readonly Field[]): Fields {
    return Object.fromEntries(names.map((name) => [name, fields[name]]));
}

/** How a mask spells a field that has two published spellings. */
export type MaskSpelling = "camel" | "snake";

/** The spelling of each field that has two; `camel` where none is named. A server may spell them differently. */
export type MaskSpellings = Readonly<Partial<Record<Field, MaskSpelling>>>;

const MASK_NAMES: Readonly<Record<MaskSpelling, Partial<Record<Field, string>>>> = {
    camel: { acls: "aclStrings" },
    snake: { acls: "acl_strings", expireTime: "expire_time" },
};

/** The mask that names exactly the given fields. */
export function fieldMask(fields: readonly Field[], spellings: MaskSpellings): readonly string[] {
    return fields.map((field) => MASK_NAMES[spellings[field] ?? "camel"][field] ?? field);
}

/**
 * The spellings to try for a mask, in order: one alike for all fields first, then the mixed ones.
 *
 * @param known - What the server has shown to understand.
 */
export function spellingsToTry(fields: readonly Field[], known: MaskSpellings): readonly MaskSpellings[] {
    const open = fields.filter((field) => hasTwoSpellings([field]) && known[field] === undefined);
    const combinations = open.reduce<MaskSpellings[]>(
        (all, field) =>
            all.flatMap((one) => [
                { ...one, [field]: "camel" },
                { ...one, [field]: "snake" },
            ]),
        [known],
    );
    const kinds = (one: MaskSpellings) => new Set(open.map((field) => one[field])).size;
    return combinations.sort((a, b) => kinds(a) - kinds(b));
}

/** Whether the two spellings of a mask differ for these fields. */
export function hasTwoSpellings(fields: readonly Field[]): boolean {
    return fields.some((field) => MASK_NAMES.snake[field] !== undefined);
}

/** The whole key object with its new values, as updates carry it. Cleared limits are null; the secret is not in it. */
export function updateObject(state: ApiKeyState, news: ApiKeyInputs): UpdateApiKeyObject {
    return {
        apiKeyId: state.apiKeyId,
        teamId: state.teamId,
        name: news.name,
        aclStrings: uniqueAcls(news.acls),
        ...limits(news),
        disabled: news.disabled ?? false,
        ...(state.userId === undefined ? {} : { userId: state.userId }),
        ...(state.redactedApiKey === undefined ? {} : { redactedApiKey: state.redactedApiKey }),
        ...(state.createTime === undefined ? {} : { createTime: state.createTime }),
    };
}

/** What a create sends. */
export function createObject(news: ApiKeyInputs): NewApiKey {
    return { name: news.name, acls: uniqueAcls(news.acls), ...limits(news) };
}

function limits(news: ApiKeyInputs) {
    return {
        qps: news.qps ?? null,
        qpm: news.qpm ?? null,
        tpm: isSet(news.tpm) ? BigInt(news.tpm).toString() : null,
        expireTime: news.expireTime ?? null,
    };
}

function uniqueAcls(acls: readonly string[]): readonly string[] {
    return [...new Set(acls)];
}

/**
 * The masked fields that an answer shows unchanged: the mask was not understood, or the change was refused in silence.
 * A field whose new value only spells the old one differently, once normalised, has nothing to show.
 *
 * @param modelNames - Every alias and name of the team's models, and the name that it stands for. May be empty.
 */
export function notApplied(
    fields: readonly Field[],
    before: Fields,
    answer: ApiKey,
    news: Fields,
    modelNames: ReadonlyMap<string, string>,
): readonly Field[] {
    return fields.filter(
        (field) =>
            !sameValue(field, answer[field], news[field]) &&
            sameValue(field, answer[field], before[field]) &&
            !sameOnceNormalised(field, news[field], before[field], modelNames),
    );
}

/** Whether an answer holds what was given, or what the API is known to make of it. */
export function isApplied(
    field: Field,
    answer: ApiKey,
    news: Fields,
    modelNames: ReadonlyMap<string, string>,
): boolean {
    return sameValue(field, answer[field], news[field]) || isNormalForm(field, news[field], answer[field], modelNames);
}

/** Whether a value is only the form that the API is known to give another one. */
export function isNormalForm(
    field: Field,
    value: unknown,
    form: unknown,
    modelNames: ReadonlyMap<string, string>,
): boolean {
    return sameValue(field, normalised(field, value, modelNames), form);
}

/** Whether two values of a field are the same in the form that the API is known to give them. */
export function sameOnceNormalised(
    field: Field,
    a: unknown,
    b: unknown,
    modelNames: ReadonlyMap<string, string>,
): boolean {
    return sameValue(field, normalised(field, a, modelNames), normalised(field, b, modelNames));
}

/** What the API is known to make of a value when it takes it. */
function normalised(field: Field, value: unknown, modelNames: ReadonlyMap<string, string>): unknown {
    if (field === "acls" && Array.isArray(value)) {
        return value.map((acl) => {
            const name = textOf(acl).startsWith(MODEL_ACL) ? textOf(acl).slice(MODEL_ACL.length) : undefined;
            return name === undefined ? acl : MODEL_ACL + (modelNames.get(name) ?? name);
        });
    }
    if (typeof value !== "string") {
        return value;
    }
    return field === "expireTime" ? toMicroseconds(value) : value.trim();
}

function isHeld(value: unknown): boolean {
    return isSet(value) && !(Array.isArray(value) && value.length === 0);
}

function isSet<T>(value: T | null | undefined): value is T {
    return value !== undefined && value !== null;
}
