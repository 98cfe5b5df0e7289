import { ProtectedError } from "./apply.js";
import { deleteWaves, neededByAll, planDeletes } from "./deletes.js";
import { messageOf, UnsupportedFeatureError } from "./errors.js";
import { type PlanContext, planRead, planRegistration } from "./generator.js";
import type { ReadGoal } from "./goal.js";
import { PlanError } from "./ledger.js";
import {
    type LogSeverity,
    type MonitorBackend,
    OperationOverError,
    type ProgramInfo,
    type Registered,
} from "./monitor.js";
import type { RunningProgram } from "./program.js";
import { type ProgramEvent, Registrar, type Reply } from "./registrar.js";
import type { Registration } from "./requests.js";
import type { ResourceState } from "./resource.js";
import { type RunnerOptions, StepRunner } from "./stepRunner.js";
import { step as makeStep, type Step } from "./steps.js";
import { createUrn, STACK_TYPE } from "./urn.js";
import type { ValueMap } from "./values.js";
import { Workers } from "./workers.js";

/** What a deployment needs besides what carrying out its steps does. */
export interface DeploymentOptions extends RunnerOptions {
    readonly info: ProgramInfo;
    /** The inputs of the default provider: the whole configuration, secrets marked. */
    readonly providerInputs: ValueMap;
    /** URNs that are to be replaced whatever their provider says. */
    readonly replaceTargets: ReadonlySet<string>;
}

/**
 * One run of the engine over a stack: takes what a program registers, one at a time, lets the generator decide, and
 * has the steps carried out side by side; then deletes what is left over. The first failure ends it, once what is in
 * flight is done.
 */
export class Deployment implements MonitorBackend {
    readonly info: ProgramInfo;
    /** What the program asked for that the engine does not do. */
    unsupported: UnsupportedFeatureError | undefined;
    /** Whether it was told to stop. */
    isCancelled = false;
    /** Whether something other than a step went wrong: the program, a goal, or keeping the state. */
    isEndedEarly = false;
    private isHalted = false;
    private readonly runner: StepRunner;
    private readonly workers: Workers;
    private readonly registrar: Registrar;
    private readonly plan: PlanContext;
    private stackOutputs: { urn: string; outputs: ValueMap } | undefined;
    private noteHalt: () => void = () => {};
    private readonly halted = new Promise<void>((resolve) => {
        this.noteHalt = resolve;
    });
    private noteDone: () => void = () => {};
    private readonly done = new Promise<void>((resolve) => {
        this.noteDone = resolve;
    });

    constructor(private readonly options: DeploymentOptions) {
        const { info, ledger, providers, events, kind, replaceTargets } = options;
        this.info = info;
        this.runner = new StepRunner(options);
        this.workers = new Workers(info.parallel);
        this.registrar = new Registrar(options.providerInputs);
        this.plan = {
            ledger,
            advisor: providers,
            preview: kind === "preview",
            replaceTargets,
            tell: (severity, message, urn) => events.diagnostic(severity, message, { urn }),
        };
    }

    /** Whether anything went wrong. */
    get failed(): boolean {
        return this.isEndedEarly || this.runner.error !== undefined || this.options.ledger.errored;
    }

    /** Stops as soon as what is in flight is done. */
    cancel(): void {
        this.isCancelled = true;
        this.halt();
    }

    /** Gives up what is in flight as well; that stays in the state as pending. */
    abandon(): void {
        this.runner.isAbandoned = true;
        this.cancel();
    }

    private fail(): void {
        this.isEndedEarly = true;
        this.halt();
    }

    private halt(): void {
        this.isHalted = true;
        this.registrar.close();
        this.noteHalt();
    }

    /** Runs a program to its end and deletes what it no longer registers. */
    async runProgram(start: () => RunningProgram): Promise<void> {
        if (this.isHalted) return;
        const program = start();
        void program.ended.then((end) => {
            if (end.ok) return this.registrar.queue.push({ kind: "end" });
            if (this.isHalted) return;
            if (end.message !== undefined) this.options.events.diagnostic("error", end.message);
            this.fail();
        });
        try {
            const { queue } = this.registrar;
            for (let event = await queue.next(); event !== undefined; event = await queue.next()) {
                if (event.kind === "end") break;
                await this.handle(event);
            }
            await this.workers.settled();
            await this.deleteLeftOvers();
            await this.storeStackOutputs();
        } finally {
            this.registrar.close();
            this.registrar.dismiss();
            this.noteDone();
            // It may have more to do that is no concern of the stack's.
            await Promise.race([program.ended, this.halted]);
            await program.stop();
        }
    }

    /** Deletes everything that there is. */
    async destroyAll(): Promise<void> {
        await this.deleteLeftOvers();
    }

