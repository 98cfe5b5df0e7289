import type { EndpointAcl } from "../api/endpoints.js";
import type { ClusterConfig } from "../api/models.js";
import { ENDPOINT_ACL, MODEL_ACL } from "../fields.js";
import { suggestName } from "../suggest.js";

/** What a team's keys can be allowed: the models and endpoints that permissions may name. Pure. */
export interface Catalogue {
    /** Every name and alias of a model, and the name that it stands for. */
    readonly modelNames: ReadonlyMap<string, string>;
    /** Every endpoint's permission. */
    readonly endpointAcls: ReadonlySet<string>;
}

/** The names and aliases of a team's models, each with the name that it stands for. */
export function modelNamesOf(clusters: readonly ClusterConfig[]): ReadonlyMap<string, string> {
    const names = new Map<string, string>();
    for (const { model } of clusters.flatMap((cluster) => cluster.models)) {
        names.set(model.name, model.name);
        for (const alias of model.aliases ?? []) {
            names.set(alias, model.name);
        }
    }
    return names;
}

/** The catalogue out of the API's two answers. */
export function catalogueOf(clusters: readonly ClusterConfig[], endpoints: readonly EndpointAcl[]): Catalogue {
    return {
        modelNames: modelNamesOf(clusters),
        endpointAcls: new Set(endpoints.map((endpoint) => endpoint.acl)),
    };
}

/** Whether a permission names one model or endpoint, so that the catalogue can tell whether it exists. */
export function namesOne(acl: unknown): acl is string {
    return typeof acl === "string" && /^api-key:(model|endpoint):(?!\*$)\S+$/.test(acl);
}

/** Why a permission names nothing that the team has, or `undefined` where it does. */
export function unknownAcl(acl: string, teamId: string, { modelNames, endpointAcls }: Catalogue): string | undefined {
    const isModel = acl.startsWith(MODEL_ACL);
    const prefix = isModel ? MODEL_ACL : ENDPOINT_ACL;
    const names = isModel
        ? [...modelNames.keys()]
        : [...endpointAcls].filter((one) => one.startsWith(prefix)).map((one) => one.slice(prefix.length));
    const name = acl.slice(prefix.length);
    return names.includes(name)
        ? undefined
        : `"${acl}" ${isModel ? "names no model of team" : "names no endpoint of team"} ${teamId}${suggestName(name, names, prefix)}`;
}
