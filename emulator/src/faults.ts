import type { Operation } from "./operations.js";

/**
 * Something that goes wrong on purpose. What is given decides what happens to a request that it strikes:
 *
 * ```ts
 * { operation: "listApiKeys", status: 503 }                       // the next listing is refused
 * { operation: "createApiKey", cut: "after" }                     // the key is made, its answer is lost
 * { status: 429, headers: { "retry-after": "2" }, times: 3 }      // three requests of any kind
 * { operation: "updateApiKey", status: 200, body: "{}" }          // answered without having acted
 * { operation: "createApiKey", status: 504, acts: true }          // the key is made, the answer says otherwise
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
    /** Answers this (200 to 599). Default: what the request deserves, or 200 where a `body` is given. */
    status?: number;
    /**
     * Whether the request is carried out although `status` or `body` answers in its place. Default false. A `status`
     * below 300 without a `body` then keeps the body that the request deserves.
     */
    acts?: boolean;
    /** Headers of the answer, whoever makes it. */
    headers?: Record<string, string>;
    /** The answer's body as it stands. Default: an error in the dialect's form. */
    body?: string;
    /** The answer's content type. Default `application/json` for `body`. */
    contentType?: string;
    /** Blanks that are sent before the answer's body, in bytes: it stays the JSON that it is, of any size. Default 0. */
    padding?: number;
    /**
     * Destroys the connection: before acting; after having acted, instead of answering; or in the answer, which breaks
     * off at this place. A body that breaks off was announced with its whole length, or came in chunks.
     */
    cut?: "before" | "after" | "in headers" | "after headers" | "in body" | "in chunked body";
    /** The answer does not come to an end: nothing follows its headers, or its body trickles. */
    stall?: Stall;
    /** An update alone: it is answered with success, and the key stays as it was. */
    ignoresUpdate?: boolean;
    /**
     * A page of a listing alone: it lacks its first key, as happens where a key before it is deleted meanwhile; or it
     * answers the token that it was asked with (the first page has none to repeat); or it says that it is the last one.
     */
    page?: "skips a key" | "repeats its token" | "ends early";
}

/** Silence after the headers, or a body of which a byte comes every so many milliseconds. */
export type Stall = "after headers" | { byteEveryMs: number };

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
