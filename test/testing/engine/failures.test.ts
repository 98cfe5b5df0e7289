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

describe("a program that", () => {
    const cases: [string, string, string, string[]][] = [
        ["throws", 'throw new Error("top broke");', "top broke", []],
        [
            "throws in an apply",
            'new Thing("a").label.apply(() => { throw new Error("apply broke"); });',
            "apply broke",
            ["a-1"],
        ],
        ["throws a RunError", 'throw new pulumi.RunError("just this");', "just this", []],
        [
            "exits",
            'new Thing("a").label.apply(() => process.exit(3));',
            "Program exited with non-zero exit code: 3",
            ["a-1"],
        ],
        [
            "kills itself",
            'new Thing("a").label.apply(() => process.kill(process.pid, "SIGKILL"));',
            "signal SIGKILL",
            ["a-1"],
        ],
        ["is no JavaScript", "this is not javascript", "SyntaxError", []],
        ["needs what is not there", 'require("nowhere");', "Cannot find module 'nowhere'", []],
    ];
    test.each(cases)("%s fails the operation, keeping what was made", async (_, program, message, things) => {
        const stack = await ground.files(program);
        const failure = await rejection(stack.up({ parallel: 1 }), OperationFailedError);
        expect(failure.message).toContain(message);
        expect(ground.things()).toEqual(things);
        const stored = await resourcesOf(stack);
        expect(Object.keys(stored).filter((name) => name === "a")).toEqual(things.length > 0 ? ["a"] : []);
        expect((await stack.exportStack()).deployment.pending_operations).toBeUndefined();
    });

    test("exits with 0 half way deletes nothing", async () => {
        const stack = await ground.files('new Thing("a"); new Thing("b");');
        await stack.up();
        ground.program('new Thing("a").label.apply(() => process.exit(0));');
        await rejection(stack.up(), OperationFailedError);
        expect(ground.things()).toEqual(["a-1", "b-1"]);
    });

    test("prints whatever it likes is heard and harms nothing", async () => {
        const bytes = "process.stdout.write(Buffer.from([0, 255, 254, 10, 65]));";
        const stack = await ground.files(`${bytes} process.stderr.write("on stderr\\nno newline"); new Thing("a");`);
        const heard: string[] = [];
        const { stdout } = await stack.up({
            onEvent: ({ diagnosticEvent: said }) => {
                if (said !== undefined) heard.push(`${said.severity} ${said.message.trim()}`);
            },
        });
        expect(heard).toEqual(expect.arrayContaining(["info A", "info#err on stderr", "info#err no newline"]));
        expect(stdout).toContain("on stderr");
        expect(ground.things()).toEqual(["a-1"]);
    });

    test("logs is heard at its severity", async () => {
        const program =
            'const a = new Thing("a"); pulumi.log.info("tell"); pulumi.log.warn("warn", a); pulumi.log.debug("no");';
        const stack = await ground.files(program);
        const { stdout } = await stack.up();
        expect(stdout).toContain("tell");
        expect(stdout).toContain("  pulumi-nodejs:dynamic/test:Thing (a):\n    warning: warn");
    });

    test("hangs is stopped when its time is up", async () => {
        const stack = await ground.files('new Thing("a"); setInterval(() => {}, 1000);', { timeoutMs: 5_000 });
        const failure = await rejection(stack.up(), OperationTimeoutError);
        expect(failure.message).toContain("did not end within 5000 ms");
        expect(Object.keys(await resourcesOf(stack))).toContain("a");
    });

    test("asks for what makes no sense deletes nothing", async () => {
        const stack = await ground.files('new Thing("a"); new Thing("b");');
        await stack.up();
        ground.program('new Thing("a", {}, { customTimeouts: { create: "soon" } });');
        const failure = await rejection(stack.up(), OperationFailedError);
        expect(failure.message).toContain('unable to parse customTimeouts value "soon"');
        expect(ground.things()).toEqual(["a-1", "b-1"]);
    });

    test("registers one name twice", async () => {
        const stack = await ground.inline(async () => {
            new Thing("a");
            new Thing("a");
        });
        const failure = await rejection(stack.up(), OperationFailedError);
        expect(failure.message).toContain("try giving it a unique name");
    });
});

describe("an inline program that", () => {
    test.each([
        [
            "throws",
            async () => {
                throw new Error("inline broke");
            },
        ],
        [
            "throws in an apply",
            async () =>
                void new Thing("a").label.apply(() => {
                    throw new Error("inline broke");
                }),
        ],
        ["rejects where nobody looks", async () => void Promise.reject(new Error("inline broke"))],
    ])("%s fails the operation and nothing else", async (_, program) => {
        const stack = await ground.inline(program);
        const failure = await rejection(stack.up(), OperationFailedError);
        expect(failure.message).toContain("inline broke");
        const next = await ground.inline(async () => ({ fine: true }), {}, "next");
        expect((await next.up()).outputs).toEqual({ fine: { value: true, secret: false } });
    });

    test("logs an error fails, as with the Automation API", async () => {
        const stack = await ground.inline(async () => pulumi.log.error("logged"));
        const failure = await rejection(stack.up(), OperationFailedError);
        expect(failure.message).toContain("logged");
    });

    test("never ends is given up when its time is up", async () => {
        const stack = await ground.inline(() => new Promise<undefined>(() => {}), { timeoutMs: 500 });
        await rejection(stack.up(), OperationTimeoutError);
        const next = await ground.inline(async () => ({ fine: true }), {}, "next");
        await next.up();
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
