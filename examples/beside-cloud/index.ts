/**
 * One xAI API key for each service, beside the service's Deployment. The secret goes from the key into a Kubernetes Secret,
 * and nowhere else.
 */
import * as k8s from "@pulumi/kubernetes";
import * as xai from "pulumi-xai";
// Without an extension: Pulumi loads programs by `require`, which does not find a .ts file by the name of a .js file.
import { ServiceKey, type ServiceKeyArgs } from "./serviceKey";

const services: Record<string, ServiceKeyArgs> = {
    search: { acls: [xai.acl.model("grok-4"), xai.acl.endpoint("chat")], qpm: 600, tpm: 200_000 },
    thumbnails: { acls: [xai.acl.model("grok-2-image"), xai.acl.endpoint("image")], qpm: 20, tpm: 10_000 },
};

for (const [name, args] of Object.entries(services)) {
    const { secretName } = new ServiceKey(name, args);
    const key = { name: secretName, key: "XAI_API_KEY" };
    const labels = { app: name };
    new k8s.apps.v1.Deployment(name, {
        spec: {
            replicas: 2,
            selector: { matchLabels: labels },
            template: {
                metadata: { labels },
                spec: {
                    containers: [
                        {
                            name,
                            image: `registry.example.com/${name}:1.0.0`,
                            env: [{ name: "XAI_API_KEY", valueFrom: { secretKeyRef: key } }],
                        },
                    ],
                },
            },
        },
    });
}
