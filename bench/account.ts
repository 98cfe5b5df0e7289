import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Emulator, EmulatorOptions, Operation } from "xai-management-emulator";

/** What an account is made from. */
export interface AccountOptions {
    readonly emulator: EmulatorOptions;
    /** How many keys of others the team holds. */
    readonly otherKeys: number;
}

/** What an account saw since it was last asked. */
export interface Seen {
    readonly requests: Partial<Record<Operation, number>>;
    readonly total: number;
    /** How many of them were refused for the rate. */
    readonly refused: number;
    /** On the wire, in both directions. */
    readonly bytes: number;
    readonly connections: number;
    readonly propagation: readonly Propagated[];
}

/** How a key's propagation was followed. */
export interface Propagated {
    readonly checks: number;
    /** How many milliseconds after the create's arrival the last check came. */
    readonly lastAfter: number;
}

/** What the account's process is asked. */
export type Question = "seen" | "close";

/** An xAI account to measure against: an emulator in a process of its own, whose work is not counted as anybody's. */
export class Account {
    readonly #process: ChildProcess;

    private constructor(
        process: ChildProcess,
        /** The environment in which a program talks to it. */
        readonly env: Emulator["env"],
    ) {
        this.#process = process;
    }

    static async open(options: AccountOptions): Promise<Account> {
        const child = fork(join(__dirname, "accountProcess.ts"), [JSON.stringify(options)]);
        const [env]: Emulator["env"][] = await once(child, "message");
        if (env === undefined) {
            throw new Error("the account's process said nothing");
        }
        return new Account(child, env);
    }

    /** What came since the last call. */
    async seen(): Promise<Seen> {
        const answer = once(this.#process, "message");
        this.#process.send("seen" satisfies Question);
        const [seen]: Seen[] = await answer;
        if (seen === undefined) {
            throw new Error("the account's process did not answer");
        }
        return seen;
    }

    async close(): Promise<void> {
        const ended = once(this.#process, "exit");
        this.#process.send("close" satisfies Question);
        await ended;
    }
}
