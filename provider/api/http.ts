import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import axios, { type AxiosInstance } from "axios";
import { type BulkheadPolicy, bulkhead, handleWhen, retry } from "cockatiel";
import type { z } from "zod";
import type { Credential } from "../credential.js";
import { formatDuration } from "../duration.js";
import { missingSetting, SETTINGS } from "../settings.js";
import {
    type Action,
    AuthenticationError,
    apiWords,
    ConnectionError,
    errorFromAnswer,
    isHtml,
    type ManagementApiError,
    RATE_HINT,
    RateLimitError,
    shorten,
    UnexpectedAnswerError,
    whereApiIs,
} from "./errors.js";
import { Pace } from "./pace.js";
import { type AttemptFailure, isRetryable, retryDelay } from "./retry.js";

/** What the HTTP core needs to know. Durations in milliseconds. */
export interface HttpOptions {
    readonly baseUrl: string;
    readonly credentials: readonly Credential[];
    readonly requestTimeout: number;
    readonly operationTimeout: number;
    readonly maxRetries: number;
    readonly maxConcurrency: number;
    /** Told once when the configured key was refused and the environment's was taken. */
    readonly warn: (message: string) => void;
}

/** One call of the API. */
export interface ApiRequest<T> {
    readonly action: Action;
    readonly method: "GET" | "POST" | "PUT" | "DELETE";
    /** Below the base URL, its parts escaped by {@link path}. */
    readonly path: string;
    readonly query?: Readonly<Record<string, string | number>>;
    readonly body?: unknown;
    /** What a good answer's JSON looks like. */
    readonly answer: z.ZodType<T>;
    /** Whether sending it twice does the same as once. False for creates: see {@link isRetryable}. */
    readonly repeatable: boolean;
    /** A shorter limit over all attempts than `operationTimeout`, in milliseconds. */
    readonly deadline?: number;
}

/** An attempt's failure and the error that it becomes when nothing more is tried. Never leaves this file. */
class AttemptError extends Error {
    /** How many attempts went before this one. */
    retries = 0;

    constructor(
        readonly failure: AttemptFailure,
        readonly final: ManagementApiError,
        /** When the request left, in milliseconds since 1970. */
        readonly sentAt = Date.now(),
    ) {
        super(final.message);
    }
}

/** How much of an answer is looked at for what went wrong, in characters. */
const MAX_ERROR = 64 * 1024;
/** The largest answer that is read, in bytes: a listing of 10,000 keys has about 5 MB. */
const MAX_ANSWER = 32 * 1024 * 1024;

/**
 * The one place that knows credentials, timeouts, retries and pace. Everything above it sees typed answers and the
 * errors of `errors.ts`.
 *
 * The retries and the limit on concurrency are cockatiel's: a maintained library without dependencies (MIT, since 2019)
 * whose backoff can depend on the error, which `Retry-After` needs.
 *
 * @example
 * const http = new Http({ ...settings, warn });
 * const { acls } = await http.send({ action, method: "GET", path: path`/auth/teams/${team}/endpoints`, answer, repeatable: true });
 */
export class Http {
    readonly #axios: AxiosInstance;
    readonly #lane: BulkheadPolicy;
    readonly #options: HttpOptions;
    /** Which of the credentials is in use; moves on once after a 401. */
    #credential = 0;
    readonly #pace = new Pace();

