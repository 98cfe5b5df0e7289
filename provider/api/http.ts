import type { z } from "zod";
import { formatDuration } from "../duration.js";
import { isDone, parseAnswer } from "./answers.js";
import type { Credential } from "./credential.js";
import {
    type Action,
    ConnectionError,
    errorFromAnswer,
    type ManagementApiError,
    NoManagementKeyError,
} from "./errors.js";
import { pause, QueueTimeout, RateLimiter } from "./rateLimiter.js";
import { askedDelay, isRetryable, retryDelay } from "./retry.js";
import { ServerClock } from "./serverClock.js";
import { type Answer, type Outgoing, Transport, type Unanswered } from "./transport.js";
import type { Server } from "./words.js";

/** The settings of the client. Durations in milliseconds. */
export interface HttpOptions {
    /** Without a trailing slash. */
    readonly baseUrl: string;
    /** The management keys in the order in which they are tried. May be empty. */
    readonly credentials: readonly Credential[];
    /** The limit of one attempt. */
    readonly requestTimeout: number;
    /** The limit of one call with its retries and pauses. */
    readonly operationTimeout: number;
    /** How often a call is tried again. */
    readonly maxRetries: number;
    /** How many requests are under way at once. */
    readonly maxConcurrency: number;
    /** Called once where the API refuses the first management key and accepts the second. */
    readonly warn: (message: string) => void;
}

/** One call of the API. */
export interface ApiRequest<T> extends Outgoing {
    readonly action: Action;
    /** What the JSON of an answer looks like. */
    readonly answer: z.ZodType<T>;
    /** A shorter limit than `operationTimeout`, in milliseconds. */
    readonly deadline?: number | undefined;
    /** Ends the waits between attempts, and a repeatable request, at once. A POST under way goes on. */
    readonly signal?: AbortSignal | undefined;
}

/** A call with its limit, in milliseconds, and its end by `performance.now()`. */
interface Call {
    readonly request: ApiRequest<unknown>;
    readonly limit: number;
    readonly end: number;
}

/** The result of one attempt: the body of a success, or what failed and the error for it. */
type Attempt = { readonly body: string } | Failed;
interface Failed {
    readonly failure: Answer | Unanswered;
    readonly error: ManagementApiError;
}

/**
 * The HTTP client. Only it knows credentials, timeouts, retries and pace; its callers see typed answers and the errors of
 * `errors.ts`.
 *
 * @example
 * const http = new Http({ ...settings, warn });
 * const { acls } = await http.send({ action, method: "GET", path: path`/auth/teams/${team}/endpoints`, answer, repeatable: true });
 */
export class Http {
    /** The server's clock, as its answers show it. */
    readonly clock = new ServerClock();
    readonly #options: HttpOptions;
    readonly #transport: Transport;
    readonly #limiter: RateLimiter;
    readonly #server: Server;
    /** The index of the credential in use. */
    #credential = 0;

