import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Dialect } from "./options.js";

/** An error that the server answers, with its status and message. */
export class ApiError extends Error {
    constructor(
        readonly status: ContentfulStatusCode,
        message: string,
        readonly headers: Readonly<Record<string, string>> = {},
    ) {
        super(message);
        this.name = "ApiError";
    }
}

/** The body of an error, in the form that the dialect gives it. */
export function errorBody(
    form: Dialect["errorBody"],
    status: number,
    message: string,
): { text: string; contentType: string } {
    const code = GRPC_CODES[status] ?? 2;
    switch (form) {
        case "message":
            return json({ code, message, details: [] });
        case "error.message":
            return json({ error: { code, message, details: [] } });
        case "error":
            return json({ code, error: message });
        case "text":
            return { text: message, contentType: "text/plain; charset=utf-8" };
        case "html":
            return { text: errorPage(status, message), contentType: "text/html; charset=utf-8" };
    }
}

const GRPC_CODES: Readonly<Record<number, number>> = {
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

/** What the API says of a key that does not exist. */
export const MISSING_KEY_MESSAGE = "Cannot find API key";

/** What a gateway says of a route that the server lacks. */
export const MISSING_ROUTE_MESSAGES: Readonly<Record<Dialect["missingRoute"], string>> = {
    404: "Not Found",
    405: "Method Not Allowed",
    501: "Not Implemented",
};

function json(value: unknown): { text: string; contentType: string } {
    return { text: JSON.stringify(value), contentType: "application/json" };
}

function errorPage(status: number, message: string): string {
    const escaped = message.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    return `<!DOCTYPE html>
<html>
<head><title>${status}</title></head>
<body><h1>${status}</h1><p>${escaped}</p></body>
</html>
`;
}