    constructor(options: HttpOptions) {
        this.#options = options;
        this.#lane = bulkhead(options.maxConcurrency, Number.POSITIVE_INFINITY);
        this.#axios = axios.create({
            baseURL: options.baseUrl,
            // A redirect could carry the credential to another host.
            maxRedirects: 0,
            maxContentLength: MAX_ANSWER,
            responseType: "text",
            transformResponse: (data: unknown) => data,
            validateStatus: () => true,
            httpAgent: new HttpAgent({ keepAlive: true }),
            httpsAgent: new HttpsAgent({ keepAlive: true }),
            // What runs on this machine is not to be asked for through a proxy, whatever the environment says.
            ...(isLoopback(options.baseUrl) ? { proxy: false as const } : {}),
            headers: { Accept: "application/json", "User-Agent": "pulumi-xai" },
        });
    }

    /**
     * Sends a request, again where that is safe and useful, and returns its parsed answer.
     *
     * @throws The class of `errors.ts` for what went wrong; `SettingsError` where there is no management key.
     */
    async send<T>(request: ApiRequest<T>): Promise<T> {
        const { maxRetries, operationTimeout, baseUrl } = this.#options;
        const limit = Math.min(request.deadline ?? operationTimeout, operationTimeout);
        // What waits for others' requests to end has not begun.
        let deadline: number | undefined;
        const left = () => (deadline === undefined ? limit : deadline - Date.now());
        const policy = retry(
            handleWhen((error) => error instanceof AttemptError && this.#worthRetrying(error, request, left())),
            {
                maxAttempts: maxRetries,
                backoff: { next: (context) => this.#pauseAfter(context.result, context.attempt, left) },
            },
        );
        try {
            let last: AttemptError | undefined;
            const body = await policy.execute(({ attempt }) =>
                this.#lane
                    .execute(() => {
                        deadline ??= Date.now() + limit;
                        // Where the pause took what time was left, what the API said last is the error.
                        if (last !== undefined && left() <= 0) {
                            throw last;
                        }
                        return this.#attempt(request, deadline, limit);
                    })
                    .catch((error: unknown) => {
                        if (error instanceof AttemptError) {
                            error.retries = attempt;
                            last = error;
                        }
                        throw error;
                    }),
            );
            return parseAnswer(request, body, baseUrl, (text) => this.#withoutOurKeys(text));
        } catch (error) {
            throw error instanceof AttemptError ? error.final : error;
        }
    }

    #worthRetrying(error: AttemptError, request: ApiRequest<unknown>, left: number): boolean {
        // Full jitter can come out as nothing, so the shortest pause decides: a server's word, or no time at all.
        const shortest = retryDelay(error.failure, 1, 0, Date.now());
        return isRetryable(error.failure, request.repeatable, error.retries) && shortest < left;
    }

    #pauseAfter(result: unknown, attempt: number, left: () => number): { duration: number; next: typeof next } {
        const error = typeof result === "object" && result !== null && "error" in result ? result.error : undefined;
        const next = (context: { result: unknown; attempt: number }) =>
            this.#pauseAfter(context.result, context.attempt, left);
        if (!(error instanceof AttemptError)) {
            return { duration: 0, next };
        }
        const duration = Math.min(retryDelay(error.failure, attempt, Math.random(), Date.now()), left());
        if (error.failure.kind === "answer" && error.failure.status === 429) {
            this.#pace.refused(error.sentAt, Date.now(), duration);
        }
        return { duration, next };
    }

    /** Waits for this process's turn. */
    async #turn(request: ApiRequest<unknown>, deadline: number, limit: number): Promise<void> {
        do {
            const at = this.#pace.turn(Date.now());
            if (at >= deadline) {
                throw new AttemptError(
                    { kind: "connection", neverSent: true },
                    new RateLimitError(
                        request.action,
                        `the API asked for a pause that leaves nothing of the ${formatDuration(limit)} it may take`,
                        RATE_HINT,
                    ),
                );
            }
            if (at > Date.now()) {
                await new Promise((resolve) => setTimeout(resolve, at - Date.now()));
            }
        } while (this.#pace.pausedAt(Date.now()));
    }

    /** One attempt, with the environment's management key after a 401 on the configured one. */
    async #attempt(request: ApiRequest<unknown>, deadline: number, limit: number): Promise<string> {
        await this.#turn(request, deadline, limit);
        const index = this.#credential;
        const credential = this.#options.credentials[index];
        if (credential === undefined) {
            throw missingSetting(
                SETTINGS.managementKey,
                "Without a management key xAI's Management API cannot be asked.",
            );
        }
        try {
            return await this.#exchange(request, credential, deadline, limit);
        } catch (error) {
            const next = this.#options.credentials[index + 1];
            const refused = error instanceof AttemptError && error.final instanceof AuthenticationError;
            if (!refused || next === undefined) {
                throw error;
            }
            try {
                const body = await this.#exchange(request, next, deadline, limit);
                this.#moveOn(index, credential, next);
                return body;
            } catch (second) {
                // Whatever else the API refuses, it took the key.
                if (
                    second instanceof AttemptError &&
                    second.failure.kind === "answer" &&
                    second.failure.status !== 401
                ) {
                    this.#moveOn(index, credential, next);
                }
                throw second;
            }
        }
    }

    #moveOn(index: number, from: Credential, to: Credential): void {
        if (this.#credential === index) {
            this.#credential = index + 1;
            this.#options.warn(
                `The management key of ${from.source} was refused (401); the one of ${to.source} works and is used. A refresh or destroy takes ${from.source} as the last \`pulumi up\` stored it: run \`pulumi up\` with the new key, or keep the key in the environment alone.`,
            );
        }
    }

    /** A server may echo what it was sent, or a part of it, and a management key may have any form. */
    #withoutOurKeys(text: string): string {
        return this.#options.credentials.reduce((rest, one) => one.hideIn(rest), text.slice(0, MAX_ERROR));
    }

    async #exchange(
        request: ApiRequest<unknown>,
        credential: Credential,
        deadline: number,
        limit: number,
    ): Promise<string> {
        const { baseUrl, requestTimeout } = this.#options;
        // A create that was sent may act whatever we do: it gets the time of a whole attempt, never its last moments.
        const rest = request.repeatable ? deadline - Date.now() : requestTimeout;
        const left = Math.max(1, Math.min(requestTimeout, rest, LONGEST_TIMER));
        const sentAt = Date.now();
        const timeout = AbortSignal.timeout(left);
        let answer: { status: number; headers: Readonly<Record<string, unknown>>; data: unknown };
        try {
            answer = await this.#axios.request({
                method: request.method,
                url: request.path,
                signal: timeout,
                headers: { Authorization: `Bearer ${credential.reveal()}` },
                ...(request.query === undefined ? {} : { params: request.query }),
                ...(request.body === undefined ? {} : { data: request.body }),
            });
        } catch (error) {
            const what = timeout.aborted
                ? `no answer within ${formatDuration(left)}`
                : `the connection to ${baseUrl} failed (${connectionCode(error)})`;
            const neverSent = !timeout.aborted && NEVER_SENT.has(connectionCode(error));
            const hint = timeout.aborted
                ? `The limits are \`xai:requestTimeout\` (${formatDuration(requestTimeout)} an attempt) and \`xai:operationTimeout\` (${formatDuration(limit)} over all).`
                : `Check the network and ${whereApiIs(baseUrl)}`;
            throw new AttemptError(
                { kind: "connection", neverSent },
                new ConnectionError(request.action, what, hint, neverSent),
                sentAt,
            );
        }
        const body = typeof answer.data === "string" ? answer.data : "";
        if (answer.status !== 429) {
            this.#pace.accepted();
        }
        if (answer.status >= 200 && answer.status < 300) {
            return body;
        }
        const header = answer.headers["retry-after"];
        throw new AttemptError(
            { kind: "answer", status: answer.status, retryAfter: typeof header === "string" ? header : undefined },
            errorFromAnswer(request.action, { status: answer.status, body: this.#withoutOurKeys(body) }, baseUrl),
            sentAt,
        );
    }
}

