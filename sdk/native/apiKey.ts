import * as pulumi from "@pulumi/pulumi";
import type { XaiApiKeyArgs, XaiApiKeyState } from "../apiKeyArgs.js";
import { ApiKeyResource, NO_OUTPUTS } from "../apiKeyResource.js";
import { warnOfSettings } from "../settingsWarnings.js";
import { pauseStackTraces } from "../stackTraces.js";
import { DYNAMIC_TYPE, NATIVE_TYPE } from "../types.js";

/**
 * An xAI inference API key: created, limited, changed, rotated and deleted by a Pulumi program.
 *
 * Changes go to the API as masked updates that name exactly what changed, and keep the secret. Only another team makes a
 * new key. The API shows the secret once, when the key is created or rotated; the stack keeps it as an encrypted output.
 *
 * @example
 * ```ts
 * import * as xai from "pulumi-xai/native";
 *
 * const key = new xai.XaiApiKey("search", {
 *     acls: [xai.acl.model("grok-4"), xai.acl.endpoint("chat")],
 *     qps: 5,
 *     qpm: 100,
 * });
 * export const secret = key.apiKey;
 * ```
 *
 * @example A key from the xAI Console, imported with its secret
 * ```ts
 * const acls = [xai.acl.model("grok-4"), xai.acl.endpoint("chat")];
 * new xai.XaiApiKey(
 *     "reports",
 *     { acls, name: "reports", existingSecret: config.requireSecret("reportsKey") },
 *     { import: config.require("reportsKeyId") },
 * );
 * ```
 */
export class XaiApiKey extends ApiKeyResource {
    /** The resource's type, by which policies and transforms find it. */
    static readonly __pulumiType = NATIVE_TYPE;

    /**
     * Reads a key that this stack does not manage. Every run reads it; none changes or deletes it. Its secret is not
     * available.
     *
     * @param name - The resource's logical name.
     * @param id - The `apiKeyId`.
     * @param state - The team, where it is not the configured one.
     * @throws In the run, where the team's listing does not have the key.
     */
    static get(
        name: string,
        id: pulumi.Input<pulumi.ID>,
        state?: XaiApiKeyState,
        opts?: pulumi.CustomResourceOptions,
    ): XaiApiKey {
        return Reflect.construct(XaiApiKey, [name, { ...state }, { ...opts, id }]);
    }

    /** Whether a value is an `XaiApiKey` of any copy of this package, or stands for one, as in typed policies. */
    static override isInstance(value: unknown): value is XaiApiKey {
        return Reflect.get(Object(value), "__pulumiType") === NATIVE_TYPE;
    }

    /**
     * @param name - The resource's logical name, unique in the stack.
     * @param args - What the key may do.
     * @param opts - Pulumi's resource options.
     */
    constructor(name: string, args: XaiApiKeyArgs, opts: pulumi.CustomResourceOptions = {}) {
        warnOfSettings(undefined);
        const { existingSecret } = args ?? {};
        const properties = {
            ...NO_OUTPUTS,
            ...args,
            ...(existingSecret === undefined ? {} : { existingSecret: pulumi.secret(existingSecret) }),
        };
        const options = pulumi.mergeOptions(
            { additionalSecretOutputs: ["apiKey"], aliases: [{ type: DYNAMIC_TYPE }] },
            opts,
        );
        const traces = pauseStackTraces();
        try {
            super(NATIVE_TYPE, name, properties, options);
        } catch (error) {
            throw traces.traced(error);
        } finally {
            traces.resume();
        }
    }
}

/** The same class under the name that Pulumi packages would give it: `xai.ApiKey`. */
export const ApiKey = XaiApiKey;
export type ApiKey = XaiApiKey;
