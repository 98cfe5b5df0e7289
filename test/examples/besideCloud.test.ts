import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, test } from "vitest";
import { exampleProgram } from "./exampleProgram.js";

/** How Pulumi marks a secret among the inputs that a mock gets. */
const secret = (value: unknown) => ({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value });

describe("the example beside a cloud, under Pulumi's mocks", () => {
    const made: pulumi.runtime.MockResourceArgs[] = [];
    const inputsOf = (type: string) =>
        Object.fromEntries(made.filter((one) => one.type === type).map(({ name, inputs }) => [name, inputs]));

    beforeAll(async () => {
        await pulumi.runtime.setMocks(
            {
                newResource(args) {
                    made.push(args);
                    const outputs: Record<string, object> = {
                        "pulumi-nodejs:dynamic/xai:ApiKey": { apiKey: pulumi.secret(`secret of ${args.name}`) },
                        "kubernetes:core/v1:Secret": { metadata: { name: `${args.name}-1f2e3d` } },
                    };
                    return { id: `${args.name}-id`, state: { ...args.inputs, ...outputs[args.type] } };
                },
                call: () => ({}),
            },
            "xai-beside-cloud",
            "test",
        );
        await pulumi.runtime.runInPulumiStack(exampleProgram("beside-cloud"));
        await pulumi.runtime.disconnect();
    });

    test("each service has a key with its own permissions and limits, whose secret is renewed", () => {
        const rotation = { every: "30d", beforeExpiry: "7d", overlap: "48h" };
        expect(inputsOf("pulumi-nodejs:dynamic/xai:ApiKey")).toMatchObject({
            search: { acls: ["api-key:model:grok-4", "api-key:endpoint:chat"], qpm: 600, tpm: 200_000, rotation },
            thumbnails: { acls: ["api-key:model:grok-2-image", "api-key:endpoint:image"], qpm: 20, rotation },
        });
    });

    test("its Kubernetes Secret holds the output of its key, as a Pulumi secret", () => {
        const stores = inputsOf("kubernetes:core/v1:Secret");
        expect(Object.keys(stores)).toEqual(["search", "thumbnails"]);
        for (const [name, { stringData }] of Object.entries(stores)) {
            // The real class makes all the data a secret.
            const data = secret({ XAI_API_KEY: `secret of ${name}` });
            expect([data, { XAI_API_KEY: secret(`secret of ${name}`) }]).toContainEqual(stringData);
        }
    });

    test("its Deployment reads that Secret by the name that Pulumi made up", () => {
        for (const [name, { spec }] of Object.entries(inputsOf("kubernetes:apps/v1:Deployment"))) {
            expect(spec.template.spec.containers[0].env).toEqual([
                { name: "XAI_API_KEY", valueFrom: { secretKeyRef: { name: `${name}-1f2e3d`, key: "XAI_API_KEY" } } },
            ]);
        }
        expect(made.filter(({ type }) => type === "kubernetes:apps/v1:Deployment")).toHaveLength(2);
    });
});