function isLoopback(baseUrl: string): boolean {
    const { hostname } = new URL(baseUrl);
    return hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
}

/** What Node's timers can hold, in milliseconds: almost 25 days. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Failures before a single byte of the request left this machine. */
const NEVER_SENT: ReadonlySet<string> = new Set([
    "ECONNREFUSED",
    "ENOTFOUND",
    "EAI_AGAIN",
    "EHOSTUNREACH",
    // No certificate to trust: the handshake ended before the request.
    "CERT_HAS_EXPIRED",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "ENETUNREACH",
]);

/** The code of a connection's failure. Nothing else of an HTTP client's error may get out: it holds the request. */
function connectionCode(error: unknown): string {
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
    return typeof code === "string" && /^[A-Z0-9_]+$/.test(code) ? code : "unknown cause";
}

/** How many places of an unexpected shape are named. */
const NAMED_PLACES = 5;

function parseAnswer<T>(request: ApiRequest<T>, body: string, baseUrl: string, hide: (text: string) => string): T {
    const hint = `Check ${whereApiIs(baseUrl)}`;
    let json: unknown;
    try {
        json = body.trim() === "" ? undefined : JSON.parse(body);
    } catch {
        const what = isHtml(body) ? `the answer was ${apiWords(hide(body))}` : "the answer was no JSON";
        throw new UnexpectedAnswerError(request.action, what, hint);
    }
    const parsed = request.answer.safeParse(json);
    if (parsed.success) {
        return parsed.data;
    }
    // The paths alone: a value of the answer may be the secret.
    const places = [...new Set(parsed.error.issues.map((issue) => issue.path.join(".") || "its top level"))];
    const named = shorten(hide(places.slice(0, NAMED_PLACES).join(", ")));
    const more = places.length > NAMED_PLACES ? `, and ${places.length - NAMED_PLACES} more places` : "";
    throw new UnexpectedAnswerError(request.action, `the answer had an unexpected shape at ${named}${more}`, hint);
}

/**
 * Builds a path out of parts that are escaped: an id can never become another path.
 *
 * @example
 * path`/auth/api-keys/${id}` // "a/b" → "/auth/api-keys/a%2Fb"
 * @throws TypeError for an empty part and for `.` and `..`, which URLs resolve away.
 */
export function path(literals: TemplateStringsArray, ...parts: readonly string[]): string {
    return literals.reduce((whole, literal, index) => {
        const part = parts[index - 1] ?? "";
        if (part === "" || part === "." || part === "..") {
            throw new TypeError(`"${part}" cannot be part of a path`);
        }
        return whole + encodeURIComponent(part) + literal;
    });
}
