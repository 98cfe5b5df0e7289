import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { parseDuration } from "./duration.js";
import { timeOf, toSeconds } from "./instant.js";
import { isMap } from "./isMap.js";

/**
 * Every argument of an API key, each in one place: its form, that form in words, how two values compare, and, if the
 * API holds it, its names on the wire and in a field mask. Types, checks, comparisons, requests and answers come from here.
 *
 * To add a field of the API, begin with its entry in {@link HELD_FIELDS}; `docs/contributing.md` has the other steps.
 */

/** A form, and that form in words. */
interface Argument<Schema extends z.ZodType = z.ZodType> {
    /** What the program may give; null and absent are checked elsewhere. */
    readonly schema: Schema;
    /** The form in words, after "is not allowed:". */
    readonly allowed: string;
    /** A value in the one form in which equal meanings are equal JSON; also what "not given" stands for. Absent: as it is. */
    readonly canonical?: (value: unknown) => unknown;
    /** True where no message and no event may show the value. */
    readonly secret?: true;
}

/** An argument that the API holds. */
interface HeldField<Schema extends z.ZodType, Answer extends z.ZodType> extends Argument<Schema> {
    /** The field of an answer, in every published form; gives null for "not set". */
    readonly answer: Answer;
    /** The field's name in the body of a create; null where a create cannot set it. */
    readonly createName: string | null;
    /** The field's name in the body of an update, and in a mask. */
    readonly updateName: string;
    /** Its name in the mask of a server that spells masks in snake case. */
    readonly snakeName: string;
    /** The field's names in answers, the preferred one first. */
    readonly answerNames: readonly string[];
    /** The value as requests send it. */
    readonly encode: (value: unknown) => unknown;
}

/** What an entry gives. Its names default to the field's own, and a request sends the value as it is. */
type Entry<Schema extends z.ZodType, Answer extends z.ZodType> = Pick<
    HeldField<Schema, Answer>,
    "schema" | "allowed" | "canonical" | "answer"
> &
    Partial<Pick<HeldField<Schema, Answer>, "createName" | "updateName" | "answerNames" | "encode">>;

function held<Schema extends z.ZodType, Answer extends z.ZodType>(
    name: string,
    entry: Entry<Schema, Answer>,
): HeldField<Schema, Answer> {
    const { updateName = name } = entry;
    return {
        createName: name,
        updateName,
        snakeName: updateName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        answerNames: [name],
        encode: (value) => value,
        ...entry,
    };
}

/** The form of a permission. */
export const ACL_PATTERN = /^api-key:(model|endpoint):\S+$/;
/** The form of a permission, in words. */
export const ACL_FORM = "`api-key:model:<name or *>` or `api-key:endpoint:<name or *>`";
/** How the permission for a model begins. */
export const MODEL_ACL = "api-key:model:";
/** How the permission for an endpoint begins. */
export const ENDPOINT_ACL = "api-key:endpoint:";

/** How long a wait for propagation lasts where the program gives no limit. */
export const DEFAULT_PROPAGATION_TIMEOUT = "5m";
/** How long an old secret goes on working where the program gives no overlap. */
export const DEFAULT_OVERLAP = "24h";
/** The longest duration that is counted with, in milliseconds: a hundred years. */
export const LONGEST_DURATION = 36_525 * 86_400_000;
/** The longest time for which an old secret may go on working, in milliseconds: the API's own limit of 7 days. */
export const LONGEST_OVERLAP = 7 * 86_400_000;

/** A duration between two lengths, in milliseconds. */
const duration = (least: number, most: number) =>
    z.string().refine((text) => {
        const length = parseDuration(text);
        return length !== undefined && length >= least && length <= most;
    });

const limit = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const notSet = z.union([z.null(), z.undefined(), z.literal("")]).transform(() => null);
const limitEntry = {
    schema: limit,
    allowed: "a whole number, 1 or more; leave it out for no limit",
    // As number or text. The API writes "0" for "no limit".
    answer: z.union([
        notSet,
        z
            .union([z.number().int().nonnegative(), z.string().regex(/^\d+$/).transform(Number)])
            .transform((value) => (value === 0 ? null : value)),
    ]),
};