    constructor(options: HttpOptions) {
        this.#options = options;
        this.#transport = new Transport(options.baseUrl);
        this.#limiter = new RateLimiter(options.maxConcurrency);
        this.#server = {
            baseUrl: options.baseUrl,
            proxy: this.#transport.proxy,
            // A server may echo a request, and a management key may have any form.
            hide: (text) => options.credentials.reduce((rest, credential) => credential.hideIn(rest), text),
        };
    }

    /**
     * Sends a request, again where that is safe and useful, and returns its parsed answer.
     *
     * @throws A class of `errors.ts`, or the signal's reason.
     */
    async send<T>(request: ApiRequest<T>): Promise<T> {
        const { maxRetries, operationTimeout } = this.#options;
        const limit = Math.min(request.deadline ?? operationTimeout, operationTimeout);
        const call: Call = { request, limit, end: performance.now() + limit };
        let last: ManagementApiError | undefined;
        for (let retries = 0; ; retries += 1) {
            const place = { deadline: call.end, isRetry: retries > 0, signal: request.signal };
            const attempt = await this.#limiter
                .run(() => this.#attempt(call), place)
                .catch((error: unknown) => {
                    throw error instanceof QueueTimeout ? (last ?? this.#notSent(call)) : error;
                });
            if ("body" in attempt) {
                return parseAnswer(request.action, request.answer, attempt.body, this.#server);
            }
            const { failure, error } = attempt;
            error.mayHaveActed ||= last?.mayHaveActed ?? false;
            last = error;
            const delay = retryDelay(failure, retries + 1, Math.random(), Date.now());
            const isInTime = performance.now() + delay < call.end;
            if (retries >= maxRetries || !isInTime || !isRetryable(failure, request.repeatable, retries)) {
                throw error;
            }
            await pause(delay, request.signal);
        }
    }

    /** One attempt. After a 401 on the configured management key it tries the environment's. */
    async #attempt(call: Call): Promise<Attempt> {
        const index = this.#credential;
        const [credential, next] = this.#options.credentials.slice(index);
        if (credential === undefined) {
            throw new NoManagementKeyError();
        }
        const attempt = await this.#exchange(call, credential);
        if (next === undefined || !hasStatus(attempt, 401)) {
            return attempt;
        }
        const second = await this.#exchange(call, next);
        // Whatever else the API refuses, it accepted the key.
        const isAccepted = "body" in second || (second.failure.kind === "answer" && !hasStatus(second, 401));
        if (isAccepted && this.#credential === index) {
            this.#credential = index + 1;
            this.#options.warn(
                `The API refused the management key of ${credential.source} (401); the one of ${next.source} works and is used. A refresh or destroy takes ${credential.source} as the last \`pulumi up\` stored it: run \`pulumi up\` with the new key, or keep the key in the environment alone.`,
            );
        }
        return second;
    }

    async #exchange(call: Call, credential: Credential): Promise<Attempt> {
        const { request, end } = call;
        const { requestTimeout } = this.#options;
        const sentAt = performance.now();
        // A POST that is cut off leaves open whether it acted: it gets its whole time.
        const timeout = request.repeatable ? Math.max(1, Math.min(requestTimeout, end - sentAt)) : requestTimeout;
        const signal = request.repeatable ? request.signal : undefined;
        const answer = await this.#transport.run(request, credential, timeout, signal);
        if (answer.kind !== "answer") {
            const { neverSent, what, hint = this.#limitsInWords(call) } = answer;
            return { failure: answer, error: new ConnectionError(request.action, what, hint, undefined, !neverSent) };
        }
        const { status } = answer;
        if (status !== 429) {
            this.#limiter.pace.accepted(sentAt);
        }
        if (isDone(status, request.method)) {
            // A refusal may come from a gateway with a clock of its own.
            this.clock.heard(answer.header("date"), performance.now());
            return { body: status === 204 && request.method === "DELETE" ? "{}" : answer.body };
        }
        if (status === 429) {
            this.#limiter.pace.refused(sentAt, performance.now(), askedDelay(answer, Date.now()));
        }
        // The body of a success may hold a secret.
        const shown = { status, body: status < 300 ? "" : answer.body };
        return { failure: answer, error: errorFromAnswer(request.action, shown, this.#server) };
    }

    #notSent(call: Call): ConnectionError {
        return new ConnectionError(
            call.request.action,
            "its turn did not come in time, so the request was not sent",
            `Other requests are under way, or the API limits their rate: run with fewer resources at once (\`--parallel\`), or raise the limits. ${this.#limitsInWords(call)}`,
        );
    }

    #limitsInWords({ limit }: Call): string {
        const { requestTimeout, operationTimeout } = this.#options;
        const here = limit < operationTimeout ? `, ${formatDuration(limit)} for this call` : "";
        return `The limits are \`xai:requestTimeout\` (${formatDuration(requestTimeout)} an attempt) and \`xai:operationTimeout\` (${formatDuration(operationTimeout)} over all${here}).`;
    }
}

function hasStatus(attempt: Attempt, status: number): boolean {
    return "failure" in attempt && attempt.failure.kind === "answer" && attempt.failure.status === status;
}
