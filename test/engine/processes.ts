import { readdirSync, readFileSync } from "node:fs";

/** Why processes cannot be looked at here; `undefined` where they can. */
export const NO_PROCESSES = process.platform === "linux" ? undefined : "processes are found through /proc of Linux";

/** The environment variable by which all processes of one test are found, whoever started them. */
export const MARK = "PULUMI_XAI_TEST_PROCESSES";

/** What a process is for. */
export type Role = "engine" | "provider host" | "other";

/** A process that bears a mark. */
export interface MarkedProcess {
    readonly pid: number;
    readonly role: Role;
    /** Its command line, for people. */
    readonly command: string;
}

/** The running processes that bear the mark. */
export function processesOf(mark: string): MarkedProcess[] {
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    return pids.flatMap((pid) => {
        if (!partsOf(pid, "environ").includes(`${MARK}=${mark}`)) {
            return [];
        }
        const command = partsOf(pid, "cmdline");
        return [{ pid: Number(pid), role: roleOf(command), command: command.join(" ") }];
    });
}

/**
 * Kills the processes of a role, and settles when they are gone.
 *
 * @throws where there is none: it has not begun, or has ended by itself
 */
export async function killAll(mark: string, role: Role): Promise<void> {
    const doomed = processesOf(mark).filter((one) => one.role === role && kill(one.pid));
    if (doomed.length === 0) {
        throw new Error(`there is no ${role} to kill`);
    }
    await gone(mark, (one) => doomed.some(({ pid }) => pid === one.pid));
}

/** Kills every process that bears the mark. */
export function killAllMarked(mark: string): void {
    for (const { pid } of NO_PROCESSES === undefined ? processesOf(mark) : []) {
        kill(pid);
    }
}

/** Whether a process was there to be killed: it may have ended by itself since it was found. */
function kill(pid: number): boolean {
    try {
        process.kill(pid, "SIGKILL");
        return true;
    } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ESRCH") {
            return false;
        }
        throw error;
    }
}

/** Settles when no such process is left. Where one stays, the error says which. */
export async function gone(mark: string, which: (one: MarkedProcess) => boolean = () => true): Promise<void> {
    let left = processesOf(mark).filter(which);
    for (let tries = 0; left.length > 0; tries += 1) {
        if (tries === 300) {
            throw new Error(`still there: ${left.map(({ pid, command }) => `${pid} ${command}`).join("; ")}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
        left = processesOf(mark).filter(which);
    }
}

function roleOf(command: readonly string[]): Role {
    const [program = ""] = command;
    if (/(^|\/)pulumi$/.test(program)) {
        return "engine";
    }
    const isHost = /\bnode[^/]*$/.test(program) && command.some((part) => part.includes("/cmd/dynamic-provider"));
    return isHost ? "provider host" : "other";
}

/** The parts of a file of `/proc` that are separated by zero bytes; none where the process is gone or another user's. */
function partsOf(pid: string, file: "environ" | "cmdline"): string[] {
    try {
        return readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0");
    } catch {
        return [];
    }
}
