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

describe("options of resources", () => {
    test("what is protected stays, and what it needs with it; the rest goes", async () => {
        const wishes = { protect: true, region: "x" };
        const stack = await ground.inline(async () => {
            const a = new Thing("a", {}, {});
            const b = new Thing("b", { value: a.label, region: wishes.region }, { protect: wishes.protect });
            new Thing("c", { value: b.label });
            new Thing("d");
        });
        await stack.up();
        const failure = await rejection(stack.destroy(), OperationFailedError);
        expect(failure.message).toContain("cannot be deleted\nbecause it is protected");
        expect(ground.things()).toEqual(["a-1", "b-1"]);

        await stack.up();
        wishes.region = "y";
        const refused = await rejection(stack.up(), OperationFailedError);
        expect(refused.message).toContain("currently marked for protection");
        expect(ground.things()).toContain("b-1");

        wishes.protect = false;
        await stack.up();
        await stack.destroy();
        expect(ground.things()).toEqual([]);
    });

    test("protection comes down from a component", async () => {
        const stack = await ground.inline(async () => {
            new Thing("a", {}, { parent: new Group("g", { protect: true }) });
        });
        await stack.up();
        await rejection(stack.destroy(), OperationFailedError);
        expect(ground.things()).toEqual(["a-1"]);
    });

    test("ignored changes, replacements by option, kept and tied things", async () => {
        const wishes = { value: "1" };
        const stack = await ground.inline(async () => {
            if (wishes.value === "gone") return;
            const { value } = wishes;
            const a = new Thing("a", { value, list: [value, "same"] }, { ignoreChanges: ["value", "list[0]"] });
            new Thing("r", { value }, { replaceOnChanges: ["value"] });
            new Thing("k", {}, { retainOnDelete: true });
            new Thing("w", {}, { deletedWith: a });
        });
        await stack.up();
        wishes.value = "2";
        // The provider of these tests names no changed properties, so nothing tells the engine that `value` is one.
        expect((await stack.up()).summary.resourceChanges).toEqual({ same: 4, update: 1 });
        ground.calls();
        wishes.value = "gone";
        expect((await stack.up()).summary.resourceChanges).toEqual({ delete: 4, same: 1 });
        expect(ground.ops().sort()).toEqual(["delete a-1", "delete r-1"]);
        expect(ground.things()).toEqual(["k-1", "w-1"]);
    });

    test("a thing deleted before its replacement takes its dependents along, and they come back", async () => {
        const wishes = { region: "1", fail: "" };
        const stack = await ground.inline(async () => {
            const a = new Thing("a", { region: wishes.region, fail: wishes.fail, first: true });
            const b = new Thing("b", { region: a.id, first: true });
            new Thing("c", { value: b.id });
        });
        await stack.up();
        ground.calls();
        wishes.region = "2";
        expect((await stack.up()).summary.resourceChanges).toEqual({ replace: 2, same: 1, update: 1 });
        const changes = ground.ops().filter((op) => /^(create|update|delete)/.test(op));
        expect(changes).toEqual(["delete b-1", "delete a-1", "create a", "create b", "update c-1"]);

        wishes.region = "3";
        wishes.fail = "create";
        await rejection(stack.up(), OperationFailedError);
        expect((await resourcesOf(stack))["a"]).toMatchObject({ pendingReplacement: true });
        expect(ground.things()).toEqual(["c-1"]);

        wishes.fail = "";
        await stack.up();
        expect(ground.things()).toEqual(["a-3", "b-3", "c-1"]);
        await stack.destroy();
        expect(ground.things()).toEqual([]);
    });

    test("`deleteBeforeReplace` has the last word on the order of a replacement", async () => {
        const wishes = { region: "1" };
        const stack = await ground.inline(async () => {
            new Thing("a", { region: wishes.region }, { deleteBeforeReplace: true });
            new Thing("b", { region: wishes.region, first: true }, { deleteBeforeReplace: false });
        });
        await stack.up();
        ground.calls();
        wishes.region = "2";
        await stack.up();
        const changes = ground.ops().filter((op) => /^(create|delete)/.test(op));
        const orderOf = (name: string) => changes.filter((op) => op.endsWith(` ${name}`) || op.includes(` ${name}-`));
        expect(orderOf("a")).toEqual(["delete a-1", "create a"]);
        expect(orderOf("b")).toEqual(["create b", "delete b-1"]);
    });

    test("components that go take all below them along, children first", async () => {
        const wishes = { there: true };
        const stack = await ground.inline(async () => {
            const group = wishes.there ? new Group("g") : undefined;
            if (group !== undefined) {
                const a = new Thing("a", {}, { parent: group });
                new Thing("b", { value: a.label }, { parent: new Group("h", { parent: group }) });
            }
            new Thing("c", {}, group === undefined ? {} : { dependsOn: [group] });
        });
        await stack.up();
        ground.calls();
        wishes.there = false;
        expect((await stack.up()).summary.resourceChanges).toEqual({ delete: 4, same: 2 });
        expect(ground.ops().filter((op) => op.startsWith("delete"))).toEqual(["delete b-1", "delete a-1"]);
        expect(Object.keys(await resourcesOf(stack)).sort()).toEqual(["c", "default", "p-dev"]);
        expect((await resourcesOf(stack))["c"]).not.toHaveProperty("dependencies");
    });

    test("`replace` replaces what it names, whatever the provider says", async () => {
        const stack = await ground.inline(async () => void new Thing("a"));
        await stack.up();
        const urn = (await resourcesOf(stack))["a"]?.urn ?? "";
        expect((await stack.up({ replace: [urn] })).summary.resourceChanges).toEqual({ replace: 1, same: 1 });
        expect(ground.things()).toEqual(["a-2"]);
    });

    test("an explicit provider has its own host and configuration", async () => {
        const stack = await ground.inline(async () => {
            const provider = new Host("mine", { "thing:password": "other" });
            new Thing("a", {}, { provider });
            new Thing("b", {}, { parent: new Group("g", { providers: [provider] }) });
            new Thing("c");
        });
        await stack.setConfig("thing:password", { value: "default" });
        expect((await stack.up()).summary.resourceChanges).toEqual({ create: 6 });
        const passwords = ground.calls().filter(({ op }) => op === "configure");
        expect(passwords.map(({ password }) => password).sort()).toEqual(["default", "other"]);
        await stack.destroy();
        expect(ground.things()).toEqual([]);
    });
});
