import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";

const servers: { close(): unknown; closeAllConnections(): unknown }[] = [];

afterEach(() => {
    for (const server of servers.splice(0)) {
        server.closeAllConnections();
        server.close();
    }
});

/** A plain web server, by its base URL. Closed when the test ends. */
export async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    // A TCP server's address is never a pipe's text.
    const { port } = server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
}
