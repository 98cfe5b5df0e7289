import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LocalStack, UnsupportedFeatureError } from "../../../sdk/testing/engine/index.js";
import { Playground, rejection, Thing } from "./harness.js";

let ground: Playground;
beforeEach(() => {
    ground = new Playground();
});
afterEach(async () => {
    await ground.close();
});

class Bucket extends pulumi.CustomResource {
    constructor() {
        super("aws:s3/bucket:Bucket", "mine", {});
    }
}

class Remote extends pulumi.ComponentResource {
    constructor() {
        super("pkg:index:Remote", "mine", {}, {}, true);
    }
}

class Aws extends pulumi.ProviderResource {
    constructor() {
        super("aws", "mine", {});
    }
}

const cases: [string, () => unknown, RegExp][] = [
    ["another package's resource", () => new Bucket(), /the package "aws" .*dynamic resources only/],
    ["another package's provider", () => new Aws(), /the package "aws"/],
    ["a remote component", () => new Remote(), /remote components/],
    ["a StackReference", () => new pulumi.StackReference("org/p/s"), /StackReference/],
    [
        "invoke",
        () => pulumi.runtime.invoke("aws:index:getRegion", {}),
        /invoke \(of the function aws:index:getRegion\)/,
    ],
    ["an alias", () => new Thing("a", {}, { aliases: [{ name: "b" }] }), /`aliases`/],
    ["import", () => new Thing("a", {}, { import: "id" }), /`import`/],
    ["a version", () => new Thing("a", {}, { version: "1.0.0" }), /`version`/],
    ["a transform", () => new Thing("a", {}, { transforms: [() => undefined] }), /transforms/],
    ["a stack transform", () => pulumi.runtime.registerResourceTransform(() => undefined), /transforms/],
    ["an asset", () => new Thing("a", { value: new pulumi.asset.StringAsset("x") }), /assets and archives/],
    ["replaceWith", () => new Thing("b", {}, { replaceWith: [new Thing("a")] }), /`replaceWith`/],
    ["replacementTrigger", () => new Thing("a", {}, { replacementTrigger: "x" }), /`replacementTrigger`/],
    [
        "a hook",
        () => {
            const hook = new pulumi.ResourceHook("hook", () => {});
            return new Thing("a", {}, { hooks: { beforeCreate: [hook] } });
        },
        /hooks/,
    ],
];

describe("what the engine does not do ends in an error that names it", () => {
    test.each(cases)("%s", async (_, ask, message) => {
        const stack = await ground.inline(async () => void ask());
        const error = await rejection(stack.up(), UnsupportedFeatureError);
        expect(error.message).toMatch(message);
        expect(error.message).toContain("Use the Pulumi CLI for it");
        expect(ground.things().filter((id) => id !== "a-1")).toEqual([]);
    });

    test("in a program of its own process too", async () => {
        const stack = await ground.files('new pulumi.StackReference("org/p/s");');
        const error = await rejection(stack.preview(), UnsupportedFeatureError);
        expect(error.feature).toBe('StackReference ("org/p/s")');
    });

    test("other runtimes, and configuration that only the CLI can decrypt", async () => {
        const open = () => LocalStack.createOrSelect({ stackName: "dev", workDir: ground.programFolder });
        ground.write("Pulumi.yaml", "name: p\nruntime: python\n");
        expect((await rejection(open(), UnsupportedFeatureError)).message).toContain('the runtime "python"');
        ground.write("Pulumi.yaml", "name: p\nruntime: nodejs\n");
        ground.write("Pulumi.dev.yaml", "config:\n  p:key:\n    secure: AAAB\n");
        expect((await rejection(open(), UnsupportedFeatureError)).message).toContain('the encrypted "p:key"');
    });
});
