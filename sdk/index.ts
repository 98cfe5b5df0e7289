/**
 * pulumi-xai: xAI inference API keys as infrastructure.
 *
 * @packageDocumentation
 */
export * as acl from "./acl.js";
export { ApiKey, XaiApiKey } from "./apiKey.js";
export type { XaiApiKeyArgs, XaiApiKeyRotationArgs, XaiApiKeyState } from "./apiKeyArgs.js";
export { config } from "./config.js";
export * from "./functions.js";
export type * from "./keys.js";
export type * from "./managementKey.js";
export type * from "./models.js";
