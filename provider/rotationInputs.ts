import { type CheckFailure, didYouMean, sameJson, show, type Validation } from "./apiKeyInputs.js";
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
    const failures: CheckFailure[] = [];
    const warnings: string[] = [];
    const stored = isMap(olds["rotation"]) ? olds["rotation"] : {};
    const { rotation = null, expiresIn = null, expireTime = null } = news;
    const found = (property: string, reason: string, isStored: boolean) => {
        if (isStored) {
            warnings.push(`\`${property}\` of an API key, unchanged in the stack: ${reason}`);
        } else {
            failures.push({ property, reason });
        }
    };
    const isStored = sameJson(olds["expiresIn"], expiresIn);
    if (expiresIn !== null && !isUnknown(expiresIn) && !period.isGood(expiresIn)) {
        found("expiresIn", `${show(expiresIn)} is not allowed: ${period.allowed}`, isStored);
    }
    // The stored one was counted from `expiresIn`: a resource option may hand it back.
    if (expiresIn !== null && expireTime !== null && !(isStored && sameJson(olds["expireTime"], expireTime))) {
        found("expiresIn", "and `expireTime` exclude one another: give one of them", false);
    }
    if (rotation === null || isUnknown(rotation)) {
        return { failures, warnings };
    }
    if (!isMap(rotation)) {
        const names = Object.keys(RULES).map((name) => `\`${name}\``);
        found(
            "rotation",
            `${show(rotation)} is not allowed: a map of ${names.join(", ")}`,
            sameJson(olds["rotation"], rotation),
        );
        return { failures, warnings };
    }
    for (const [name, value] of Object.entries(rotation)) {
        const rule = Object.entries(RULES).find(([known]) => known === name)?.[1];
        const isSame = sameJson(stored[name], value);
        if (rule === undefined) {
            found(`rotation.${name}`, `is no part of \`rotation\`${didYouMean(name, Object.keys(RULES))}`, isSame);
        } else if (value !== null && value !== undefined && !isUnknown(value) && !rule.isGood(value)) {
            const given = rule.hideValue ? `a ${Array.isArray(value) ? "list" : typeof value}` : show(value);
            found(`rotation.${name}`, `${given} is not allowed: ${rule.allowed}`, isSame);
        }
    }
    const beforeExpiry = rotation["beforeExpiry"] ?? null;
    if (beforeExpiry !== null && !isUnknown(beforeExpiry) && expiresIn === null) {
        found(
            "rotation.beforeExpiry",
            'needs `expiresIn`, which says how long a secret works, such as "90d"',
            sameJson(stored["beforeExpiry"], beforeExpiry) && (olds["expiresIn"] ?? null) === null,
        );
    }
    const [early, whole] = [durationOf(beforeExpiry), durationOf(expiresIn)];
    if (early !== undefined && whole !== undefined && early >= whole) {
        found(
            "rotation.beforeExpiry",
            `${show(beforeExpiry)} is not allowed: it must be shorter than \`expiresIn\`, which is ${show(expiresIn)}`,
            isStored && sameJson(stored["beforeExpiry"], beforeExpiry),
        );
    }
    return { failures, warnings };
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

function isMap(value: unknown): value is Properties {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
