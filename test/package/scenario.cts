import assert = require("node:assert/strict");

import { createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";

/** The entries of both packages, however a program imported them. */
export interface Entries {
    readonly xai: typeof import("pulumi-xai");
    readonly provider: typeof import("pulumi-xai/provider");
    readonly startEmulator: typeof import("xai-management-emulator").startEmulator;
}

/** What the tests use of the provider that a state file names. */
type Provider = Entries["provider"]["provider"];

/** Uses everything that the package exports, as an installed program and its dynamic host do. */
export async function useAll({ xai, provider, startEmulator }: Entries): Promise<void> {
    const emulator = await startEmulator({ propagation: 20 });
    try {
        Object.assign(process.env, emulator.env);
        const registered: pulumi.runtime.MockResourceArgs[] = [];
        await pulumi.runtime.setMocks(
            {
                newResource: (args) => {
                    registered.push(args);
                    return { id: "mock", state: args.inputs };
                },
                call: () => ({}),
            },
            "demo",
            "dev",
        );
        const key: InstanceType<typeof xai.XaiApiKey> = new xai.XaiApiKey("search", {
            acls: [xai.acl.model("grok-4"), xai.acl.endpoint("chat")],
            qps: 5,
        });
        await new Promise((done) => key.urn.apply(done));
        assert.equal(registered[0]?.type, "pulumi-nodejs:dynamic/xai:ApiKey");
        const { __provider: text, ...inputs } = registered[0].inputs;

        const { models } = await xai.getModels();
        assert.ok(models.some((model) => model.aliases.includes("grok-4")));

        const hosted = await providerOf(text);
        assert.equal(hosted, provider.provider);
        await liveALife(hosted, inputs, () => emulator.keys().length);
    } finally {
        await emulator.close();
    }
}

/** Evaluates a provider's text with what Pulumi's dynamic host evaluates it with, from the program's folder. */
async function providerOf(text: string): Promise<Provider> {
    const requireFromString = createRequire(require.resolve("@pulumi/pulumi"))("require-from-string");
    return requireFromString(text).handler();
}

async function liveALife(provider: Provider, inputs: pulumi.Inputs, count: () => number): Promise<void> {
    const get = (key: string) => (key === "xai:maxRetries" ? "1" : undefined);
    await provider.configure?.({ config: { get, require: (key) => get(key) ?? key } });
    assert.deepEqual((await provider.check({}, inputs)).failures, []);
    const { id, outs } = await provider.create(inputs);
    assert.match(String(outs?.["apiKey"]), /^xai-/);
    assert.equal(count(), 1);
    await provider.delete(id, { ...outs });
    assert.equal(count(), 0);
}
