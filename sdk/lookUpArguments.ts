import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { shorten, withoutCredentials, XaiError } from "../provider/api/errors.js";
import { MODEL_LISTS } from "../provider/api/models.js";
import { ACL_FORM, ACL_PATTERN, didYouMean } from "../provider/apiKeyInputs.js";

/**
 * The arguments of the look-ups, as programs without types may give them. Pure. Absent and `null` mean the same.
 */

const text = (allowed: string) => z.string({ error: allowed }).regex(/\S/, { error: allowed });
const optional = <T>(schema: z.ZodType<T>) => schema.nullish().transform((value) => value ?? undefined);

/** An id: never what looks like a secret, which would travel in a URL and stand in messages. */
const id = (allowed: string) => text(allowed).regex(/^(?!xai-)/, { error: allowed });

const teamId = optional(id("a team's id"));
const KINDS = MODEL_LISTS.map(([, one]) => one);
const kind = optional(z.enum(KINDS, { error: `one of ${KINDS.map((one) => `"${one}"`).join(", ")}` }));

/** What each look-up takes. */
export const LOOK_UPS = {
    getModel: z.strictObject({ name: text("a model's name or alias"), kind, teamId }),
    getModels: z.strictObject({ kind, cluster: optional(text("a cluster's name")), teamId }),
    getEndpoints: z.strictObject({ teamId }),
    getApiKey: z.strictObject({
        id: optional(id("a key's id (its `apiKeyId`, not its secret)")),
        name: optional(text("a key's name")),
        teamId,
    }),
    getApiKeys: z.strictObject({
        name: optional(text("a key's name")),
        acl: optional(z.string({ error: ACL_FORM }).regex(ACL_PATTERN, { error: ACL_FORM })),
        activeOnly: optional(z.boolean({ error: "true or false" })),
        teamId,
    }),
    getManagementKey: z.strictObject({}),
} as const;

/** A look-up with arguments of its own. */
export type LookUpName = keyof typeof LOOK_UPS;
/** What a look-up takes, as {@link readArguments} has read it. */
export type LookUpArguments<Name extends LookUpName> = z.infer<(typeof LOOK_UPS)[Name]>;

/** Arguments that a look-up does not take. */
export class ArgumentsError extends XaiError {}

/**
 * Reads what a program gave to a look-up.
 *
 * @param isSecret - Whether the values are the program's secrets: then none is shown.
 * @throws {@link ArgumentsError} that names every one that is wrong, with what was given and what is allowed.
 */
export function readArguments<Name extends LookUpName>(
    lookUp: Name,
    given: unknown,
    isSecret: boolean,
): LookUpArguments<Name> {
    const schema: (typeof LOOK_UPS)[Name] = LOOK_UPS[lookUp];
    const parsed = schema.safeParse(given);
    if (parsed.success) {
        return parsed.data as LookUpArguments<Name>;
    }
    const wrong = parsed.error.issues.flatMap((issue) =>
        problems(issue, { lookUp, names: Object.keys(schema.shape), given, isSecret }),
    );
    throw new ArgumentsError(`${lookUp} was not asked: ${wrong.join("; ")}.`);
}

/** By what one key is looked up. */
export type IdOrName = { readonly id: string } | { readonly name: string };

/**
 * The one of the two that was given.
 *
 * @throws {@link ArgumentsError} where it was none, or both.
 */
export function idOrName({ id, name }: { id: string | undefined; name: string | undefined }): IdOrName {
    if (id !== undefined && name === undefined) {
        return { id };
    }
    if (name !== undefined && id === undefined) {
        return { name };
    }
    throw new ArgumentsError("getApiKey was not asked: give it either the key's `id` or its `name`.");
}

interface Asked {
    readonly lookUp: string;
    /** The arguments that there are. */
    readonly names: readonly string[];
    readonly given: unknown;
    readonly isSecret: boolean;
}

function problems(issue: z.core.$ZodIssue, { lookUp, names, given, isSecret }: Asked): readonly string[] {
    const [name] = issue.path;
    const value: unknown = typeof name === "string" ? Reflect.get(Object(given), name) : given;
    const what = typeof name === "string" ? `\`${name}\`` : "its arguments";
    if (pulumi.Output.isInstance(value)) {
        return [`${what} will only be known later, for it is an output: use ${lookUp}Output`];
    }
    if (issue.code === "unrecognized_keys") {
        return issue.keys.map((key) => `\`${shorten(key)}\` is no argument of it${didYouMean(key, names)}`);
    }
    if (typeof name !== "string") {
        return [`${what} must be an object, not ${show(value, isSecret)}`];
    }
    if (value === undefined || value === null) {
        return [`${what} is required: ${issue.message}`];
    }
    const candidates = issue.code === "invalid_value" && typeof value === "string" && !isSecret ? issue.values : [];
    const suggestion = typeof value === "string" ? didYouMean(value, candidates.map(String)) : "";
    return [`${what} is ${show(value, isSecret)}, which is not ${issue.message}${suggestion}`];
}

const LONGEST_SHOWN = 80;

/** A value in a message; never one that is a secret, or looks like one. */
export function show(value: unknown, isSecret: boolean): string {
    if (isSecret) {
        return "a secret value";
    }
    if ((typeof value === "object" && value !== null) || typeof value === "function") {
        return Array.isArray(value) ? "a list" : `${typeof value === "object" ? "an" : "a"} ${typeof value}`;
    }
    const written = withoutCredentials(typeof value === "string" ? JSON.stringify(value) : String(value));
    return written.length > LONGEST_SHOWN ? `${written.slice(0, LONGEST_SHOWN)}…` : written;
}
