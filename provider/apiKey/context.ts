import type { Account } from "../team/account.js";
import type { KeyRegistry } from "./registry.js";

/** Plain inputs or outputs, as a host hands them over. */
export type Properties = Readonly<Record<string, unknown>>;

/** What an operation on a key gets from its host. */
export interface OperationContext {
    readonly account: Account;
    /** What this process knows of the program's keys. */
    readonly registry: KeyRegistry;
    /** Shows a warning that stays. The host shows the same warning once. */
    readonly warn: (message: string) => void;
    /** Shows a line that the next one replaces. */
    readonly progress: (message: string) => void;
    /** Ends waits early. A request that is not repeatable goes on. */
    readonly signal?: AbortSignal;
    /** The limit of the wait for propagation, in milliseconds, where the program sets one (`customTimeouts`). */
    readonly timeout?: number;
}
