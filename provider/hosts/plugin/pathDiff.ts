import { isDeepStrictEqual } from "node:util";
import { isMap } from "../../isMap.js";

/** What differs between two values of a property, path by path, as the engine shows it. Pure. */

/** One place that differs. */
export interface PathDiff {
    /** In Pulumi's notation: `acls[1]`, `rotation.triggers["a.b"]`. */
    readonly path: string;
    readonly kind: "add" | "delete" | "update";
}

/**
 * The places in which two values differ. Null counts as absent.
 *
 * @param path - Where the values stand.
 */
export function pathDiffs(path: string, old: unknown, next: unknown): readonly PathDiff[] {
    const [before, after] = [old ?? undefined, next ?? undefined];
    if (isDeepStrictEqual(before, after)) {
        return [];
    }
    if (before === undefined || after === undefined) {
        return [{ path, kind: before === undefined ? "add" : "delete" }];
    }
    if (Array.isArray(before) && Array.isArray(after)) {
        return entryDiffs(path, before, after);
    }
    if (isMap(before) && isMap(after)) {
        const names = new Set([...Object.keys(before), ...Object.keys(after)]);
        return [...names].flatMap((name) => pathDiffs(path + step(name), before[name], after[name]));
    }
    return [{ path, kind: "update" }];
}

/** Every list of a key is a set: an entry that only moved is no difference. */
function entryDiffs(path: string, before: readonly unknown[], after: readonly unknown[]): readonly PathDiff[] {
    const added = missingIndices(after, before);
    const deleted = missingIndices(before, after);
    return [...new Set([...added, ...deleted])]
        .sort((a, b) => a - b)
        .map((index) => ({
            path: `${path}[${index}]`,
            kind: !deleted.has(index) ? "add" : added.has(index) ? "update" : "delete",
        }));
}

/** The indices of the entries that the other list lacks. */
function missingIndices(list: readonly unknown[], other: readonly unknown[]): ReadonlySet<number> {
    return new Set(list.flatMap((entry, index) => (other.includes(entry) ? [] : [index])));
}

function step(name: string): string {
    return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
