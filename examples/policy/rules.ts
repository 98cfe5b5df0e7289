/**
 * The rules of the pack, without Pulumi's machinery. Each yields one message for each violation.
 *
 * In a preview, reading a value that only the run knows throws. A rule first reports what it can see, and then throws that
 * error: Pulumi shows it as advice, and the run applies the rule again before it creates or changes the key.
 */
import type { Unwrap } from "@pulumi/pulumi";
import type { XaiApiKeyArgs } from "pulumi-xai";

/** The arguments of a key. They are the same in both modes. */
export type KeyArgs = Unwrap<XaiApiKeyArgs>;

/** The limits that a key can have, in words. */
export const LIMITS = { qps: "queries a second", qpm: "queries a minute", tpm: "tokens a minute" } as const;
export type Limit = keyof typeof LIMITS;

const WILDCARDS: Readonly<Record<string, string>> = {
    "api-key:model:*": 'may use every model. Name the models that it needs, such as `acl.model("grok-4")`.',
    "api-key:endpoint:*": 'may call every endpoint. Name the endpoints that it needs, such as `acl.endpoint("chat")`.',
};

/** Whether a rule applies to a stack. A `*` at the end of a name stands for any characters. */
export function appliesTo(stacks: readonly string[], stack: string): boolean {
    return stacks.some((name) => (name.endsWith("*") ? stack.startsWith(name.slice(0, -1)) : stack === name));
}

/** No permission for all models or all endpoints. */
export function* wildcards(name: string, { acls }: KeyArgs): Generator<string> {
    for (const what of readable(acls.keys(), (index) => WILDCARDS[acls[index] ?? ""])) {
        yield `Key "${name}" ${what}`;
    }
}

/** Each of these limits is set. */
export function* missingLimits(name: string, args: KeyArgs, limits: readonly Limit[]): Generator<string> {
    for (const limit of readable(limits, (one) => (args[one] ?? undefined) === undefined && one)) {
        yield `Key "${name}" has no limit of ${LIMITS[limit]}. Set \`${limit}\`.`;
    }
}

/** The key expires, or `pulumi up` renews its secret by itself. Triggers renew it only when somebody changes them. */
export function* endlessSecret(name: string, args: KeyArgs): Generator<string> {
    const ends = [() => args.expiresIn, () => args.expireTime, () => args.rotation?.every];
    const [end] = readable(ends, (read) => read());
    if (end === undefined) {
        yield `Key "${name}" never expires, and nothing renews its secret. Set \`rotation.every\` or \`expiresIn\`, such as "90d".`;
    }
}

/** A lost line of code does not delete the key. */
export function* unprotected(name: string, stack: string, args: KeyArgs, protect: boolean): Generator<string> {
    if (!protect && args.onDelete !== "disable") {
        yield `Key "${name}" of stack "${stack}" can be deleted for good. Set the option \`protect: true\` or \`onDelete: "disable"\`.`;
    }
}

/**
 * No output of the stack holds a key's secret, except the allowed ones.
 *
 * @param secrets - The name of each key by its secret.
 */
export function* exportedSecrets(
    secrets: ReadonlyMap<string, string>,
    outputs: Readonly<Record<string, unknown>>,
    allowed: readonly string[],
): Generator<string> {
    for (const output of Object.keys(outputs).filter((one) => !allowed.includes(one))) {
        for (const [secret, name] of secrets) {
            if (holds(outputs, output, secret)) {
                yield `The stack output "${output}" holds the secret of key "${name}". Write the secret to a secret store instead. If the output is no Pulumi secret, rotate the key.`;
            }
        }
    }
}

/** Whether a text stands somewhere in a property. It stands in nothing that only the run knows. */
function holds(parent: object, property: string, text: string): boolean {
    let value: unknown;
    try {
        value = Reflect.get(parent, property);
    } catch {
        return false;
    }
    return typeof value === "object" && value !== null
        ? Object.keys(value).some((inner) => holds(Object(value), inner, text))
        : typeof value === "string" && value.includes(text);
}

/** What `read` finds in the items. What it cannot read yet it throws, after everything else. */
function* readable<Item, Found>(
    items: Iterable<Item>,
    read: (item: Item) => Found | false | null | undefined,
): Generator<Found> {
    const unreadable: unknown[] = [];
    for (const item of items) {
        try {
            const found = read(item);
            if (found !== undefined && found !== null && found !== false) {
                yield found;
            }
        } catch (error) {
            unreadable.push(error);
        }
    }
    if (unreadable.length > 0) {
        throw unreadable[0];
    }
}
