import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import axios, { type AxiosInstance } from "axios";
import type { Credential } from "./credential.js";
import { baseUrlHint } from "./errors.js";
import { type HttpProxy, proxyFor } from "./proxy.js";
import { LONGEST_TIMER } from "./rateLimiter.js";
import { property } from "./words.js";

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

/** A request without a complete answer. */
export interface Unanswered {
    readonly kind: "unanswered";
    /** True where the request cannot have reached the server. */
    readonly neverSent: boolean;
    /** True where another try would end the same way. */
    readonly lasting: boolean;
    /** What happened, without a full stop. */
    readonly what: string;
    /** What to do next: whole sentences. Absent where the time ran out. */
    readonly hint?: string;
}

/** The answer to a request. */
export interface Answer {
    readonly kind: "answer";
    readonly status: number;
    /** The header's text, by its name in lower case. */
    readonly header: (name: string) => string | undefined;
    readonly body: string;
}

/** The largest answer that is read, in bytes: a listing of 10,000 keys has about 5 MB. */
export const MAX_ANSWER = 32 * 1024 * 1024;

/**
 * A request that must not be sent twice gets a new connection. A server may close an old one at the moment of its reuse, and
 * that failure cannot be told from a lost answer.
 */
const NEW_CONNECTION = {
    httpAgent: new HttpAgent({ keepAlive: false }),
    httpsAgent: new HttpsAgent({ keepAlive: false }),
};

/** Sends one request and reads its answer, with axios. It follows no redirect, which could carry the credential away. */
export class Transport {
    readonly #axios: AxiosInstance;
    readonly #baseUrl: string;
    readonly #proxy: HttpProxy | undefined;

    constructor(baseUrl: string, env: Readonly<Record<string, string | undefined>> = process.env) {
        this.#baseUrl = baseUrl;
        this.#proxy = proxyFor(baseUrl, env);
        this.#axios = axios.create({
            baseURL: baseUrl,
            maxRedirects: 0,
            maxContentLength: MAX_ANSWER,
            responseType: "text",
            transformResponse: (data: unknown) => data,
            validateStatus: () => true,
            httpAgent: new HttpAgent({ keepAlive: true }),
            httpsAgent: new HttpsAgent({ keepAlive: true }),
            proxy: this.#proxy?.config ?? false,
            headers: { Accept: "application/json", "User-Agent": "pulumi-xai" },
        });
    }

    /** The proxy in words; `undefined` for a direct connection. */
    get proxy(): string | undefined {
        return this.#proxy?.words;
    }

    /**
     * Sends a request and reads the whole answer.
     *
     * @param timeout - The limit from here to the answer's last byte, in milliseconds.
     * @param signal - Ends the request at once.
     */
    async run(
        request: Outgoing,
        credential: Credential,
        timeout: number,
        signal?: AbortSignal,
    ): Promise<Answer | Unanswered> {
        if (this.#proxy !== undefined && this.#proxy.config === undefined) {
            return {
                kind: "unanswered",
                neverSent: true,
                lasting: true,
                what: `${this.#proxy.words} is not the URL of an HTTP proxy`,
                hint: "Correct the variable, or exclude the API's host in NO_PROXY.",
            };
        }
        const timer = AbortSignal.timeout(Math.ceil(Math.min(timeout, LONGEST_TIMER)));
        try {
            const answer = await this.#axios.request<unknown>({
                method: request.method,
                url: request.path,
                signal: signal === undefined ? timer : AbortSignal.any([timer, signal]),
                headers: { Authorization: `Bearer ${credential.reveal()}` },
                ...(request.repeatable ? {} : NEW_CONNECTION),
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
            signal?.throwIfAborted();
            return timer.aborted
                ? { kind: "unanswered", neverSent: false, lasting: false, what: "no complete answer in time" }
                : unanswered(error, this.#baseUrl, this.proxy);
        }
    }
}

/**
 * Reads an HTTP client's error: whether anything was sent, whether another try can help, and what to say. Only its code goes
 * into the message, because the rest of it may hold the request.
 *
 * @param error - Whatever the client threw.
 * @param proxy - The proxy in words.
 */
export function unanswered(error: unknown, baseUrl: string, proxy: string | undefined): Unanswered {
    const [code, message] = [textOf(error, "code"), textOf(error, "message")];
    const cause = /^[A-Z0-9_]+$/.test(code) ? code : "unknown cause";
    const { hostname } = new URL(baseUrl);
    const through = proxy === undefined ? "" : ` through ${proxy}`;
    const apiHint = baseUrlHint(baseUrl);
    const failed = (neverSent: boolean, lasting: boolean, what: string, hint: string): Unanswered => ({
        kind: "unanswered",
        neverSent,
        lasting,
        what: `${what} (${cause})`,
        hint,
    });
    const isUnknownName = UNKNOWN_NAMES.has(code);
    if (proxy !== undefined && (isUnknownName || UNREACHED.has(code))) {
        const hint = "Check the network and the variable, or exclude the API's host in NO_PROXY.";
        return failed(true, false, `${proxy} could not be reached`, hint);
    }
    if (isUnknownName) {
        const hint = `Check the network and its DNS, and ${apiHint}`;
        return failed(true, false, `the name ${hostname} could not be resolved`, hint);
    }
    if (DISTRUST.test(code)) {
        const hint = `If a proxy of your network stands in between, name the file of its certificate authority in NODE_EXTRA_CA_CERTS. Check this machine's clock, and ${apiHint}`;
        return failed(true, true, `the certificate of ${hostname}${through} is not trusted`, hint);
    }
    if (NO_TLS.test(code)) {
        const hint = `The server, or a proxy in between, does not speak TLS as it should: check \`http\` or \`https\`, the port, and ${apiHint}`;
        return failed(HANDSHAKE.test(message), true, `the TLS connection to ${hostname}${through} failed`, hint);
    }
    // axios gives this error no code of its own.
    if (message.startsWith("maxContentLength")) {
        return failed(false, true, `the answer has more than ${MAX_ANSWER / 1024 / 1024} MiB`, `Check ${apiHint}`);
    }
    const how = BROKEN_OFF.has(code) ? "broke off before the answer was complete" : "failed";
    const what = `the connection to ${baseUrl}${through} ${how}`;
    return failed(UNREACHED.has(code), false, what, `Check the network and ${apiHint}`);
}

const UNKNOWN_NAMES: ReadonlySet<string> = new Set(["ENOTFOUND", "EAI_AGAIN"]);

/** Failures before a single byte of the request left this machine. */
const UNREACHED: ReadonlySet<string> = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH"]);

/** axios says `ERR_BAD_RESPONSE` for a body that ends early; `HPE_…` comes from Node's parser. */
const BROKEN_OFF: ReadonlySet<string> = new Set([
    "ECONNRESET",
    "EPIPE",
    "ECONNABORTED",
    "ERR_BAD_RESPONSE",
    "HPE_INVALID_EOF_STATE",
]);

/** OpenSSL's words for a certificate that it does not accept: the handshake ended before the request. */
const DISTRUST = /CERT|^UNABLE_TO_(GET|VERIFY|DECRYPT|DECODE)_|^(INVALID_CA|HOSTNAME_MISMATCH)$/;

const NO_TLS = /^(EPROTO$|ERR_SSL_)/;

/** OpenSSL's words for a handshake that fails; what fails later may have carried the request. */
const HANDSHAKE =
    /wrong version number|http request|handshake|unsupported protocol|packet length too long|unrecognized/i;

function textOf(error: unknown, name: "code" | "message"): string {
    const value = property(error, name);
    return typeof value === "string" ? value : "";
}
