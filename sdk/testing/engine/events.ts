import type { EngineEvent, OpMap, OpType } from "@pulumi/pulumi/automation";
import type { Diagnostic } from "./errors";
import type { ResourceState } from "./resource";
import { isLogical, type Step, type StepOp } from "./steps";
import { isDefaultProvider } from "./urn";
import { toDisplay } from "./wire";

type Body = Omit<EngineEvent, "sequence" | "timestamp">;
type Metadata = NonNullable<EngineEvent["resourcePreEvent"]>["metadata"];
type StateMetadata = NonNullable<Metadata["old"]>;

/** What is said about a diagnostic besides its text. */
export interface DiagnosticPlace {
    readonly urn?: string;
    readonly streamId?: number;
    /** Only of passing interest, such as progress. */
    readonly ephemeral?: boolean;
}

/** Tells what happens in an operation, as events of the form of Pulumi's Automation API. */
export class Events {
    private sequence = 0;
    private readonly counts = new Map<StepOp, number>();
    /** Every diagnostic so far, but for ephemeral ones and debug messages. */
    readonly diagnostics: Diagnostic[] = [];

    constructor(
        private readonly preview: boolean,
        private readonly listener: (event: EngineEvent) => void,
    ) {}

    /** How many resources each kind of change was made to. */
    get changes(): OpMap {
        return Object.fromEntries([...this.counts].sort(([left], [right]) => left.localeCompare(right)));
    }

    /** The operation begins. */
    prelude(config: Readonly<Record<string, string>>): void {
        this.emit({ preludeEvent: { config: { ...config } } });
    }

    /** A step begins. */
    begins(step: Step): void {
        this.emit({ resourcePreEvent: { metadata: metadataOf(step, step.op, step.next), planning: this.preview } });
    }

    /** A step is done, or the outputs of a component have come. */
    outputs(step: Step, op: StepOp, next: ResourceState | undefined): void {
        this.emit({ resOutputsEvent: { metadata: metadataOf(step, op, next), planning: this.preview } });
    }

    /** A step has failed. */
    failed(step: Step, isPartial: boolean): void {
        const metadata = metadataOf(step, step.op, step.next);
        this.emit({ resOpFailedEvent: { metadata, status: isPartial ? 1 : 2, steps: this.total() } });
    }

    /** Counts a change, but for those to the engine's own resources. */
    count(op: StepOp, urn: string): void {
        if (!isDefaultProvider(urn)) this.counts.set(op, (this.counts.get(op) ?? 0) + 1);
    }

    /** Says something about a resource, or the stack. */
    diagnostic(severity: Exclude<Diagnostic["severity"], "debug">, message: string, place: DiagnosticPlace = {}): void {
        const { urn = "", streamId = 0, ephemeral = false } = place;
        const prefix = severity === "error" || severity === "warning" ? { prefix: `${severity}: ` } : {};
        if (!ephemeral) this.diagnostics.push({ severity, message, ...(urn === "" ? {} : { urn }) });
        this.emit({
            diagnosticEvent: {
                ...(urn === "" ? {} : { urn }),
                ...prefix,
                message: message.endsWith("\n") ? message : `${message}\n`,
                color: "never",
                severity,
                ...(streamId === 0 ? {} : { streamID: streamId }),
                ...(ephemeral ? { ephemeral } : {}),
            },
        });
    }

    /** The operation ends. */
    summary(durationSeconds: number): void {
        const resourceChanges = this.changes;
        this.emit({ summaryEvent: { maybeCorrupt: false, durationSeconds, resourceChanges, policyPacks: {} } });
        this.emit({ cancelEvent: {} });
    }

    private total(): number {
        return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
    }

    private emit(body: Body): void {
        this.listener({ sequence: this.sequence++, timestamp: Math.floor(Date.now() / 1000), ...body });
    }
}

/** Pulumi's own names, which its types list without the last one. */
function opType(op: StepOp): OpType {
    return op === "remove-pending-replace" ? "delete" : op;
}

function metadataOf(step: Step, op: StepOp, next: ResourceState | undefined): Metadata {
    const subject = next ?? step.old;
    return {
        op: opType(op),
        urn: step.urn,
        type: subject?.type ?? "",
        ...(step.old === undefined ? {} : { old: stateMetadata(step.old) }),
        ...(next === undefined ? {} : { new: stateMetadata(next) }),
        ...(step.keys.length === 0 ? {} : { keys: [...step.keys] }),
        ...(step.diffs.length === 0 ? {} : { diffs: [...step.diffs] }),
        ...(isLogical(step.op) ? { logical: true } : {}),
        provider: subject?.provider ?? "",
    };
}

function stateMetadata(state: ResourceState): StateMetadata {
    return {
        type: state.type,
        urn: state.urn,
        ...(state.custom ? { custom: true } : {}),
        ...(state.delete ? { delete: true } : {}),
        id: state.id,
        parent: state.parent,
        ...(state.protect ? { protect: true } : {}),
        ...(state.retainOnDelete ? { retainOnDelete: true } : {}),
        inputs: toDisplay(state.inputs),
        outputs: toDisplay(state.outputs ?? {}),
        provider: state.provider,
        ...(state.initErrors.length === 0 ? {} : { initErrors: [...state.initErrors] }),
    };
}
