import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { afterEach, expect, test } from "vitest";
import { emulate } from "../servers.js";

/** The committed executable, as npm links it. */
const EXECUTABLE = resolve(__dirname, "../../emulator/bin/xai-management-emulator");

const children: ChildProcess[] = [];

afterEach(() => {
    for (const child of children.splice(0)) {
        child.kill("SIGKILL");
    }
});

function run(...args: string[]) {
    const child = spawn(EXECUTABLE, args, { stdio: ["ignore", "pipe", "pipe"] });
    children.push(child);
    const texts = { output: "", errors: "" };
    child.stdout.on("data", (data: Buffer) => {
        texts.output += data.toString();
    });
    child.stderr.on("data", (data: Buffer) => {
        texts.errors += data.toString();
    });
    return { child, texts, ended: once(child, "close") };
}

/** Runs the executable until it listens. */
async function running(...args: string[]) {
    const { child, texts, ended } = run(...args);
    const listens = async () => {
        while (!texts.output.includes("Ctrl-C")) {
            await once(child.stdout, "data");
        }
    };
    await Promise.race([listens(), ended]);
    const setting = (name: string) => new RegExp(`^export ${name}=(.+)$`, "m").exec(texts.output)?.[1] ?? texts.errors;
    return { child, texts, ended, setting };
}

test("prints the environment of a client, works, and stops on a signal", async () => {
    const { child, texts, ended, setting } = await running("--answer-spelling", "acl_strings");
    expect(texts.output).toContain("not xAI");
    const url = setting("XAI_MANAGEMENT_BASE_URL");
    expect(texts.output).toContain(`curl ${url}/_emulator/keys`);
    const response = await fetch(`${url}/auth/teams/${setting("XAI_TEAM_ID")}/api-keys`, {
        method: "POST",
        headers: { authorization: `Bearer ${setting("XAI_MANAGEMENT_KEY")}` },
        body: JSON.stringify({ name: "from the shell" }),
    });
    expect(await response.json()).toMatchObject({ name: "from the shell", acl_strings: [] });
    child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
});

test("takes every option", async () => {
    const options =
        "--port 0 --update-route reference --missing-route 501 --mask-spelling snake --answer-spelling aclStrings " +
        "--disabled-as string --unset-as null --tpm-as number --unknown-mask-paths ignored --values normalised " +
        "--redaction stars --validation-omits scope,teamId --max-page-size 7 --error-body error.message " +
        "--propagation never --latency 1 --rate-limit 50 --no-rotation --no-validation";
    const { child, ended, setting } = await running(...options.split(" "));
    const url = `${setting("XAI_MANAGEMENT_BASE_URL")}/auth/management-keys/validation`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${setting("XAI_MANAGEMENT_KEY")}` } });
    expect(response.status).toBe(501);
    expect(await response.json()).toMatchObject({ error: { message: "Not Implemented" } });
    child.kill("SIGINT");
    expect(await ended).toEqual([0, null]);
});

test("says in one line that a port is in use", async () => {
    const { port } = new URL((await emulate()).url);
    const { texts, ended } = run("--port", port);
    expect(await ended).toEqual([1, null]);
    expect(texts).toEqual({
        output: "",
        errors: `xai-management-emulator: port ${port} of 127.0.0.1 is in use: choose another with --port, or 0 for any free one\n`,
    });
});

test.each([
    ["--port", "70000"],
    ["--propagation", "soon"],
    ["--rate-limit", "0"],
    ["--validation-omits", "scope,secret"],
    ["--nonsense", "1"],
])("refuses %s %s", async (option, value) => {
    const { texts, ended } = run(option, value);
    expect(await ended).toEqual([1, null]);
    expect(texts.errors).toContain(option);
});