    private async handle(event: ProgramEvent): Promise<void> {
        try {
            if (event.kind === "outputs") {
                await this.runner.storeOutputs(event.urn, event.outputs);
                this.registrar.answer(event.reply, { urn: event.urn, id: "", outputs: {} });
                return;
            }
            const { reply } = event;
            const steps =
                event.kind === "read"
                    ? planRead(event.goal, this.options.ledger)
                    : await planRegistration(event.goal, this.plan);
            await this.workers.launch(() => this.runChain(steps, reply));
        } catch (error) {
            this.report(error, event);
            this.fail();
        }
    }

    private report(error: unknown, event: ProgramEvent): void {
        const message = messageOf(error);
        if (error instanceof PlanError && message === "") return;
        const { stack, project } = this.info;
        const urn =
            error instanceof PlanError
                ? error.urn
                : event.kind === "outputs"
                  ? event.urn
                  : createUrn(stack, project, event.goal.parent, event.goal.type, event.goal.name);
        this.options.events.diagnostic("error", message, { urn });
    }

    /** Carries out the steps of one resource, in order. */
    private async runChain(steps: readonly Step[], reply: Reply): Promise<void> {
        for (const step of steps) {
            if (this.isHalted || !(await this.runStep(step))) return;
            const { next } = step;
            const isFinal = step.op !== "replace" && next !== undefined;
            if (isFinal)
                this.registrar.answer(reply, {
                    urn: next.urn,
                    id: next.id,
                    outputs: next.custom ? (next.outputs ?? {}) : {},
                });
        }
    }

    private async runStep(step: Step): Promise<boolean> {
        try {
            const { error } = await this.runner.run(step);
            if (error === undefined) return true;
            if (!(error instanceof ProtectedError)) this.halt();
        } catch (error) {
            // Not the step's own failure but that of keeping the state: going on would lose what is done.
            this.options.events.diagnostic("error", messageOf(error));
            this.fail();
        }
        return false;
    }

    private async deleteLeftOvers(): Promise<void> {
        const { ledger, journal } = this.options;
        if (this.isHalted) return;
        const spared = new Set<ResourceState>();
        let seen = 0;
        for (const wave of deleteWaves(planDeletes(ledger), journal.before)) {
            for (const { old } of this.runner.refused.slice(seen)) {
                if (old !== undefined) for (const state of neededByAll(old, journal.before)) spared.add(state);
            }
            seen = this.runner.refused.length;
            const steps = wave.filter(({ old }) => old === undefined || !spared.has(old));
            await this.workers.all(steps.map((step) => () => this.runUnlessHalted(step)));
        }
    }

    private async runUnlessHalted(step: Step): Promise<void> {
        if (!this.isHalted) await this.runStep(step);
    }

    private async storeStackOutputs(): Promise<void> {
        if (this.stackOutputs === undefined) return;
        const { urn, outputs } = this.stackOutputs;
        if (!this.runner.registered.has(urn)) return;
        const old = this.options.ledger.olds.get(urn)?.outputs ?? {};
        await this.runner.storeOutputs(urn, this.failed ? { ...old, ...outputs } : outputs);
    }

    /** Looks at every resource as it is now; what was found, by what there was. Failures do not stop it. */
    async refreshAll(): Promise<Map<ResourceState, ResourceState | undefined>> {
        const found = new Map<ResourceState, ResourceState | undefined>();
        const tasks = this.options.journal.before.map((old) => async (): Promise<void> => {
            if (this.isHalted) return;
            const { error, next } = await this.runner.run(makeStep("refresh", old.urn, { old, next: old }));
            if (error === undefined) found.set(old, next);
        });
        await this.workers.all(tasks);
        return found;
    }

    async register(registration: Registration): Promise<Registered> {
        return await this.registrar.register(registration);
    }

    async read(wanted: ReadGoal): Promise<Registered> {
        return await this.registrar.read(wanted);
    }

    async registerOutputs(urn: string, outputs: ValueMap): Promise<void> {
        // The stack's are stored last, so they need not wait for their turn.
        if (isStackUrn(urn, this.info)) this.stackOutputs = { urn, outputs };
        else await this.registrar.registerOutputs(urn, outputs);
    }

    async programDone(): Promise<void> {
        this.registrar.queue.push({ kind: "end" });
        await this.done;
        if (this.isHalted) throw new OperationOverError();
    }

    log(severity: LogSeverity, message: string, where: { urn: string; streamId: number; ephemeral: boolean }): void {
        if (severity !== "debug") this.options.events.diagnostic(severity, message, where);
    }

    refuse(error: Error): void {
        const isKnown = this.unsupported !== undefined;
        if (error instanceof UnsupportedFeatureError) this.unsupported ??= error;
        if (!isKnown) this.options.events.diagnostic("error", error.message);
        this.fail();
    }
}

function isStackUrn(urn: string, { stack, project }: ProgramInfo): boolean {
    return urn === createUrn(stack, project, "", STACK_TYPE, `${project}-${stack}`);
}
