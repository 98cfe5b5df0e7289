import type { Fault } from "./faults.js";
import type { Operation } from "./operations.js";

/** A request that the emulator received. It has no headers, so it never holds the credential. */
export interface RecordedRequest {
    operation: Operation;
    method: string;
    /** As it was sent, without the query: `/auth/teams/…/api-keys`. */
    path: string;
    query: Record<string, string[]>;
    /** The parsed JSON, or the text if it is not JSON, or undefined if there was none. */
    body: unknown;
    /** The status of the answer. `"cut"`: the connection was cut instead. 0: not answered yet. */
    status: number | "cut";
    /** When it arrived, in milliseconds since 1970 by the real clock. */
    at: number;
    /** The injected fault that it met. Absent: none. */
    fault?: Fault;
}

/** The requests in order of arrival, those that still wait for their answer included. */
export class RequestLog {
    readonly #requests: RecordedRequest[] = [];

    get all(): readonly RecordedRequest[] {
        return this.#requests;
    }

    add(request: RecordedRequest): void {
        this.#requests.push(request);
    }

    count(): Partial<Record<Operation, number>> {
        const counts: Partial<Record<Operation, number>> = {};
        for (const { operation } of this.#requests) {
            counts[operation] = (counts[operation] ?? 0) + 1;
        }
        return counts;
    }

    clear(): void {
        this.#requests.length = 0;
    }
}

/** The body of a request: none, JSON, or text that should have been JSON. */
export type RequestBody =
    | { kind: "none" }
    | { kind: "json"; value: unknown }
    | { kind: "bad"; text: string; why: string };

/** Parses a body as JSON. The content type does not matter: the guide's own examples send none. */
export function readBody(text: string): RequestBody {
    if (text.trim() === "") {
        return { kind: "none" };
    }
    try {
        const value: unknown = JSON.parse(text);
        return { kind: "json", value };
    } catch (error) {
        return { kind: "bad", text, why: error instanceof Error ? error.message : String(error) };
    }
}
