import * as pulumi from "@pulumi/pulumi";
import type { XaiApiKeyArgs, XaiApiKeyState } from "./apiKeyArgs.js";
import { ApiKeyResource, NO_OUTPUTS } from "./apiKeyResource.js";
import { PROVIDER_TEXT, requireResolvableProvider, runError } from "./providerText.js";
import { warnOfSettings } from "./settingsWarnings.js";
import { pauseStackTraces } from "./stackTraces.js";
import { DYNAMIC_TYPE, NATIVE_TYPE } from "./types.js";

/**
 * An xAI inference API key: created, limited, changed, rotated and deleted by a Pulumi program.
 *
 * Changes go to the API as masked updates that name exactly what changed, and keep the secret. Only another team makes a
 * new key. The API shows the secret once, when the key is created or rotated; the stack keeps it as an encrypted output.
 *
 * @example
 * ```ts
 * import * as xai from "pulumi-xai";
 *
 * const key = new xai.XaiApiKey("search", {
 *     acls: [xai.acl.model("grok-4"), xai.acl.endpoint("chat")],
 *     qps: 5,
 *     qpm: 100,
 * });
 * export const secret = key.apiKey;
 * ```
 *
 * @example A new secret every month, for services that read it at least every other day. It expires after three months.
 * ```ts
 * new xai.XaiApiKey("search", {
 *     acls: [xai.acl.model("grok-4"), xai.acl.endpoint("chat")],
 *     expiresIn: "90d",
 *     rotation: { every: "30d", overlap: "48h" },
 * });
 * ```
 *
 * @example Production: `pulumi destroy` and a lost line of code do not delete the key
 * ```ts
 * const acls = [xai.acl.allModels, xai.acl.endpoint("chat")];
 * new xai.XaiApiKey("billing", { acls, onDelete: "disable" }, { protect: true });
 * ```
 *
 * @example A key from the xAI Console, adopted with its secret
 * ```ts
 * new xai.XaiApiKey("reports", {
 *     adoptKeyId: config.require("reportsKeyId"),
 *     existingSecret: config.requireSecret("reportsKey"),
 *     acls: [xai.acl.model("grok-4"), xai.acl.endpoint("chat")],
 * });
 * ```
 */
export class XaiApiKey extends ApiKeyResource {
    /** The resource's type, by which policies and transforms find it. */
    static readonly __pulumiType = DYNAMIC_TYPE;

    /**
     * Reads a key that this stack does not manage. Every run reads it; none changes or deletes it. Its secret is not
     * available.
     *
     * @param name - The resource's logical name.
     * @param id - The `apiKeyId`.
     * @param state - The team, where it is not the configured one.
     * @throws In the run, where the team's listing does not have the key.
     *
     * @example
     * ```ts
     * const shared = xai.XaiApiKey.get("shared", "b1946ac9-...");
     * export const limits = { qps: shared.qps, qpm: shared.qpm };
     * ```
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
        return Reflect.get(Object(value), "__pulumiType") === DYNAMIC_TYPE;
    }

    /**
     * @param name - The resource's logical name, unique in the stack.
     * @param args - What the key may do.
     * @param opts - Pulumi's resource options.
     * @throws pulumi.RunError where the program's folder lacks `pulumi-xai` as a dependency of its own, and for the option
     * `import`, which dynamic providers do not have.
     */
    constructor(name: string, args: XaiApiKeyArgs, opts: pulumi.CustomResourceOptions = {}) {
        requireResolvableProvider(process.cwd());
        requireSupportedOptions(name, opts);
        warnOfSettings(opts.provider);
        const inputs = opts.id === undefined ? managedInputs(name, args) : args;
        // A property that is not listed here would not exist on the resource, even where the API answers it.
        const properties = { ...NO_OUTPUTS, ...inputs, __provider: PROVIDER_TEXT };
        const options = pulumi.mergeOptions(
            { additionalSecretOutputs: ["apiKey", "__inputs"], aliases: [{ type: NATIVE_TYPE }] },
            opts,
        );
        const traces = pauseStackTraces();
        try {
            super(DYNAMIC_TYPE, name, properties, options);
        } catch (error) {
            throw traces.traced(error);
        } finally {
            traces.resume();
        }
        if (opts.id === undefined && !pulumi.runtime.isDryRun()) {
            requireSecretOutput(name, this.apiKey);
        }
    }
}

/** The same class under the name that Pulumi packages would give it: `xai.ApiKey`. */
export const ApiKey = XaiApiKey;
export type ApiKey = XaiApiKey;

/** The arguments, and what the dynamic host cannot know: the default name, and that the output `__inputs` is a secret. */
function managedInputs(logicalName: string, args: Partial<XaiApiKeyArgs> = {}): object {
    const defaultName = `${pulumi.getProject()}-${pulumi.getStack()}-${logicalName}`;
    const { name, existingSecret } = args;
    return {
        ...args,
        name: pulumi.output(name).apply((given) => given ?? defaultName),
        ...(existingSecret === undefined ? {} : { existingSecret: pulumi.secret(existingSecret) }),
        __defaultName: defaultName,
        __inputs: pulumi.secret(""),
    };
}

/** Refuses or warns about options that dynamic providers ignore. */
function requireSupportedOptions(name: string, opts: pulumi.CustomResourceOptions): void {
    if (opts.import !== undefined) {
        throw runError(
            `XaiApiKey "${name}": the option \`import\` does not work with a dynamic provider. Give the argument \`adoptKeyId: "<id>"\`, with \`existingSecret\` if you have the secret; or use native mode (\`pulumi-xai/native\`), which can import.`,
        );
    }
    if ((opts.replaceOnChanges ?? []).length > 0) {
        void pulumi.log.warn(
            `XaiApiKey "${name}": the option \`replaceOnChanges\` does nothing with a dynamic provider. Every change but that of \`teamId\` updates the key in place; \`pulumi up --replace\` makes a new one. Native mode (\`pulumi-xai/native\`) heeds the option.`,
        );
    }
}

/** Fails the run where a transform has replaced the options, so that the secret is stored in the clear. */
function requireSecretOutput(name: string, apiKey: pulumi.Output<unknown>): void {
    // Under mocks no output is a secret.
    const isMocked = Reflect.has(Object(pulumi.runtime.getMonitor()), "mocks");
    apiKey.apply(async (secret) => {
        if (typeof secret === "string" && !isMocked && !(await pulumi.isSecret(apiKey))) {
            throw runError(
                `XaiApiKey "${name}": its secret is in the state in the clear, because a transform replaced the resource's options (\`opts\`). Extend the options that the transform gets, or add \`additionalSecretOutputs: ["apiKey", "__inputs"]\`. Run \`pulumi up\` again, then rotate the key.`,
            );
        }
    });
}
