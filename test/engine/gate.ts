import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import type { Operation } from "xai-management-emulator";
import { operationOf } from "../../emulator/src/operations.js";

/** Where a request is stopped: before the server hears of it, or once the server has acted and answered. */
export type Side = "request" | "answer";

/** How long requests are waited for, in milliseconds. */
const PATIENCE = 120_000;

/** What a gate may do to an answer: take its JSON and give another. */
export type Alteration = (body: Record<string, unknown>) => Record<string, unknown>;

/**
 * Stands between a client and a server and stops requests on their way for as long as a test needs, so that a process
 * can be killed at a point that no clock decides.
 */
export class Gate {
    #stop: { readonly operation: Operation; readonly side: Side; passes: number } | undefined;
    #held: { readonly operation: Operation; readonly go: (goesOn: boolean) => void }[] = [];
    #arrived: () => void = () => undefined;
    readonly #passing = new Set<Promise<void>>();
    readonly #alterations = new Map<Operation, Alteration>();
    readonly #server: Server;
    readonly #target: string;
    #url = "";

    private constructor(target: string) {
        this.#target = target;
        this.#server = createServer((request, response) => {
            const passing = this.#pass(request, response)
                // Whoever is killed does not hear the answer, which is what this is for.
                .catch(() => void response.destroy())
                .finally(() => this.#passing.delete(passing));
            this.#passing.add(passing);
        });
    }

    /** Opens a gate before the server at a base URL. */
    static async before(target: string): Promise<Gate> {
        const gate = new Gate(target);
        gate.#server.listen(0, "127.0.0.1");
        await once(gate.#server, "listening");
        const address = gate.#server.address();
        if (address === null || typeof address === "string") {
            throw new Error("the gate has no port");
        }
        gate.#url = `http://127.0.0.1:${address.port}`;
        return gate;
    }

    /** The base URL for the client. */
    get url(): string {
        return this.#url;
    }

    /** Stops every request for this operation from now on but the first few, until {@link release} or {@link drop}. */
    stop(operation: Operation, side: Side, passes = 0): void {
        this.#stop = { operation, side, passes };
    }

    /** How many are stopped now. */
    get held(): number {
        return this.#held.length;
    }

    /** Settles when so many are stopped. Where that does not come about, the error says how many there are. */
    async holds(count: number): Promise<void> {
        const timer = setTimeout(() => this.#arrived(), PATIENCE);
        const until = Date.now() + PATIENCE;
        try {
            while (this.#held.length < count) {
                if (Date.now() >= until) {
                    throw new Error(`waited in vain for ${count} requests to be under way; ${this.#held.length} are`);
                }
                await new Promise<void>((resolve) => {
                    this.#arrived = resolve;
                });
            }
        } finally {
            clearTimeout(timer);
        }
    }

    /** Lets everything through again, also what was stopped. Settles when all of that has been answered. */
    async release(): Promise<void> {
        const passing = [...this.#passing];
        this.#open(true);
        await Promise.all(passing);
    }

    /** Lets everything through again, except for what was stopped: its connections end, and nobody hears of it. */
    drop(): void {
        this.#open(false);
    }

    /** Changes what the server answers to this operation from now on; `undefined`: no longer. */
    alter(operation: Operation, alteration: Alteration | undefined): void {
        if (alteration === undefined) {
            this.#alterations.delete(operation);
        } else {
            this.#alterations.set(operation, alteration);
        }
    }

    async close(): Promise<void> {
        this.drop();
        const closed = once(this.#server, "close");
        this.#server.close();
        this.#server.closeAllConnections();
        await closed;
    }

    #open(goesOn: boolean): void {
        this.#stop = undefined;
        for (const { go } of this.#held.splice(0)) {
            go(goesOn);
        }
    }

    async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const { method = "GET", url = "/" } = request;
        const operation = operationOf(method, new URL(url, this.#target).pathname);
        const body = await buffer(request);
        if (!(await this.#goesOn(operation, "request"))) {
            response.destroy();
            return;
        }
        const answer = await fetch(this.#target + url, {
            method,
            headers: headersOf(request),
            ...(body.length > 0 && { body }),
        });
        const text = this.#altered(operation, answer.status, await answer.text());
        if (!(await this.#goesOn(operation, "answer"))) {
            response.destroy();
            return;
        }
        for (const name of ["content-type", "date", "retry-after"]) {
            const value = answer.headers.get(name);
            if (value !== null) {
                response.setHeader(name, value);
            }
        }
        response.writeHead(answer.status).end(text);
    }

    #altered(operation: Operation, status: number, text: string): string {
        const alteration = this.#alterations.get(operation);
        return alteration === undefined || status !== 200 ? text : JSON.stringify(alteration(JSON.parse(text)));
    }

    async #goesOn(operation: Operation, side: Side): Promise<boolean> {
        const stop = this.#stop;
        if (stop?.operation !== operation || stop.side !== side || stop.passes > 0) {
            if (stop?.operation === operation && stop.side === side) {
                stop.passes -= 1;
            }
            return true;
        }
        return await new Promise((go) => {
            this.#held.push({ operation, go });
            this.#arrived();
        });
    }
}

function headersOf(request: IncomingMessage): Record<string, string> {
    const passed = ["authorization", "content-type", "accept"];
    return Object.fromEntries(
        passed.flatMap((name) => {
            const value = request.headers[name];
            return typeof value === "string" ? [[name, value]] : [];
        }),
    );
}
