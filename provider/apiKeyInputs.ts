import { distance } from "fastest-levenshtein";
import { z } from "zod";
import { XaiError } from "./api/errors.js";
import { DELETIONS, type Deletion } from "./apiKeyState.js";
import { parseDuration } from "./duration.js";
import { parseInstant, sameInstant, timeOf, toMicroseconds } from "./instant.js";
import type { RotationInputs } from "./rotationInputs.js";
import { type Schedule, scheduleSchema } from "./rotationSchedule.js";
import { hasUnknown, isUnknown } from "./unknown.js";

/**
 * The arguments of an API key as a program gives them, once they are valid. Absent and `null` mean the same.
 */
export interface ApiKeyInputs {
    readonly name: string;
    readonly acls: readonly string[];
    readonly qps?: number | null | undefined;
    readonly qpm?: number | null | undefined;
    readonly tpm?: number | string | null | undefined;
    readonly expireTime?: string | null | undefined;
    readonly disabled?: boolean | null | undefined;
    readonly teamId?: string | null | undefined;
    readonly waitForPropagation?: boolean | null | undefined;
    readonly propagationTimeout?: string | null | undefined;
    readonly onDelete?: Deletion | null | undefined;
    readonly adoptKeyId?: string | null | undefined;
    readonly existingSecret?: string | null | undefined;
    readonly expiresIn?: string | null | undefined;
    readonly rotation?: RotationInputs | null | undefined;
    /** No argument: what a check has found out about rotation and expiry. */
    readonly schedule?: Schedule | undefined;
}

/** Something wrong with one argument: what was given, and what is allowed. */
export interface CheckFailure {
    readonly property: string;
    readonly reason: string;
}

/** What {@link validateInputs} found. */
export interface Validation {
    /** What is new in the program and wrong: refused. */
    readonly failures: readonly CheckFailure[];
    /** What stands in the stack already and is not, or no longer, acceptable: said, never refused. */
    readonly warnings: readonly string[];
}

/** How the permission for a model begins. */
export const MODEL_ACL = "api-key:model:";
/** How the permission for an endpoint begins. */
export const ENDPOINT_ACL = "api-key:endpoint:";
/** The two kinds of permission: a key without both can call nothing. */
export const ACL_KINDS = [MODEL_ACL, ENDPOINT_ACL] as const;

/** The form of a permission, in words. */
export const ACL_FORM = "`api-key:model:<name or *>` or `api-key:endpoint:<name or *>`";
/** The form of a permission. */
export const ACL_PATTERN = /^api-key:(model|endpoint):\S+$/;
const aclSchema = z.string().regex(ACL_PATTERN);
const limit = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

/** One argument's form, and that form in words. */
interface Rule {
    readonly schema: z.ZodType;
    readonly allowed: string;
    readonly required?: true;
    /**
     * Set where the value may be something that its owner wants to keep to himself. One that may be a key's secret is hidden
     * from the engine as well, which shows the value of the property that a failure names.
     */
    readonly hideValue?: "from people" | "from the engine";
}

/** The arguments that have a form of their own. */
const RULES: Readonly<Record<Exclude<keyof ApiKeyInputs, "expiresIn" | "rotation" | "schedule">, Rule>> = {
    name: {
        schema: z.string().regex(/\S/),
        allowed: "a text that is not empty",
        required: true,
        hideValue: "from people",
    },
    acls: { schema: z.array(aclSchema), allowed: `a list of ${ACL_FORM}`, required: true },
    qps: { schema: limit, allowed: "a whole number, 1 or more; leave it out for no limit" },
    qpm: { schema: limit, allowed: "a whole number, 1 or more; leave it out for no limit" },
    tpm: {
        schema: z.union([limit, z.string().regex(/^0*[1-9]\d*$/)]),
        allowed: "a whole number, 1 or more, as a number or as text; leave it out for no limit",
    },
    expireTime: {
        schema: z.string().refine((text) => parseInstant(text) !== undefined),
        allowed: "an RFC 3339 instant such as `2027-01-31T12:00:00Z`",
    },
    disabled: { schema: z.boolean(), allowed: "true or false" },
    teamId: { schema: z.string().regex(/^(?!\.{1,2}$)[^\s/\p{Surrogate}]+$/u), allowed: "a team's id" },
    waitForPropagation: { schema: z.boolean(), allowed: "true or false" },
    propagationTimeout: {
        schema: z.string().refine((text) => (parseDuration(text) ?? 0) > 0),
        allowed: 'a duration such as "90s" or "5m"',
    },
    onDelete: { schema: z.enum(DELETIONS), allowed: '"delete" or "disable"' },
    adoptKeyId: {
        schema: z.string().regex(/^(?!xai-)(?!\.{1,2}$)[^\s/\p{Surrogate}]+$/u),
        allowed: "the id of an API key, as the xAI Console shows it; not its secret",
        hideValue: "from the engine",
    },
    existingSecret: {
        schema: z.string().regex(/^\S+$/),
        allowed: "the secret of the key that `adoptKeyId` names, without anything around it",
        hideValue: "from the engine",
    },
};

