/** The outputs that a program sees, in the order of the documentation. A host of its own answers null for each that is not set. */
export const OUTPUTS = [
    "apiKeyId",
    "apiKey",
    "redactedApiKey",
    "userId",
    "teamId",
    "createTime",
    "rotatedAt",
    "previousSecretExpiresAt",
    "name",
    "acls",
    "qps",
    "qpm",
    "tpm",
    "expireTime",
    "disabled",
] as const;
