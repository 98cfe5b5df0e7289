import { availableParallelism } from "node:os";
import type { OpMap } from "@pulumi/pulumi/automation";
import { Deployment } from "./deployment.js";
import { Display } from "./display.js";
import { messageOf, UnsupportedFeatureError } from "./errors.js";
import { Events } from "./events.js";
import { DynamicHost } from "./host.js";
import { Journal } from "./journal.js";
import { Ledger } from "./ledger.js";
import { STATE_MARKER } from "./marker.js";
import { MonitorServer, type ProgramInfo } from "./monitor.js";
import { failureOf, type OperationOptions, Output, type Reason } from "./outcome.js";
import type { RunningProgram } from "./program.js";
import { Providers } from "./providers.js";
import { afterRefresh } from "./refreshed.js";
import { loadSdk } from "./sdk.js";
import type { StackState } from "./stateFormat.js";
import { StateWriter } from "./stateWriter.js";
import type { ValueMap } from "./values.js";

/** What an operation runs on. */
export interface OperationSubject {
    readonly stack: string;
    readonly project: string;
    /** The folder from which the dynamic host finds packages. */
    readonly folder: string;
    readonly envVars: Readonly<Record<string, string>>;
    /** The configuration in the clear, for the program. */
    readonly config: Readonly<Record<string, string>>;
    readonly secretKeys: readonly string[];
    /** The same for the providers, secrets marked. */
    readonly providerInputs: ValueMap;
    readonly state: StackState;
    /** Puts a state where it outlives the process. */
    save(state: StackState): Promise<void>;
    startProgram(start: {
        info: ProgramInfo;
        address: string;
        envVars: Readonly<Record<string, string>>;
        onLine(line: string, stream: "stdout" | "stderr"): void;
    }): RunningProgram;
}

/** What an operation came to. */
export interface OperationResult {
    readonly stdout: string;
    readonly stderr: string;
    readonly changes: OpMap;
    readonly startTime: Date;
    readonly endTime: Date;
}

/** How long, in milliseconds, calls to providers may still take once the time of an operation is up. */
const GRACE = 3_000;
/** What timers take at most, in milliseconds: 24 days. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Runs one operation from its first event to its last.
 *
 * @throws {OperationFailedError} where it does not succeed
 * @throws {UnsupportedFeatureError} where the program asks for what the engine does not do
 * @throws what a listener threw, once the operation has succeeded
 */
export async function runOperation(subject: OperationSubject, options: OperationOptions): Promise<OperationResult> {
    const startTime = new Date();
    const { kind } = options;
    const output = new Output(options);
    output.err(`${STATE_MARKER}\n`);
    const display = new Display(kind, subject.stack, (text) => output.out(text));
    const secrets = subject.secretKeys.map((key) => subject.config[key] ?? "");
    const events = new Events(kind === "preview", secrets, (event) => {
        output.event(event);
        display.show(event);
    });
    const run = new Run(subject, options, events);
    const reason = await run.run();
    const endTime = new Date();
    events.summary((endTime.getTime() - startTime.getTime()) / 1000);
    if (reason !== undefined) throw failureOf(reason, kind, events.diagnostics, output);
    if (output.thrown !== undefined) throw output.thrown.error;
    return { stdout: output.stdout, stderr: output.stderr, changes: events.changes, startTime, endTime };
}

/** The processes, services and books of one operation. */
class Run {
    private readonly journal: Journal;
    private isOverdue = false;

    constructor(
        private readonly subject: OperationSubject,
        private readonly options: OperationOptions,
        private readonly events: Events,
    ) {
        const isPreview = options.kind === "preview";
        const writer = new StateWriter(() => subject.save(this.journal.current()));
        this.journal = new Journal(subject.state, async () => {
            if (!isPreview) await writer.save();
        });
    }

