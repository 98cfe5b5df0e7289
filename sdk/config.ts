import * as pulumi from "@pulumi/pulumi";

/**
 * The settings of namespace `xai` as the stack's configuration gives them. Every one is optional: see the README for
 * the environment variables that stand in for them and for the defaults.
 *
 * @example
 * ```ts
 * const team = xai.config.teamId; // pulumi config set xai:teamId ...
 * ```
 */
export const config = {
    /** The management key, from xAI Console -> Settings -> Management Keys. A secret. Then `XAI_MANAGEMENT_KEY`. */
    get managementKey(): pulumi.Output<string> | undefined {
        return settings().getSecret("managementKey");
    },
    /** The team whose keys are managed. Then `XAI_TEAM_ID`, then the management key's own team. A change replaces keys. */
    get teamId(): string | undefined {
        return settings().get("teamId");
    },
    /** Where the Management API is. Then `XAI_MANAGEMENT_BASE_URL`. Default: `https://management-api.x.ai`. */
    get baseUrl(): string | undefined {
        return settings().get("baseUrl");
    },
    /** What happens to an ACL that names no model or endpoint of the team. Default: `error`. */
    get validateAcls(): "error" | "warn" | "off" | undefined {
        return settings().get("validateAcls");
    },
    /** The limit of one attempt at a request, a duration. Default: `30s`. */
    get requestTimeout(): string | undefined {
        return settings().get("requestTimeout");
    },
    /** The limit of one call with all its retries and pauses, a duration. Default: `2m`. */
    get operationTimeout(): string | undefined {
        return settings().get("operationTimeout");
    },
    /** How often a call is tried again. Default: 8. */
    get maxRetries(): number | undefined {
        return settings().getNumber("maxRetries");
    },
    /** How many requests are under way at once. Default: 8. */
    get maxConcurrency(): number | undefined {
        return settings().getNumber("maxConcurrency");
    },
};

/**
 * The configured team where it was set with `--secret`; else `undefined`.
 *
 * @internal
 */
export function configuredSecretTeam(): pulumi.Output<string> | undefined {
    // Not among Pulumi's published types. Where a version lacks it, the team is taken for no secret.
    const isConfigSecret: unknown = Reflect.get(pulumi.runtime, "isConfigSecret");
    const isSecret = typeof isConfigSecret === "function" && isConfigSecret("xai:teamId") === true;
    return isSecret ? settings().getSecret("teamId") : undefined;
}

function settings(): pulumi.Config {
    return new pulumi.Config("xai");
}
