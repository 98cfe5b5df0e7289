/**
 * pulumi-xai: xAI inference API keys as infrastructure.
 *
 * @packageDocumentation
 */
export * as acl from "./acl.js";
export { ApiKey, XaiApiKey } from "./apiKey.js";
export type { XaiApiKeyArgs, XaiApiKeyRotationArgs, XaiApiKeyState } from "./apiKeyArgs.js";
export { config } from "./config.js";
export * from "./getApiKey.js";
export * from "./getApiKeys.js";
export * from "./getEndpoints.js";
export * from "./getManagementKey.js";
export * from "./getModel.js";
export * from "./getModels.js";
