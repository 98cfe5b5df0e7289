import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * When a provider's process dies: at one of its requests, or of those with one method, counted from 1. `before` the server gets
 * it; as soon as it is `sent`; once the server has `answered`, before the provider sees that; or just after the answer was
 * `delivered`.
 */
export interface KillPoint {
    readonly request: number;
    readonly method?: "GET" | "POST" | "PUT" | "DELETE" | undefined;
    readonly moment: "before" | "sent" | "answered" | "delivered";
}

const REQUEST_LINE = /^(GET|POST|PUT|DELETE) \S+ HTTP\/1\.1\r\n/;

/**
 * A line between a provider and a server, byte for byte, that can die the way a process does: what was sent arrives and
 * acts, nothing more leaves, no answer comes back. A process that was abandoned within this one has to be cut off so,
 * for its code goes on.
 */
export class Relay {
    private readonly clients = new Set<Socket>();
    private readonly servers = new Set<Socket>();
    private isDead = false;
    private count = 0;

    private constructor(
        private readonly server: Server,
        private readonly target: URL,
        private readonly killPoint: KillPoint,
        private readonly onKill: () => void,
    ) {
        server.on("connection", (client: Socket) => this.join(client));
    }

    /** Opens a line to a server on this machine. `onKill` is called once, at the kill point. */
    static async open(target: URL, killPoint: KillPoint, onKill: () => void): Promise<Relay> {
        const server = createServer();
        server.listen(0, "127.0.0.1");
        await once(server, "listening");
        server.unref();
        return new Relay(server, target, killPoint, onKill);
    }

    /** Where the provider finds it. */
    get url(): string {
        const address = this.server.address();
        if (address === null || typeof address === "string") throw new Error("the relay has no port");
        return `http://127.0.0.1:${address.port}`;
    }

    /**
     * Cuts the provider off. The port stays taken and refuses, lest the next process be given it and the dead one's
     * retries reach the server through it.
     */
    cut(): void {
        this.isDead = true;
        for (const client of this.clients) client.destroy();
        // What is on its way arrives.
        for (const server of this.servers) server.end();
    }

    /** Ends when what was on its way as the line was cut has arrived. */
    async arrived(): Promise<void> {
        if (!this.isDead) return;
        await Promise.all([...this.servers].map((server) => once(server, "close")));
    }

    /** Gives the port back, once nobody is left who might try it. */
    close(): void {
        this.cut();
        this.server.close();
    }

    private kill(): void {
        this.cut();
        this.onKill();
    }

    private join(client: Socket): void {
        if (this.isDead) {
            client.destroy();
            return;
        }
        const server = connect(Number(this.target.port), this.target.hostname);
        this.clients.add(client);
        this.servers.add(server);
        let isFatal = false;
        client.on("data", (chunk) => {
            if (this.isDead) return;
            const method = REQUEST_LINE.exec(chunk.toString("latin1"))?.[1];
            if (method !== undefined) {
                const counts = (this.killPoint.method ?? method) === method;
                this.count += counts ? 1 : 0;
                isFatal = counts && this.count === this.killPoint.request;
            }
            if (isFatal && this.killPoint.moment === "before") return this.kill();
            server.write(chunk, () => {
                if (isFatal && this.killPoint.moment === "sent") this.kill();
            });
        });
        server.on("data", (chunk) => {
            if (this.isDead) return;
            if (isFatal && this.killPoint.moment === "answered") return this.kill();
            client.write(chunk, () => {
                if (isFatal && this.killPoint.moment === "delivered") this.kill();
            });
        });
        client.on("error", () => undefined);
        client.on("close", () => {
            this.clients.delete(client);
            server.end();
        });
        server.on("end", () => client.end());
        server.on("error", () => client.resetAndDestroy());
        server.on("close", () => {
            this.servers.delete(server);
            client.destroySoon();
        });
    }
}
