import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OperationFailedError, OperationTimeoutError } from "../../../sdk/testing/engine/index.js";
import { Playground, rejection, resourcesOf, Thing } from "./harness.js";

let ground: Playground;
beforeEach(() => {
    ground = new Playground();
});
afterEach(async () => {
    await ground.close();
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
        for (const text of ['new Thing("a").label.apply(() => process.exit(0));', "process.exit(0);"]) {
            ground.program(text);
            await rejection(stack.up(), OperationFailedError);
            expect(ground.things()).toEqual(["a-1", "b-1"]);
        }
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

    test("leaves a process behind that holds its output is not waited for for ever", async () => {
        const spawning = 'require("child_process").spawn("sleep", ["600"], { stdio: "inherit" }).unref();';
        const stack = await ground.files(`${spawning} new Thing("a");`);
        const failure = await rejection(stack.up(), OperationFailedError);
        expect(failure.message).toContain("held on to the program's output");
        expect(ground.things()).toEqual(["a-1"]);
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
