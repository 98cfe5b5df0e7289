import { readdirSync, readFileSync } from "node:fs";

/** Why processes cannot be found here; `undefined` where they can. */
export const NO_PROCESSES = process.platform === "linux" ? undefined : "processes are found through /proc of Linux";

/** The environment variable by which the processes of one stack are found, whoever started them. */
export const MARK = "PULUMI_XAI_MODEL_TEST";

/** The dynamic hosts that run now and bear the mark. */
export function hostsOf(mark: string): number[] {
    return readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .filter((pid) => partsOf(pid, "environ").includes(`${MARK}=${mark}`))
        .filter((pid) => partsOf(pid, "cmdline").some((part) => part.includes("/cmd/dynamic-provider")))
        .map(Number);
}

/** Kills the dynamic hosts that bear the mark. @returns whether there was one */
export function killHosts(mark: string): boolean {
    return hostsOf(mark).filter(kill).length > 0;
}

function kill(pid: number): boolean {
    try {
        process.kill(pid, "SIGKILL");
        return true;
    } catch (error) {
        // It has ended by itself.
        if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
        throw error;
    }
}

/** The parts of a file of `/proc`, which zero bytes separate; none where the process is gone or someone else's. */
function partsOf(pid: string, file: "environ" | "cmdline"): string[] {
    try {
        return readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0");
    } catch {
        return [];
    }
}
