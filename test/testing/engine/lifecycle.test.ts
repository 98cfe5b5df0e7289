import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OperationFailedError } from "../../../sdk/testing/engine/index.js";
import { Group, Host, Playground, rejection, resourcesOf, Thing } from "./harness.js";

let ground: Playground;
beforeEach(() => {
    ground = new Playground();
});
afterEach(async () => {
    await ground.close();
});

/** A program whose parts the test changes between operations. */
interface Wishes {
    value: string;
    region: string;
    withB: boolean;
}

function chain(wishes: Wishes) {
    return async () => {
        const group = new Group("g");
        const a = new Thing("a", { value: wishes.value, region: wishes.region }, { parent: group });
        const outputs: Record<string, unknown> = { label: a.label, token: a.token };
        if (wishes.withB) outputs["b"] = new Thing("b", { value: a.token }).id;
        group.finish({ label: a.label });
        return outputs;
    };
}

test("a stack lives: previewed, made, left alone, changed, replaced, reduced, deleted", async () => {
    const wishes = { value: "1", region: "x", withB: true };
    const stack = await ground.inline(chain(wishes));

    const planned = await stack.preview();
    expect(planned.changeSummary).toEqual({ create: 4 });
    expect(planned.stdout).toContain("label: [unknown]");
    expect(ground.ops()).toEqual(["check a", "check b"]);
    expect(ground.things()).toEqual([]);
    expect((await stack.exportStack()).deployment.resources).toEqual([]);

    const made = await stack.up();
    expect(made.summary).toMatchObject({ kind: "update", result: "succeeded", resourceChanges: { create: 4 } });
    expect(made.outputs).toEqual({
        label: { value: "1!", secret: false },
        token: { value: "token-of-a-1", secret: true },
        b: { value: "b-1", secret: false },
    });
    expect(made.stdout).toContain("token: [secret]");
    expect(made.stdout).not.toContain("token-of-a-1");
    expect(ground.ops()).toEqual(["check a", "create a", "check b", "create b"]);

    expect((await stack.up()).summary.resourceChanges).toEqual({ same: 4 });
    expect(ground.ops()).toEqual(["check a", "diff a-1", "check b", "diff b-1"]);

    wishes.value = "2";
    expect((await stack.preview()).changeSummary).toEqual({ same: 2, update: 2 });
    expect((await stack.up()).summary.resourceChanges).toEqual({ same: 3, update: 1 });
    expect(ground.ops().filter((op) => op.startsWith("update"))).toEqual(["update a-1"]);

    wishes.region = "y";
    expect((await stack.up()).summary.resourceChanges).toEqual({ replace: 1, same: 2, update: 1 });
    expect(ground.ops().filter((op) => /^(create|update|delete)/.test(op))).toEqual([
        "create a",
        "update b-1",
        "delete a-1",
    ]);

    wishes.withB = false;
    expect((await stack.preview()).changeSummary).toEqual({ delete: 1, same: 3 });
    expect((await stack.up()).summary.resourceChanges).toEqual({ delete: 1, same: 3 });
    expect(ground.things()).toEqual(["a-2"]);
    expect(await stack.outputs()).not.toHaveProperty("b");

    const gone = await stack.destroy();
    expect(gone.summary).toMatchObject({ kind: "destroy", resourceChanges: { delete: 3 } });
    expect(ground.things()).toEqual([]);
    expect((await stack.exportStack()).deployment.resources).toEqual([]);
});

describe("what is in the state", () => {
    test("dependencies, parents, providers and secrets", async () => {
        const stack = await ground.inline(async () => {
            const group = new Group("g");
            const a = new Thing("a", { value: pulumi.secret("hidden") }, { parent: group });
            const b = new Thing("b", { value: a.id, list: [1] }, { dependsOn: [group] });
            return { b: b.id };
        });
        await stack.setConfig("greeting", { value: "hi" });
        await stack.setConfig("thing:password", { value: "hunter2", secret: true });
        await stack.up();
        const { a, b, g, default: provider } = await resourcesOf(stack);
        expect(a).toMatchObject({
            parent: g?.urn,
            id: "a-1",
            provider: `${provider?.urn}::${String(provider?.["id"])}`,
        });
        expect(b?.["propertyDependencies"]).toMatchObject({ value: [a?.urn], list: [] });
        expect(b?.["dependencies"]).toEqual([a?.urn]);
        expect(provider?.["inputs"]).toMatchObject({ "p:greeting": "hi" });
        expect(JSON.stringify(a?.["outputs"])).toContain('"plaintext":"\\"hidden\\""');
        expect(ground.calls()[0]).toMatchObject({ op: "configure", greeting: "hi", password: "hunter2" });
    });

    test("a component's outputs, and the stack's", async () => {
        const stack = await ground.inline(async () => {
            const group = new Group("g");
            group.finish({ inside: new Thing("a", {}, { parent: group }).label });
            return { nested: { list: [group.urn], secret: pulumi.secret(1) } };
        });
        await stack.up();
        const { g } = await resourcesOf(stack);
        expect(g?.["outputs"]).toEqual({ inside: "none!" });
        const { nested } = await stack.outputs();
        // A secret deep within does not make the whole of it one, with the CLI neither.
        expect(nested).toEqual({ value: { list: [g?.urn], secret: 1 }, secret: false });
    });
});

