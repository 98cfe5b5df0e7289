import { z } from "zod";
import { XaiError } from "../../api/errors.js";
import { shorten, withoutCredentials } from "../../api/words.js";
import { ACL_FORM, ACL_PATTERN, ID } from "../../fields.js";
import { didYouMean, showValue } from "../../suggest.js";

/** The arguments of the functions, which programs without types may give in any form. Null means absent. Pure. */

// Each schema's message is the form in words, after "must be".
const text = (allowed: string, form = /\S/) => z.string({ error: allowed }).regex(form, { error: allowed });
const optional = <T>(schema: z.ZodType<T>) => schema.nullish().transform((value) => value ?? undefined);

const teamId = optional(text("a team's id", ID));
const kind = optional(text('a kind of models, such as "language"'));
const keyName = optional(text("a key's name"));

/** The arguments of each function. */
export const ARGUMENTS = {
    getModels: z.strictObject({ kind, cluster: optional(text("a cluster's name")), teamId }),
    getModel: z.strictObject({ name: text("a model's name or alias"), kind, teamId }),
    getEndpoints: z.strictObject({ teamId }),
    getApiKeys: z.strictObject({
        name: keyName,
        acl: optional(text(ACL_FORM, ACL_PATTERN)),
        activeOnly: optional(z.boolean({ error: "true or false" })),
        teamId,
    }),
    getApiKey: z.strictObject({
        id: optional(text("a key's id (its `apiKeyId`, not its secret)", ID)),
        name: keyName,
        teamId,
    }),
    getManagementKey: z.strictObject({}),
} as const;

/** The name of a function. */
export type FunctionName = keyof typeof ARGUMENTS;
/** The arguments of a function, as {@link readArguments} gives them. */
export type Arguments<Name extends FunctionName> = z.output<(typeof ARGUMENTS)[Name]>;

/**
 * Reads what a program gave to a function.
 *
 * @param isSecret - Whether the values are secrets of the program: then the message shows none.
 * @throws XaiError that names everything that is wrong, with what was given and what is allowed.
 */
export function readArguments<Name extends FunctionName>(name: Name, given: unknown, isSecret: boolean) {
    const schema: (typeof ARGUMENTS)[Name] = ARGUMENTS[name];
    const parsed = schema.safeParse(given ?? {});
    if (parsed.success) {
        // The compiler does not see that the schema of a name gives the arguments of that name.
        return parsed.data as Arguments<Name>;
    }
    const names = Object.keys(schema.shape);
    throw wrongArguments(
        name,
        parsed.error.issues.flatMap((issue) => problems(issue, names, given, isSecret)),
    );
}

/** The error for arguments that do not fit. */
export function wrongArguments(name: FunctionName, wrong: readonly string[]): XaiError {
    return new XaiError(`Wrong arguments of ${name}: ${wrong.join("; ")}.`);
}

function problems(issue: z.core.$ZodIssue, names: readonly string[], given: unknown, isSecret: boolean) {
    if (issue.code === "unrecognized_keys") {
        return issue.keys.map((key) => `\`${shorten(key)}\` is not an argument${didYouMean(key, names)}`);
    }
    const [name] = issue.path;
    if (typeof name !== "string") {
        return [`they must be an object, not ${show(given, isSecret)}`];
    }
    const value: unknown = Reflect.get(Object(given), name);
    const isMissing = value === undefined || value === null;
    return [
        isMissing
            ? `\`${name}\` is missing: ${issue.message}`
            : `\`${name}\` must be ${issue.message}, not ${show(value, isSecret)}`,
    ];
}

/** A value in a message, but none that is a secret or looks like one. */
export function show(value: unknown, isSecret: boolean): string {
    if (isSecret) {
        return "a secret value";
    }
    if (typeof value === "string") {
        return /^\s*xai-/.test(value)
            ? "a text that looks like a secret"
            : shorten(showValue(withoutCredentials(value)));
    }
    if (typeof value === "number" || typeof value === "boolean") {
        return String(value);
    }
    return Array.isArray(value) ? "a list" : `a value of type ${typeof value}`;
}
