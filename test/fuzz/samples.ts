/** Answers and states as they are documented: what the fuzzing starts from. */

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

export const ENDPOINTS = {
    acls: [{ acl: "api-key:endpoint:chat", description: "d", namespace: "n", key: "k", value: "v" }],
};

const MODEL = {
    name: "grok-4-0709",
    version: "1",
    aliases: ["grok-4"],
    inputModalities: ["TEXT"],
    outputModalities: ["TEXT"],
    cluster: "us-east-1",
    rps: "5",
    promptTextTokenPrice: "30000",
    features: { functionCalling: true },
};

export const MODELS = {
    clusterConfigs: [
        {
            clusterName: "us-east-1",
            languageModels: [MODEL],
            embeddingModels: [],
            imageGenerationModels: [
                { ...MODEL, name: "image", resolutionPricing: [{ resolution: "1k", pricePerImage: "7" }] },
            ],
            audioModels: [],
            videoGenerationModels: [],
        },
    ],
};

export const VALIDATION = {
    apiKeyId: "m",
    scope: "SCOPE_TEAM",
    scopeId: KEY.teamId,
    teamId: KEY.teamId,
    ownerUserId: "u",
    name: "n",
    acls: ["team-token:endpoint:ListApiKeys"],
    redactedApiKey: "xai-...abcd",
    ipRanges: [],
};

/** What a stack's state holds of a key. */
export const STATE = {
    apiKeyId: KEY.apiKeyId,
    teamId: KEY.teamId,
    name: "search",
    acls: ["api-key:model:grok-4-0709", "api-key:endpoint:chat"],
    qps: 5,
    qpm: 100,
    tpm: "50000",
    expireTime: "2031-01-01T00:00:00.000000Z",
    disabled: false,
    waitForPropagation: true,
    propagationTimeout: "5m",
    apiKey: CREATED.apiKey,
    redactedApiKey: "xai-...wxyz",
    userId: KEY.userId,
    createTime: KEY.createTime,
    owed: ["propagation"],
    given: { acls: "0123456789abcdef" },
    __provider: 'exports.handler=()=>require("pulumi-xai/provider").provider',
};

/** What a program gives. */
export const INPUTS = {
    name: "search",
    acls: ["api-key:model:grok-4", "api-key:endpoint:chat"],
    qps: 5,
    qpm: null,
    tpm: 50_000,
    expireTime: "2031-01-01T00:00:00Z",
    disabled: false,
    teamId: KEY.teamId,
    waitForPropagation: true,
    propagationTimeout: "90s",
    __provider: STATE.__provider,
};
