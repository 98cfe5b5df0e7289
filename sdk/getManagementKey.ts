import type * as pulumi from "@pulumi/pulumi";
import type { NeededAcl } from "../provider/managementAcls.js";
import { deploymentSession, lookUp, lookUpOutput } from "./dataSession.js";

export type { NeededAcl } from "../provider/managementAcls.js";

/** {@link getManagementKey} has no arguments. */
export type GetManagementKeyArgs = Readonly<Record<string, never>>;

/** A management key as the API describes it: never the key itself. `undefined` for what the API does not say. */
export interface GetManagementKeyResult {
    /** Its id. */
    apiKeyId: string | undefined;
    name: string | undefined;
    /** The user that it belongs to. One that is no team admin's is shown only this user's keys. */
    ownerUserId: string | undefined;
    /** What it is for. */
    scope: "SCOPE_TEAM" | "SCOPE_ORGANIZATION" | "SCOPE_UNSPECIFIED" | (string & {}) | undefined;
    /** Of what the scope says: for `SCOPE_TEAM` the team's id. */
    scopeId: string | undefined;
    /** The team that it is for; `undefined` where it is not for one team alone. */
    teamId: string | undefined;
    /** What it may do, for example `team-token:endpoint:ListApiKeys`. */
    acls: string[] | undefined;
    /**
     * What this provider needs and `acls` lacks. The API publishes the names of three of these permissions (`ListApiKeys`,
     * `CheckApiKeyPropagation`, `ListPossibleEndpointAcls`); the others are taken to be named after their operations alike.
     */
    missingAcls: NeededAcl[] | undefined;
    /** RFC 3339. */
    createTime: string | undefined;
    /** RFC 3339. */
    modifyTime: string | undefined;
    /** Enough of it to recognise it by, as the xAI Console shows it. */
    redactedApiKey: string | undefined;
    /** From where it may be used. */
    ipRanges: string[] | undefined;
}

/**
 * Whose the management key in use is, what it is for and may do, and what of that this provider needs it lacks. Needs no
 * permission; asked for once a deployment.
 *
 * @throws pulumi.RunError where a setting is missing, the server does not offer this or the API cannot be asked.
 *
 * @example A preview that says what an `up` would be refused
 * ```ts
 * const { missingAcls } = await xai.getManagementKey();
 * for (const { acl, neededTo } of missingAcls ?? []) {
 *     pulumi.log.warn(`The management key cannot ${neededTo}: it lacks ${acl}.`);
 * }
 * ```
 */
export function getManagementKey(args: GetManagementKeyArgs = {}): Promise<GetManagementKeyResult> {
    return find(args, false);
}

/** The same as an output. */
export function getManagementKeyOutput(args: GetManagementKeyArgs = {}): pulumi.Output<GetManagementKeyResult> {
    return lookUpOutput(args, find);
}

function find(given: unknown, isSecret: boolean): Promise<GetManagementKeyResult> {
    return lookUp("getManagementKey", given, isSecret, async () => {
        const { managementKeyResult, noValidation } = await import("./managementKeyResult.js");
        const session = await deploymentSession();
        const key = await session.managementKey();
        if (key === undefined) {
            throw noValidation(session.settings.baseUrl);
        }
        return managementKeyResult(key);
    });
}
