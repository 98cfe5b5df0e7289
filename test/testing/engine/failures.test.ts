import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
    OperationCancelledError,
    OperationFailedError,
    OperationTimeoutError,
    StateLockedError,
} from "../../../sdk/testing/engine/index.js";
import { Playground, rejection, resourcesOf, Thing } from "./harness.js";

let ground: Playground;
beforeEach(() => {
    ground = new Playground();
});
afterEach(async () => {
    await ground.close();
});

/** A stack of one thing whose inputs the test changes between operations. */
async function oneThing() {
    const inputs: Record<string, unknown> = {};
    const stack = await ground.inline(async () => ({ label: new Thing("a", { ...inputs }).label }));
    return { stack, inputs };
}

describe("a provider that fails", () => {
    test.each(["create", "check"])("to %s leaves nothing in the state, and everything said", async (op) => {
        const { stack, inputs } = await oneThing();
        inputs["fail"] = op;
        const failure = await rejection(stack.up(), OperationFailedError);
        expect(failure.operation).toBe("update");
        expect(failure.message).toContain(`thing cannot ${op}`);
        expect(failure.stdout).toContain(`thing cannot ${op}`);
        expect(failure.diagnostics.map(({ severity }) => severity)).toContain("error");
        expect(await resourcesOf(stack)).not.toHaveProperty("a");
        expect((await stack.exportStack()).deployment.pending_operations).toBeUndefined();
    });

    test("to update leaves what there was", async () => {
        const { stack, inputs } = await oneThing();
        inputs["value"] = "1";
        await stack.up();
        Object.assign(inputs, { value: "2", fail: "update" });
        await rejection(stack.up(), OperationFailedError);
        expect((await resourcesOf(stack))["a"]).toMatchObject({ inputs: { value: "1" }, outputs: { label: "1!" } });
        expect(await stack.outputs()).toEqual({ label: { value: "1!", secret: false } });
    });

    test("to delete leaves the thing, and all that it needs", async () => {
        const wishes = { there: true };
        const stack = await ground.inline(async () => {
            if (!wishes.there) return;
            const a = new Thing("a");
            const b = new Thing("b", { value: a.label });
            new Thing("c", { value: b.label });
        });
        await stack.up();
        // A refresh makes it an output, which is what the deletion is given.
        ground.meddle("b-1", { fail: "delete" });
        await stack.refresh();
        wishes.there = false;
        const failure = await rejection(stack.up(), OperationFailedError);
        expect(failure.message).toContain("thing cannot delete");
        expect(ground.things()).toEqual(["a-1", "b-1"]);
        expect(Object.keys(await resourcesOf(stack)).sort()).toEqual(["a", "b", "default", "p-dev"]);
    });

    test("to accept the inputs says which, and what was given", async () => {
        const { stack, inputs } = await oneThing();
        inputs["value"] = "bad";
        const failure = await rejection(stack.preview(), OperationFailedError);
        expect(failure.message).toContain("resource 'a': property value value {bad} has a problem: bad is not allowed");
    });
});

describe("a thing that is made and does not become ready", () => {
    test("is kept, and gone on with whatever diff says", async () => {
        const { stack, inputs } = await oneThing();
        Object.assign(inputs, { half: "create", value: pulumi.secret("hush") });
        const failure = await rejection(stack.up(), OperationFailedError);
        expect(failure.message).toContain("1 error occurred:\n\t* thing is not ready after create");
        const { a } = await resourcesOf(stack);
        expect(a).toMatchObject({ id: "a-1", initErrors: ["thing is not ready after create"] });
        expect(JSON.stringify(a?.["outputs"])).toContain('"plaintext":"\\"hush\\""');

        inputs["half"] = "";
        ground.calls();
        expect((await stack.preview()).changeSummary).toEqual({ same: 1, update: 1 });
        expect((await stack.up()).summary.resourceChanges).toEqual({ same: 1, update: 1 });
        expect(ground.ops().at(-1)).toBe("update a-1");
        expect((await resourcesOf(stack))["a"]).not.toHaveProperty("initErrors");
        expect((await stack.up()).summary.resourceChanges).toEqual({ same: 2 });
    });

    test("keeps its old inputs where it was an update, so that the next one asks again", async () => {
        const { stack, inputs } = await oneThing();
        inputs["value"] = "1";
        await stack.up();
        Object.assign(inputs, { value: "2", half: "update" });
        await rejection(stack.up(), OperationFailedError);
        expect((await resourcesOf(stack))["a"]).toMatchObject({
            inputs: { value: "1" },
            outputs: { value: "2" },
            initErrors: ["thing is not ready after update"],
        });
    });

    test("looks healthy after a refresh, as with the CLI", async () => {
        const { stack, inputs } = await oneThing();
        inputs["half"] = "create";
        await rejection(stack.up(), OperationFailedError);
        await stack.refresh();
        expect((await resourcesOf(stack))["a"]).not.toHaveProperty("initErrors");
    });

    test("is kept beside the one that it was to replace", async () => {
        const { stack, inputs } = await oneThing();
        inputs["region"] = "x";
        await stack.up();
        Object.assign(inputs, { region: "y", half: "create" });
        await rejection(stack.up(), OperationFailedError);
        expect(ground.things()).toEqual(["a-1", "a-2"]);
        inputs["half"] = "";
        await stack.up();
        expect(ground.things()).toEqual(["a-2"]);
    });
});

