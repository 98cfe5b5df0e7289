/**
 * Property values as the engine sees them: JSON, with secrets, values that are not known before the run, and
 * references to resources marked by types of their own. Everything here is pure; nothing is changed in place.
 */

/** Stands for a value that is only known once the update has run. */
export const UNKNOWN = Symbol("unknown");

/** A value that may be shown and stored only encrypted. */
export class Secret {
    constructor(readonly element: Value) {}
}

/** A resource given as a value. `id` is absent for components, and {@link UNKNOWN} before a resource is made. */
export class Reference {
    constructor(
        readonly urn: string,
        readonly id: string | typeof UNKNOWN | undefined,
        readonly packageVersion: string,
    ) {}
}

/** Any property value. */
export type Value =
    | null
    | boolean
    | number
    | string
    | typeof UNKNOWN
    | Secret
    | Reference
    | readonly Value[]
    | ValueMap;

/** The properties of a resource, or an object within them. */
export interface ValueMap {
    readonly [key: string]: Value;
}

/** Whether a value is a list. */
export function isList(value: Value | undefined): value is readonly Value[] {
    return Array.isArray(value);
}

/** Whether a value is a plain object. */
export function isMap(value: Value | undefined): value is ValueMap {
    return (
        typeof value === "object" &&
        value !== null &&
        !Array.isArray(value) &&
        !(value instanceof Secret) &&
        !(value instanceof Reference)
    );
}

/** A map with each value put through a function; `undefined` leaves the key out. */
export function mapValues(map: ValueMap, change: (value: Value, key: string) => Value | undefined): ValueMap {
    const entries: [string, Value][] = [];
    for (const [key, value] of Object.entries(map)) {
        const changed = change(value, key);
        if (changed !== undefined) entries.push([key, changed]);
    }
    return Object.fromEntries(entries);
}

/** Whether two values are the same; a key that is absent is the same as one that is null, as Pulumi has it. */
export function equal(left: Value | undefined, right: Value | undefined): boolean {
    if (left === undefined || left === null) return right === undefined || right === null;
    if (right === undefined || right === null) return false;
    if (left instanceof Secret) return right instanceof Secret && equal(left.element, right.element);
    if (left instanceof Reference) return right instanceof Reference && left.urn === right.urn && left.id === right.id;
    if (isList(left)) {
        return isList(right) && left.length === right.length && left.every((item, index) => equal(item, right[index]));
    }
    if (isMap(left)) return isMap(right) && changedKeys(left, right).length === 0;
    return left === right;
}

/** A map's own value: `__proto__` and `constructor` are names like others, and objects have those by themselves. */
function own(map: ValueMap, key: string): Value | undefined {
    return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** The keys, sorted, whose values differ between two maps. */
export function changedKeys(left: ValueMap, right: ValueMap): string[] {
    const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
    return [...keys].filter((key) => !equal(own(left, key), own(right, key))).sort();
}

/** Whether a value is, or holds, something that satisfies a test. */
function holds(value: Value, test: (value: Value) => boolean): boolean {
    if (test(value)) return true;
    if (value instanceof Secret) return holds(value.element, test);
    if (isList(value)) return value.some((item) => holds(item, test));
    if (isMap(value)) return Object.values(value).some((item) => holds(item, test));
    return false;
}

/** Whether a secret is anywhere in a value. */
export function holdsSecret(value: Value): boolean {
    return holds(value, (item) => item instanceof Secret);
}

/** Whether anything in a value is unknown. */
export function holdsUnknown(value: Value): boolean {
    return holds(value, (item) => item === UNKNOWN || (item instanceof Reference && item.id === UNKNOWN));
}

/** A value without its secret marks, at any depth. */
export function reveal(value: Value): Value {
    if (value instanceof Secret) return reveal(value.element);
    if (isList(value)) return value.map(reveal);
    if (isMap(value)) return revealMap(value);
    return value;
}

/** A map without its secret marks, at any depth. */
export function revealMap(map: ValueMap): ValueMap {
    return mapValues(map, reveal);
}

/** A value marked secret, once. */
export function secret(value: Value): Secret {
    return value instanceof Secret ? value : new Secret(value);
}

/**
 * Marks again what a provider, which is given secrets in the clear, handed back under the name that a secret went
 * in under. A list with a secret in it comes back wholly secret, an object only where the secret was.
 */
export function markAgain(outputs: ValueMap, inputs: ValueMap): ValueMap {
    return mapValues(outputs, (value, key) => {
        const given = own(inputs, key);
        if (given === undefined) return value;
        if (isMap(value) && isMap(given)) return markAgain(value, given);
        return holdsSecret(given) ? secret(value) : value;
    });
}

/**
 * The marks that the engine adds to what a step stored: the outputs named as secret, and those whose input of the
 * same name is secret.
 */
export function markOutputs(outputs: ValueMap, inputs: ValueMap, named: readonly string[]): ValueMap {
    return mapValues(outputs, (value, key) => {
        const isSecret = (named.includes(key) && key !== "id") || own(inputs, key) instanceof Secret;
        return isSecret ? secret(value) : value;
    });
}
