/** Property values as an engine holds them: JSON, with secrets and unknown values marked. Nothing is changed in place. */

/** Stands for a value that only the run knows. */
export const UNKNOWN = Symbol("unknown");

/** A value that may be stored and shown only encrypted. */
export class Secret {
    constructor(readonly element: Value) {}
}

export type Value = null | boolean | number | string | typeof UNKNOWN | Secret | readonly Value[] | ValueMap;

/** The properties of a resource, or an object within them. */
export interface ValueMap {
    readonly [key: string]: Value;
}

export function isMap(value: Value | undefined): value is ValueMap {
    return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Secret);
}

export function secret(value: Value): Secret {
    return value instanceof Secret ? value : new Secret(value);
}

export function mapValues(map: ValueMap, change: (value: Value, key: string) => Value): ValueMap {
    return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value, key)]));
}

/** A value with its secrets in the clear. */
export function reveal(value: Value): Value {
    if (value instanceof Secret) return reveal(value.element);
    if (Array.isArray(value)) return value.map(reveal);
    return isMap(value) ? mapValues(value, reveal) : value;
}

/** A value as a state file or a preview shows it: secrets encrypted. */
export function sealed(value: Value): Value {
    if (value instanceof Secret) return "[secret]";
    if (value === UNKNOWN) return "[unknown]";
    if (Array.isArray(value)) return value.map(sealed);
    return isMap(value) ? mapValues(value, sealed) : value;
}

export function holdsSecret(value: Value): boolean {
    if (value instanceof Secret) return true;
    if (Array.isArray(value)) return value.some(holdsSecret);
    return isMap(value) && Object.values(value).some(holdsSecret);
}