describe("cancelling", () => {
    test("finishes what is in flight, keeps it, and begins nothing else", async () => {
        const stack = await ground.inline(async () => {
            const a = new Thing("a", { slow: 1000 });
            new Thing("b", { value: a.label });
        });
        const controller = new AbortController();
        const operation = stack.up({
            signal: controller.signal,
            onEvent: ({ resourcePreEvent }) => {
                if (resourcePreEvent?.metadata.urn.endsWith("::a")) controller.abort();
            },
        });
        const failure = await rejection(operation, OperationCancelledError);
        expect(failure.message).toContain("update canceled");
        expect(ground.things()).toEqual(["a-1"]);
        expect((await resourcesOf(stack))["a"]).toMatchObject({ id: "a-1" });
    });

    test("ends a program that never would", async () => {
        const stack = await ground.files('new Thing("a"); setInterval(() => {}, 1000);');
        const controller = new AbortController();
        const operation = stack.up({
            signal: controller.signal,
            onEvent: ({ resOutputsEvent }) => {
                if (resOutputsEvent?.metadata.urn.endsWith("::a")) controller.abort();
            },
        });
        await rejection(operation, OperationCancelledError);
        expect(Object.keys(await resourcesOf(stack))).toContain("a");
    });

    test("before the beginning does nothing", async () => {
        const stack = await ground.inline(async () => void new Thing("a"));
        await rejection(stack.up({ signal: AbortSignal.abort() }), OperationCancelledError);
        expect(ground.calls()).toEqual([]);
    });
});

test("what is in flight when time is up stands in the state as pending, and is warned of", async () => {
    const wishes = { slow: 60_000 };
    const stack = await ground.inline(async () => void new Thing("a", { slow: wishes.slow }), { timeoutMs: 2_000 });
    await rejection(stack.up(), OperationTimeoutError);
    const { pending_operations: pending } = (await stack.exportStack()).deployment;
    expect(pending).toMatchObject([{ type: "creating", resource: { type: "pulumi-nodejs:dynamic/test:Thing" } }]);
    wishes.slow = 0;
    const { stdout } = await stack.up();
    expect(stdout).toContain("interrupted while creating");
});

test("expectNoChanges makes a change a failure", async () => {
    const stack = await ground.inline(async () => void new Thing("a"));
    const failure = await rejection(stack.preview({ expectNoChanges: true }), OperationFailedError);
    expect(failure.message).toContain("no changes were expected but changes were proposed");
    await stack.up();
    await stack.up({ expectNoChanges: true });
});

test("a URN to replace that is not there is a failure, and nothing is begun", async () => {
    const stack = await ground.inline(async () => void new Thing("a"));
    await stack.up();
    ground.calls();
    const urn = "urn:pulumi:dev::p::a:b:C::typo";
    const failure = await rejection(stack.up({ replace: [urn] }), OperationFailedError);
    expect(failure.message).toContain(`"${urn}", which is to be replaced, could not be found`);
    expect(ground.calls()).toEqual([]);
});

test("two operations on one stack do not mix", async () => {
    const stack = await ground.inline(async () => void new Thing("a", { slow: 500 }));
    const first = stack.up();
    await rejection(stack.up(), StateLockedError);
    await first;
});

test("a listener that throws keeps the engine from nothing, and is heard of in the end", async () => {
    const stack = await ground.inline(async () => void new Thing("a"));
    const onEvent = () => {
        throw new Error("the listener broke");
    };
    await expect(stack.up({ onEvent })).rejects.toThrow("the listener broke");
    expect((await resourcesOf(stack))["a"]).toMatchObject({ id: "a-1" });
    expect(ground.things()).toEqual(["a-1"]);
});

test("a duplicate is found before the first of its name is made", async () => {
    const stack = await ground.files('new Thing("a"); new Thing("a");');
    await rejection(stack.up({ parallel: 1 }), OperationFailedError);
    expect(ground.ops()).toEqual(["check a"]);
    expect(ground.things()).toEqual([]);
});
