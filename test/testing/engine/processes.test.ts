import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { LocalStack, OperationFailedError } from "../../../sdk/testing/engine/index.js";
import { childEnvironment } from "../../../sdk/testing/engine/processes.js";
import { Workers } from "../../../sdk/testing/engine/workers.js";
import { type Call, Playground, rejection, resourcesOf, Thing } from "./harness.js";

let ground: Playground;
beforeEach(() => {
    ground = new Playground();
});
afterEach(async () => {
    await ground.close();
});

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Whether a process runs; one that has ended and was not asked for yet does not. */
function runs(pid: number): boolean {
    try {
        return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
    } catch {
        return false;
    }
}

async function until(condition: () => boolean, what: string): Promise<void> {
    for (let tries = 0; tries < 600; tries++) {
        if (condition()) return;
        await pause(50);
    }
    throw new Error(`waited in vain for ${what}`);
}

/** The pids that programs print and hosts log. */
function pidsIn(calls: readonly Call[], printed: string): number[] {
    const hosts = calls.map((call) => call["pid"]).filter((pid) => typeof pid === "number");
    return [...hosts, ...[...printed.matchAll(/program (\d+)/g)].map(([, pid]) => Number(pid))];
}

describe("no process outlives", () => {
    test("an operation, nor does any file", async () => {
        const own = join(ground.folder, "tmp");
        mkdirSync(own);
        vi.stubEnv("TMPDIR", own);
        const stack = await ground.inline(async () => void new Thing("a"));
        await stack.up();
        expect(readdirSync(own)).toEqual([expect.stringMatching(/^pulumi-xai-stack-/)]);
        await stack.dispose();
        expect(readdirSync(own)).toEqual([]);
        vi.unstubAllEnvs();
    });

    test("an operation, whether it succeeds or fails", async () => {
        const stack = await ground.files('console.log("program", process.pid); new Thing("a");');
        const { stdout } = await stack.up();
        ground.program('console.log("program", process.pid); new Thing("a", { value: "x", fail: "update" });');
        const failure = await rejection(stack.up(), OperationFailedError);
        const pids = pidsIn(ground.calls(), stdout + failure.stdout);
        expect(new Set(pids).size).toBe(4);
        expect(pids.filter(runs)).toEqual([]);
    });

    const engine = resolve(__dirname, "fixtures/engine.ts");
    let child: ChildProcess | undefined;
    afterEach(() => {
        child?.kill("SIGKILL");
    });

    test.skipIf(process.platform !== "linux")("the thread that the engine runs in", async () => {
        await ground.files('new Thing("a", { slow: 600000 }); setInterval(() => {}, 1000);');
        const args = ["--import", "tsx", resolve(__dirname, "fixtures/thread.ts"), ground.programFolder, ground.store];
        const state = join(ground.folder, "state.json");
        child = spawn(process.execPath, [...args, state], { stdio: ["ignore", "ignore", "ignore", "ipc"] });
        const calls = (): string => readFileSync(join(ground.store, "calls.jsonl"), "utf8");
        await until(() => calls().includes('"op":"create"'), "the creation to begin");
        const pids = pidsIn(ground.calls(), "");
        expect(pids.filter(runs)).toHaveLength(1);
        child.send("end");
        await until(() => pids.filter(runs).length === 0, "the children to end");
        expect(child.exitCode).toBeNull();
    });

    const programs: [string, string, number][] = [
        ["waits", "", 2],
        ["is busy for ever", "setTimeout(() => { for (;;); }, 500);", 2],
        ["has started another process", 'note(require("child_process").spawn("sleep", ["600"]).pid);', 3],
    ];
    test.skipIf(process.platform !== "linux").each(programs)(
        "the engine, killed while the program %s",
        async (_, more, count) => {
            const note = `const note = (pid) => require("fs").appendFileSync(
                process.env.THING_STORE + "/calls.jsonl", JSON.stringify({ op: "program", pid }) + "\\n");
                note(process.pid);`;
            await ground.files(`${note} new Thing("a", { slow: 600000 }); ${more}`);
            const state = join(ground.folder, "state.json");
            const args = ["--import", "tsx", engine, ground.programFolder, ground.store, state];
            child = spawn(process.execPath, args, { stdio: "ignore" });
            const calls = (): string => readFileSync(join(ground.store, "calls.jsonl"), "utf8");
            await until(() => calls().includes('"op":"create"'), "the creation to begin");
            await pause(800);
            const pids = pidsIn(ground.calls(), "");
            expect(pids.filter(runs)).toHaveLength(count);
            child.kill("SIGKILL");
            await until(() => pids.filter(runs).length === 0, "the children to end");

            const options = { envVars: ground.envVars, stateFile: state, passphrase: "phrase" };
            const stack = await LocalStack.createOrSelect({ stackName: "dev", workDir: ground.programFolder }, options);
            expect((await stack.exportStack()).deployment.pending_operations).toMatchObject([{ type: "creating" }]);
            // The lock of the process that is gone is in nobody's way.
            await stack.destroy();
        },
    );
});

