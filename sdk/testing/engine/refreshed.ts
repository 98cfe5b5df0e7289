import type { ResourceState } from "./resource.js";

/**
 * The resources after a refresh, without those that are gone and without anything that still points at them.
 *
 * @param resources what there was
 * @param found what was found in place of each; `undefined` for what is gone; those not in it are as they were
 */
export function afterRefresh(
    resources: readonly ResourceState[],
    found: ReadonlyMap<ResourceState, ResourceState | undefined>,
): ResourceState[] {
    const kept: ResourceState[] = [];
    const urns = new Set<string>();
    for (const old of resources) {
        const state = found.has(old) ? found.get(old) : old;
        if (state === undefined) continue;
        const isThere = (urn: string): boolean => urns.has(urn);
        state.dependencies = state.dependencies.filter(isThere);
        state.propertyDependencies = Object.fromEntries(
            Object.entries(state.propertyDependencies)
                .map(([key, list]): [string, string[]] => [key, list.filter(isThere)])
                .filter(([, list]) => list.length > 0),
        );
        if (!isThere(state.deletedWith)) state.deletedWith = "";
        if (!isThere(state.parent)) state.parent = "";
        kept.push(state);
        urns.add(state.urn);
    }
    return kept;
}
