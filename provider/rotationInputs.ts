import { type CheckFailure, describe, didYouMean, sameJson, show, type Validation } from "./apiKeyInputs.js";
import { isMap } from "./digest.js";
import { parseDuration } from "./duration.js";
import { LONGEST } from "./rotationSchedule.js";
import { isUnknown } from "./unknown.js";

/**
 * The arguments `rotation` and `expiresIn`, held against their forms and one another. Pure.
 */

/** When a key gets a new secret. */
export interface RotationInputs {
    readonly triggers?: Readonly<Record<string, unknown>> | null | undefined;
    readonly every?: string | null | undefined;
    readonly beforeExpiry?: string | null | undefined;
    readonly overlap?: string | null | undefined;
}

/** How long an old secret still works unless told otherwise, in milliseconds. */
export const DEFAULT_OVERLAP = 24 * 3_600_000;
/** The API's limit on that, in milliseconds. */
export const LONGEST_OVERLAP = 7 * DEFAULT_OVERLAP;

type Properties = Readonly<Record<string, unknown>>;

interface Rule {
    readonly isGood: (value: unknown) => boolean;
    readonly allowed: string;
    /** Set where the value may be something that its owner wants to keep to himself. */
    readonly hideValue?: true;
}

const period: Rule = {
    isGood: (value) => isBetween(value, 1, LONGEST),
    allowed: 'a duration such as "30d" or "12h", a hundred years at most',
};

const RULES: Readonly<Record<keyof RotationInputs, Rule>> = {
    triggers: { isGood: isMap, allowed: "a map of any values", hideValue: true },
    every: period,
    beforeExpiry: period,
    overlap: {
        isGood: (value) => isBetween(value, 0, LONGEST_OVERLAP),
        allowed: 'a duration from "0s", for at once, to "7d"',
    },
};

/**
 * Holds the two arguments against their forms and one another. Unknown values pass; what the old inputs hold already is
 * warned about at most.
 *
 * @param olds - The inputs of the last run; `{}` at first.
 * @param news - The arguments as the program gives them now.
 */
export function validateRotation(olds: Properties, news: Properties): Validation {
    const found = [...expiryFindings(olds, news), ...partFindings(olds, news), ...beforeExpiryFindings(olds, news)];
    return {
        failures: found.flatMap(({ property, reason, isStored }) => (isStored ? [] : [{ property, reason }])),
        warnings: found.flatMap(({ property, reason, isStored }) =>
            isStored ? [`\`${property}\` of an API key, unchanged in the stack: ${reason}`] : [],
        ),
    };
}

/** Something wrong, and whether it stands in the stack already. */
interface Finding extends CheckFailure {
    readonly isStored: boolean;
}

function expiryFindings(olds: Properties, { expiresIn = null, expireTime = null }: Properties): Finding[] {
    const property = "expiresIn";
    const isStored = sameJson(olds["expiresIn"], expiresIn);
    const findings: Finding[] = [];
    if (expiresIn !== null && !isUnknown(expiresIn) && !period.isGood(expiresIn)) {
        findings.push({ property, reason: `${show(expiresIn)} is not allowed: ${period.allowed}`, isStored });
    }
    // The stored one was counted from `expiresIn`: a resource option may hand it back.
    if (expiresIn !== null && expireTime !== null && !(isStored && sameJson(olds["expireTime"], expireTime))) {
        const reason = "and `expireTime` exclude one another: give one of them";
        findings.push({ property, reason, isStored: false });
    }
    return findings;
}

function partFindings({ rotation: old }: Properties, { rotation = null }: Properties): Finding[] {
    if (rotation === null || isUnknown(rotation)) {
        return [];
    }
    if (!isMap(rotation)) {
        const names = Object.keys(RULES).map((name) => `\`${name}\``);
        // What is not even a text may hold the triggers.
        const given = typeof rotation === "object" ? describe(rotation) : show(rotation);
        const reason = `${given} is not allowed: a map of ${names.join(", ")}`;
        return [{ property: "rotation", reason, isStored: sameJson(old, rotation) }];
    }
    return Object.entries(rotation).flatMap(([name, value]) => {
        const reason = wrongWith(name, value);
        const isStored = isMap(old) && sameJson(old[name], value);
        return reason === undefined ? [] : [{ property: `rotation.${name}`, reason, isStored }];
    });
}

function wrongWith(name: string, value: unknown): string | undefined {
    const rule = Object.entries(RULES).find(([known]) => known === name)?.[1];
    if (rule === undefined) {
        return `is no part of \`rotation\`${didYouMean(name, Object.keys(RULES))}`;
    }
    if (value === null || value === undefined || isUnknown(value) || rule.isGood(value)) {
        return undefined;
    }
    const given = rule.hideValue ? describe(value) : show(value);
    return `${given} is not allowed: ${rule.allowed}`;
}

function beforeExpiryFindings(olds: Properties, { rotation, expiresIn = null }: Properties): Finding[] {
    const beforeExpiry = partOf(rotation, "beforeExpiry");
    if (beforeExpiry === null || isUnknown(beforeExpiry)) {
        return [];
    }
    const property = "rotation.beforeExpiry";
    const isStored =
        sameJson(partOf(olds["rotation"], "beforeExpiry"), beforeExpiry) &&
        sameJson(olds["expiresIn"] ?? null, expiresIn);
    if (expiresIn === null) {
        const reason = 'needs `expiresIn`, which says how long a secret works, such as "90d"';
        return [{ property, reason, isStored }];
    }
    const [early, whole] = [durationOf(beforeExpiry), durationOf(expiresIn)];
    if (early === undefined || whole === undefined || early < whole) {
        return [];
    }
    const reason = `${show(beforeExpiry)} is not allowed: it must be shorter than \`expiresIn\``;
    return [{ property, reason, isStored }];
}

function partOf(rotation: unknown, name: string): unknown {
    return isMap(rotation) ? (rotation[name] ?? null) : null;
}

/** How long the old secret works on, in milliseconds. */
export function overlapOf(rotation: RotationInputs | null | undefined): number {
    return durationOf(rotation?.overlap) ?? DEFAULT_OVERLAP;
}

function durationOf(value: unknown): number | undefined {
    return typeof value === "string" ? parseDuration(value) : undefined;
}

function isBetween(value: unknown, least: number, most: number): boolean {
    const ms = durationOf(value);
    return ms !== undefined && ms >= least && ms <= most;
}
