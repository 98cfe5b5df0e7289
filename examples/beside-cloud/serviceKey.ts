import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as xai from "pulumi-xai";

/** What a service needs of xAI. */
export interface ServiceKeyArgs {
    /** The permissions, and no more than the service uses. */
    acls: string[];
    /** Queries a minute. */
    qpm: number;
    /** Tokens a minute. */
    tpm: number;
}

/** The key of one service, and the Kubernetes Secret from which the service reads it. */
export class ServiceKey extends pulumi.ComponentResource {
    /** The name of the Secret. Its entry is `XAI_API_KEY`. */
    readonly secretName: pulumi.Output<string>;

    constructor(name: string, args: ServiceKeyArgs, opts?: pulumi.ComponentResourceOptions) {
        super("shop:index:ServiceKey", name, {}, opts);
        const key = new xai.XaiApiKey(
            name,
            // The old secret works for two days after a rotation. That is longer than a rollout takes.
            { ...args, expiresIn: "90d", rotation: { every: "30d", beforeExpiry: "7d", overlap: "48h" } },
            { parent: this },
        );
        // Pulumi makes up the Secret's name, and replaces the Secret when its data changes: a Deployment that refers to it by
        // this output gets the new name, and rolls over.
        const store = new k8s.core.v1.Secret(name, { stringData: { XAI_API_KEY: key.apiKey } }, { parent: this });
        this.secretName = store.metadata.name;
        this.registerOutputs({ secretName: this.secretName });
    }
}
