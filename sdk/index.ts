/**
 * pulumi-xai: xAI inference API keys as infrastructure.
 *
 * @packageDocumentation
 */
export * as acl from "./acl.js";
export { ApiKey, XaiApiKey } from "./apiKey.js";
export type { XaiApiKeyArgs, XaiApiKeyRotationArgs, XaiApiKeyState } from "./apiKeyArgs.js";
export { config } from "./config.js";
export * from "./keys.js";
export * from "./managementKey.js";
export * from "./models.js";
