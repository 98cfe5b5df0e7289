import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LocalStack, OperationFailedError, UnsupportedFeatureError } from "../../../sdk/testing/engine/index.js";
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

const readFrom = (options: pulumi.CustomResourceOptions) => new Thing("a", {}, { id: "a-1", ...options });

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
    ["hideDiffs", () => new Thing("a", {}, { hideDiffs: ["value"] }), /`hideDiffs`/],
    ["a URN as an option", () => new Thing("a", {}, { urn: "urn:pulumi:dev::p::a:b:C::c" }), /the `urn` option/],
    ["a plugin's address, to be read from", () => readFrom({ pluginDownloadURL: "http://x" }), /`pluginDownloadURL`/],
    ["a version to be read with", () => readFrom({ version: "1.0.0" }), /`version`/],
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

    test("an inline program within another one", async () => {
        const inner = await ground.inline(async () => {}, {}, "inner");
        const outer = await ground.inline(async () => void (await inner.up()));
        const failure = await rejection(outer.up(), OperationFailedError);
        expect(failure.message).toContain("does not support an inline program within another one");
        await inner.up();
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
        ground.write("Pulumi.dev.yaml", "environment:\n  - base\n");
        expect((await rejection(open(), UnsupportedFeatureError)).message).toContain("environments of Pulumi ESC");
        ground.write("Pulumi.dev.yaml", "config: {}\n");
        ground.write("Pulumi.yaml", "name: p\nruntime: nodejs\noptions:\n  refresh: always\n");
        expect((await rejection(open(), UnsupportedFeatureError)).message).toContain("`options.refresh`");
    });

    describe("options of the Automation API:", () => {
        const target = { stackName: "dev", projectName: "p", program: async () => void new Thing("a") };
        // Type checkers refuse them; what is passed on from elsewhere they do not see.
        const more = (options: object): object => options;
        const asked: [string, (stack: LocalStack) => Promise<unknown>, string][] = [
            ["targets", (stack) => stack.up(more({ target: ["urn"] })), "`target` of `up`"],
            ["exclusions", (stack) => stack.preview(more({ exclude: ["urn"] })), "`exclude` of `preview`"],
            ["another program", (stack) => stack.up(more({ program: target.program })), "`program` of `up`"],
            ["a refresh that only looks", (stack) => stack.refresh(more({ previewOnly: true })), "`previewOnly`"],
            [
                "replacements while refreshing",
                (stack) => stack.refresh(more({ replace: [] })),
                "`replace` of `refresh`",
            ],
            ["removal", (stack) => stack.destroy(more({ remove: true })), "`remove` of `destroy`"],
            ["wildcards", (stack) => stack.up({ replace: ["**::a"] }), "wildcards in `replace`"],
            ["paths", (stack) => stack.setConfig("a.b", { value: "1" }, true), "paths into configuration values"],
            [
                "settings of a workspace",
                () => LocalStack.createOrSelect(target, more({ stackSettings: {} })),
                "`stackSettings` of `createOrSelect`",
            ],
        ];
        test.each(asked)("%s", async (_, ask, feature) => {
            const stack = await ground.inline(target.program);
            expect((await rejection(ask(stack), UnsupportedFeatureError)).message).toContain(feature);
            expect(ground.calls()).toEqual([]);
        });

        test("one that is not given is none", async () => {
            const stack = await ground.inline(async () => {});
            const { summary } = await stack.up({ ...more({ target: undefined }), message: "why" });
            expect(summary).toMatchObject({ message: "why", resourceChanges: { create: 1 } });
        });
    });
});