/** What the API holds of a key and can change in place. */
export const HELD_FIELDS = {
    name: held("name", {
        schema: z.string().regex(/\S/),
        allowed: "a text that is not empty",
        canonical: (value) => (typeof value === "string" ? value.trim() : value),
        answer: z
            .string()
            .nullish()
            .transform((value) => value ?? ""),
    }),
    acls: held("acls", {
        schema: z.array(z.string().regex(ACL_PATTERN)),
        allowed: `a list of ${ACL_FORM}`,
        canonical: (value) => (Array.isArray(value) && value.every(isText) ? [...new Set(value)].sort() : value),
        answer: z
            .array(z.string())
            .nullish()
            .transform((value) => value ?? null),
        updateName: "aclStrings",
        answerNames: ["aclStrings", "acl_strings", "acls"],
        encode: (value) => (Array.isArray(value) ? [...new Set(value)] : value),
    }),
    qps: held("qps", limitEntry),
    qpm: held("qpm", limitEntry),
    tpm: held("tpm", {
        schema: z.union([limit, z.string().regex(/^0*[1-9]\d*$/)]),
        allowed: "a whole number, 1 or more, as a number or as text; leave it out for no limit",
        canonical: integerText,
        answer: z.union([
            notSet,
            z
                .union([z.number().int().nonnegative().transform(String), z.string().regex(/^\d+$/)])
                .transform((value) => (/^0+$/.test(value) ? null : value)),
        ]),
        encode: integerText,
    }),
    expireTime: held("expireTime", {
        schema: z.string().refine((text) => timeOf(text) !== undefined),
        allowed: "an RFC 3339 instant such as `2027-01-31T12:00:00Z`",
        // The API publishes no precision: it may keep microseconds, or cut them off.
        canonical: toSeconds,
        answer: z.union([notSet, z.string()]),
    }),
    disabled: held("disabled", {
        schema: z.boolean(),
        allowed: "true or false",
        answer: z.union([
            z.boolean(),
            z.enum(["true", "false"]).transform((word) => word === "true"),
            notSet.transform(() => false),
        ]),
        createName: null,
    }),
};

/** The name of a field that the API holds. */
export type Field = keyof typeof HELD_FIELDS;
/** The values of the fields as answers give them: null for "not set". */
export type HeldValues = { readonly [F in Field]: z.infer<(typeof HELD_FIELDS)[F]["answer"]> };
/** The fields that the API holds, in the order of the table. */
export const FIELDS = Object.keys(HELD_FIELDS) as readonly Field[];
/** The schemas of the fields' values in an answer. */
export const HELD_ANSWERS = Object.fromEntries(FIELDS.map((field) => [field, HELD_FIELDS[field].answer])) as {
    readonly [F in Field]: (typeof HELD_FIELDS)[F]["answer"];
};

/** A team's or a key's id: one part of a URL's path. A secret in its place would travel in URLs and stand in messages. */
export const ID = /^(?!xai-)(?!\.{1,2}$)[^\s/\p{Surrogate}]+$/u;

const lengthOfTime = {
    schema: duration(1, LONGEST_DURATION),
    allowed: 'a duration such as "90d" or "12h", a hundred years at most',
    canonical: durationLength,
};

/** The parts of the argument `rotation`. */
export const ROTATION_PARTS = {
    triggers: { schema: z.record(z.string(), z.unknown()), allowed: "a map of any values", secret: true },
    every: lengthOfTime,
    beforeExpiry: lengthOfTime,
    overlap: {
        schema: duration(0, LONGEST_OVERLAP),
        allowed: 'a duration from "0s", which ends the old secret at once, to "7d"',
        canonical: durationLength,
    },
} as const satisfies Record<string, Argument>;

