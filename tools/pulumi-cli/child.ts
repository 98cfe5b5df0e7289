import { spawn } from "node:child_process";

export interface ChildOptions {
    /** How long the child may take, in milliseconds. */
    readonly limit: number;
    readonly environment?: NodeJS.ProcessEnv;
    readonly folder?: string;
    /**
     * Gives the child a process group of its own, so that whatever it started ends with it at the limit. A child without one
     * ends when our own process group is killed.
     */
    readonly ownGroup?: boolean;
}

/** Runs a program to its end. */
export async function runChild(
    command: string,
    parameters: readonly string[],
    options: ChildOptions,
): Promise<{ stdout: string; stderr: string }> {
    const detached = options.ownGroup === true && process.platform !== "win32";
    const child = spawn(command, parameters, {
        cwd: options.folder,
        env: options.environment ?? process.env,
        // A child that waits for the end of its input notices when we are gone.
        stdio: ["pipe", "pipe", "pipe"],
        detached,
        windowsHide: true,
    });
    const { pid } = child;
    // A child that ends early does not read its input.
    child.stdin.on("error", () => undefined);
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
        stderr += text;
    });
    let isLate = false;
    const limit = setTimeout(() => {
        isLate = true;
        try {
            if (detached && pid !== undefined) {
                process.kill(-pid, "SIGKILL");
            } else {
                child.kill("SIGKILL");
            }
        } catch {
            // The child is gone already, and another process holds its output open.
        }
        // What the child started may hold its output open.
        child.stdout.destroy();
        child.stderr.destroy();
    }, options.limit);
    try {
        const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
            child.once("error", reject);
            child.once("close", (code, signal) => resolve([code, signal]));
        });
        if (isLate) {
            throw new Error(`no answer within ${options.limit / 1000} s`);
        }
        if (code !== 0) {
            const last = lastLine(stderr);
            throw new Error(
                `${code === null ? `ended by ${signal}` : `exit code ${code}`}${last === "" ? "" : `: ${last}`}`,
            );
        }
        return { stdout, stderr };
    } finally {
        clearTimeout(limit);
    }
}

/** The message of whatever was thrown. */
export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** The line of an error output that says most: its last one. */
function lastLine(text: string): string {
    return (text.trim().split("\n").at(-1) ?? "").trim().slice(0, 300);
}
