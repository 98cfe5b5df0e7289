import type * as pulumi from "@pulumi/pulumi";
import { callFunction, callFunctionOutput } from "./callFunction.js";

/** {@link getManagementKey} has no arguments. */
export type GetManagementKeyArgs = Readonly<Record<string, never>>;

/** A permission of management keys that this provider needs. */
export interface NeededAcl {
    /** For example `team-token:endpoint:ListApiKeys`. Where a permission has two names, the preferred one. */
    acl: string;
    /** What it is needed for, in words that finish the sentence "It is needed to …". */
    neededTo: string;
    /**
     * Whether the name in `acl` is a published one. False for `UpdateApiKey`, `RotateApiKey` and `DeleteApiKey`: the API
     * publishes no names for these, so that the name is a guess from the others, and a key may have the permission under
     * another name.
     */
    isPublished: boolean;
}

/** A management key as the API describes it, without the key itself. `undefined` stands for what the API does not say. */
export interface GetManagementKeyResult {
    /** Its id. */
    apiKeyId: string | undefined;
    /** Its name. */
    name: string | undefined;
    /** The user to whom it belongs. Where that is no team admin, the management key sees only this user's keys. */
    ownerUserId: string | undefined;
    /** What it is for. */
    scope: "SCOPE_TEAM" | "SCOPE_ORGANIZATION" | "SCOPE_UNSPECIFIED" | (string & {}) | undefined;
    /** The id of the team or organization that `scope` means. */
    scopeId: string | undefined;
    /** The id of its team; `undefined` for a management key of several teams. */
    teamId: string | undefined;
    /** Its permissions, for example `team-token:endpoint:ListApiKeys`. */
    acls: string[] | undefined;
    /** The permissions that this provider needs and `acls` lacks; empty for none. Some names are guesses: see `isPublished`. */
    missingAcls: NeededAcl[] | undefined;
    /** RFC 3339. */
    createTime: string | undefined;
    /** RFC 3339. */
    modifyTime: string | undefined;
    /** Enough of it to recognise it by, as the xAI Console shows it. */
    redactedApiKey: string | undefined;
    /** The addresses from which it may be used, as CIDR ranges, for example `203.0.113.0/24`. */
    ipRanges: string[] | undefined;
}

/**
 * Describes the management key in use: its owner, its scope, its permissions, and the permissions that this provider needs and
 * it lacks. The call needs no permission. A deployment sends one request.
 *
 * @throws pulumi.RunError where a setting is wrong, the server does not offer this, or the API refuses.
 *
 * @example A preview that warns of what the management key cannot do
 * ```ts
 * const { missingAcls } = await xai.getManagementKey();
 * for (const { acl, neededTo, isPublished } of missingAcls ?? []) {
 *     const name = isPublished ? acl : `${acl} (or another name: this one is a guess)`;
 *     pulumi.log.warn(`The management key cannot ${neededTo}: it lacks ${name}.`);
 * }
 * ```
 */
export function getManagementKey(args: GetManagementKeyArgs = {}): Promise<GetManagementKeyResult> {
    return callFunction("getManagementKey", args);
}

/** Like {@link getManagementKey}, with an output for the result. */
export function getManagementKeyOutput(args: GetManagementKeyArgs = {}): pulumi.Output<GetManagementKeyResult> {
    return callFunctionOutput("getManagementKey", args);
}
