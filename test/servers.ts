import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";
import { type Emulator, type EmulatorOptions, startEmulator } from "xai-management-emulator";

/** What ends with the test that started it. */
const running: (() => unknown)[] = [];

afterEach(async () => {
    await Promise.all(running.splice(0).map((end) => end()));
});

/** A plain web server, by its base URL. Closed when the test ends. */
export async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    running.push(() => {
        server.closeAllConnections();
        server.close();
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    // A TCP server's address is never a pipe's text.
    const { port } = server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
}

/** An emulator. Closed when the test ends. */
export async function emulate(options: EmulatorOptions = {}): Promise<Emulator> {
    const emulator = await startEmulator(options);
    running.push(() => emulator.close());
    return emulator;
}
