import { baseUrlHint } from "../../api/errors.js";
import { type ManagementKey, teamOf } from "../../api/managementKeys.js";
import { FunctionError } from "./arguments.js";
import { onlyRedacted } from "./redacted.js";

/** The management key as programs see it, and the permissions that it lacks. Pure. */

const ENDPOINT = "team-token:endpoint:";

/** Each permission that this provider needs: its names, what it is needed for, and whether the API publishes its name. */
const NEEDED = [
    { names: ["CreateApiKey"], neededTo: "create keys", isPublished: true },
    { names: ["ListApiKeys"], neededTo: "refresh and look up keys", isPublished: true },
    { names: ["UpdateApiKey"], neededTo: "change keys", isPublished: false },
    { names: ["RotateApiKey"], neededTo: "give a key a new secret", isPublished: false },
    { names: ["DeleteApiKey"], neededTo: "delete keys", isPublished: false },
    { names: ["CheckApiKeyPropagation"], neededTo: "wait until every cluster knows a key", isPublished: true },
    {
        // Either one does.
        names: ["ListModelsForTeam", "ListModels"],
        neededTo: "look up models and check the permissions of keys against them",
        isPublished: true,
    },
    {
        names: ["ListPossibleEndpointAcls"],
        neededTo: "look up endpoints and check the permissions of keys against them",
        isPublished: true,
    },
] as const;

/** The permissions that this provider needs and a management key lacks. `*` stands for every endpoint. */
export function missingAcls(acls: readonly string[]) {
    const has = (name: string) => acls.includes(ENDPOINT + name);
    return NEEDED.filter(({ names }) => !has("*") && !names.some(has)).map(({ names, neededTo, isPublished }) => ({
        acl: ENDPOINT + names[0],
        neededTo: neededTo as string,
        isPublished: isPublished as boolean,
    }));
}

/** A management key as programs see it. */
export function managementKeyResult(key: ManagementKey) {
    const { acls, ipRanges } = key;
    return {
        apiKeyId: key.apiKeyId || undefined,
        name: key.name || undefined,
        ownerUserId: key.ownerUserId || undefined,
        scope: key.scope || undefined,
        scopeId: key.scopeId || undefined,
        teamId: teamOf(key),
        acls: acls && [...acls],
        missingAcls: acls && missingAcls(acls),
        createTime: key.createTime || undefined,
        modifyTime: key.modifyTime || undefined,
        redactedApiKey: onlyRedacted(key.redactedApiKey),
        ipRanges: ipRanges && [...ipRanges],
    };
}

/** The error for a server that cannot describe the management key: one of the API's two descriptions lacks that route. */
export function noValidation(baseUrl: string): FunctionError {
    return new FunctionError(
        `Could not describe the management key: this server does not offer that. Only getManagementKey needs it where \`xai:teamId\` is set. Check ${baseUrlHint(baseUrl)}`,
    );
}
