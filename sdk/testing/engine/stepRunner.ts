import { applyStep, type Outcome, ProtectedError } from "./apply.js";
import type { Events } from "./events.js";
import { HostError } from "./hostError.js";
import type { Journal } from "./journal.js";
import type { Ledger } from "./ledger.js";
import type { Providers } from "./providers.js";
import type { ResourceState } from "./resource.js";
import { isDelete, isLogical, type Step } from "./steps.js";
import { isDefaultProvider } from "./urn.js";
import { changedKeys, equal, type ValueMap } from "./values.js";

/** What an operation does: the names of Pulumi's commands. */
export type OperationKind = "preview" | "update" | "refresh" | "destroy";

/** What carrying out the steps of an operation needs. */
export interface RunnerOptions {
    readonly kind: OperationKind;
    readonly ledger: Ledger;
    readonly journal: Journal;
    readonly providers: Providers;
    readonly events: Events;
}

/** Carries out steps with all that belongs to it: word to the user before and after, and the state kept. */
export class StepRunner {
    /** Steps done whose resource may still get outputs of its own, by URN. */
    readonly registered = new Map<string, Step>();
    /** Deletions that failed since their resource is protected. */
    readonly refused: Step[] = [];
    /** The first failure. */
    error: Error | undefined;
    /** Whether what is in flight is given up: what comes of it is not known, and so stays in the state as pending. */
    isAbandoned = false;
    private readonly preview: boolean;

    constructor(private readonly options: RunnerOptions) {
        this.preview = options.kind === "preview";
    }

    /**
     * Carries out one step.
     *
     * @returns what came of it; where `error` is set and is no {@link ProtectedError}, nothing more should be begun
     */
    async run(step: Step): Promise<Outcome> {
        const { events, journal, ledger, providers } = this.options;
        events.begins(step);
        const pending = pendingOf(step);
        if (pending !== undefined) await journal.begin(pending.state, pending.type);

        const { preview } = this;
        const outcome = await applyStep(step, { preview, providers, deletes: ledger.deletes, now: () => new Date() });
        const { error, isPartial, next } = outcome;
        if (error === undefined && isLogical(step.op) && next !== undefined) this.registered.set(step.urn, step);
        this.tell(step, outcome);
        if (isPartial && step.op === "update" && next !== undefined && step.old !== undefined) {
            // What was asked for is not what is there; the old inputs make the next update ask again.
            next.inputs = step.old.inputs;
        }
        if (error !== undefined) this.fail(step, error);
        if (!(this.isAbandoned && error !== undefined && !isPartial)) await this.record(step, outcome);
        return outcome;
    }

    private fail(step: Step, error: Error): void {
        this.error ??= error;
        if (error instanceof ProtectedError) this.refused.push(step);
    }

    private tell(step: Step, { op, next, error, isPartial, warning }: Outcome): void {
        const { events, kind } = this.options;
        const { urn } = step;
        if (warning !== undefined) events.diagnostic("warning", warning, { urn });
        if (step.op !== "replace" && next?.additionalSecretOutputs.includes("id") === true) {
            events.diagnostic(
                "warning",
                "The 'id' property cannot be made secret. See pulumi/pulumi#2717 for more details.",
                { urn },
            );
        }
        if (error !== undefined) {
            const message = this.preview ? `Preview failed: ${error.message}` : error.message;
            events.diagnostic("error", message, isDefaultProvider(urn) ? {} : { urn });
            if (!this.preview) events.failed(step, isPartial ? 1 : statusOf(step, error));
            return;
        }
        const isRefresh = kind === "refresh" && step.op === "refresh";
        const counts = step.op === "read" ? isChangedRead(step) : isLogical(step.op) || isRefresh;
        if (counts) events.count(op, urn);
        const subject = next ?? step.old;
        if (this.preview || subject?.custom === true || step.op === "refresh" || isDelete(op)) {
            events.outputs(step, isRefresh ? op : step.op, next);
        }
    }

    private async record(step: Step, { error, isPartial, next }: Outcome): Promise<void> {
        const { journal } = this.options;
        const { op, old } = step;
        const begun = pendingOf(step)?.state;
        if (error !== undefined && !isPartial) {
            if (begun !== undefined) await journal.end(begun, undefined, undefined);
            return;
        }
        if (op === "same" && old !== undefined && next !== undefined && isUnchanged(old, next)) {
            journal.note(old, next);
        } else if (op === "create" || op === "create-replacement") {
            await journal.end(begun, old?.pendingReplacement === true ? old : undefined, next);
        } else if (isDelete(op)) {
            await journal.end(begun, old?.pendingReplacement === true ? undefined : old, undefined);
        } else if (op !== "replace" && op !== "refresh") {
            await journal.end(begun, old, next);
        }
    }

    /** Stores the outputs that the program gave a component, or the stack. */
    async storeOutputs(urn: string, outputs: ValueMap): Promise<void> {
        const { events, journal, ledger } = this.options;
        const step = this.registered.get(urn);
        if (step?.next === undefined) {
            throw new Error(`cannot complete a resource '${urn}' whose registration isn't pending`);
        }
        this.registered.delete(urn);
        step.next.outputs = outputs;
        events.outputs(step, step.op, step.next);
        if (!equal(ledger.olds.get(urn)?.outputs ?? null, outputs)) await journal.changed();
    }
}

function pendingOf(
    step: Step,
): { state: ResourceState; type: "creating" | "updating" | "deleting" | "reading" } | undefined {
    const { op, old, next } = step;
    if (isDelete(op)) return old === undefined ? undefined : { state: old, type: "deleting" };
    if (next === undefined) return undefined;
    if (op === "create" || op === "create-replacement") return { state: next, type: "creating" };
    if (op === "update") return { state: next, type: "updating" };
    return op === "read" || op === "read-replacement" ? { state: next, type: "reading" } : undefined;
}

/** What the real engine says of a failure: 0 where nothing was done, 2 where that is not known. */
function statusOf(step: Step, error: Error): 0 | 2 {
    if (!(error instanceof HostError)) return 0;
    return error.status ?? (step.op === "create" || step.op === "create-replacement" ? 0 : 2);
}

/** A read that found what it found before is no change. */
function isChangedRead({ old, next }: Step): boolean {
    return old !== undefined && next !== undefined && changedKeys(old.outputs ?? {}, next.outputs ?? {}).length > 0;
}

/** Whether a state file would say the same of two states. */
function isUnchanged(old: ResourceState, next: ResourceState): boolean {
    const { inputs: oldInputs, outputs: oldOutputs, ...oldRest } = old;
    const { inputs, outputs, ...rest } = next;
    const isSame = equal(oldInputs, inputs) && equal(oldOutputs, outputs);
    return isSame && JSON.stringify(sortedFields(oldRest)) === JSON.stringify(sortedFields(rest));
}

function sortedFields(fields: object): [string, unknown][] {
    return Object.entries(fields).sort(([left], [right]) => left.localeCompare(right));
}
