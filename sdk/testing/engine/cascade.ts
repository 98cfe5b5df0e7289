import { settleDiff, withReplaceOnChanges } from "./diff.js";
import type { PlanContext } from "./generator.js";
import { PlanError } from "./ledger.js";
import { dependencyUrns, type ResourceState } from "./resource.js";
import { deleteStep, type Step } from "./steps.js";
import { isProviderType, providerUrn } from "./urn.js";
import { mapValues, UNKNOWN } from "./values.js";

interface Dependent {
    readonly state: ResourceState;
    /** The properties that make it be replaced as well. */
    readonly keys: readonly string[];
}

/**
 * The deletions that must come before a resource can be deleted and made again: first of all that depends on it and
 * would be replaced with it, dependents first, then its own.
 *
 * @throws {PlanError} where one of them is protected
 */
export async function deletesBefore(root: ResourceState, context: PlanContext): Promise<Step[]> {
    const { ledger, tell } = context;
    const condemned = [...(await replacedWith(root, context)), ...deletedWith(root, context)];
    const steps: Step[] = [];
    for (const { state, keys } of condemned.reverse()) {
        if (ledger.pendingDeletes.has(state)) continue;
        if (state.protect && !state.delete) {
            const message =
                `unable to replace resource "${state.urn}" as part of replacing "${root.urn}" as it is currently ` +
                "marked for protection. To unprotect the resource, remove the `protect` flag from the resource in " +
                "your Pulumi program and run `pulumi up`";
            tell("error", message, root.urn);
            ledger.errored = true;
            throw new PlanError("", root.urn);
        }
        ledger.dependentKeys.set(state.urn, keys);
        steps.push(deleteStep(state, state.delete ? undefined : { beforeReplacement: true }));
        ledger.deletes.add(state.urn);
        ledger.pendingDeletes.add(state);
    }
    // Deleted by an earlier operation that could not make its replacement: it leaves with the replacement's creation.
    if (!root.pendingReplacement) {
        ledger.deletes.add(root.urn);
        steps.push(deleteStep(root, { beforeReplacement: true }));
    }
    return steps;
}

/** What depends on a resource, directly or not, and would be replaced with it; dependencies first. */
async function replacedWith(root: ResourceState, context: PlanContext): Promise<Dependent[]> {
    const { ledger } = context;
    const dependents: Dependent[] = [];
    const reached = new Set([root.urn]);
    const replaced = new Set([root.urn]);
    for (const state of ledger.resources.slice(ledger.resources.indexOf(root) + 1)) {
        // Registered already, so it cannot depend on what is being registered now.
        if (ledger.creates.has(state.urn) || ledger.deletes.has(state.urn) || ledger.isOperatedOn(state.urn)) continue;
        if (![...dependencyUrns(state)].some((urn) => reached.has(urn))) continue;
        reached.add(state.urn);
        const keys = await keysOfReplacement(state, replaced, context);
        if (keys === undefined) continue;
        replaced.add(state.urn);
        dependents.push({ state, keys });
    }
    return dependents;
}

/**
 * The properties that would make a resource be replaced if those in a set were, found out by asking its provider with
 * unknown values in their place; `undefined` where it can stay.
 */
async function keysOfReplacement(
    state: ResourceState,
    replaced: ReadonlySet<string>,
    { advisor }: PlanContext,
): Promise<readonly string[] | undefined> {
    if (!state.custom || state.external) return undefined;
    if (state.provider !== "" && replaced.has(providerUrn(state.provider))) return [];
    if (state.deletedWith !== "" && replaced.has(state.deletedWith)) return [];
    const isAffected = (key: string): boolean =>
        (state.propertyDependencies[key] ?? []).some((urn) => replaced.has(urn));
    if (!Object.keys(state.inputs).some(isAffected)) return undefined;
    const newInputs = mapValues(state.inputs, (value, key) => (isAffected(key) ? UNKNOWN : value));
    const said = await advisor.diff({
        state,
        oldInputs: state.inputs,
        oldOutputs: state.outputs ?? {},
        newInputs,
        provider: isProviderType(state.type) ? "" : state.provider,
        unknowns: true,
    });
    const settled = settleDiff(said, state.inputs, newInputs, state.ignoreChanges);
    const diff = withReplaceOnChanges(settled, state.replaceOnChanges, false);
    return diff.replaceKeys.length > 0 ? diff.replaceKeys : undefined;
}

/** What the program, or the program before it, ties to the deletion of a resource. */
function deletedWith(root: ResourceState, { ledger }: PlanContext): Dependent[] {
    const tied = new Map<string, ResourceState>();
    for (const state of [...ledger.news.values(), ...ledger.olds.values()]) {
        if (state.deletedWith === root.urn && !tied.has(state.urn)) tied.set(state.urn, state);
    }
    return [...tied.values()].map((state) => ({ state, keys: [] }));
}
