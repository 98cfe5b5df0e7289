import { whereApiIs, XaiError } from "../provider/api/errors.js";
import { type ManagementKey, teamOf } from "../provider/api/managementKeys.js";
import { missingAcls } from "../provider/managementAcls.js";
import type { GetManagementKeyResult } from "./getManagementKey.js";
import { onlyRedacted } from "./redacted.js";

/** What programs get to know of the management key. Pure. */

/** The server cannot say whose the management key is. */
export class NoValidationError extends XaiError {}

/** A management key as programs get it. */
export function managementKeyResult(key: ManagementKey): GetManagementKeyResult {
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

/** The error for a server without validation: it is published in one of the API's two descriptions only. */
export function noValidation(baseUrl: string): NoValidationError {
    return new NoValidationError(
        `Could not ask whose the management key is: this server does not offer it. Nothing else needs it where \`xai:teamId\` is set. Check ${whereApiIs(baseUrl)}`,
    );
}