/** Every argument there is; those that depend on one another are checked in `rotationInputs.ts`. */
const ARGUMENTS: readonly string[] = [...Object.keys(RULES), "expiresIn", "rotation"];

/** What a dynamic resource carries beside its arguments: the text that names the provider. */
const RESERVED: ReadonlySet<string> = new Set(["__provider"]);

/**
 * Holds arguments against their forms and the clock. Pure. Unknown values pass; what the old inputs already hold is
 * warned about at most.
 *
 * @param olds - The inputs of the last run; `{}` at first.
 * @param news - The arguments as the program gives them now.
 * @param now - In milliseconds since 1970.
 */
export function validateInputs(
    olds: Readonly<Record<string, unknown>>,
    news: Readonly<Record<string, unknown>>,
    now: number,
): Validation {
    const failures: CheckFailure[] = [];
    const warnings: string[] = [];
    const found = (property: string, reason: string, stored = sameJson(olds[property], news[property])) => {
        if (stored) {
            warnings.push(`\`${property}\` of an API key, unchanged in the stack: ${reason}`);
        } else if (ruleFor(property)?.hideValue === "from the engine") {
            failures.push({ property: "", reason: `\`${property}\`: ${reason}` });
        } else {
            failures.push({ property, reason });
        }
    };
    for (const [property, rule] of Object.entries(RULES)) {
        const value = news[property];
        if (value === undefined || value === null) {
            if (rule.required) {
                // What was never there is not unchanged: nothing can go on without it.
                found(property, `is required: ${rule.allowed}`, false);
            }
            continue;
        }
        if (property === "acls" && Array.isArray(value)) {
            for (const acl of value.filter((one: unknown) => !isUnknown(one) && !aclSchema.safeParse(one).success)) {
                const suggestion = typeof acl === "string" ? suggestAclKind(acl) : "";
                found(property, `${show(acl)} is not allowed: ${ACL_FORM}${suggestion}`, isStoredAcl(olds, acl));
            }
        } else if (!isUnknown(value) && !rule.schema.safeParse(value).success) {
            const given = rule.hideValue ? describe(value) : show(value);
            found(property, `${given} is not allowed: ${rule.allowed}`);
        }
    }
    for (const property of Object.keys(news)) {
        if (!ARGUMENTS.includes(property) && !RESERVED.has(property)) {
            found(property, `is no argument of XaiApiKey${didYouMean(property, ARGUMENTS)}`);
        }
    }
    const expireTime = news["expireTime"];
    // What names no instant is refused above.
    if (typeof expireTime === "string" && (timeOf(expireTime) ?? Number.POSITIVE_INFINITY) <= now) {
        const old = olds["expireTime"];
        // What stands in the stack and has expired is warned about where all expiries are.
        if (!(typeof old === "string" && sameInstant(toMicroseconds(old), toMicroseconds(expireTime)))) {
            const reason = `"${expireTime}" is in the past (it is ${new Date(now).toISOString()}): give a later instant`;
            failures.push({ property: "expireTime", reason });
        }
    }
    warnings.push(...missingAclKind(news["acls"]));
    return { failures, warnings };
}

/** A warning for permissions that allow nothing at all. */
function missingAclKind(acls: unknown): string[] {
    if (!Array.isArray(acls) || hasUnknown(acls)) {
        return [];
    }
    const missing = ACL_KINDS.filter((kind) => !acls.some((acl) => typeof acl === "string" && acl.startsWith(kind)));
    return missing.length === 0
        ? []
        : [
              `An API key with acls ${show(acls)} can call nothing: it needs at least one \`${missing.join("…` and one `")}…\` as well.`,
          ];
}

