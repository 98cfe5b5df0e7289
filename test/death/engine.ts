import type { Cell, Part } from "./cells.js";
import type { Place } from "./place.js";

/** What an operation came to: whether it succeeded, and everything that it printed. */
export interface Outcome {
    readonly ok: boolean;
    readonly output: string;
}

/** An operation under way in a process of its own. */
export interface Running {
    /** The engine's process. */
    readonly pid: number;
    readonly ended: Promise<Outcome>;
}

/** What a resource of the state is, as far as these tests look at it. */
export interface StoredKey {
    readonly urn: string;
    readonly id: string;
    readonly apiKey: unknown;
}

/** A stack of a program in a folder, on some engine whose processes can be killed. */
export interface MortalStack {
    /** Begins an update. */
    start(): Promise<Running>;
    up(options?: { readonly replace?: readonly string[] }): Promise<Outcome>;
    refresh(): Promise<Outcome>;
    /** Fails where there is anything to do. */
    previewNothing(): Promise<Outcome>;
    /** Removes what a run on a full disk would give up for its state: older states. */
    removeBackups(): void;
    /** Makes the writing of the state fail in a run, where there is no disk to fill. Returns what ends that. */
    refuseWriting(run: Running): () => void;
    /** What a person does after the engine itself was killed: ends what it left running, and takes its lock away. */
    clearAfterEngine(): Promise<void>;
    /** The keys in the state. */
    keys(): Promise<readonly StoredKey[]>;
    /** The text of every file that the engine keeps. */
    files(): readonly { readonly name: string; readonly text: string }[];
}

/** An engine that can be killed. */
export interface MortalEngine {
    readonly name: string;
    /** The deaths of a part that it is put to in every run of the tests, and all that it can be put to. */
    chosen(part: Part): readonly Cell[];
    all(part: Part): readonly Cell[];
    /** Whether its provider hosts end when it is killed. */
    readonly takesHostsAlong: boolean;
    open(place: Place): Promise<MortalStack>;
}
