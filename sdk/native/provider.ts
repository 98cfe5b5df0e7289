import * as pulumi from "@pulumi/pulumi";

/** The arguments of {@link Provider}. What is left out comes from the environment, else it has the default: see `docs/configuration.md`. */
export interface ProviderArgs {
    /** The management key. Always treated as a secret. Default: `XAI_MANAGEMENT_KEY`, then `XAI_MANAGEMENT_API_KEY`. */
    managementKey?: pulumi.Input<string | undefined>;
    /** The id of the team. Default: `XAI_TEAM_ID`, then the management key's own team. */
    teamId?: pulumi.Input<string | undefined>;
    /** The URL of the Management API. Default: `XAI_MANAGEMENT_BASE_URL`, then `https://management-api.x.ai`. */
    baseUrl?: pulumi.Input<string | undefined>;
    /** What happens where a permission names no model or endpoint of the team. Default: `error`. */
    validateAcls?: pulumi.Input<"error" | "warn" | "off" | undefined>;
    /** The limit of one attempt of a request, as a duration. Default: `30s`. */
    requestTimeout?: pulumi.Input<string | undefined>;
    /** The limit of one call with all its retries and pauses, as a duration. Default: `2m`. */
    operationTimeout?: pulumi.Input<string | undefined>;
    /** How often a failed call is repeated. Default: 8. */
    maxRetries?: pulumi.Input<number | undefined>;
    /** How many requests of one process run at once. Default: 8. */
    maxConcurrency?: pulumi.Input<number | undefined>;
}

/**
 * A provider with settings of its own, beside the stack's: for keys of another team or another management key. A rotated
 * management key updates the provider, and replaces nothing.
 *
 * @example
 * ```ts
 * const other = new xai.Provider("other", { managementKey: config.requireSecret("otherManagementKey"), teamId: "…" });
 * new xai.XaiApiKey("search", { acls }, { provider: other });
 * ```
 */
export class Provider extends pulumi.ProviderResource {
    /** The provider's type. */
    static readonly __pulumiType = "xai";

    /** Whether a value is a `Provider` of any copy of this package. */
    static override isInstance(value: unknown): value is Provider {
        return Reflect.get(Object(value), "__pulumiType") === "pulumi:providers:xai";
    }

    /**
     * @param name - The provider's logical name, unique in the stack.
     * @param args - The settings.
     * @param opts - Pulumi's resource options.
     */
    constructor(name: string, args: ProviderArgs = {}, opts: pulumi.ResourceOptions = {}) {
        const { managementKey } = args;
        const given = {
            ...args,
            ...(managementKey === undefined ? {} : { managementKey: pulumi.secret(managementKey) }),
        };
        // A provider's properties travel as text: numbers as JSON.
        const inputs = Object.fromEntries(
            Object.entries(given).map(([setting, value]) => [
                setting,
                pulumi.output(value).apply((one) => (typeof one === "number" ? JSON.stringify(one) : one)),
            ]),
        );
        super(
            "xai",
            name,
            inputs,
            pulumi.mergeOptions({ aliases: [{ type: "pulumi:providers:pulumi-nodejs" }] }, opts),
        );
    }
}
