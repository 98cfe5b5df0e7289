import type { Emulator } from "xai-management-emulator";
import { Credential } from "../../provider/api/credential.js";
import { ManagementApiError } from "../../provider/api/errors.js";
import { Http, type HttpOptions } from "../../provider/api/http.js";
import { serve } from "../servers.js";

/** A management key that no message may show. */
export const SECRET = "xai-token-the-management-key-itself";

/** A client of any server, and its warnings. */
export function client(baseUrl: string, options: Partial<HttpOptions> = {}): { http: Http; warnings: string[] } {
    const warnings: string[] = [];
    const http = new Http({
        baseUrl,
        credentials: [new Credential(SECRET, "xai:managementKey")],
        requestTimeout: 5000,
        operationTimeout: 10_000,
        maxRetries: 2,
        maxConcurrency: 8,
        warn: (message) => warnings.push(message),
        ...options,
    });
    return { http, warnings };
}

/** A client of a server that gives every request this answer: a text as it is, all else as JSON. */
export async function answering(body: unknown): Promise<Http> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return client(await serve((_request, response) => response.end(text))).http;
}

/** A client of an emulator, with its management key. */
export function httpFor(emulator: Emulator, options: Partial<HttpOptions> = {}): Http {
    const credentials = [new Credential(emulator.managementKey, "xai:managementKey")];
    return client(emulator.url, { credentials, ...options }).http;
}

/** The error of a call that fails as a call of the API does. */
export async function failureOf(call: Promise<unknown>): Promise<ManagementApiError> {
    const failure = await call.then(
        () => undefined,
        (error: unknown) => error,
    );
    if (!(failure instanceof ManagementApiError)) {
        throw new Error("The call did not fail as a call of the API does.", { cause: failure });
    }
    return failure;
}
