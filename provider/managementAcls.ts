/**
 * What a management key has to be allowed for all that this provider does. Pure.
 *
 * The API publishes the names of three of these permissions (`ListApiKeys`, `CheckApiKeyPropagation`,
 * `ListPossibleEndpointAcls`); the others are taken to be named after their operations in the same way.
 */

/** A permission of management keys that this provider needs. */
export interface NeededAcl {
    /** For example `team-token:endpoint:ListApiKeys`. */
    acl: string;
    /** For what, in words that finish the sentence "It is needed to …". */
    neededTo: string;
}

const ENDPOINT = "team-token:endpoint:";

/** Every permission that is needed. Validation needs none. */
export const NEEDED_ACLS: readonly Readonly<NeededAcl>[] = (
    [
        ["CreateApiKey", "create keys"],
        ["ListApiKeys", "refresh and look up keys"],
        ["UpdateApiKey", "change keys"],
        ["RotateApiKey", "give a key a new secret"],
        ["DeleteApiKey", "delete keys"],
        ["CheckApiKeyPropagation", "wait until every cluster knows a key"],
        ["ListModels", "look up models, and hold keys' permissions against them"],
        ["ListPossibleEndpointAcls", "look up endpoints, and hold keys' permissions against them"],
    ] as const
).map(([endpoint, neededTo]) => ({ acl: ENDPOINT + endpoint, neededTo }));

/** The needed permissions that a management key lacks; `*` stands for every endpoint, as it does in keys' permissions. */
export function missingAcls(acls: readonly string[]): NeededAcl[] {
    const has = new Set(acls);
    return has.has(`${ENDPOINT}*`)
        ? []
        : NEEDED_ACLS.filter(({ acl }) => !has.has(acl)).map((needed) => ({ ...needed }));
}
