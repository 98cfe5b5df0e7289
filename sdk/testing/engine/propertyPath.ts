import { isList, isMap, mapValues, Secret, secret, type Value, type ValueMap } from "./values.js";

/** A path into properties: names and list positions; `*` stands for all of them. */
export type PropertyPath = readonly (string | number)[];

/**
 * Parses a path as Pulumi writes them: `a.b`, `a[0]`, `a["b.c"]`, `a[*]`.
 *
 * @returns the path, or `undefined` where the text is no path
 */
export function parsePropertyPath(text: string): PropertyPath | undefined {
    const path: (string | number)[] = [];
    const token = /\.?([^.[\]"]+)|\[(\d+|\*)\]|\["((?:[^"\\]|\\.)*)"\]/y;
    while (token.lastIndex < text.length) {
        const match = token.exec(text);
        if (match === null) return undefined;
        const [, name, index, quoted] = match;
        if (name !== undefined) path.push(name);
        else if (index !== undefined) path.push(index === "*" ? "*" : Number(index));
        else path.push((quoted ?? "").replace(/\\(.)/g, "$1"));
    }
    return path;
}

/** Whether one path is, or leads to, another. */
export function pathContains(path: PropertyPath, other: PropertyPath): boolean {
    return path.length <= other.length && path.every((part, index) => part === "*" || part === other[index]);
}

/**
 * Inputs with what `ignoreChanges` names set back to its old value.
 *
 * @returns the inputs, and the paths that could not be set back since list members or parents came or went
 */
export function resetIgnored(
    inputs: ValueMap,
    oldInputs: ValueMap,
    ignoreChanges: readonly string[],
): { inputs: ValueMap; invalid: string[] } {
    let current: ValueMap = inputs;
    const invalid: string[] = [];
    for (const text of ignoreChanges) {
        const path = parsePropertyPath(text);
        if (path === undefined) continue;
        const result = reset(path, oldInputs, current, false);
        if (isMap(result)) current = result;
        else invalid.push(text);
    }
    return { inputs: current, invalid };
}

/** The new value with the path set back, or `undefined` where that is not possible. */
function reset(path: PropertyPath, old: Value | undefined, next: Value, oldIsSecret: boolean): Value | undefined {
    if (old instanceof Secret) return reset(path, old.element, next, true);
    if (next instanceof Secret) {
        const element = reset(path, old, next.element, false);
        return element === undefined ? undefined : new Secret(element);
    }
    const [part, ...rest] = path;
    const restore = (value: Value): Value => (oldIsSecret ? secret(value) : value);
    if (part === undefined) return undefined;
    if (part === "*") return resetAll(rest, old, next, oldIsSecret, restore);
    if (typeof part === "number") return resetItem(part, rest, old, next, oldIsSecret, restore);
    return resetField(part, rest, old, next, oldIsSecret, restore);
}

type Restore = (value: Value) => Value;

function resetField(
    key: string,
    rest: PropertyPath,
    old: Value | undefined,
    next: Value,
    oldIsSecret: boolean,
    restore: Restore,
): Value | undefined {
    const oldValue = isMap(old) ? old[key] : undefined;
    if (rest.length === 0) {
        if (!isMap(next)) return oldValue === undefined ? next : undefined;
        if (oldValue !== undefined) return { ...next, [key]: restore(oldValue) };
        return mapValues(next, (value, name) => (name === key ? undefined : value));
    }
    if (!isMap(old) || !isMap(next)) return !isMap(old) && !isMap(next) ? next : undefined;
    const nextValue = next[key];
    if (nextValue === undefined) return oldValue === undefined ? next : undefined;
    const value = reset(rest, oldValue, nextValue, oldIsSecret);
    return value === undefined ? undefined : { ...next, [key]: value };
}

function resetItem(
    index: number,
    rest: PropertyPath,
    old: Value | undefined,
    next: Value,
    oldIsSecret: boolean,
    restore: Restore,
): Value | undefined {
    if (!isList(old) || !isList(next)) return !isList(old) && !isList(next) ? next : undefined;
    const oldItem = old[index];
    const nextItem = next[index];
    if (oldItem === undefined && nextItem === undefined && rest.length === 0) return next;
    if (oldItem === undefined || nextItem === undefined) return undefined;
    const value = rest.length === 0 ? restore(oldItem) : reset(rest, oldItem, nextItem, oldIsSecret);
    return value === undefined ? undefined : next.map((item, position) => (position === index ? value : item));
}

function resetAll(
    rest: PropertyPath,
    old: Value | undefined,
    next: Value,
    oldIsSecret: boolean,
    restore: Restore,
): Value | undefined {
    if (isMap(next)) {
        if (rest.length === 0) return isMap(old) ? mapValues(old, restore) : next;
        if (!isMap(old)) return undefined;
        return Object.keys(old).reduce<Value | undefined>(
            (current, key) =>
                isMap(current) && current[key] !== undefined
                    ? resetField(key, rest, old, current, oldIsSecret, restore)
                    : undefined,
            next,
        );
    }
    if (!isList(next)) return undefined;
    if (!isList(old)) return rest.length === 0 ? next : undefined;
    if (old.length !== next.length) return undefined;
    return old.reduce<Value | undefined>(
        (current, _, index) =>
            current === undefined ? undefined : resetItem(index, rest, old, current, oldIsSecret, restore),
        next,
    );
}
