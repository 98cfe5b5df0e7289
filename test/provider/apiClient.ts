import type { Emulator } from "xai-management-emulator";
import { Http, type HttpOptions } from "../../provider/api/http.js";
import { Credential } from "../../provider/credential.js";

/** An HTTP core for tests: few retries, and what it warned of. */
export interface Client {
    http: Http;
    warnings: string[];
}

/** A client of any server. */
export function client(options: Partial<HttpOptions> & Pick<HttpOptions, "baseUrl" | "credentials">): Client {
    const warnings: string[] = [];
    const http = new Http({
        requestTimeout: 5000,
        operationTimeout: 10_000,
        maxRetries: 2,
        maxConcurrency: 8,
        warn: (message) => warnings.push(message),
        ...options,
    });
    return { http, warnings };
}

/** A client of an emulator, with its management key. */
export function httpFor(emulator: Emulator, options: Partial<HttpOptions> = {}): Client {
    const credentials = [new Credential(emulator.managementKey, "xai:managementKey")];
    return client({ baseUrl: emulator.url, credentials, ...options });
}
