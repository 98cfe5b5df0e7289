import type * as pulumi from "@pulumi/pulumi";
import { callFunction, callFunctionOutput } from "./callFunction.js";
import type { TeamArgs, TeamOutputArgs } from "./models.js";

/** A key as the API lists it, without its secret, which no listing has. `undefined` stands for what is not set. */
export interface GetApiKeyResult {
    /** The key's id. */
    apiKeyId: string;
    /** Empty for a key without a name. */
    name: string;
    /** The team that the key belongs to. */
    teamId: string;
    /** The user to whom the key belongs. */
    userId: string | undefined;
    /** The permissions. */
    acls: string[];
    /** Queries a second; `undefined`: no limit. */
    qps: number | undefined;
    /** Queries a minute; `undefined`: no limit. */
    qpm: number | undefined;
    /** Tokens a minute, as an integer string; `undefined`: no limit. */
    tpm: string | undefined;
    /** When the key stops working: RFC 3339; `undefined`: never. */
    expireTime: string | undefined;
    /** Whether the key is switched off. */
    disabled: boolean;
    /** The secret's beginning and end, as the xAI Console shows it. */
    redactedApiKey: string | undefined;
    /** When the key was created: RFC 3339, microseconds. */
    createTime: string | undefined;
    /** When the key was last changed: RFC 3339, microseconds. */
    modifyTime: string | undefined;
}

/** The arguments of {@link getApiKey}: the key's id or its name. */
export type GetApiKeyArgs = TeamArgs &
    (
        | {
              /** The key's id. Give it or the name. */
              id: string;
              name?: null | undefined;
          }
        | {
              /** The key's name. Give it or the id. */
              name: string;
              id?: null | undefined;
          }
    );

/** The arguments of {@link getApiKeyOutput}: the key's id or its name. */
export type GetApiKeyOutputArgs = TeamOutputArgs &
    ({ id: pulumi.Input<string>; name?: null | undefined } | { name: pulumi.Input<string>; id?: null | undefined });

/**
 * Looks up a key by its id or its name. The result is plain data; {@link XaiApiKey.get} makes a resource of the stack. For a
 * key of the same stack use its resource's outputs.
 *
 * All functions of a deployment share one listing of a team's keys. Where it lacks the key, a second one decides.
 *
 * @throws pulumi.RunError where the team has no such key (the message suggests a name, and says whether the management key
 * may see only its owner's keys) or several of that name (it lists their ids), an argument or a setting is wrong, or the API
 * refuses.
 *
 * @example
 * ```ts
 * const shared = await xai.getApiKey({ name: "shared-search" });
 * new xai.XaiApiKey("search", { acls: shared.acls, qpm: shared.qpm });
 * ```
 */
export function getApiKey(args: GetApiKeyArgs): Promise<GetApiKeyResult> {
    return callFunction("getApiKey", args);
}

/** Like {@link getApiKey}, with inputs for arguments and an output for the result. */
export function getApiKeyOutput(args: GetApiKeyOutputArgs): pulumi.Output<GetApiKeyResult> {
    return callFunctionOutput("getApiKey", args);
}

/** The arguments of {@link getApiKeys}. A key has to fit all that are given. */
export interface GetApiKeysArgs extends TeamArgs {
    /** Only keys of this name; names are not unique. Default: any name. */
    name?: string | null | undefined;
    /**
     * Only keys with this permission, most easily made with {@link acl}: a model's by any of its names and aliases. The
     * permission for all models is another one, {@link acl.allModels}. Default: any permissions.
     */
    acl?: string | null | undefined;
    /** Only keys that work: neither switched off nor expired by the server's clock. Default: false. */
    activeOnly?: boolean | null | undefined;
}

/** The arguments of {@link getApiKeysOutput}. A key has to fit all that are given. */
export interface GetApiKeysOutputArgs extends TeamOutputArgs {
    /** Only keys of this name; see {@link GetApiKeysArgs.name}. */
    name?: pulumi.Input<string | null | undefined>;
    /** Only keys with this permission; see {@link GetApiKeysArgs.acl}. */
    acl?: pulumi.Input<string | null | undefined>;
    /** Only keys that work; see {@link GetApiKeysArgs.activeOnly}. */
    activeOnly?: pulumi.Input<boolean | null | undefined>;
}

/** The result of {@link getApiKeys}. */
export interface GetApiKeysResult {
    /** In the order of the API. */
    apiKeys: GetApiKeyResult[];
    /**
     * Whether the team may have keys of other users that the listing hides: a management key whose owner is no team admin sees
     * only its owner's keys. False as soon as the listing has keys of two users; true says no more than that it has not.
     */
    mayLackOthers: boolean;
}

/**
 * Lists the keys of a team, all or those that fit the arguments, without their secrets.
 *
 * All functions of a deployment share one listing of a team's keys; it may lack what the same deployment creates.
 *
 * @throws pulumi.RunError where an argument or a setting is wrong, or the API refuses.
 *
 * @example
 * ```ts
 * const { apiKeys } = await xai.getApiKeys({ acl: xai.acl.allModels, activeOnly: true });
 * export const neverExpire = apiKeys.filter((key) => key.expireTime === undefined).map((key) => key.name);
 * ```
 */
export function getApiKeys(args: GetApiKeysArgs = {}): Promise<GetApiKeysResult> {
    return callFunction("getApiKeys", args);
}

/** Like {@link getApiKeys}, with inputs for arguments and an output for the result. */
export function getApiKeysOutput(args: GetApiKeysOutputArgs = {}): pulumi.Output<GetApiKeysResult> {
    return callFunctionOutput("getApiKeys", args);
}
