import { onlyRedacted } from "../../api/apiKeys.js";
import { baseUrlHint, XaiError } from "../../api/errors.js";
import { type ManagementKey, teamOf } from "../../api/managementKeys.js";

/** The management key as programs see it, and the permissions that it lacks. Pure. */

const ENDPOINT = "team-token:endpoint:";

/** Each permission that this provider needs: its name, what it is needed for, and whether the API publishes the name. */
const NEEDED: readonly (readonly [name: string, neededTo: string, isPublished: boolean])[] = [
    ["CreateApiKey", "create keys", true],
    ["ListApiKeys", "refresh and look up keys", true],
    ["UpdateApiKey", "change keys", false],
    ["RotateApiKey", "give a key a new secret", false],
    ["DeleteApiKey", "delete keys", false],
    ["CheckApiKeyPropagation", "wait until every cluster knows a key", true],
    ["ListModelsForTeam", "look up models and check the permissions of keys against them", true],
    ["ListPossibleEndpointAcls", "look up endpoints and check the permissions of keys against them", true],
];

/** The permissions that this provider needs and a management key lacks. */
export function missingAcls(acls: readonly string[]) {
    const has = (name: string) => acls.includes(ENDPOINT + name) || acls.includes(`${ENDPOINT}*`);
    return NEEDED.filter(([name]) => !has(name) && !(name === "ListModelsForTeam" && has("ListModels"))).map(
        ([name, neededTo, isPublished]) => ({ acl: ENDPOINT + name, neededTo, isPublished }),
    );
}

/** A management key as programs see it. */
export function managementKeyResult(key: ManagementKey) {
    return {
        ...key,
        teamId: teamOf(key),
        acls: key.acls && [...key.acls],
        missingAcls: key.acls && missingAcls(key.acls),
        redactedApiKey: onlyRedacted(key.redactedApiKey),
        ipRanges: key.ipRanges && [...key.ipRanges],
    };
}

/** The error for a server that cannot describe the management key: one of the API's two descriptions lacks that route. */
export function noValidation(baseUrl: string): XaiError {
    return new XaiError(
        `Could not describe the management key: this server does not offer that. Only getManagementKey needs it where \`xai:teamId\` is set. Check ${baseUrlHint(baseUrl)}`,
    );
}
