import { onlyRedacted } from "../../api/apiKeys.js";
import { baseUrlHint, XaiError } from "../../api/errors.js";
import { type ManagementKey, teamOf } from "../../api/managementKeys.js";
import { PERMISSION, PERMISSIONS } from "../../api/permissions.js";

/** The management key as programs see it, and the permissions that it lacks. Pure. */

/** The permissions that this provider needs and a management key lacks. */
export function missingAcls(acls: readonly string[]) {
    const has = (name: string) => acls.includes(PERMISSION + name) || acls.includes(`${PERMISSION}*`);
    return Object.entries(PERMISSIONS)
        .filter(([name, { otherName }]) => !has(name) && !(otherName && has(otherName)))
        .map(([name, { neededTo, isPublished }]) => ({ acl: PERMISSION + name, neededTo, isPublished }));
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
