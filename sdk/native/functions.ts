import type * as pulumi from "@pulumi/pulumi";
import { withName } from "../callFunction.js";
import type {
    GetApiKeyArgs,
    GetApiKeyOutputArgs,
    GetApiKeyResult,
    GetApiKeysArgs,
    GetApiKeysOutputArgs,
    GetApiKeysResult,
} from "../keys.js";
import type { GetManagementKeyArgs, GetManagementKeyResult } from "../managementKey.js";
import type {
    GetEndpointsArgs,
    GetEndpointsOutputArgs,
    GetEndpointsResult,
    GetModelArgs,
    GetModelOutputArgs,
    GetModelsArgs,
    GetModelsOutputArgs,
    GetModelsResult,
    Model,
} from "../models.js";
import { invoke, invokeOutput } from "./invoke.js";

/** The functions of `pulumi-xai` as invokes of the plugin. They also take Pulumi's options, such as a provider. */

/** Lists the models that a team can use, with aliases, clusters, limits and prices. */
export function getModels(args: GetModelsArgs = {}, opts?: pulumi.InvokeOptions): Promise<GetModelsResult> {
    return invoke("getModels", args, opts);
}

/** Like {@link getModels}, with inputs for arguments and an output for the result. */
export function getModelsOutput(
    args: GetModelsOutputArgs = {},
    opts?: pulumi.InvokeOptions,
): pulumi.Output<GetModelsResult> {
    return invokeOutput("getModels", args, opts);
}

/**
 * Looks up a team's model by its name or an alias.
 *
 * @throws pulumi.RunError where the team has no such model; the message suggests what was probably meant.
 */
export function getModel(name: string, args: GetModelArgs = {}, opts?: pulumi.InvokeOptions): Promise<Model> {
    return invoke("getModel", withName(name, args), opts);
}

/** Like {@link getModel}, with inputs for arguments and an output for the result. */
export function getModelOutput(
    name: pulumi.Input<string>,
    args: GetModelOutputArgs = {},
    opts?: pulumi.InvokeOptions,
): pulumi.Output<Model> {
    return invokeOutput("getModel", withName(name, args), opts);
}

/** Lists the endpoint permissions that a team's keys can have. */
export function getEndpoints(args: GetEndpointsArgs = {}, opts?: pulumi.InvokeOptions): Promise<GetEndpointsResult> {
    return invoke("getEndpoints", args, opts);
}

/** Like {@link getEndpoints}, with inputs for arguments and an output for the result. */
export function getEndpointsOutput(
    args: GetEndpointsOutputArgs = {},
    opts?: pulumi.InvokeOptions,
): pulumi.Output<GetEndpointsResult> {
    return invokeOutput("getEndpoints", args, opts);
}

/** Lists the keys of a team, all or those that fit the arguments, without their secrets. */
export function getApiKeys(args: GetApiKeysArgs = {}, opts?: pulumi.InvokeOptions): Promise<GetApiKeysResult> {
    return invoke("getApiKeys", args, opts);
}

/** Like {@link getApiKeys}, with inputs for arguments and an output for the result. */
export function getApiKeysOutput(
    args: GetApiKeysOutputArgs = {},
    opts?: pulumi.InvokeOptions,
): pulumi.Output<GetApiKeysResult> {
    return invokeOutput("getApiKeys", args, opts);
}

/**
 * Looks up a key by its id or its name.
 *
 * @throws pulumi.RunError where the team has no such key, or several of that name.
 */
export function getApiKey(args: GetApiKeyArgs, opts?: pulumi.InvokeOptions): Promise<GetApiKeyResult> {
    return invoke("getApiKey", args, opts);
}

/** Like {@link getApiKey}, with inputs for arguments and an output for the result. */
export function getApiKeyOutput(
    args: GetApiKeyOutputArgs,
    opts?: pulumi.InvokeOptions,
): pulumi.Output<GetApiKeyResult> {
    return invokeOutput("getApiKey", args, opts);
}

/** Describes the management key in use: its owner, its scope, its permissions, and those that it lacks. */
export function getManagementKey(
    args: GetManagementKeyArgs = {},
    opts?: pulumi.InvokeOptions,
): Promise<GetManagementKeyResult> {
    return invoke("getManagementKey", args, opts);
}

/** Like {@link getManagementKey}, with an output for the result. */
export function getManagementKeyOutput(
    args: GetManagementKeyArgs = {},
    opts?: pulumi.InvokeOptions,
): pulumi.Output<GetManagementKeyResult> {
    return invokeOutput("getManagementKey", args, opts);
}
