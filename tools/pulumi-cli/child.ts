import { spawn } from "node:child_process";

export interface ChildOptions {
    /** How long the child may take, in milliseconds. */
    readonly limit: number;
    readonly environment: NodeJS.ProcessEnv;
    readonly folder?: string;
    /**
     * Gives the child a process group of its own, so that whatever it started ends with it at the limit. A child without one
     * ends when our own process group is killed.
     */
    readonly ownGroup?: boolean;
}

/** Runs a program to its end, and returns its output. Fails with the reason in one line. */
export async function runChild(
    command: string,
    parameters: readonly string[],
    { limit, environment, folder, ownGroup = false }: ChildOptions,
): Promise<string> {
    const detached = ownGroup && process.platform !== "win32";
    // A child that waits for the end of its input notices when we are gone.
    const child = spawn(command, parameters, { cwd: folder, env: environment, detached, windowsHide: true });
    // A child that ends early does not read its input.
    child.stdin.on("error", () => undefined);
    let [output, errors, isLate] = ["", "", false];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
        output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
        errors += text;
    });
    const timer = setTimeout(() => {
        isLate = true;
        try {
            process.kill(detached ? -(child.pid ?? 0) : (child.pid ?? 0), "SIGKILL");
        } catch {
            // The child is gone already, and another process holds its output open.
        }
        child.stdout.destroy();
        child.stderr.destroy();
    }, limit);
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
        child.once("error", reject);
        child.once("close", (...ended) => resolve(ended));
    }).finally(() => clearTimeout(timer));
    if (isLate) {
        throw new Error(`no answer within ${limit / 1000} s`);
    }
    if (code !== 0) {
        const last = (errors.trim().split("\n").at(-1) ?? "").trim().slice(0, 300);
        const end = code === null ? `ended by ${signal}` : `exit code ${code}`;
        throw new Error(last === "" ? end : `${end}: ${last}`);
    }
    return output;
}

/** The message of whatever was thrown. */
export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
