import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import { parseDuration } from "../duration.js";
import {
    ACL_FORM,
    ACL_PATTERN,
    ARGUMENTS,
    type ArgumentName,
    ENDPOINT_ACL,
    MODEL_ACL,
    ROTATION_PARTS,
    same,
} from "../fields.js";
import { timeOf } from "../instant.js";
import { isMap } from "../isMap.js";
import { didYouMean, showKind, showValue } from "../suggest.js";
import { hasUnknown, isUnknown } from "../unknown.js";
import type { Properties } from "./context.js";

/**
 * A program's arguments against their forms, one another and the clock. Pure. Unknown values pass. What the old inputs hold
 * already is only warned about.
 */

/** Something wrong with one argument: what was given, and what is allowed. */
export interface Violation {
    /** The argument, or its part: `rotation.every`. */
    readonly property: string;
    readonly reason: string;
    /** Whether the stack holds the same value already. */
    readonly isStored: boolean;
    /** Whether the value may not be shown, so that no failure may name the property to the engine, which shows its value. */
    readonly isSecret?: boolean;
}

/**
 * Every violation at once.
 *
 * @param olds - The inputs of the last run; `{}` at first.
 * @param news - The arguments as the program gives them now.
 * @param now - In milliseconds since 1970.
 */
export function validate(olds: Properties, news: Properties, now: number): readonly Violation[] {
    return [
        ...Object.entries(ARGUMENTS).flatMap(([name, argument]) => wrongValue(name, argument, olds[name], news[name])),
        ...wrongAcls(olds, news),
        ...wrongRotation(olds, news),
        ...wrongExpiry(olds, news, now),
        ...wrongAdoption(olds, news),
        ...Object.keys(news)
            .filter((name) => !Object.hasOwn(ARGUMENTS, name))
            .map((name) => ({
                property: name,
                reason: `is no argument of XaiApiKey${didYouMean(name, Object.keys(ARGUMENTS))}`,
                isStored: isDeepStrictEqual(olds[name], news[name]),
            })),
    ];
}

/** The permissions and the rotation have checks of their own, part by part. */
const IN_PARTS: ReadonlySet<string> = new Set<ArgumentName>(["acls", "rotation"]);
const REQUIRED: ReadonlySet<string> = new Set<ArgumentName>(["name", "acls"]);

interface Rule {
    readonly schema: z.ZodType;
    readonly allowed: string;
    readonly secret?: true;
}

function wrongValue(property: string, { schema, allowed, secret }: Rule, old: unknown, value: unknown): Violation[] {
    if (value === undefined || value === null) {
        // A value that never existed is not stored: nothing can go on without it.
        return REQUIRED.has(property) ? [{ property, reason: `is required: ${allowed}`, isStored: false }] : [];
    }
    if (
        isUnknown(value) ||
        (IN_PARTS.has(property) && (Array.isArray(value) || isMap(value))) ||
        schema.safeParse(value).success
    ) {
        return [];
    }
    const given = secret || typeof value === "object" ? showKind(value) : showValue(value);
    const isStored = isDeepStrictEqual(old, value);
    return [{ property, reason: `${given} is not allowed: ${allowed}`, isStored, ...(secret && { isSecret: true }) }];
}

function wrongAcls({ acls: old }: Properties, { acls }: Properties): Violation[] {
    if (!Array.isArray(acls)) {
        return [];
    }
    return acls
        .filter((acl: unknown) => !isUnknown(acl) && !(typeof acl === "string" && ACL_PATTERN.test(acl)))
        .map((acl: unknown) => ({
            property: "acls",
            reason: `${showValue(acl)} is not allowed: ${ACL_FORM}`,
            isStored: Array.isArray(old) && old.includes(acl),
        }));
}