/** Whether a permission stands in the stack already: then it is warned about at most, wherever it stands in the list. */
export function isStoredAcl(olds: Readonly<Record<string, unknown>>, acl: unknown): boolean {
    const stored = olds["acls"];
    return Array.isArray(stored) && stored.includes(acl);
}

/** `api-key:modle:grok-4` → the same with the kind that was probably meant. */
function suggestAclKind(acl: string): string {
    const name = acl.slice(acl.lastIndexOf(":") + 1);
    return name === "" || /\s/.test(name)
        ? ""
        : didYouMean(
              acl,
              ACL_KINDS.map((kind) => kind + name),
          );
}

/** What is longer was not misspelt, and would take minutes to compare. */
const LONGEST_MISSPELT = 500;

/**
 * `; did you mean …?` for a candidate that is close enough, else nothing.
 *
 * The edit distance is fastest-levenshtein's (MIT, no dependencies, one of npm's most used).
 */
export function didYouMean(given: string, candidates: Iterable<string>): string {
    if (given.length > LONGEST_MISSPELT) {
        return "";
    }
    let best: { candidate: string; edits: number } | undefined;
    for (const candidate of candidates) {
        const edits = distance(given.toLowerCase(), candidate.toLowerCase());
        if (best === undefined || edits < best.edits) {
            best = { candidate, edits };
        }
    }
    return best !== undefined && best.edits <= Math.max(2, Math.floor(given.length / 4))
        ? `; did you mean \`${best.candidate}\`?`
        : "";
}

/** A value as a program would write it, shortened. */
export function show(value: unknown): string {
    const text = JSON.stringify(value) ?? String(value);
    return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** What a value is, without saying the value. */
export function describe(value: unknown): string {
    if (typeof value === "string") {
        return value.trim() === "" ? "an empty text" : "the text that is given";
    }
    return `a ${Array.isArray(value) ? "list" : typeof value}`;
}

/** Whether two plain values are written the same. */
export function sameJson(a: unknown, b: unknown): boolean {
    return JSON.stringify(a) === JSON.stringify(b);
}

const inputsSchema = z.object({
    name: z.string(),
    acls: z.array(z.string()),
    qps: z.number().nullish(),
    qpm: z.number().nullish(),
    tpm: z.union([z.number().int(), z.string().regex(/^\d+$/)]).nullish(),
    expireTime: z.string().nullish(),
    disabled: z.boolean().nullish(),
    teamId: z.string().nullish(),
    waitForPropagation: z.boolean().nullish(),
    propagationTimeout: z.string().nullish(),
    onDelete: z.enum(DELETIONS).nullish(),
    adoptKeyId: z.string().nullish(),
    existingSecret: z.string().nullish(),
    expiresIn: z.string().nullish(),
    rotation: z
        .object({
            triggers: z.record(z.string(), z.unknown()).nullish(),
            every: z.string().nullish(),
            beforeExpiry: z.string().nullish(),
            overlap: z.string().nullish(),
        })
        .nullish(),
    schedule: scheduleSchema.optional(),
});

/** Arguments that stand in the stack, where a check refuses nothing, and that cannot be sent as they are. */
export class UnusableInputsError extends XaiError {
    constructor(properties: readonly string[]) {
        const named = properties.map((property) => `\`${property}\` (${allowedFor(property)})`).join("; ");
        super(
            `An API key cannot be given arguments such as stand in the stack: ${named}. Correct them in the program.`,
        );
    }
}

function allowedFor(property: string): string {
    return ruleFor(property)?.allowed ?? "unknown";
}

function ruleFor(property: string): Rule | undefined {
    return Object.entries(RULES).find(([name]) => name === property)?.[1];
}

/**
 * Checked inputs as typed ones. For create and update, where nothing is unknown any more.
 *
 * @throws UnusableInputsError for what a check let pass because it was in the stack already.
 */
export function parseInputs(inputs: Readonly<Record<string, unknown>>): ApiKeyInputs {
    const parsed = inputsSchema.safeParse(inputs);
    if (!parsed.success) {
        throw new UnusableInputsError([...new Set(parsed.error.issues.map((issue) => String(issue.path[0])))]);
    }
    return parsed.data;
}
