/**
 * Stands in for `@pulumi/kubernetes` in the test of `examples/beside-cloud`, where it is not installed. A class does what the real
 * one does under Pulumi's mocks: it registers its arguments under its type.
 */
import * as pulumi from "@pulumi/pulumi";

class KubernetesResource extends pulumi.CustomResource {
    declare readonly metadata: pulumi.Output<{ readonly name: string }>;

    constructor(type: string, name: string, args: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
        super(type, name, { metadata: undefined, ...args }, opts);
    }
}

class Secret extends KubernetesResource {
    constructor(
        name: string,
        args: { stringData: Record<string, pulumi.Input<string>> },
        opts?: pulumi.CustomResourceOptions,
    ) {
        super("kubernetes:core/v1:Secret", name, args, opts);
    }
}

class Deployment extends KubernetesResource {
    constructor(name: string, args: { spec: pulumi.Inputs }, opts?: pulumi.CustomResourceOptions) {
        super("kubernetes:apps/v1:Deployment", name, args, opts);
    }
}

export const core = { v1: { Secret } };
export const apps = { v1: { Deployment } };
