/**
 * pulumi-xai in native mode: the same names as `pulumi-xai`, on the plugin `pulumi-resource-xai`. See `docs/native.md`.
 *
 * @packageDocumentation
 */
export * as acl from "../acl.js";
export type { XaiApiKeyArgs, XaiApiKeyRotationArgs, XaiApiKeyState } from "../apiKeyArgs.js";
export { config } from "../config.js";
export type * from "../keys.js";
export type * from "../managementKey.js";
export type * from "../models.js";
export { ApiKey, XaiApiKey } from "./apiKey.js";
export {
    getApiKey,
    getApiKeyOutput,
    getApiKeys,
    getApiKeysOutput,
    getEndpoints,
    getEndpointsOutput,
    getManagementKey,
    getManagementKeyOutput,
    getModel,
    getModelOutput,
    getModels,
    getModelsOutput,
} from "./functions.js";
export { Provider, type ProviderArgs } from "./provider.js";
