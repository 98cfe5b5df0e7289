import { readdirSync, readFileSync } from "node:fs";

/** Why processes cannot be looked at here; `undefined` where they can. */
export const NO_PROCESSES = process.platform === "linux" ? undefined : "processes are found through /proc of Linux";

/** The environment variable by which everything that belongs to one test is found, whoever started it. */
export const MARK = "PULUMI_XAI_DEATH_TEST";

/** What a process is for. */
export type Role = "provider host" | "program" | "other";

/** A process that bears a mark. */
export interface MarkedProcess {
    readonly pid: number;
    readonly role: Role;
    /** Its command line, for people. */
    readonly command: string;
}

/** The processes that run now and bear the mark; those that ended and were not asked for yet do not count. */
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

/** Who was to be killed had not begun yet, or had ended by itself. */
export class NobodyToKillError extends Error {}

/**
 * Ends the processes of a role at once, and settles when they are gone.
 *
 * @throws {NobodyToKillError} where there is none
 */
export async function killAll(mark: string, role: Role): Promise<void> {
    const doomed = processesOf(mark).filter((one) => one.role === role && kill(one.pid));
    if (doomed.length === 0) {
        throw new NobodyToKillError(`there is no ${role} to kill`);
    }
    await gone(mark, (one) => doomed.some(({ pid }) => pid === one.pid));
}

/** Ends every process that bears the mark, at once. */
export function killAllMarked(mark: string): void {
    for (const { pid } of processesOf(mark)) {
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
    if (!/\bnode[^/]*$/.test(command[0] ?? "")) {
        return "other";
    }
    if (command.some((part) => part.includes("/cmd/dynamic-provider"))) {
        return "provider host";
    }
    return command.some((part) => part.includes("/cmd/run")) ? "program" : "other";
}

/** The parts of a file of `/proc` that are separated by zero bytes; none where the process is gone or someone else's. */
function partsOf(pid: string, file: "environ" | "cmdline"): string[] {
    try {
        return readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0");
    } catch {
        return [];
    }
}