/** The arguments that the API never hears of, or that it hears of in another form. */
export const OWN_ARGUMENTS = {
    expiresIn: lengthOfTime,
    rotation: {
        schema: z.object({
            triggers: ROTATION_PARTS.triggers.schema.nullish(),
            every: ROTATION_PARTS.every.schema.nullish(),
            beforeExpiry: ROTATION_PARTS.beforeExpiry.schema.nullish(),
            overlap: ROTATION_PARTS.overlap.schema.nullish(),
        }),
        allowed: "a map of `triggers`, `every`, `beforeExpiry`, `overlap`",
        canonical: canonicalRotation,
    },
    teamId: { schema: z.string().regex(ID), allowed: "a team's id" },
    waitForPropagation: { schema: z.boolean(), allowed: "true or false", canonical: (value) => value ?? true },
    propagationTimeout: {
        schema: duration(1, LONGEST_DURATION),
        allowed: 'a duration such as "90s" or "5m"',
        canonical: (value) => durationLength(value ?? DEFAULT_PROPAGATION_TIMEOUT),
    },
    onDelete: {
        schema: z.enum(["delete", "disable"]),
        allowed: '"delete" or "disable"',
        canonical: (value) => value ?? "delete",
    },
    adoptKeyId: {
        schema: z.string().regex(ID),
        allowed: "the id of an API key, as the xAI Console shows it; not its secret",
        secret: true,
    },
    existingSecret: {
        schema: z.string().regex(/^\S+$/),
        allowed: "the secret of the key that `adoptKeyId` names, without anything around it",
        secret: true,
    },
} as const satisfies Record<string, Argument>;

/** Every argument of an API key. */
export const ARGUMENTS = { ...HELD_FIELDS, ...OWN_ARGUMENTS };
/** The name of an argument. */
export type ArgumentName = Field | keyof typeof OWN_ARGUMENTS;

function isText(value: unknown): value is string {
    return typeof value === "string";
}

/**
 * Whether two values of an argument mean the same: sets as sets, instants as instants, durations as lengths, text as
 * number, null as absent.
 *
 * @param aliases - Every name and alias of the team's models. Default: names as they are.
 */
export function same(name: ArgumentName, a: unknown, b: unknown, aliases: Aliases = NO_ALIASES): boolean {
    const { canonical = (value: unknown) => value }: Argument = ARGUMENTS[name];
    const meaning = (value: unknown) => {
        const resolved =
            name === "acls" && Array.isArray(value) ? value.map((acl) => resolveAlias(acl, aliases)) : value;
        return canonical(resolved) ?? null;
    };
    return isDeepStrictEqual(meaning(a), meaning(b));
}

/** Every name and alias of the team's models, and the name that it stands for; `unknown` takes any two names for one model. */
export type Aliases = ReadonlyMap<string, string> | "unknown";
export const NO_ALIASES: Aliases = new Map();

/** A permission with the model's own name in the place of an alias. */
export function resolveAlias(acl: unknown, aliases: Aliases): unknown {
    if (typeof acl !== "string" || !acl.startsWith(MODEL_ACL) || acl === `${MODEL_ACL}*`) {
        return acl;
    }
    const name = acl.slice(MODEL_ACL.length);
    return MODEL_ACL + (aliases === "unknown" ? "?" : (aliases.get(name) ?? name));
}

function integerText(value: unknown): unknown {
    const isInteger = Number.isSafeInteger(value) || (typeof value === "string" && /^\d+$/.test(value));
    return isInteger ? BigInt(String(value)).toString() : value;
}

function durationLength(value: unknown): unknown {
    return parseDuration(value) ?? value;
}

/** Without the parts that are not given, and none where nothing is. */
function canonicalRotation(rotation: unknown): unknown {
    if (!isMap(rotation)) {
        return rotation;
    }
    const parts = Object.entries(rotation).filter(([, part]) => part !== null && part !== undefined);
    return parts.length === 0
        ? null
        : Object.fromEntries(parts.map(([name, part]) => [name, name === "triggers" ? part : durationLength(part)]));
}
