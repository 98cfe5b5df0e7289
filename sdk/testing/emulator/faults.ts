import type { Operation } from "./operations.js";

/**
 * Something that goes wrong on purpose. What is given decides what happens to a request that it strikes:
 *
 * ```ts
 * { operation: "listApiKeys", status: 503 }                       // the next listing is refused
 * { operation: "createApiKey", cut: "after" }                     // the key is made, its answer is lost
 * { status: 429, headers: { "retry-after": "2" }, times: 3 }      // three requests of any kind
 * { operation: "updateApiKey", status: 200, body: "{}" }          // answered without having acted
 * { operation: "deleteApiKey", delayMs: 500 }                     // acts, but late
 * ```
 *
 * A request is struck by at most one fault, the one that was injected first, and only after the rate limit let it pass.
 */
export interface Fault {
    /** Which requests it is for. Default: all. */
    operation?: Operation;
    /** How many requests it strikes. Default 1; `Infinity` for every one. */
    times?: number;
    /** Lets this many matching requests pass first, also those that another fault strikes. Default 0. */
    after?: number;
    /** Waits before anything else happens, in milliseconds. Default 0. */
    delayMs?: number;
    /** Answers this (200 to 599) without acting. Default: acts, or answers 200 where a `body` is given. */
    status?: number;
    /** Headers of the answer, whoever makes it. */
    headers?: Record<string, string>;
    /** The answer's body as it stands. Default: an error in the dialect's form. */
    body?: string;
    /** The answer's content type. Default `application/json` for `body`. */
    contentType?: string;
    /** Destroys the connection instead of answering: before acting, or after having acted. */
    cut?: "before" | "after";
}

/** The faults that are still to come. */
export class Faults {
    #pending: { fault: Fault; passesLeft: number; timesLeft: number }[] = [];

    inject(fault: Fault): void {
        if (fault.status !== undefined && !(fault.status >= 200 && fault.status <= 599)) {
            throw new RangeError(`A fault's status must be from 200 to 599, not ${fault.status}.`);
        }
        this.#pending.push({ fault: { ...fault }, passesLeft: fault.after ?? 0, timesLeft: fault.times ?? 1 });
    }

    clear(): void {
        this.#pending = [];
    }

    /** The fault that strikes a request of this kind, which is used up by that. */
    strike(operation: Operation): Fault | undefined {
        let struck: Fault | undefined;
        for (const pending of this.#pending) {
            if (pending.fault.operation !== undefined && pending.fault.operation !== operation) {
                continue;
            }
            if (pending.passesLeft > 0) {
                pending.passesLeft--;
            } else if (struck === undefined && pending.timesLeft > 0) {
                pending.timesLeft--;
                struck = pending.fault;
            }
        }
        this.#pending = this.#pending.filter((pending) => pending.timesLeft > 0);
        return struck;
    }
}
