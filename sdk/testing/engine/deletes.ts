import type { Ledger } from "./ledger.js";
import { dependencyUrns, type ResourceState } from "./resource.js";
import { deleteStep, type Step, step } from "./steps.js";

/** The steps that remove what was replaced and what the program no longer registers, in no particular order. */
export function planDeletes(ledger: Ledger): Step[] {
    const steps: Step[] = [];
    for (const state of ledger.resources) {
        if (state.delete) {
            if (ledger.pendingDeletes.has(state)) continue;
            steps.push(deleteStep(state, { beforeReplacement: false }));
        } else if (!ledger.isOperatedOn(state.urn)) {
            const { urn } = state;
            steps.push(
                state.pendingReplacement
                    ? step("remove-pending-replace", urn, { old: state })
                    : deleteStep(state, undefined),
            );
        } else continue;
        ledger.deletes.add(state.urn);
    }
    return steps;
}

/**
 * Puts deletions into waves: each may be carried out at once, and nothing is deleted before all that needs it is gone.
 *
 * @param resources all resources, each after whatever it depends on
 */
export function deleteWaves(steps: readonly Step[], resources: readonly ResourceState[]): Step[][] {
    const byState = new Map<ResourceState, Step>();
    for (const each of steps) if (each.old !== undefined) byState.set(each.old, each);
    const needs = new Map([...byState.keys()].map((state) => [state, neededBy(state, resources)]));
    const waves: Step[][] = [];
    while (byState.size > 0) {
        const free = [...byState].filter(([state]) => !(needs.get(state) ?? []).some((need) => byState.has(need)));
        // A state that needs itself through others would never come free.
        if (free.length === 0) throw new Error("the resources in the state depend on each other in a circle");
        waves.push(free.map(([, each]) => each));
        for (const [state] of free) byState.delete(state);
    }
    return waves.reverse();
}

/** What a resource needs directly: its parent, its dependencies, its provider, and the children of components. */
function neededBy(state: ResourceState, resources: readonly ResourceState[]): ResourceState[] {
    const before = resources.slice(0, resources.indexOf(state));
    const urns = dependencyUrns(state);
    const needed = before.filter((candidate) => urns.has(candidate.urn) || candidate.urn === state.parent);
    const components = new Set(needed.filter(({ custom, urn }) => !custom && urns.has(urn)).map(({ urn }) => urn));
    for (const candidate of before) {
        if (!components.has(candidate.parent)) continue;
        components.add(candidate.urn);
        needed.push(candidate);
    }
    return needed;
}

/** All that a resource needs, directly or through others. */
export function neededByAll(state: ResourceState, resources: readonly ResourceState[]): Set<ResourceState> {
    const found = new Set<ResourceState>();
    const pending = [state];
    for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
        for (const need of neededBy(current, resources)) {
            if (found.has(need)) continue;
            found.add(need);
            pending.push(need);
        }
    }
    return found;
}
