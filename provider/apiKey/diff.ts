import { label } from "../api/apiKeys.js";
import { ARGUMENTS, type ArgumentName, FIELDS, type Field, same } from "../fields.js";
import { hasUnknown, isUnknown } from "../unknown.js";
import { appliedOf } from "./applied.js";
import type { Properties } from "./context.js";
import { diffWarnings, type TeamSettings } from "./diffWarnings.js";
import { recordIn, targetOf } from "./inputs.js";
import { AdoptionError } from "./registry.js";
import { isSameLength, triggersChanged } from "./rotation.js";
import { type KeyState, parseState } from "./state.js";

/**
 * What an update would do: which arguments differ from those that were carried out, and which of them the API has to hear
 * of. Pure. A refresh reverses the roles: the outputs are what it has just read, and the new inputs are the stored ones.
 */
export interface Diff {
    /** The arguments that differ from those that were carried out, each with what a display compares. */
    readonly changed: readonly ChangedArgument[];
    /** The fields that an update sends. A rotation may set the expiry among them. */
    readonly fields: readonly Field[];
    /** Whether another team makes it another key. */
    readonly replaces: boolean;
    /** Whether the key gets a new secret in place. */
    readonly rotates: boolean;
    /** Whether anything is to be done, unfinished things included. */
    readonly changes: boolean;
    /** What a preview warns of. */
    readonly warnings: readonly string[];
}

/** An argument that differs. */
export interface ChangedArgument {
    readonly name: ArgumentName;
    /** `inputs`: the program gives another value. `held`: the program gives the same, and the key has another. */
    readonly compares: "inputs" | "held";
}

/** What a diff looks at beside outputs and inputs. */
export interface DiffOptions {
    readonly settings?: TeamSettings;
    /** The stored inputs, where the host knows them. */
    readonly oldInputs?: Properties;
    /** Whether a value that only the run knows counts as a change. A dynamic provider's previews need "no". */
    readonly countsUnknown?: boolean;
}

/** Compares the arguments that were carried out with those that the program gives. */
export function diffApiKey(id: string, outputs: Properties, news: Properties, options: DiffOptions = {}): Diff {
    const state = parseState(outputs);
    return state === undefined
        ? // Outputs that are no key's cannot be compared: only an update can tell.
          { changed: [], fields: [], replaces: false, rotates: false, changes: true, warnings: [] }
        : diffState({ ...state, apiKeyId: id }, news, options);
}

/** The same for outputs that are a key's. */
export function diffState(state: KeyState, news: Properties, options: DiffOptions = {}): Diff {
    const applied = appliedOf(state);
    const changed = NAMES.filter((name) => differs(name, state, applied, news, options.countsUnknown ?? false));
    const replaces = changed.includes("teamId") && !hasUnknown(news["teamId"]);
    if (!replaces) {
        requireOwnKey(state, news);
    }
    const fields = FIELDS.filter((field) => {
        const target = targetOf(field, news);
        return (
            target !== undefined &&
            changed.includes(sourceOf(field, applied, news)) &&
            !same(field, target, state[field])
        );
    });
    const rotates = isRotationDue(applied, news);
    const pending = (state.pending ?? []).length > 0;
    return {
        changed: changed.map((name) => ({ name, compares: comparisonOf(name, news, options) })),
        fields,
        replaces,
        rotates,
        changes: changed.length > 0 || rotates || pending,
        warnings: diffWarnings(state, news, { changed, rotates }, options.settings),
    };
}

const NAMES = Object.keys(ARGUMENTS) as readonly ArgumentName[];

function differs(
    name: ArgumentName,
    state: KeyState,
    applied: Properties,
    news: Properties,
    countsUnknown: boolean,
): boolean {
    const given = news[name];
    if (hasUnknown(given)) {
        return countsUnknown;
    }
    switch (name) {
        case "teamId":
            // Only an argument moves a key. A resolved team is in the outputs alone.
            return given !== undefined && given !== null && given !== state.teamId;
        case "existingSecret":
            return typeof given === "string" && state.apiKey === undefined;
        case "adoptKeyId":
            // Read when a key is created; afterwards it may stay or go.
            return false;
        case "expiresIn":
            return countsAnotherExpiry(applied, news);
        default:
            return !same(name, applied[name], given);
    }
}

/**
 * Whether the program's expiry was counted anew. The records tell, because a drifted expiry stands beside `expiresIn`. A check
 * after a rotation that was carried out but failed later counts that rotation, and its expiry, once more.
 */
function countsAnotherExpiry(applied: Properties, news: Properties): boolean {
    const [done, counted] = [recordIn(applied), recordIn(news)];
    return (
        !isSameLength(done?.expiresIn, counted?.expiresIn) ||
        (done?.number === counted?.number && !same("expireTime", done?.expireTime, counted?.expireTime))
    );
}

/** The argument that decides on a field: the expiry has two. */
function sourceOf(field: Field, applied: Properties, news: Properties): ArgumentName {
    const counted = field === "expireTime" && same("expireTime", applied["expireTime"], news["expireTime"]);
    return counted ? "expiresIn" : field;
}

function requireOwnKey({ apiKeyId, name }: KeyState, { adoptKeyId }: Properties): void {
    if (typeof adoptKeyId === "string" && !isUnknown(adoptKeyId) && adoptKeyId !== apiKeyId) {
        throw new AdoptionError(
            `\`adoptKeyId\` names API key ${adoptKeyId}, but this resource already has ${label({ apiKeyId, name })}. A key is adopted when its resource is created. Take \`adoptKeyId\` out, and declare another \`XaiApiKey\` for ${adoptKeyId}.`,
        );
    }
}

/**
 * Whether a rotation is due that was not carried out: the checks have counted more than were carried out, or a trigger was
 * added or changed since. Taking `rotation` out gives up a rotation that was due. After an import nothing was counted yet.
 */
export function isRotationDue(applied: Properties, news: Properties): boolean {
    const [done, counted] = [recordIn(applied), recordIn(news)];
    if (done === undefined || counted === undefined || (news["rotation"] ?? null) === null) {
        return false;
    }
    return counted.number > done.number || triggersChanged(applied, news).length > 0;
}

function comparisonOf(name: ArgumentName, news: Properties, { oldInputs }: DiffOptions): "inputs" | "held" {
    return oldInputs !== undefined && same(name, oldInputs[name], news[name]) ? "held" : "inputs";
}
