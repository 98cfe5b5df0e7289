/** The Pulumi CLI is where whatever the local engine leaves out can be done. */
const CLI_HINT = "Use the Pulumi CLI for it: https://www.pulumi.com/docs/iac/download-install/";

/** One message that an operation gave about the program or a resource. */
export interface Diagnostic {
    /** The resource that it is about; absent where it is about the whole stack. */
    readonly urn?: string;
    /** `info#err` is what a process wrote to its stderr. */
    readonly severity: "debug" | "info" | "info#err" | "warning" | "error";
    readonly message: string;
}

/**
 * Base of every error that the local engine throws on purpose.
 *
 * @example
 * ```ts
 * try { await stack.up(); } catch (error) { if (error instanceof LocalEngineError) report(error.message); }
 * ```
 */
export class LocalEngineError extends Error {
    override readonly name: string = "LocalEngineError";
}

/** What an operation had printed when it ended without success. */
export interface FailedOperation {
    /** `preview`, `update`, `refresh` or `destroy`. */
    readonly operation: string;
    readonly stdout: string;
    readonly stderr: string;
    readonly diagnostics: readonly Diagnostic[];
}

/** An operation began and did not succeed. Whatever it had done by then is in the state. */
export class OperationFailedError extends LocalEngineError {
    override readonly name: string = "OperationFailedError";
    declare readonly operation: string;
    /** Everything that the operation printed, as the CLI would have. */
    declare readonly stdout: string;
    declare readonly stderr: string;
    /** Every diagnostic of the operation, in order. The errors among them are in the message too. */
    declare readonly diagnostics: readonly Diagnostic[];

    constructor(message: string, failed: FailedOperation) {
        super(message);
        // Not enumerable: test runners and Node print those after the message, which says what matters of them.
        for (const [name, value] of Object.entries(failed)) Object.defineProperty(this, name, { value });
    }
}

/** An operation was stopped by its `signal`. What was in flight was finished and is in the state. */
export class OperationCancelledError extends OperationFailedError {
    override readonly name: string = "OperationCancelledError";
}

/** An operation did not end within `timeoutMs`. What was still in flight stands in the state as pending. */
export class OperationTimeoutError extends OperationFailedError {
    override readonly name: string = "OperationTimeoutError";
}

/** The program asked for something that the local engine leaves to the Pulumi CLI. */
export class UnsupportedFeatureError extends LocalEngineError {
    override readonly name: string = "UnsupportedFeatureError";
    /** What was asked for, such as `the package "aws"`. */
    readonly feature: string;

    constructor(feature: string) {
        super(`The local engine does not support ${feature}. ${CLI_HINT}`);
        this.feature = feature;
    }
}

/** A program, a provider or a state file holds a value that Pulumi's protocol does not have. */
export class MalformedValueError extends LocalEngineError {
    override readonly name: string = "MalformedValueError";
}

/** Another operation, of this process or another one, is at work on the same state file. */
export class StateLockedError extends LocalEngineError {
    override readonly name: string = "StateLockedError";
}

/** The state file cannot be used: torn, of another program, under another passphrase, or not written by this engine. */
export class StateFileError extends LocalEngineError {
    override readonly name: string = "StateFileError";
}

/** The program's folder, its `Pulumi.yaml` or its configuration is not what it should be. */
export class ProjectError extends LocalEngineError {
    override readonly name: string = "ProjectError";
}

/** The text of whatever was thrown. */
export function messageOf(thrown: unknown): string {
    return thrown instanceof Error ? thrown.message : String(thrown);
}