describe("a host that dies", () => {
    test("in the middle of a create leaves neither a resource nor a pending operation, but all else", async () => {
        const wishes = { die: "create" };
        const stack = await ground.inline(async () => {
            const a = new Thing("a");
            new Thing("b", { value: a.label, die: wishes.die });
        });
        const failure = await rejection(stack.up(), OperationFailedError);
        expect(failure.message).toContain("the dynamic provider host ended (SIGKILL) during create");
        expect(Object.keys(await resourcesOf(stack)).sort()).toEqual(["a", "default", "p-dev"]);
        expect((await stack.exportStack()).deployment.pending_operations).toBeUndefined();
        wishes.die = "";
        expect((await stack.up()).summary.resourceChanges).toEqual({ create: 1, same: 2 });
    });
});

describe("side by side", () => {
    test("resources are made up to the limit", async () => {
        const stack = await ground.inline(async () => {
            for (let index = 0; index < 8; index++) new Thing(`t${index}`, { slow: 100 });
        });
        let [now, most] = [0, 0];
        await stack.up({
            parallel: 3,
            onEvent: ({ resourcePreEvent: begins, resOutputsEvent: ends }) => {
                if (begins?.metadata.urn.includes("Thing::t")) most = Math.max(most, ++now);
                if (ends?.metadata.urn.includes("Thing::t")) now--;
            },
        });
        expect(most).toBe(3);
        expect(ground.things()).toHaveLength(8);
        await stack.destroy();
        expect(ground.things()).toEqual([]);
    });

    test("two engines do not meet, in processes or in this one", async () => {
        const other = new Playground();
        const program =
            'module.exports = { id: new Thing("a", { slow: 300 }).id, port: process.env.PULUMI_NODEJS_MONITOR };';
        const stacks = await Promise.all([
            ground.files(program),
            other.files(program),
            ground.inline(async () => ({ id: new Thing("b").id }), {}, "third"),
            other.inline(async () => ({ id: new Thing("c").id }), {}, "fourth"),
        ]);
        const results = await Promise.all(stacks.map((stack) => stack.up()));
        expect(results.map(({ outputs }) => outputs["id"]?.value)).toEqual(["a-1", "a-1", "b-1", "c-1"]);
        const ports = results.slice(0, 2).map(({ outputs }) => String(outputs["port"]?.value));
        expect(new Set(ports).size).toBe(2);
        for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+$/);
        await other.close();
    });
});

describe("the environment", () => {
    test("of children is the caller's without Pulumi's own variables, then what was asked for", () => {
        process.env["PULUMI_NODEJS_DRY_RUN"] = "true";
        process.env["ENGINE_TEST"] = "kept";
        const environment = childEnvironment({ PULUMI_CUSTOM: "asked", NEEDED: "no" }, { NEEDED: "yes" });
        delete process.env["PULUMI_NODEJS_DRY_RUN"];
        delete process.env["ENGINE_TEST"];
        expect(environment).toMatchObject({ PULUMI_CUSTOM: "asked", ENGINE_TEST: "kept", NEEDED: "yes" });
        expect(environment).not.toHaveProperty("PULUMI_NODEJS_DRY_RUN");
    });

    test("may name a proxy, which is not asked for processes of this machine", async () => {
        const proxy = { http_proxy: "http://127.0.0.1:9", grpc_proxy: "http://127.0.0.1:9" };
        const stack = await ground.files('new Thing("a");', { envVars: { ...ground.envVars, ...proxy } });
        await stack.up();
        expect(ground.things()).toEqual(["a-1"]);
    });
});

describe("workers", () => {
    test("launch waits for room, not for the end", async () => {
        const workers = new Workers(2);
        const log: string[] = [];
        const task = (name: string) => async (): Promise<void> => {
            log.push(`${name} begins`);
            await pause(20);
            log.push(`${name} ends`);
        };
        for (const name of ["a", "b", "c"]) await workers.launch(task(name));
        expect(log.slice(0, 3)).toEqual(["a begins", "b begins", "a ends"]);
        expect(log).not.toContain("c ends");
        await workers.settled();
        expect(log).toContain("c ends");
    });

    test("all waits for every task, with one at a time too", async () => {
        const workers = new Workers(1);
        let done = 0;
        const task = async (): Promise<void> => {
            await pause(1);
            done++;
        };
        await workers.all([task, task, task]);
        expect(done).toBe(3);
    });
});
