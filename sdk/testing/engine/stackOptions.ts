import type { EngineEvent, UpResult } from "@pulumi/pulumi/automation";
import { UnsupportedFeatureError } from "./errors.js";
import type { InlineProgram } from "./inlineProgram.js";

/** A program in a folder of its own, with its `Pulumi.yaml` (`name`, `runtime: nodejs`, `main`). */
export interface FolderTarget {
    readonly stackName: string;
    readonly workDir: string;
}

/** A program that is a function of this process. */
export interface InlineTarget {
    readonly stackName: string;
    readonly projectName: string;
    /** What it returns are the stack's outputs. */
    readonly program: InlineProgram;
    /** The folder from which providers find their packages. Default: the process's own. */
    readonly workDir?: string;
}

/** How a stack is kept and run. */
export interface LocalStackOptions {
    /** Added to the environment of the program's process (not of an inline program) and the providers'. */
    readonly envVars?: Readonly<Record<string, string>>;
    /** Where the state is kept. Default: a temporary file, removed by `dispose`. Needs a `passphrase`. */
    readonly stateFile?: string;
    /** Encrypts the secrets in the state. Default: one that nobody knows, for a state that nobody needs later. */
    readonly passphrase?: string;
    /** Milliseconds after which an operation is stopped. Default: 10 minutes. */
    readonly timeoutMs?: number;
}

/** Options that every operation takes. */
export interface LocalOperationOptions {
    /** How many resources may be worked on at once; at least 1. Default: 4 for each processor. */
    readonly parallel?: number;
    /** Takes what is printed as it is printed. */
    readonly onOutput?: (text: string) => void;
    /** Takes what goes to stderr. */
    readonly onError?: (text: string) => void;
    /** Takes each event as it happens. */
    readonly onEvent?: (event: EngineEvent) => void;
    /** Stops the operation once what is in flight is done. */
    readonly signal?: AbortSignal;
    /** Whether resources are looked at first. Default: false. */
    readonly refresh?: boolean;
    /** Whether any change is a failure. Default: false. */
    readonly expectNoChanges?: boolean;
    /** Stands in the summary of the result. */
    readonly message?: string;
}

/** Options of `preview` and `up`. */
export interface LocalUpOptions extends LocalOperationOptions {
    /** URNs of resources in the state to replace whatever their provider says. */
    readonly replace?: readonly string[];
}

/** What `refresh` and `destroy` come to. */
export type LocalOperationResult = Omit<UpResult, "outputs">;

const OPERATION: Record<keyof LocalOperationOptions, true> = {
    parallel: true,
    onOutput: true,
    onError: true,
    onEvent: true,
    signal: true,
    refresh: true,
    expectNoChanges: true,
    message: true,
};
const UP: Record<keyof LocalUpOptions, true> = { ...OPERATION, replace: true };
const STACK: Record<keyof LocalStackOptions, true> = {
    envVars: true,
    stateFile: true,
    passphrase: true,
    timeoutMs: true,
};
const KNOWN = { preview: UP, up: UP, refresh: OPERATION, destroy: OPERATION, createOrSelect: STACK };

/**
 * Refuses options that only the Automation API has: to leave them out of account would do something else than was asked.
 *
 * @throws {UnsupportedFeatureError} where there are any
 */
export function refuseOtherOptions(method: keyof typeof KNOWN, options: object): void {
    for (const [name, value] of Object.entries(options)) {
        if (value === undefined || name in KNOWN[method]) continue;
        throw new UnsupportedFeatureError(`the option \`${name}\` of \`${method}\``);
    }
}
