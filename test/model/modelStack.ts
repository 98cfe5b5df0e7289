import type { Severity } from "./host.js";
import type { Kill } from "./killing.js";
import { Secret } from "./values.js";

/** What an operation does to a stack. */
export type ModelOperation = "preview" | "up" | "refresh" | "destroy";

/** An output of a key that stands before this one in the program. */
export class OutputOf {
    constructor(
        readonly key: string,
        readonly output: string,
    ) {}
}

/** A value of a program. */
export type Given = null | boolean | number | string | Secret | OutputOf | readonly Given[] | GivenMap;
export interface GivenMap {
    readonly [key: string]: Given;
}

export function isGivenList(given: Given | undefined): given is readonly Given[] {
    return Array.isArray(given);
}

export function isGivenMap(given: Given | undefined): given is GivenMap {
    if (typeof given !== "object" || given === null || Array.isArray(given)) return false;
    return !(given instanceof Secret) && !(given instanceof OutputOf);
}

/** One key of a program: `new XaiApiKey(name, args, { ignoreChanges })`. */
export interface KeyProgram {
    readonly name: string;
    readonly args: GivenMap;
    /** Names of arguments, or `*` for all. */
    readonly ignoreChanges?: readonly string[];
}

/** What an operation may be given. */
export interface OperationOptions {
    readonly kill?: Kill | undefined;
    /** The logical names of keys to replace. */
    readonly replace?: readonly string[];
}

/** How an operation ended. A failure is a result: the state and the messages matter then. */
export interface ModelResult {
    readonly ok: boolean;
    /** Whether the wanted kill has happened. */
    readonly killed: boolean;
    /** How many keys each kind of change was made to, or would be. */
    readonly changes: Readonly<Record<string, number>>;
    /** Everything that was said and stays, in order. */
    readonly messages: readonly { readonly severity: Severity; readonly message: string }[];
}

/** A key as the state holds it, in the clear. */
export interface StoredKey {
    /** The logical name. */
    readonly name: string;
    readonly id: string;
    readonly inputs: Readonly<Record<string, unknown>>;
    readonly outputs: Readonly<Record<string, unknown>>;
    readonly initErrors: readonly string[];
    /** Replaced, and still to be deleted. */
    readonly delete: boolean;
}

/** A text that was shown or is stored. */
export interface Exposed {
    readonly name: string;
    readonly text: string;
    /** Whether it shows the state; else it is a message, an output or an error. */
    readonly ofState: boolean;
}

/** A stack of the model: the small one of this folder, or one on the Pulumi CLI. */
export interface ModelStack {
    run(operation: ModelOperation, program: readonly KeyProgram[], options: OperationOptions): Promise<ModelResult>;
    /** Sets a value of the stack's configuration: full name. */
    setConfig(key: string, value: string): Promise<void>;
    /** The keys in the state, those that wait for their deletion included. */
    keys(): Promise<readonly StoredKey[]>;
    /** Settles when everything that killed hosts had sent has arrived. */
    arrived(): Promise<void>;
    /** All that was shown since the last call, and all that is stored now. */
    exposed(): Promise<readonly Exposed[]>;
}
