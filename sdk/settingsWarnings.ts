import * as pulumi from "@pulumi/pulumi";
import { config } from "./config.js";

/** The settings that a program has been warned about, for each deployment. */
const warned = new WeakMap<object, Set<string>>();

/**
 * Warns once a deployment of settings that do harm in silence: a management key in the clear, and a name that no setting has.
 *
 * @param provider - The resource's explicit provider, whose settings replace the stack's.
 */
export function warnOfSettings(provider: unknown): void {
    const settings: Readonly<Record<string, string>> = pulumi.runtime.allConfig();
    for (const key of Object.keys(settings)) {
        const [namespace, name = ""] = key.split(":");
        if (namespace === "xai" && !(name in config)) {
            warnOnce(
                `\`${key}\` in the stack's configuration is no setting of pulumi-xai, and does nothing. Remove it with \`pulumi config rm ${key}\`; the settings are ${Object.keys(config).join(", ")}.`,
            );
        }
    }
    // Not among Pulumi's published types. A version that lacks it cannot tell.
    const isConfigSecret: unknown = Reflect.get(pulumi.runtime, "isConfigSecret");
    if (
        settings["xai:managementKey"] !== undefined &&
        typeof isConfigSecret === "function" &&
        isConfigSecret("xai:managementKey") === false
    ) {
        warnOnce(
            "`xai:managementKey` is in the stack's configuration and state in the clear. Encrypt it with `pulumi config set --secret xai:managementKey`, and replace the key if others could read it.",
        );
    }
    const managementKey: unknown = Reflect.get(Object(provider), "xai:managementKey");
    if (pulumi.Output.isInstance(managementKey)) {
        void pulumi.isSecret(managementKey).then((isSecret) => {
            if (!isSecret) {
                warnOnce(
                    "`xai:managementKey` of an explicit provider is in the state in the clear. Wrap it: `pulumi.secret(managementKey)`.",
                );
            }
        });
    }
}

function warnOnce(message: string): void {
    const deployment: object = pulumi.runtime.getMonitor() ?? warned;
    const messages = warned.get(deployment) ?? new Set<string>();
    warned.set(deployment, messages);
    if (!messages.has(message)) {
        messages.add(message);
        void pulumi.log.warn(message);
    }
}
