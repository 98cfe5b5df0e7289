import { label } from "../api/apiKeys.js";
import { ARGUMENTS, type ArgumentName, FIELDS, type Field, same } from "../fields.js";
import type { Settings } from "../team/settings.js";
import { hasUnknown, isUnknown } from "../unknown.js";
import type { Properties } from "./context.js";
import { recordIn, targetOf } from "./inputs.js";
import { AdoptionError } from "./registry.js";
import { isSameLength, triggersChanged } from "./rotation.js";
import { inputsFromHeld, type KeyState, parseState } from "./state.js";

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
    readonly settings?: Pick<Settings, "configuredTeamId" | "environmentTeamId">;
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
    const applied = state.applied ?? inputsFromHeld(state);
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
        warnings: warningsOf(state, news, changed, options),
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

function warningsOf(
    state: KeyState,
    news: Properties,
    changed: readonly ArgumentName[],
    { settings }: DiffOptions,
): readonly string[] {
    const warnings: string[] = [];
    const key = label(state);
    if (state.disabled && !isUnknown(news["disabled"]) && news["disabled"] !== true) {
        warnings.push(disabledWarning(state, news["disabled"]));
    }
    if (changed.includes("teamId") && hasUnknown(news["teamId"])) {
        warnings.push(`The team of ${key} is not known yet. If it is another one than now, the run makes a new key.`);
    }
    const named = settings?.configuredTeamId ?? settings?.environmentTeamId;
    if (named !== undefined && (news["teamId"] ?? null) === null && named !== state.teamId) {
        const source = settings?.configuredTeamId === undefined ? "XAI_TEAM_ID" : "`xai:teamId`";
        warnings.push(
            `${key} stays in team ${state.teamId}, although ${source} now names team ${named}. Set the argument \`teamId\` to make a new key there, which deletes this one.`,
        );
    }
    const { existingSecret } = news;
    if (state.apiKey === undefined && state.pending === undefined && (existingSecret ?? null) === null) {
        warnings.push(
            `The stack does not hold the secret of ${key}, so that the output \`apiKey\` has no value. Give its secret (\`existingSecret: config.requireSecret("…")\`), or a new one: set \`rotation.triggers\`, run \`pulumi up\`, then change a value in it and run \`pulumi up\` again.`,
        );
    }
    if (
        typeof existingSecret === "string" &&
        !isUnknown(existingSecret) &&
        state.apiKey !== undefined &&
        state.rotatedAt === undefined &&
        existingSecret !== state.apiKey
    ) {
        warnings.push(
            `\`existingSecret\` of ${key} is not the secret that the stack holds. It is read only when a key is adopted, and changes nothing now.`,
        );
    }
    return warnings;
}

/**
 * What to do about a key that is off although the program does not say so.
 *
 * @param disabled - The program's argument: only an explicit `false` switches the key on.
 */
export function disabledWarning(key: Pick<KeyState, "apiKeyId" | "name">, disabled: unknown): string {
    const leaked =
        'xAI switches off keys that it finds leaked. If that may be so, first rotate it: change a value in `rotation.triggers` with `overlap: "0s"`.';
    return disabled === false
        ? `${label(key)} is switched off, and \`disabled: false\` makes the next \`pulumi up\` switch it on. ${leaked} The same \`up\` rotates first.`
        : `${label(key)} is switched off, and stays off. ${leaked} Then set \`disabled: false\` to switch it on.`;
}
