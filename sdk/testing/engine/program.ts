import { AsyncLocalStorage } from "node:async_hooks";
import { z } from "zod";
import { messageOf, UnsupportedFeatureError } from "./errors.js";
import type { InlineProgram } from "./inlineProgram.js";
import type { ProgramInfo } from "./monitor.js";
import { Child, childEnvironment, type Ending } from "./processes.js";
import type { Project } from "./project.js";
import { loadSdk, requirePulumi, resolvePulumi } from "./sdk.js";

/** How a program ended. `message` is absent where the program has reported its failure by itself. */
export type ProgramEnd = { readonly ok: true } | { readonly ok: false; readonly message: string | undefined };

/** A program at work. */
export interface RunningProgram {
    /** Never rejects. */
    readonly ended: Promise<ProgramEnd>;
    /** Ends it if that is possible, and waits until it is gone. */
    stop(): Promise<void>;
}

/** What starting a program needs. */
export interface ProgramStart {
    readonly info: ProgramInfo;
    /** Where the engine listens. */
    readonly address: string;
    readonly envVars: Readonly<Record<string, string>>;
    onLine(line: string, stream: "stdout" | "stderr"): void;
}

/** The exit code by which Pulumi's runner says that it has shown the error. */
const EXIT_REPORTED = 32;

/** Starts the program of a folder with `@pulumi/pulumi/cmd/run`, as the language host of the CLI does. */
export function startFolderProgram(project: Project, start: ProgramStart): RunningProgram {
    const { info, address, envVars, onLine } = start;
    const needed: Record<string, string> = {
        PULUMI_CONFIG: JSON.stringify(info.config),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(info.secretKeys),
        ...(project.typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
        ...(project.tsconfig === undefined ? {} : { PULUMI_NODEJS_TSCONFIG_PATH: project.tsconfig }),
    };
    const flags = [
        ...["--monitor", address, "--engine", address],
        ...["--organization", info.organization, "--project", info.project, "--stack", info.stack],
        ...["--root-directory", project.root, "--pwd", project.folder, "--parallel", String(info.parallel)],
        ...(info.preview ? ["--dry-run"] : []),
    ];
    const child = new Child({
        args: [resolvePulumi("cmd/run", project.folder), ...flags, project.main],
        nodeArgs: project.nodeArgs,
        cwd: project.folder,
        env: childEnvironment(envVars, needed),
        onLine,
    });
    return {
        ended: child.ended.then(endOf, (error) => ({
            ok: false,
            message: `the program did not start: ${messageOf(error)}`,
        })),
        stop: () => child.stop(),
    };
}

function endOf({ code, signal, isOutputHeld }: Ending): ProgramEnd {
    if (isOutputHeld) {
        const message = "the program ended, but a process that it started did not, and held on to the program's output";
        return { ok: false, message };
    }
    if (code === 0) return { ok: true };
    if (code === EXIT_REPORTED) return { ok: false, message: undefined };
    const how = code === null ? `unexpectedly: signal ${signal}` : `with non-zero exit code: ${code}`;
    return { ok: false, message: `an unhandled error occurred: Program exited ${how}` };
}

type Run = (call: object, callback: (error: unknown, response: unknown) => void) => unknown;
const languageServerModule = z.object({
    LanguageServer: z.custom<new (program: InlineProgram) => { run: Run }>((value) => typeof value === "function"),
});

/**
 * How long, in milliseconds, a function is waited for once its operation is over. It cannot be stopped, and what waits
 * for a resource that will not come waits for ever.
 */
const PATIENCE = 100;

/** Inline programs of one process take turns: an error that one of them does not handle reaches every one at work. */
let turn: Promise<unknown> = Promise.resolve();

/** Whether it is an inline program that is running. */
const inside = new AsyncLocalStorage<true>();

/**
 * Starts a function as a program, in this process, the way Pulumi's Automation API does.
 *
 * @throws {UnsupportedFeatureError} within such a program, whose turn would have to end first
 */
export function startInlineProgram(program: InlineProgram, start: ProgramStart): RunningProgram {
    if (inside.getStore() === true) throw new UnsupportedFeatureError("an inline program within another one");
    const before = turn;
    let isStopped = false;
    const ended = before.then(() => (isStopped ? { ok: true as const } : runInline(program, start)));
    turn = ended;
    return {
        ended,
        async stop() {
            isStopped = true;
            let timer: NodeJS.Timeout | undefined;
            const patience = new Promise<void>((resolve) => {
                timer = setTimeout(resolve, PATIENCE);
            });
            await Promise.race([ended, patience]);
            clearTimeout(timer);
            if (turn === ended) turn = Promise.resolve();
        },
    };
}

async function runInline(program: InlineProgram, { info, address }: ProgramStart): Promise<ProgramEnd> {
    const { RunRequest } = loadSdk().language;
    const request = new RunRequest();
    request.setProject(info.project);
    request.setStack(info.stack);
    request.setOrganization(info.organization);
    request.setMonitorAddress(address);
    request.setArgsList([address]);
    request.setDryrun(info.preview);
    request.setParallel(info.parallel);
    for (const [key, value] of Object.entries(info.config)) request.getConfigMap().set(key, value);
    request.setConfigsecretkeysList([...info.secretKeys]);

    const { LanguageServer } = languageServerModule.parse(requirePulumi("./automation/server"));
    const server = new LanguageServer(() => inside.run(true, program));
    return await new Promise<ProgramEnd>((resolve) => {
        const settle = (error: unknown): void => {
            if (error === undefined || error === null) resolve({ ok: true });
            else resolve({ ok: false, message: messageOf(error) });
        };
        // The server answers a failure twice; the first answer counts.
        Promise.resolve(server.run({ request }, settle)).catch(settle);
    });
}
