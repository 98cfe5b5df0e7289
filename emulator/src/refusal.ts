import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Dialect } from "./options.js";

/** A request that the server refuses, with the status and the words of its answer. */
export class Refusal extends Error {
    constructor(
        readonly status: ContentfulStatusCode,
        message: string,
        readonly headers: Readonly<Record<string, string>> = {},
    ) {
        super(message);
        this.name = "Refusal";
    }
}

/** The body of an error's answer in one of the forms in which clients must be able to find the text. */
export function errorBody(
    form: Dialect["errorBody"],
    status: number,
    message: string,
): { text: string; contentType: string } {
    const code = CODES[status] ?? 2;
    switch (form) {
        case "message":
            return json({ code, message });
        case "error.message":
            return json({ error: { code, message } });
        case "error":
            return json({ code, error: message });
        case "text":
            return { text: message, contentType: "text/plain; charset=utf-8" };
        case "html":
            return { text: page(status, message), contentType: "text/html; charset=utf-8" };
    }
}

// The canonical codes of gRPC, which servers that translate it to JSON put beside the message.
const CODES: Readonly<Record<number, number>> = {
    400: 3,
    401: 16,
    403: 7,
    404: 5,
    405: 12,
    409: 10,
    429: 8,
    500: 13,
    501: 12,
    503: 14,
    504: 4,
};

function json(value: unknown): { text: string; contentType: string } {
    return { text: JSON.stringify(value), contentType: "application/json" };
}

function page(status: number, message: string): string {
    const safe = message.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    return `<!DOCTYPE html>
<html>
<head><title>${status}</title></head>
<body><h1>${status}</h1><p>${safe}</p></body>
</html>
`;
}
