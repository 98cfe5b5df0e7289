import type { ApiKey } from "../../provider/api/apiKeys.js";

/** A key as the API holds it, with nothing set but what a test is about. */
export function apiKeyWith(fields: Partial<ApiKey> = {}): ApiKey {
    return {
        apiKeyId: "id",
        teamId: null,
        userId: null,
        name: "n",
        acls: [],
        qps: null,
        qpm: null,
        tpm: null,
        expireTime: null,
        disabled: false,
        redactedApiKey: null,
        createTime: null,
        modifyTime: null,
        ...fields,
    };
}