describe("refresh", () => {
    test("takes in what changed and what is gone, and says so", async () => {
        const stack = await ground.inline(async () => {
            const a = new Thing("a", { value: "1", withInputs: true });
            new Thing("b", { value: a.label }, { dependsOn: [a] });
        });
        await stack.up();
        expect((await stack.refresh()).summary.resourceChanges).toEqual({ same: 3 });

        ground.meddle("a-1", { value: "meddled" });
        ground.calls();
        expect((await stack.refresh()).summary.resourceChanges).toEqual({ same: 2, update: 1 });
        // The other way up: what was found is old, what was asked for is new.
        expect(ground.calls().find(({ op, id }) => op === "diff" && id === "a-1")).toMatchObject({
            olds: { value: "meddled" },
            news: { value: "1" },
        });
        expect((await resourcesOf(stack))["a"]?.["inputs"]).toMatchObject({ value: "meddled" });
        expect((await stack.preview()).changeSummary).toMatchObject({ update: 2 });

        ground.meddle("a-1", undefined);
        expect((await stack.refresh()).summary.resourceChanges).toEqual({ delete: 1, same: 2 });
        const { a, b } = await resourcesOf(stack);
        expect(a).toBeUndefined();
        expect(b?.["dependencies"]).toBeUndefined();
        expect((await stack.up()).summary.resourceChanges).toMatchObject({ create: 1 });
    });

    test("comes first where `up` is asked for it", async () => {
        const stack = await ground.inline(async () => void new Thing("a", { value: "1", withInputs: true }));
        await stack.up();
        ground.meddle("a-1", { value: "meddled" });
        expect((await stack.up()).summary.resourceChanges).toEqual({ same: 2 });
        expect((await stack.preview({ refresh: true })).changeSummary).toEqual({ same: 1, update: 1 });
        expect((await stack.up({ refresh: true })).summary.resourceChanges).toEqual({ same: 1, update: 1 });
    });

    test("uses the configuration in the state, as the CLI does", async () => {
        const stack = await ground.inline(async () => void new Thing("a"));
        await stack.setConfig("thing:password", { value: "first", secret: true });
        await stack.up();
        await stack.setConfig("thing:password", { value: "second", secret: true });
        ground.calls();
        await stack.refresh();
        expect(ground.calls()[0]).toMatchObject({ op: "configure", password: "first" });
        await stack.up();
        expect(ground.calls()[0]).toMatchObject({ op: "configure", password: "second" });
    });
});

test("of a provider whose configuration is not known yet, a preview knows nothing and says so", async () => {
    const wishes = { value: "1" };
    const stack = await ground.inline(async () => {
        const first = new Thing("first", { value: wishes.value });
        const provider = new Host("mine", { greeting: first.label });
        return { value: new Thing("a", { value: wishes.value }, { provider }).value };
    });
    expect((await stack.preview()).stdout).toContain("value: [unknown]");
    expect((await stack.up()).outputs["value"]).toEqual({ value: "1", secret: false });
    wishes.value = "2";
    const { stdout, changeSummary } = await stack.preview();
    expect(changeSummary).toEqual({ same: 1, update: 3 });
    expect(stdout).toContain("warning: The provider for this resource has inputs that are not known during preview.");
});

describe("reading what exists", () => {
    test("takes its state without owning it", async () => {
        const wishes = { id: "a-1" };
        const stack = await ground.inline(async () => {
            const a = new Thing("a", { value: "1" });
            const seen = new Thing("seen", {}, { id: wishes.id, dependsOn: [a] });
            return { value: seen.value, token: seen.token };
        });
        await stack.up();
        expect(await stack.outputs()).toEqual({
            value: { value: "1", secret: false },
            token: { value: "token-of-a-1", secret: true },
        });
        expect((await resourcesOf(stack))["seen"]).toMatchObject({ external: true, id: "a-1" });

        wishes.id = "nowhere";
        const failure = await rejection(stack.up(), OperationFailedError);
        expect(failure.message).toContain("there is no thing nowhere");

        ground.calls();
        await stack.destroy();
        expect(ground.ops()).toEqual(["delete a-1"]);
    });

    test("is done in previews as well", async () => {
        const stack = await ground.inline(async () => void new Thing("a"));
        await stack.up();
        const reader = await ground.inline(async () => ({ v: new Thing("r", {}, { id: "a-1" }).label }), {}, "other");
        ground.calls();
        const { stdout } = await reader.preview();
        expect(ground.ops()).toEqual(["read a-1"]);
        expect(stdout).toContain('v: "none!"');
    });
});
