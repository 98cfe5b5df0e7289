import * as pulumi from "@pulumi/pulumi";

/**
 * The settings of the namespace `xai`, as the stack's configuration gives them. All are optional; `undefined` where the
 * configuration has none. The README lists the environment variables that stand in for them.
 *
 * @throws pulumi.RunError for a number that is none.
 *
 * @example
 * ```ts
 * const team = xai.config.teamId; // pulumi config set xai:teamId ...
 * ```
 */
export const config = {
    /**
     * The management key, from xAI Console -> Settings -> Management Keys. Always a secret. Default: `XAI_MANAGEMENT_KEY`, then
     * `XAI_MANAGEMENT_API_KEY`.
     */
    get managementKey(): pulumi.Output<string> | undefined {
        return settings().getSecret("managementKey");
    },
    /**
     * The id of the team whose keys the stack manages. A key keeps the team that it was created in, whatever this says later.
     * Default: `XAI_TEAM_ID`, then the management key's own team.
     */
    get teamId(): string | undefined {
        return settings().get("teamId");
    },
    /** The URL of the Management API. Default: `XAI_MANAGEMENT_BASE_URL`, then `https://management-api.x.ai`. */
    get baseUrl(): string | undefined {
        return settings().get("baseUrl");
    },
    /** What happens where a permission names no model or endpoint of the team. Default: `error`. */
    get validateAcls(): "error" | "warn" | "off" | undefined {
        return settings().get("validateAcls");
    },
    /** The limit of one attempt of a request, as a duration. Default: `30s`. */
    get requestTimeout(): string | undefined {
        return settings().get("requestTimeout");
    },
    /** The limit of one call with all its retries and pauses, as a duration. Default: `2m`. */
    get operationTimeout(): string | undefined {
        return settings().get("operationTimeout");
    },
    /** How often a failed call is repeated. Default: 8. */
    get maxRetries(): number | undefined {
        return settings().getNumber("maxRetries");
    },
    /** How many requests of one process run at once. Default: 8. */
    get maxConcurrency(): number | undefined {
        return settings().getNumber("maxConcurrency");
    },
};

function settings(): pulumi.Config {
    return new pulumi.Config("xai");
}
