import type { EngineEvent } from "@pulumi/pulumi/automation";
import { type Diagnostic, OperationCancelledError, OperationFailedError, OperationTimeoutError } from "./errors.js";
import type { OperationKind } from "./stepRunner.js";

/** How an operation is to be run. */
export interface OperationOptions {
    readonly kind: OperationKind;
    /** How many resources may be worked on at once. Default 4 for each processor, as Pulumi. */
    readonly parallel?: number | undefined;
    /** Whether resources are looked at before anything else. */
    readonly refresh?: boolean | undefined;
    readonly expectNoChanges?: boolean | undefined;
    readonly replace?: readonly string[] | undefined;
    readonly signal?: AbortSignal | undefined;
    readonly timeoutMs: number;
    readonly onOutput?: ((text: string) => void) | undefined;
    readonly onError?: ((text: string) => void) | undefined;
    readonly onEvent?: ((event: EngineEvent) => void) | undefined;
}

/** Why an operation did not succeed. */
export type Reason = Error | "failed" | "cancelled" | "timeout" | "unexpected";

/** The error that an operation ends with. */
export function failureOf(
    reason: Reason,
    operation: OperationKind,
    diagnostics: readonly Diagnostic[],
    output: Output,
): Error {
    if (reason instanceof Error) return reason;
    const { stdout, stderr } = output;
    const failed = { operation, stdout, stderr, diagnostics };
    const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
    const text = (what: string): string => [`${operation} ${what}`, ...errors].join("\n");
    if (reason === "cancelled") return new OperationCancelledError(text("was cancelled"), failed);
    if (reason === "unexpected") {
        const what = `no changes were expected but changes were ${operation === "preview" ? "proposed" : "made"}`;
        output.err(`error: ${what}\n`);
        return new OperationFailedError(what, { ...failed, stderr: output.stderr });
    }
    if (reason === "timeout") return new OperationTimeoutError(text("did not end in time"), failed);
    return new OperationFailedError(text("failed"), failed);
}

/** Collects what is printed, and hands it on. What a listener throws must not keep the engine from its work. */
export class Output {
    stdout = "";
    stderr = "";
    /** The first error that a listener threw. */
    thrown: { readonly error: unknown } | undefined;

    constructor(private readonly options: OperationOptions) {}

    out(text: string): void {
        this.stdout += text;
        this.tell(this.options.onOutput, text);
    }

    err(text: string): void {
        this.stderr += text;
        this.tell(this.options.onError, text);
    }

    event(event: EngineEvent): void {
        this.tell(this.options.onEvent, event);
    }

    private tell<T>(listener: ((told: T) => void) | undefined, told: T): void {
        try {
            listener?.(told);
        } catch (error) {
            this.thrown ??= { error };
        }
    }
}