function wrongRotation(olds: Properties, news: Properties): Violation[] {
    const { rotation, expiresIn = null } = news;
    if (!isMap(rotation)) {
        return [];
    }
    const old = isMap(olds["rotation"]) ? olds["rotation"] : {};
    const parts = Object.entries(rotation).flatMap(([name, value]): Violation[] => {
        const property = `rotation.${name}`;
        const rule: Rule | undefined = Object.entries(ROTATION_PARTS).find(([part]) => part === name)?.[1];
        return rule === undefined
            ? [
                  {
                      property,
                      reason: `is no part of \`rotation\`${didYouMean(name, Object.keys(ROTATION_PARTS))}`,
                      isStored: isDeepStrictEqual(old[name], value),
                  },
              ]
            : wrongValue(property, rule, old[name], value);
    });
    const { beforeExpiry = null } = rotation;
    if (beforeExpiry === null || isUnknown(beforeExpiry)) {
        return parts;
    }
    const property = "rotation.beforeExpiry";
    const isStored = same("rotation", olds["rotation"], rotation) && same("expiresIn", olds["expiresIn"], expiresIn);
    if (expiresIn === null) {
        return [...parts, { property, reason: 'needs `expiresIn`, such as "90d"', isStored }];
    }
    const [early, whole] = [parseDuration(beforeExpiry), parseDuration(expiresIn)];
    return early !== undefined && whole !== undefined && early >= whole
        ? [...parts, { property, reason: `${showValue(beforeExpiry)} is not shorter than \`expiresIn\``, isStored }]
        : parts;
}

function wrongExpiry(olds: Properties, news: Properties, now: number): Violation[] {
    const { expireTime = null, expiresIn = null } = news;
    const isStored = same("expireTime", olds["expireTime"], expireTime);
    // A refresh answers a drifted expiry beside `expiresIn`, and `ignoreChanges` may hand that pair back.
    const isPair = isStored && same("expiresIn", olds["expiresIn"], expiresIn);
    if (expireTime !== null && expiresIn !== null && !isPair) {
        return [{ property: "expiresIn", reason: "excludes `expireTime`: give one of them", isStored: false }];
    }
    const time = timeOf(expireTime);
    // An expiry that has passed since it was set is warned about where all expiries are.
    return time === undefined || time > now || isStored
        ? []
        : [
              {
                  property: "expireTime",
                  reason: `"${String(expireTime)}" is in the past (it is ${new Date(now).toISOString()}): give a later instant`,
                  isStored: false,
              },
          ];
}

function wrongAdoption(olds: Properties, news: Properties): Violation[] {
    const isNew = Object.keys(olds).length === 0;
    const [old, given] = [olds["adoptKeyId"] ?? null, news["adoptKeyId"] ?? null];
    if (isNew) {
        return given === null && (news["existingSecret"] ?? null) !== null && !hasUnknown(given)
            ? [
                  {
                      property: "existingSecret",
                      reason: "is the secret of a key that is adopted: it needs `adoptKeyId`, the key's id",
                      isStored: false,
                      isSecret: true,
                  },
              ]
            : [];
    }
    return old !== null && given !== null && !isUnknown(old) && !isUnknown(given) && old !== given
        ? [
              {
                  property: "adoptKeyId",
                  reason: `names another key than ${showValue(old)}, which this resource adopted. Take it out, and declare another \`XaiApiKey\` for the other key`,
                  isStored: false,
              },
          ]
        : [];
}

/** A warning for permissions that allow nothing at all; else `undefined`. */
export function missingKindWarning(key: string, acls: unknown): string | undefined {
    if (!Array.isArray(acls) || hasUnknown(acls)) {
        return undefined;
    }
    const missing = [MODEL_ACL, ENDPOINT_ACL].filter(
        (kind) => !acls.some((acl) => typeof acl === "string" && acl.startsWith(kind)),
    );
    return missing.length === 0
        ? undefined
        : `${key} can call nothing with \`acls\` ${showValue(acls)}: it also needs at least one \`${missing.join("…` and one `")}…\`.`;
}
