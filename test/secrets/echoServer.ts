import { serve } from "../servers.js";

/** What a server that tells everything knows of a request. */
export interface Told {
    /** The whole header, `Bearer …`. */
    readonly authorization: string;
    readonly url: string;
    readonly body: string;
}

/** A server that answers every request with a status and a body made from what it was sent. Closed when the test ends. */
export function serveEcho(status: number, answer: (told: Told) => string): Promise<string> {
    return serve((request, response) => {
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        request.on("end", () => {
            const { authorization = "" } = request.headers;
            const told = { authorization, url: request.url ?? "", body: Buffer.concat(chunks).toString() };
            response.writeHead(status, {
                "content-type": "text/plain",
                location: `http://127.0.0.1:9/?k=${authorization}`,
            });
            response.end(answer(told));
        });
    });
}
