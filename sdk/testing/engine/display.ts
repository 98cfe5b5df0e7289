import type { EngineEvent } from "@pulumi/pulumi/automation";
import { renderDiagnostics, renderOutputs, renderSummary, rowInfo } from "./displayParts.js";
import type { OperationKind } from "./stepRunner.js";
import { displayType, isDefaultProvider, parseUrn, STACK_TYPE } from "./urn.js";

type Metadata = NonNullable<EngineEvent["resourcePreEvent"]>["metadata"];
type Diagnostic = NonNullable<EngineEvent["diagnosticEvent"]>;

const HEADINGS: Record<OperationKind, string> = {
    preview: "Previewing update",
    update: "Updating",
    refresh: "Refreshing",
    destroy: "Destroying",
};

/** The sign, and the words before and after, of each kind of step. */
const WORDS: Readonly<Record<string, readonly [sign: string, plan: string, begins: string, done: string]>> = {
    same: ["  ", "", "", ""],
    create: ["+ ", "create", "creating", "created"],
    update: ["~ ", "update", "updating", "updated"],
    delete: ["- ", "delete", "deleting", "deleted"],
    replace: ["+-", "replace", "replacing", "replaced"],
    "create-replacement": ["++", "create replacement", "creating replacement", "created replacement"],
    "delete-replaced": ["--", "delete original", "deleting original", "deleted original"],
    read: ["> ", "read", "reading", "read"],
    "read-replacement": [">>", "read for replacement", "reading for replacement", "read for replacement"],
    refresh: ["~ ", "refreshing", "refreshing", ""],
    discard: ["< ", "discard", "discarding", "discarded"],
    "discard-replaced": ["<<", "discard original", "discarding original", "discarded original"],
};

/** Writes the events of an operation as the CLI does where it writes to no terminal. */
export class Display {
    private readonly diagnostics: Diagnostic[] = [];
    private readonly startedAt = new Map<string, number>();
    private stackUrn = "";
    private stackStep: Metadata | undefined;
    private failures = 0;

    /**
     * @param stack the stack's name, for the heading
     * @param write takes what is printed, whole lines
     */
    constructor(
        private readonly kind: OperationKind,
        stack: string,
        private readonly write: (text: string) => void,
    ) {
        this.write(`${HEADINGS[kind]} (${stack}):\n\n`);
    }

    /** Takes the next event. */
    show(event: EngineEvent): void {
        if (event.resourcePreEvent) this.begins(event.resourcePreEvent.metadata);
        if (event.resOutputsEvent) this.ends(event.resOutputsEvent.metadata);
        if (event.resOpFailedEvent) this.fails(event.resOpFailedEvent.metadata);
        if (event.diagnosticEvent) this.says(event.diagnosticEvent);
        if (event.summaryEvent) this.finish(event.summaryEvent);
    }

    private begins(step: Metadata): void {
        if (isHidden(step)) return;
        this.startedAt.set(step.urn, Date.now());
        if (step.type === STACK_TYPE) this.stackUrn = step.urn;
        const [sign, plan, begins] = wordsOf(step.op);
        if (step.op === "same") {
            if (step.type === STACK_TYPE) this.row(sign, step, "running");
            return;
        }
        this.row(sign, step, this.kind === "preview" ? plan : `${begins} (0s)`);
    }

    private ends(step: Metadata): void {
        if (isHidden(step)) return;
        if (step.type === STACK_TYPE) this.stackStep = step;
        const [sign, , , done] = wordsOf(step.op);
        if (this.kind === "preview" || done === "") return;
        this.row(sign, step, `${done} (${this.seconds(step.urn)}s)`);
    }

    private fails(step: Metadata): void {
        this.failures++;
        const [sign, , begins] = wordsOf(step.op);
        this.row(sign, step, `**${begins} failed**`);
    }

    private says(diagnostic: Diagnostic): void {
        const firstLine = diagnostic.message.split("\n", 1)[0] ?? "";
        const urn = diagnostic.urn ?? this.stackUrn;
        if (urn !== "" && firstLine !== "") this.line("  ", urn, `${diagnostic.prefix ?? ""}${firstLine}`);
        if (diagnostic.ephemeral !== true) this.diagnostics.push({ ...diagnostic, urn });
    }

    private finish(summary: NonNullable<EngineEvent["summaryEvent"]>): void {
        this.write(renderDiagnostics(this.diagnostics));
        if (this.stackStep !== undefined && this.kind !== "destroy") this.write(renderOutputs(this.stackStep));
        const isPreview = this.kind === "preview";
        this.write(renderSummary(summary.resourceChanges, isPreview, this.failures));
        if (!isPreview) this.write(`\nDuration: ${Math.max(1, Math.ceil(summary.durationSeconds))}s\n`);
    }

    private row(sign: string, step: Metadata, status: string): void {
        this.line(sign, step.urn, `${status} ${rowInfo(step)}`);
    }

    private line(sign: string, urn: string, text: string): void {
        const { type, name } = parseUrn(urn);
        this.write(` ${sign} ${displayType(type)} ${name} ${text}`.trimEnd().concat("\n"));
    }

    private seconds(urn: string): string {
        const seconds = (Date.now() - (this.startedAt.get(urn) ?? Date.now())) / 1000;
        return seconds < 1 ? seconds.toFixed(2) : String(Math.floor(seconds));
    }
}

function wordsOf(op: string): readonly [string, string, string, string] {
    return WORDS[op] ?? ["  ", op, op, op];
}

/** The engine's own resources are its own business. */
function isHidden(step: Metadata): boolean {
    return isDefaultProvider(step.urn);
}
