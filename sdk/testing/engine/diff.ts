import { parsePropertyPath, pathContains, resetIgnored } from "./propertyPath.js";
import { changedKeys, revealMap, type ValueMap } from "./values.js";

/** What a provider said about the difference between what is and what should be. */
export interface ProviderDiff {
    /** `unknown` leaves it to the engine to compare the inputs. */
    readonly changes: "none" | "some" | "unknown";
    readonly replaceKeys: readonly string[];
    readonly changedKeys: readonly string[];
    readonly deleteBeforeReplace: boolean;
    /** Why it is only a guess. */
    readonly warning?: string;
}

/** A difference on which the engine can act. */
export interface Diff {
    readonly changes: boolean;
    readonly replaceKeys: readonly string[];
    readonly changedKeys: readonly string[];
    readonly deleteBeforeReplace: boolean;
}

/** No difference. */
export const NO_DIFF: Diff = { changes: false, replaceKeys: [], changedKeys: [], deleteBeforeReplace: false };

/** A difference that asks for a replacement and blames one key. */
export function replaceDiff(key: string): Diff {
    return { changes: true, replaceKeys: [key], changedKeys: [], deleteBeforeReplace: false };
}

/** Settles what a provider left open: then a difference of the inputs, secrets or not, decides. */
export function settleDiff(
    said: ProviderDiff,
    oldInputs: ValueMap,
    newInputs: ValueMap,
    ignoreChanges: readonly string[],
): Diff {
    if (said.changes !== "unknown") return { ...said, changes: said.changes === "some" };
    const { inputs } = resetIgnored(newInputs, oldInputs, ignoreChanges);
    const changed = changedKeys(revealMap(oldInputs), revealMap(inputs));
    return changed.length === 0 ? { ...said, changes: false } : { ...said, changes: true, changedKeys: changed };
}

/** Why a replacement is asked for where `replaceOnChanges` covers unfinished resources. */
const INIT_ERROR_KEY = "#initerror";

/** Adds what `replaceOnChanges` asks for: changes of the named properties replace. */
export function withReplaceOnChanges(diff: Diff, replaceOnChanges: readonly string[], hasInitErrors: boolean): Diff {
    if (!diff.changes && !hasInitErrors) return diff;
    const paths = replaceOnChanges.map(parsePropertyPath).filter((path) => path !== undefined);
    const covered = (key: string): boolean => {
        const path = parsePropertyPath(key);
        return path !== undefined && paths.some((wanted) => pathContains(wanted, path));
    };
    const keys = new Set([...diff.replaceKeys, ...diff.changedKeys.filter(covered)]);
    const replaceUnfinished = hasInitErrors && covered(INIT_ERROR_KEY);
    if (replaceUnfinished) keys.add(INIT_ERROR_KEY);
    return { ...diff, changes: diff.changes || replaceUnfinished, replaceKeys: [...keys] };
}
