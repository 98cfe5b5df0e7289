import type { Fault } from "./faults.js";
import type { Operation } from "./operations.js";

/** One request that the emulator got. Its headers are not kept, so it never holds the credential. */
export interface RecordedRequest {
    operation: Operation;
    method: string;
    /** As it was sent, without the query: `/auth/teams/…/api-keys`. */
    path: string;
    query: Record<string, string[]>;
    /** The parsed JSON; the text itself where it is no JSON; undefined where there was none. */
    body: unknown;
    /** What was answered; `"cut"` where the connection was cut instead; 0 as long as nothing was. */
    status: number | "cut";
    /** When it came, in milliseconds since 1970 by the real clock. */
    at: number;
    /** The fault that struck it; absent where none did. */
    fault?: Fault;
}

/** The requests in the order in which they came. Each is listed from its arrival on, also while it is still waiting. */
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

/** A request's body: absent, JSON, or text that should have been JSON. */
export type RequestBody =
    | { kind: "none" }
    | { kind: "json"; value: unknown }
    | { kind: "bad"; text: string; why: string };

/** Reads a body as JSON, whatever its content type says: the guide's own examples send none. */
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
