import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import type { Operation } from "xai-management-emulator";
import { operationOf } from "../../emulator/src/operations.js";

/** Where a request is stopped: before the server gets it, or once the server has acted and answered. */
export type Side = "request" | "answer";

/** Stands between a client and a server, and stops a request on its way until a process is killed: no clock decides when. */
export class Gate {
    #stop: { readonly operation: Operation; readonly side: Side; readonly stopped: () => void } | undefined;
    readonly #held: ((goesOn: boolean) => void)[] = [];
    readonly #passing = new Set<Promise<void>>();
    readonly #server: Server;

    private constructor(private readonly target: string) {
        this.#server = createServer((request, response) => {
            const passing = this.#pass(request, response)
                // The client of a killed process is gone.
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
        return gate;
    }

    /** The base URL for the client. */
    get url(): string {
        const address = this.#server.address();
        if (address === null || typeof address === "string") {
            throw new Error("the gate has no port");
        }
        return `http://127.0.0.1:${address.port}`;
    }

    /** Stops requests of this operation until {@link release} or {@link drop}. Settles when the first is stopped. */
    stop(operation: Operation, side: Side): Promise<void> {
        return new Promise((stopped) => {
            this.#stop = { operation, side, stopped };
        });
    }

    /** Lets everything through again, and what was stopped too. Settles when all of that has been answered. */
    async release(): Promise<void> {
        const passing = [...this.#passing];
        this.#open(true);
        await Promise.all(passing);
    }

    /** Lets everything through again. The connections of what was stopped end. */
    drop(): void {
        this.#open(false);
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
        for (const go of this.#held.splice(0)) {
            go(goesOn);
        }
    }

    async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const { method = "GET", url = "/" } = request;
        const operation = operationOf(method, new URL(url, this.target).pathname);
        const body = await buffer(request);
        if (!(await this.#goesOn(operation, "request"))) {
            response.destroy();
            return;
        }
        const answer = await fetch(this.target + url, {
            method,
            headers: headersOf(request),
            ...(body.length > 0 && { body }),
        });
        const text = await answer.text();
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

    async #goesOn(operation: Operation, side: Side): Promise<boolean> {
        const stop = this.#stop;
        if (stop?.operation !== operation || stop.side !== side) {
            return true;
        }
        return await new Promise((go) => {
            this.#held.push(go);
            stop.stopped();
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
