import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { guardFile, removeGuard } from "./guard.js";

/** How a child ended. */
export interface Ending {
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    /** Whether something that it started went on holding its output. */
    readonly isOutputHeld: boolean;
}

/** How long, in milliseconds, a child's output is waited for once it has ended: as long as Pulumi does. */
const DRAIN = 5_000;

/** What to start. */
export interface ChildOptions {
    /** Script and arguments; Node is the one that runs the engine. */
    readonly args: readonly string[];
    readonly nodeArgs?: readonly string[];
    readonly cwd: string;
    readonly env: Readonly<Record<string, string | undefined>>;
    /** Each line that the child prints. */
    onLine(line: string, stream: "stdout" | "stderr"): void;
}

/** A Node process that the engine started. It never outlives the engine, however that ends. */
export class Child {
    /** Settles when the process has ended and all that it printed has been handed on. */
    readonly ended: Promise<Ending>;
    private readonly process: ChildProcess;

    constructor(options: ChildOptions) {
        const { args, nodeArgs = [], cwd, env, onLine } = options;
        // `-r` and not `--require`, which would switch off Pulumi's automatic ES module mode. A process group of its own,
        // for the terminal's ^C is the engine's to answer.
        this.process = spawn(process.execPath, ["-r", guardFile(), ...nodeArgs, ...args], {
            cwd,
            env: { ...env, no_grpc_proxy: "127.0.0.1" },
            stdio: ["ignore", "pipe", "pipe", "pipe"],
            detached: true,
        });
        alive.add(this);
        killOnExit();
        const { stdout, stderr } = this.process;
        if (stdout !== null) readLines(stdout, (line) => onLine(line, "stdout"));
        if (stderr !== null) readLines(stderr, (line) => onLine(line, "stderr"));
        this.ended = new Promise((resolve, reject) => {
            let drained: NodeJS.Timeout | undefined;
            let isOutputHeld = false;
            this.process.on("error", reject);
            this.process.on("exit", () => {
                drained = setTimeout(() => {
                    isOutputHeld = true;
                    this.kill();
                    stdout?.destroy();
                    stderr?.destroy();
                }, DRAIN);
            });
            this.process.on("close", (code, signal) => {
                clearTimeout(drained);
                resolve({ code, signal, isOutputHeld });
            });
        });
        const forget = (): void => {
            alive.delete(this);
            if (alive.size === 0) removeGuard();
        };
        this.ended.then(forget, forget);
    }

    /** Ends the process, and those that it started, at once. Does nothing where it has ended. */
    kill(): void {
        const { pid } = this.process;
        if (pid === undefined) return;
        try {
            process.kill(-pid, "SIGKILL");
        } catch {
            this.process.kill("SIGKILL");
        }
    }

    /** Interrupts the process, as the real engine does with a provider that is no longer needed, and ends it after a second. */
    async close(): Promise<void> {
        const { pid } = this.process;
        const late = setTimeout(() => this.kill(), 1000);
        try {
            if (pid !== undefined) process.kill(-pid, "SIGINT");
            await this.ended;
        } catch {
            await this.stop();
        } finally {
            clearTimeout(late);
        }
    }

    /** Ends the process and waits until it is gone. */
    async stop(): Promise<void> {
        this.kill();
        await this.ended.catch(() => undefined);
    }
}

const alive = new Set<Child>();
let isListening = false;

function killOnExit(): void {
    if (isListening) return;
    isListening = true;
    process.on("exit", () => {
        for (const child of alive) child.kill();
        removeGuard();
    });
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
    let rest = "";
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) onLine(line.replace(/\r$/, ""));
    });
    stream.on("end", () => {
        if (rest !== "") onLine(rest);
    });
}

/**
 * The environment of a child: the caller's without Pulumi's own variables, which would change what the child does, then
 * what was asked for, then what the engine needs.
 */
export function childEnvironment(
    asked: Readonly<Record<string, string>>,
    needed: Readonly<Record<string, string>>,
): Record<string, string | undefined> {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("PULUMI_"));
    return { ...Object.fromEntries(inherited), ...asked, ...needed };
}
