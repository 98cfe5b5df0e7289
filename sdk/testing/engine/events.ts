import type { EngineEvent, OpMap } from "@pulumi/pulumi/automation";
import type { Diagnostic } from "./errors.js";
import type { ResourceState } from "./resource.js";
import { isLogical, type Step, type StepOp } from "./steps.js";
import { isDefaultProvider } from "./urn.js";
import { toDisplay } from "./wire.js";

/** Shorter texts are everywhere: hiding them would hide everything. */
const SHORTEST_HIDDEN = 3;

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
    private readonly scrub: (text: string) => string;

    /**
     * @param preview whether it only plans
     * @param secrets texts of the configuration that nothing may show
     * @param listener takes each event
     */
    constructor(
        private readonly preview: boolean,
        secrets: readonly string[],
        private readonly listener: (event: EngineEvent) => void,
    ) {
        // One may be part of another, which must not be left with its rest in sight.
        const hidden = secrets
            .filter((secret) => secret.length >= SHORTEST_HIDDEN)
            .sort((left, right) => right.length - left.length);
        this.scrub = (text) => hidden.reduce((shown, secret) => shown.replaceAll(secret, "[secret]"), text);
    }

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
        const metadata = metadataOf(step, step.op, step.next, this.scrub);
        this.emit({ resourcePreEvent: { metadata, planning: this.preview } });
    }

    /** A step is done, or the outputs of a component have come. */
    outputs(step: Step, op: StepOp, next: ResourceState | undefined): void {
        this.emit({ resOutputsEvent: { metadata: metadataOf(step, op, next, this.scrub), planning: this.preview } });
    }

    /**
     * A step has failed.
     *
     * @param status in Pulumi's numbers: 0 for what left nothing behind, 1 for something unfinished, 2 for what is
     * not known
     */
    failed(step: Step, status: 0 | 1 | 2): void {
        const metadata = metadataOf(step, step.op, step.next, this.scrub);
        this.emit({ resOpFailedEvent: { metadata, status, steps: this.total() } });
    }

    /** Counts a change, but for those to the engine's own resources. */
    count(op: StepOp, urn: string): void {
        if (!isDefaultProvider(urn)) this.counts.set(op, (this.counts.get(op) ?? 0) + 1);
    }

    /** Says something about a resource, or the stack. */
    diagnostic(severity: Exclude<Diagnostic["severity"], "debug">, text: string, place: DiagnosticPlace = {}): void {
        const message = this.scrub(text).trimEnd();
        const { urn = "", streamId = 0, ephemeral = false } = place;
        const prefix = severity === "error" || severity === "warning" ? { prefix: `${severity}: ` } : {};
        if (!ephemeral) this.diagnostics.push({ severity, message, ...(urn === "" ? {} : { urn }) });
        this.emit({
            diagnosticEvent: {
                ...(urn === "" ? {} : { urn }),
                ...prefix,
                message: `${message}\n`,
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

type Scrub = (text: string) => string;

function metadataOf(step: Step, op: StepOp, next: ResourceState | undefined, scrub: Scrub): Metadata {
    const subject = next ?? step.old;
    return {
        op,
        urn: step.urn,
        type: subject?.type ?? "",
        ...(step.old === undefined ? {} : { old: stateMetadata(step.old, scrub) }),
        ...(next === undefined ? {} : { new: stateMetadata(next, scrub) }),
        ...(step.keys.length === 0 ? {} : { keys: [...step.keys] }),
        ...(step.diffs.length === 0 ? {} : { diffs: [...step.diffs] }),
        ...(isLogical(step.op) ? { logical: true } : {}),
        provider: subject?.provider ?? "",
    };
}

function stateMetadata(state: ResourceState, scrub: Scrub): StateMetadata {
    return {
        type: state.type,
        urn: state.urn,
        ...(state.custom ? { custom: true } : {}),
        ...(state.delete ? { delete: true } : {}),
        id: state.id,
        parent: state.parent,
        ...(state.protect ? { protect: true } : {}),
        ...(state.retainOnDelete ? { retainOnDelete: true } : {}),
        inputs: toDisplay(state.inputs, scrub),
        outputs: toDisplay(state.outputs ?? {}, scrub),
        provider: state.provider,
        ...(state.initErrors.length === 0 ? {} : { initErrors: [...state.initErrors] }),
    };
}
