import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { start } from "./emulatorClient.js";

const TSX = createRequire(__filename).resolve("tsx/cli");
const CLI = join(__dirname, "..", "..", "sdk", "testing", "cli.ts");

interface Run {
    child: ChildProcess;
    output: () => string;
    errors: () => string;
    ended: Promise<unknown>;
}

const children: ChildProcess[] = [];

afterEach(() => {
    for (const child of children.splice(0)) {
        child.kill("SIGKILL");
    }
});

function run(...args: string[]): Run {
    const child = spawn(process.execPath, [TSX, CLI, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    children.push(child);
    let output = "";
    let errors = "";
    child.stdout.on("data", (data: Buffer) => {
        output += data.toString();
    });
    child.stderr.on("data", (data: Buffer) => {
        errors += data.toString();
    });
    return { child, output: () => output, errors: () => errors, ended: once(child, "close") };
}

async function running(...args: string[]): Promise<Run & { setting: (name: string) => string }> {
    const started = run(...args);
    const ready = async () => {
        while (!started.output().includes("Ctrl-C")) {
            await once(started.child.stdout ?? started.child, "data");
        }
    };
    await Promise.race([ready(), started.ended]);
    const setting = (name: string) => new RegExp(`^export ${name}=(.+)$`, "m").exec(started.output())?.[1] ?? "";
    return { ...started, setting };
}

test("prints what to use, works, and stops on a signal", { timeout: 30_000 }, async () => {
    const cli = await running(
        "emulator",
        "--update-route",
        "guide",
        "--answer-spelling",
        "acl_strings",
        "--no-rotation",
    );
    expect(cli.output()).toContain("not xAI");
    const url = cli.setting("XAI_MANAGEMENT_BASE_URL");
    expect(cli.output()).toContain(`curl ${url}/_emulator/keys`);
    const response = await fetch(`${url}/auth/teams/${cli.setting("XAI_TEAM_ID")}/api-keys`, {
        method: "POST",
        headers: { authorization: `Bearer ${cli.setting("XAI_MANAGEMENT_KEY")}` },
        body: JSON.stringify({ name: "from the shell" }),
    });
    expect(await response.json()).toMatchObject({ name: "from the shell", acl_strings: [] });
    expect(await (await fetch(`${url}/_emulator/keys`)).text()).toContain("from the shell");
    cli.child.kill("SIGTERM");
    expect(await cli.ended).toEqual([0, null]);
});

test("every option", { timeout: 30_000 }, async () => {
    const options = {
        "--port": "0",
        "--update-route": "reference",
        "--missing-route": "501",
        "--mask-spelling": "snake",
        "--answer-spelling": "aclStrings",
        "--disabled-as": "string",
        "--unset-as": "null",
        "--tpm-as": "number",
        "--unknown-mask-paths": "ignored",
        "--values": "normalised",
        "--redaction": "stars",
        "--max-page-size": "7",
        "--error-body": "error.message",
        "--propagation": "never",
        "--latency": "1",
        "--rate-limit": "50",
    };
    const cli = await running("emulator", ...Object.entries(options).flat(), "--no-rotation", "--no-validation");
    const headers = { authorization: `Bearer ${cli.setting("XAI_MANAGEMENT_KEY")}` };
    const response = await fetch(`${cli.setting("XAI_MANAGEMENT_BASE_URL")}/auth/management-keys/validation`, {
        headers,
    });
    expect(response.status).toBe(501);
    expect(await response.json()).toMatchObject({ error: { message: expect.any(String) } });
    cli.child.kill("SIGINT");
    expect(await cli.ended).toEqual([0, null]);
});

test("a port in use is one clear line", { timeout: 30_000 }, async () => {
    const port = new URL((await start()).url).port;
    const cli = run("emulator", "--port", port);
    expect(await cli.ended).toEqual([1, null]);
    expect(cli.output()).toBe("");
    expect(cli.errors()).toBe(
        `pulumi-xai: port ${port} of 127.0.0.1 is in use; choose another with --port, or 0 for any free one\n`,
    );
});

test.each([
    ["--port", "http"],
    ["--port", "70000"],
    ["--values", "lost"],
    ["--missing-route", "500"],
    ["--propagation", "soon"],
    ["--rate-limit", "0"],
    ["--max-page-size", "0"],
    ["--nonsense", "1"],
])("%s %s is refused", { timeout: 30_000 }, async (option, value) => {
    const cli = run("emulator", option, value);
    expect(await cli.ended).toEqual([1, null]);
    expect(cli.errors()).toContain(option);
});
