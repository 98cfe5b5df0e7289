import { spawn } from "node:child_process";
import { OperationFailedError } from "../../sdk/testing/index.js";
import type { Outcome, Running } from "./engine.js";

/** Starts a command; what it prints on either stream comes as one text. */
export function startCommand(
    command: readonly [string, ...string[]],
    folder: string,
    environment: Readonly<Record<string, string | undefined>>,
): Running {
    const [file, ...args] = command;
    const child = spawn(file, args, { cwd: folder, env: environment, stdio: ["ignore", "pipe", "pipe"] });
    if (child.pid === undefined) {
        throw new Error(`${file} does not start`);
    }
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
            output += text;
        });
    }
    const ended = new Promise<Outcome>((resolve) => {
        // Not `close`: what the engine leaves running may hold the streams open.
        child.on("exit", (code) => setImmediate(() => resolve({ ok: code === 0, output })));
    });
    return { pid: child.pid, ended };
}

/** What an operation came to that throws where it fails. */
export async function outcomeOf(
    operation: Promise<{ readonly stdout: string; readonly stderr: string }>,
): Promise<Outcome> {
    try {
        const { stdout, stderr } = await operation;
        return { ok: true, output: stdout + stderr };
    } catch (error) {
        const printed = error instanceof OperationFailedError ? error.stdout + error.stderr : "";
        return { ok: false, output: `${printed}${String(error)}` };
    }
}
