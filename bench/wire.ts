import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A way to a server on this machine that counts what passes. */
export interface Wire {
    readonly port: number;
    /** Bytes in both directions since the start or the last {@link Wire.clear}: heads and bodies, without TCP's own. */
    readonly bytes: number;
    /** How many connections were opened since then. */
    readonly connections: number;
    clear(): void;
    close(): Promise<void>;
}

/** Opens a way to a port of 127.0.0.1. */
export async function countingWire(to: number): Promise<Wire> {
    let bytes = 0;
    let connections = 0;
    const sockets = new Set<Socket>();
    const server = createServer((near) => {
        connections += 1;
        const far = connect({ port: to, host: "127.0.0.1", noDelay: true });
        near.setNoDelay(true);
        for (const [socket, other] of [
            [near, far],
            [far, near],
        ] as const) {
            sockets.add(socket);
            socket.on("data", (chunk) => {
                bytes += chunk.length;
            });
            socket.pipe(other);
            // A client that hangs up in the middle takes the other half with it.
            socket.on("error", () => other.destroy());
            socket.on("close", () => sockets.delete(socket));
        }
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") {
        throw new Error("the wire has no port");
    }
    return {
        port: address.port,
        get bytes() {
            return bytes;
        },
        get connections() {
            return connections;
        },
        clear() {
            bytes = 0;
            connections = 0;
        },
        async close() {
            for (const socket of sockets) {
                socket.destroy();
            }
            server.close();
            await once(server, "close");
        },
    };
}
