import type { EndpointAcl } from "./api/endpoints.js";
import { type ClusterConfig, MODEL_LISTS } from "./api/models.js";
import { didYouMean, ENDPOINT_ACL, MODEL_ACL } from "./apiKeyInputs.js";

/**
 * What a team's keys can be allowed: the models and endpoints that ACLs may name. Pure.
 */
export interface Catalogue {
    /** Every name and alias of a model, and the name that it stands for. */
    readonly modelNames: ReadonlyMap<string, string>;
    /** Every endpoint's ACL. */
    readonly endpointAcls: ReadonlySet<string>;
}

/** The catalogue out of the two answers of the API. */
export function catalogueOf(clusters: readonly ClusterConfig[], endpoints: readonly EndpointAcl[]): Catalogue {
    const modelNames = new Map<string, string>();
    for (const cluster of clusters) {
        for (const [list] of MODEL_LISTS) {
            for (const model of cluster[list]) {
                modelNames.set(model.name, model.name);
                for (const alias of model.aliases ?? []) {
                    modelNames.set(alias, model.name);
                }
            }
        }
    }
    return { modelNames, endpointAcls: new Set(endpoints.map((endpoint) => endpoint.acl)) };
}

/** Whether a permission names something that has to be looked up. */
export function namesSomething(acl: unknown): acl is string {
    return typeof acl === "string" && /^api-key:(model|endpoint):(?!\*$)\S+$/.test(acl);
}

/** Why a permission names nothing that the team has, or `undefined` where it does. */
export function unknownAcl(acl: string, catalogue: Catalogue): string | undefined {
    if (acl.startsWith(MODEL_ACL)) {
        const name = acl.slice(MODEL_ACL.length);
        const names = [...catalogue.modelNames.keys()];
        return catalogue.modelNames.has(name)
            ? undefined
            : `"${acl}" names no model of the team${suggest(name, names, MODEL_ACL)}`;
    }
    const names = [...catalogue.endpointAcls].flatMap((one) =>
        one.startsWith(ENDPOINT_ACL) ? [one.slice(ENDPOINT_ACL.length)] : [],
    );
    return catalogue.endpointAcls.has(acl)
        ? undefined
        : `"${acl}" names no endpoint of the team${suggest(acl.slice(ENDPOINT_ACL.length), names, ENDPOINT_ACL)}`;
}

const LISTED = 12;

/**
 * `; did you mean …?` for the nearest name, or where none is near the first few that there are.
 *
 * @param prefix - What a program writes before the name.
 */
export function suggest(name: string, names: readonly string[], prefix = ""): string {
    const near = didYouMean(name, names);
    if (near !== "" || names.length === 0) {
        return near.replace("`", `\`${prefix}`);
    }
    const more = names.length > LISTED ? `, and ${names.length - LISTED} more` : "";
    return `; it has ${names.slice(0, LISTED).join(", ")}${more}`;
}
