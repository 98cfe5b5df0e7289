/** Answers, states and arguments as they are documented: what the fuzzing starts from. */

export const KEY = {
    redactedApiKey: "xai-...oYZ4",
    userId: "4e8f2c1a-0000-4000-8000-000000000001",
    name: "search",
    createTime: "2027-01-31T12:00:00.123456Z",
    modifyTime: "2027-01-31T12:00:00.123456Z",
    teamId: "4e8f2c1a-0000-4000-8000-000000000002",
    apiKeyId: "4e8f2c1a-0000-4000-8000-000000000003",
    disabled: false,
    expireTime: "2031-01-01T00:00:00.000000Z",
    qps: 5,
    qpm: 100,
    tpm: "50000",
    aclStrings: ["api-key:model:grok-4", "api-key:endpoint:chat"],
};

export const CREATED = { ...KEY, apiKey: "xai-0123456789abcdefghijklmnopqrstuvwxyz" };
export const PAGE = { apiKeys: [KEY, { ...KEY, apiKeyId: "other", disabled: "true", tpm: 7 }], paginationToken: "" };
export const PROPAGATION = { icPropagation: { "us-east-1": true, "eu-west-1": "false" } };

/** What a program gives. */
export const INPUTS = {
    name: "search",
    acls: KEY.aclStrings,
    qps: 5,
    qpm: null,
    tpm: 50_000,
    expiresIn: "90d",
    rotation: { triggers: { n: 1 }, every: "30d", beforeExpiry: "7d", overlap: "1h" },
    disabled: false,
    teamId: KEY.teamId,
    waitForPropagation: false,
    propagationTimeout: "90s",
    onDelete: "disable",
    __inputs: "",
    __rotation: { number: 1, since: KEY.createTime, expireTime: KEY.expireTime, expiresIn: "90d" },
};

/** What a stack's state holds of a key. */
export const STATE = {
    apiKeyId: KEY.apiKeyId,
    teamId: KEY.teamId,
    name: "search",
    acls: KEY.aclStrings,
    qps: 5,
    tpm: "50000",
    expireTime: KEY.expireTime,
    disabled: false,
    apiKey: CREATED.apiKey,
    redactedApiKey: "xai-...wxyz",
    rotatedAt: KEY.createTime,
    onDelete: "disable",
    pending: ["propagation"],
    __inputs: INPUTS,
};
