import type { KeyChanges } from "./keyStore.js";
import type { Operation } from "./operations.js";

/**
 * Makes a coming request fail, in the way that its fields say:
 *
 * ```ts
 * { operation: "listApiKeys", status: 503 }                       // the next listing fails
 * { operation: "createApiKey", cut: "after" }                     // the key is made, its answer is lost
 * { status: 429, headers: { "retry-after": "2" }, times: 3 }      // three requests of any kind
 * { operation: "updateApiKey", ignoresUpdate: true }             // answers 200 and changes nothing
 * { operation: "createApiKey", status: 504, acts: true }          // the key is made, but the answer is an error
 * { operation: "deleteApiKey", delayMs: 500 }                     // acts late
 * ```
 *
 * A request meets at most one fault: the first one injected that matches. Requests beyond the rate limit meet none.
 */
export interface Fault {
    /** The operation that fails. Default: any. */
    operation?: Operation;
    /** How many requests fail. Default 1. `Infinity`: all. */
    times?: number;
    /** Lets this many matching requests pass first, those that meet another fault included. Default 0. */
    after?: number;
    /** Waits before anything else happens, in milliseconds. Default 0. */
    delayMs?: number;
    /** The status of the answer, 200 to 599. Default: the usual one, or 200 with a `body`. */
    status?: number;
    /**
     * Whether the server carries out the request before it answers `status` or `body`. Default false. A `status` below
     * 300 without a `body` keeps the usual body.
     */
    acts?: boolean;
    /** More headers of the answer. */
    headers?: Record<string, string>;
    /** The body of the answer, word for word. Default: an error in the dialect's form. */
    body?: string;
    /** The content type of the answer. Default `application/json` for `body`. */
    contentType?: string;
    /** Spaces before the body, in bytes: it stays the same JSON, of any size. Default 0. */
    padding?: number;
    /**
     * Where the connection breaks: before the server acts; after it acted and before it answers; or inside the answer. A
     * body that breaks off was announced with its whole length, or comes in chunks.
     */
    cut?: "before" | "after" | "in headers" | "after headers" | "in body" | "in chunked body";
    /** The answer does not end: nothing follows its headers, or its body comes byte by byte. */
    stall?: Stall;
    /** For an update: the server answers 200 and silently leaves the key as it was, or only these fields of it. */
    ignoresUpdate?: boolean | readonly (keyof KeyChanges)[];
    /**
     * For a page of a listing: it lacks its first key, as after the deletion of a key before it; or it answers the token
     * of the request (the first page has none to repeat); or it claims to be the last one.
     */
    page?: "skips a key" | "repeats its token" | "ends early";
}

/** Silence after the headers, or a body that sends one byte every so many milliseconds. */
export type Stall = "after headers" | { byteEveryMs: number };

/** The faults that no request met yet. */
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

    /** The fault for a request of this operation. Each call counts as one request. */
    take(operation: Operation): Fault | undefined {
        let taken: Fault | undefined;
        for (const pending of this.#pending) {
            if (pending.fault.operation !== undefined && pending.fault.operation !== operation) {
                continue;
            }
            if (pending.passesLeft > 0) {
                pending.passesLeft--;
            } else if (taken === undefined && pending.timesLeft > 0) {
                pending.timesLeft--;
                taken = pending.fault;
            }
        }
        this.#pending = this.#pending.filter((pending) => pending.timesLeft > 0);
        return taken;
    }
}
