import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import axios, { type AxiosInstance } from "axios";
import type { Credential } from "../credential.js";
import { type BrokenConnection, brokenConnection, isTooLarge } from "./connection.js";
import { LONGEST_TIMER } from "./queue.js";

/** A request as it travels. */
export interface Outgoing {
    readonly method: "GET" | "POST" | "PUT" | "DELETE";
    /** Below the base URL, its parts escaped. */
    readonly path: string;
    readonly query?: Readonly<Record<string, string | number>>;
    readonly body?: unknown;
    /** Whether sending it twice does the same as once. */
    readonly repeatable: boolean;
}

/** What one request came to. */
export type Exchanged =
    | {
          readonly kind: "answer";
          readonly status: number;
          /** The header's text, by its name in lower case. */
          readonly header: (name: string) => string | undefined;
          readonly body: string;
      }
    | { readonly kind: "timeout" }
    | { readonly kind: "too large" }
    | ({ readonly kind: "broken" } & BrokenConnection);

/** The largest answer that is read, in bytes: a listing of 10,000 keys has about 5 MB. */
export const MAX_ANSWER = 32 * 1024 * 1024;

/** One request out, one answer in, over axios. Follows no redirect, for it could carry the credential to another host. */
export class Exchange {
    readonly #axios: AxiosInstance;
    readonly #baseUrl: string;

    constructor(baseUrl: string) {
        this.#baseUrl = baseUrl;
        this.#axios = axios.create({
            baseURL: baseUrl,
            maxRedirects: 0,
            maxContentLength: MAX_ANSWER,
            responseType: "text",
            transformResponse: (data: unknown) => data,
            validateStatus: () => true,
            httpAgent: new HttpAgent({ keepAlive: true }),
            httpsAgent: new HttpsAgent({ keepAlive: true }),
            // What runs on this machine is not to be asked for through a proxy, whatever the environment says.
            ...(isLoopback(baseUrl) ? { proxy: false as const } : {}),
            headers: { Accept: "application/json", "User-Agent": "pulumi-xai" },
        });
    }

    /**
     * Sends a request and reads the whole answer.
     *
     * @param timeout - The limit from here to the answer's last byte, in milliseconds.
     */
    async run(request: Outgoing, credential: Credential, timeout: number): Promise<Exchanged> {
        const signal = AbortSignal.timeout(Math.ceil(Math.min(timeout, LONGEST_TIMER)));
        try {
            const answer = await this.#axios.request<unknown>({
                method: request.method,
                url: request.path,
                signal,
                headers: { Authorization: `Bearer ${credential.reveal()}` },
                ...(request.repeatable ? {} : FRESH),
                ...(request.query === undefined ? {} : { params: request.query }),
                ...(request.body === undefined ? {} : { data: request.body }),
            });
            const headers: Readonly<Record<string, unknown>> = answer.headers;
            return {
                kind: "answer",
                status: answer.status,
                header: (name) => {
                    const value = headers[name];
                    return typeof value === "string" ? value : undefined;
                },
                body: typeof answer.data === "string" ? answer.data : "",
            };
        } catch (error) {
            if (signal.aborted) {
                return { kind: "timeout" };
            }
            return isTooLarge(error)
                ? { kind: "too large" }
                : { kind: "broken", ...brokenConnection(error, this.#baseUrl) };
        }
    }
}

/**
 * For what must not be sent twice, a connection of its own: one that the server closes just when it is used again fails
 * as one whose answer was lost does.
 */
const FRESH = { httpAgent: new HttpAgent({ keepAlive: false }), httpsAgent: new HttpsAgent({ keepAlive: false }) };

function isLoopback(baseUrl: string): boolean {
    const { hostname } = new URL(baseUrl);
    return hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
}
