/**
 * A policy pack for xAI API keys, in dynamic and in native mode.
 *
 *     pulumi preview --policy-pack examples/policy --policy-pack-config policy.json
 */
import {
    type PolicyConfigSchema,
    PolicyPack,
    type PolicyResource,
    type ResourceValidation,
    type ResourceValidationArgs,
} from "@pulumi/policy";
import * as xai from "pulumi-xai";
import * as native from "pulumi-xai/native";
import {
    appliesTo,
    endlessSecret,
    exportedSecrets,
    type KeyArgs,
    LIMITS,
    type Limit,
    missingLimits,
    unprotected,
    wildcards,
} from "./rules";

const ALL_STACKS = ["*"];
const PRODUCTION = ["prod*"];

new PolicyPack("xai-keys", {
    description: "Guardrails for xAI API keys",
    enforcementLevel: "mandatory",
    policies: [
        {
            name: "xai-key-no-wildcards",
            description: "A key in production names its models and endpoints.",
            configSchema: configSchema(PRODUCTION),
            validateResource: ofKeys(wildcards),
        },
        {
            name: "xai-key-limits",
            description: "A key has limits.",
            configSchema: configSchema(ALL_STACKS, {
                limits: {
                    description: "The limits that every key must have.",
                    type: "array",
                    items: { type: "string", enum: Object.keys(LIMITS) },
                    default: ["qpm", "tpm"],
                },
            }),
            validateResource: ofKeys((name, key, args) =>
                missingLimits(name, key, args.getConfig<{ limits: Limit[] }>().limits),
            ),
        },
        {
            name: "xai-key-expiry-or-rotation",
            description: "A key expires, or a rotation renews its secret.",
            configSchema: configSchema(ALL_STACKS),
            validateResource: ofKeys(endlessSecret),
        },
        {
            name: "xai-key-protected",
            description: "A key in production cannot be deleted by a lost line of code.",
            configSchema: configSchema(PRODUCTION),
            validateResource: ofKeys((name, key, args) => unprotected(name, stackOf(args), key, args.opts.protect)),
        },
        {
            name: "xai-key-not-exported",
            description: "A key's secret is in no stack output.",
            // A policy sees values, not whether they are Pulumi secrets: it cannot tell a harmless output from a leak.
            enforcementLevel: "advisory",
            configSchema: configSchema(ALL_STACKS, {
                allowed: {
                    description: "The outputs that may hold the secret of a key.",
                    type: "array",
                    items: { type: "string" },
                    default: [],
                },
            }),
            validateStack: ({ resources, getConfig }, report) => {
                const { stacks, allowed } = getConfig<{ stacks: string[]; allowed: string[] }>();
                const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
                if (stack !== undefined && appliesTo(stacks, stackOf(stack))) {
                    for (const message of exportedSecrets(secretsOf(resources), stack.props, allowed)) {
                        report(message);
                    }
                }
            },
        },
    ],
});

/** The configuration of a rule: for which stacks it is, and what more it takes. */
function configSchema(stacks: string[], more: PolicyConfigSchema["properties"] = {}): PolicyConfigSchema {
    return {
        properties: {
            stacks: {
                description: "The stacks that the rule is for. A * at the end stands for any characters.",
                type: "array",
                items: { type: "string" },
                default: stacks,
            },
            ...more,
        },
    };
}

/** Applies a rule to the keys of both modes. */
function ofKeys(
    rule: (name: string, key: KeyArgs, args: ResourceValidationArgs) => Iterable<string>,
): ResourceValidation {
    return (args, report) => {
        const key = args.asType(xai.XaiApiKey) ?? args.asType(native.XaiApiKey);
        if (key === undefined || !appliesTo(args.getConfig<{ stacks: string[] }>().stacks, stackOf(args))) {
            return args.notApplicable();
        }
        for (const message of rule(args.name, key, args)) {
            report(message);
        }
    };
}

/** The name of each key by its secret, as far as it is known. */
function secretsOf(resources: readonly PolicyResource[]): Map<string, string> {
    const secrets = new Map<string, string>();
    for (const resource of resources) {
        if (resource.isType(xai.XaiApiKey) || resource.isType(native.XaiApiKey)) {
            try {
                const secret: unknown = resource.props["apiKey"];
                if (typeof secret === "string") {
                    secrets.set(secret, resource.name);
                }
            } catch {
                // Only the run knows it.
            }
        }
    }
    return secrets;
}

/** The stack's name, out of `urn:pulumi:<stack>::<project>::…`. */
function stackOf({ urn }: { readonly urn: string }): string {
    return urn.split("::")[0]?.replace("urn:pulumi:", "") ?? "";
}