    /** @returns why it did not succeed, if so */
    async run(): Promise<Reason | undefined> {
        const { subject, options, events } = this;
        const { kind, signal } = options;
        events.prelude(shownConfig(subject));
        for (const urn of options.replace ?? []) {
            if (urn.includes("*")) return new UnsupportedFeatureError(`wildcards in \`replace\` ("${urn}")`);
            if (subject.state.resources.some((each) => each.urn === urn)) continue;
            events.diagnostic("error", `the URN "${urn}", which is to be replaced, could not be found in the stack`);
            return "failed";
        }
        const parallel = Math.max(1, options.parallel ?? 4 * availableParallelism());
        const info: ProgramInfo = {
            project: subject.project,
            stack: subject.stack,
            organization: "organization",
            preview: kind === "preview",
            parallel,
            config: subject.config,
            secretKeys: subject.secretKeys,
        };
        const sdk = loadSdk();
        const onLine = (line: string, stream: "stdout" | "stderr"): void => {
            if (line.trim() !== "") events.diagnostic(stream === "stdout" ? "info" : "info#err", line);
        };
        const providers = new Providers(
            () =>
                new DynamicHost({
                    sdk,
                    folder: subject.folder,
                    project: subject.project,
                    preview: info.preview,
                    engineAddress: server.address,
                    envVars: subject.envVars,
                    onLine,
                }),
            subject.state.resources,
        );
        let deployment = this.deploymentOver(subject.state, info, providers);
        // Hosts and programs find whichever deployment is at work: the refresh's, then the program's.
        const server = new MonitorServer(sdk, {
            info,
            register: (registration) => deployment.register(registration),
            read: (goal) => deployment.read(goal),
            registerOutputs: (urn, outputs) => deployment.registerOutputs(urn, outputs),
            programDone: () => deployment.programDone(),
            log: (severity, message, where) => deployment.log(severity, message, where),
            refuse: (error) => deployment.refuse(error),
        });
        const onAbort = (): void => deployment.cancel();
        const deadline = setTimeout(
            () => {
                this.isOverdue = true;
                deployment.cancel();
                overdue = setTimeout(() => {
                    deployment.abandon();
                    void providers.stop();
                }, GRACE);
            },
            Math.min(options.timeoutMs, LONGEST_TIMER),
        );
        let overdue: NodeJS.Timeout | undefined;
        signal?.addEventListener("abort", onAbort);
        try {
            if (signal?.aborted === true) deployment.cancel();
            await server.start();
            const runsProgram = kind === "preview" || kind === "update";
            if (runsProgram || subject.state.resources.length > 1) providers.warm();
            if (kind === "refresh" || options.refresh === true) {
                const found = await deployment.refreshAll();
                const resources = afterRefresh(this.journal.before, found);
                await this.journal.rebase(resources);
                const goesOn = !deployment.failed && !deployment.isCancelled && kind !== "refresh";
                if (!goesOn) return this.reasonOf(deployment);
                deployment = this.deploymentOver({ resources, pending: [] }, info, providers);
            } else this.warnOfPending();
            if (runsProgram) {
                const { address } = server;
                const { envVars } = subject;
                await deployment.runProgram(() => subject.startProgram({ info, address, envVars, onLine }));
            } else if (kind === "destroy") await deployment.destroyAll();
            if (kind !== "preview") await subject.save(this.journal.current());
            return this.reasonOf(deployment);
        } catch (error) {
            events.diagnostic("error", messageOf(error));
            return error instanceof Error ? error : new Error(messageOf(error));
        } finally {
            clearTimeout(deadline);
            clearTimeout(overdue);
            signal?.removeEventListener("abort", onAbort);
            await providers.stop();
            server.stop();
        }
    }

    private deploymentOver(state: StackState, info: ProgramInfo, providers: Providers): Deployment {
        const { subject, options, events, journal } = this;
        return new Deployment({
            kind: options.kind,
            ledger: new Ledger(subject.stack, subject.project, state.resources),
            journal,
            providers,
            events,
            info,
            providerInputs: subject.providerInputs,
            replaceTargets: new Set(options.replace ?? []),
        });
    }

    private reasonOf(deployment: Deployment): Reason | undefined {
        const { events, options } = this;
        const word = options.kind === "preview" ? "preview" : "update";
        if (deployment.unsupported !== undefined) return deployment.unsupported;
        if (this.isOverdue) {
            events.diagnostic("error", `${word} canceled: it did not end within ${options.timeoutMs} ms`);
            return "timeout";
        }
        if (deployment.failed) {
            // Where the program or the plan was wrong, that has been said.
            if (!deployment.isEndedEarly) events.diagnostic("error", `${word} failed`);
            return "failed";
        }
        if (deployment.isCancelled) {
            events.diagnostic("error", `${word} canceled`);
            return "cancelled";
        }
        const isChange = ([op, count]: [string, number]): boolean => !UNCHANGING.has(op) && count > 0;
        if (options.expectNoChanges === true && Object.entries(events.changes).some(isChange)) {
            return "unexpected";
        }
        return undefined;
    }

    private warnOfPending(): void {
        const { pending } = this.subject.state;
        if (pending.length === 0 || this.options.kind === "preview") return;
        const list = pending.map(({ type, resource }) => `  * ${resource.urn}, interrupted while ${type}\n`).join("");
        this.events.diagnostic(
            "warning",
            `Attempting to deploy or update resources with ${pending.length} pending operations from previous ` +
                `deployment.\n${list}These resources are in an unknown state because the engine was interrupted ` +
                "while waiting for changes to these resources to complete. Look whether they exist: what was being " +
                "created is not in the state, and will be created again. To be rid of this warning, begin with a new state.",
        );
    }
}

const UNCHANGING = new Set(["same", "read", "discard", "read-replacement"]);

function shownConfig({ config, secretKeys }: OperationSubject): Record<string, string> {
    const hidden = new Set(secretKeys);
    return Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key, hidden.has(key) ? "[secret]" : value]),
    );
}
