import dns from "node:dns";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { type Operation, operationOf } from "xai-management-emulator";
import { selfSigned } from "./certificate.js";

/** Why no connection comes about: nobody listens, the name is not found, or what answers speaks no TLS. */
export type Outage = "refused" | "no name" | "no TLS";

/** How long nobody listens where that is to strike once, in milliseconds: no request can be seen that is refused. */
const MOMENT = 20;

/**
 * Stands before a server and, in the middle of a run, stops to be reached: every request has a connection of its own, and from
 * a certain answer on none comes about.
 */
export class Front {
    /** The base URL for the client. */
    readonly url: string;
    private readonly port: number;
    /** After the answer to what it breaks down, and how many connections then fail. */
    private armed: { readonly operation: Operation; readonly failures: number } | undefined;
    /** How many connections are still to fail. */
    private failures = 0;
    private moment: NodeJS.Timeout | undefined;

    private constructor(
        private readonly outage: Outage,
        private readonly target: string,
        private readonly door: Server,
    ) {
        // A TCP server's address is never a pipe's text.
        this.port = (door.address() as AddressInfo).port;
        const host = outage === "no name" ? nameOf(this) : "127.0.0.1";
        this.url = `${outage === "no TLS" ? "https" : "http"}://${host}:${this.port}`;
    }

    /** Opens one before the server at a base URL. */
    static async before(target: string, outage: Outage): Promise<Front> {
        const handler = (request: IncomingMessage, response: ServerResponse) => void front.pass(request, response);
        const inner = outage === "no TLS" ? tlsServer(handler) : createServer(handler);
        const door = createTcpServer((socket) => {
            if (outage === "no TLS" && front.fails()) {
                refuseTls(socket);
            } else {
                inner.emit("connection", socket);
            }
        });
        door.listen(0, "127.0.0.1");
        await once(door, "listening");
        const front: Front = new Front(outage, target, door);
        return front;
    }

    /** Breaks down as soon as the next request of this kind is answered: once, or for as long as it is not mended. */
    breakAfter(operation: Operation, lasts: boolean): void {
        this.armed = { operation, failures: lasts ? Number.POSITIVE_INFINITY : 1 };
    }

    /** Can be reached again. */
    async mend(): Promise<void> {
        clearTimeout(this.moment);
        this.armed = undefined;
        this.failures = 0;
        if (!this.door.listening) {
            this.door.listen(this.port, "127.0.0.1");
            await once(this.door, "listening");
        }
    }

    close(): void {
        names.delete(new URL(this.url).hostname);
        this.door.close();
    }

    /** Whether this connection is one that does not come about. */
    fails(): boolean {
        if (this.failures === 0) {
            return false;
        }
        this.failures -= 1;
        return true;
    }

    private breakDown(failures: number): void {
        this.armed = undefined;
        this.failures = failures;
        if (this.outage === "refused") {
            this.door.close();
            if (Number.isFinite(failures)) {
                this.moment = setTimeout(() => void this.mend(), MOMENT);
            }
        }
    }

    private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const { method = "GET", url = "/", headers } = request;
        const body = await buffer(request);
        const { authorization = "", "content-type": type } = headers;
        const answer = await fetch(this.target + url, {
            method,
            headers: { authorization, ...(type === undefined ? {} : { "content-type": type }) },
            ...(body.length > 0 && { body }),
        });
        const text = await answer.text();
        const { armed } = this;
        if (armed?.operation === operationOf(method, new URL(url, this.target).pathname)) {
            this.breakDown(armed.failures);
        }
        const kept = ["content-type", "date"].map((name) => [name, answer.headers.get(name) ?? ""]);
        response.writeHead(answer.status, { ...Object.fromEntries(kept), connection: "close" }).end(text);
    }
}

/** The fronts that are found by a name. */
const names = new Map<string, Front>();
let count = 0;

/** A name that leads to a front on this machine, for as long as that can be reached. */
function nameOf(front: Front): string {
    count += 1;
    const name = `front-${count}.invalid`;
    names.set(name, front);
    return name;
}

/** Nobody's names can be given and taken away in a test but here, where Node asks the system for them. */
const lookUp = dns.lookup;
const answering: typeof dns.lookup = Object.assign(
    (name: string, ...rest: unknown[]) => {
        const front = names.get(name);
        const found = front === undefined ? name : front.fails() ? `gone.${name}` : "127.0.0.1";
        Reflect.apply(lookUp, dns, [found, ...rest]);
    },
    { __promisify__: lookUp.__promisify__ },
);
dns.lookup = answering;

function tlsServer(handler: (request: IncomingMessage, response: ServerResponse) => void): Server {
    // Whom to trust is not what is tested, and Node takes no other word for it once it runs.
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    return createTlsServer(selfSigned(), handler);
}

function refuseTls(socket: Socket): void {
    socket.on("error", () => undefined).once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
}
