import { handleWhen, type IBackoff, type IBackoffFactory, type IRetryBackoffContext, retry } from "cockatiel";
import type { Credential } from "../credential.js";
import { formatDuration } from "../duration.js";
import { missingSetting, SETTINGS } from "../settings.js";
import { type AnswerSchema, isDone, parseAnswer } from "./answer.js";
import {
    type Action,
    AuthenticationError,
    ConnectionError,
    errorFromAnswer,
    type ManagementApiError,
    RATE_HINT,
    RateLimitError,
    UnexpectedAnswerError,
    whereApiIs,
    XaiError,
} from "./errors.js";
import { Exchange, type Exchanged, MAX_ANSWER, type Outgoing } from "./exchange.js";
import { Pace } from "./pace.js";
import { Queue, TurnMissed } from "./queue.js";
import { type AttemptFailure, askedPause, isRetryable, retryDelay } from "./retry.js";
import { ServerClock } from "./serverClock.js";
import { mayHaveActed } from "./unclear.js";

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
export interface ApiRequest<T> extends Outgoing {
    readonly action: Action;
    /** What a good answer's JSON looks like. */
    readonly answer: AnswerSchema<T>;
    /** A shorter limit over all attempts than `operationTimeout`, in milliseconds. */
    readonly deadline?: number;
}

/** The limits of one call. Instants by `performance.now()`, in milliseconds. */
interface Limits {
    /** Over all attempts, pauses and the queue. */
    readonly whole: number;
    readonly end: number;
    /**
     * When an attempt must have left. A create has until its end the time that it may take: it acts whatever we do. What can
     * be asked again is not asked in the last moment, when an answer could hardly come.
     */
    readonly lastStart: number;
}

/** How long before a call's end its last attempt leaves, in milliseconds, unless all attempts are shorter than twice that. */
const LEAST_ATTEMPT = 500;

/** An attempt's failure and the error that it becomes when nothing more is tried. Never leaves this file. */
class AttemptError extends Error {
    /** How many attempts went before this one. */
    retries = 0;
    /** How long the next one has to wait, in milliseconds. */
    pause = 0;

    constructor(
        readonly failure: AttemptFailure,
        readonly final: ManagementApiError,
        /** Whether it had less time than an attempt may take. */
        readonly cutShort = false,
    ) {
        super(final.message);
    }
}

/** A shorter name would be hidden in words that happen to hold it. */
const SHORTEST_SECRET = 8;

/**
 * The one place that knows credentials, timeouts, retries and pace. Everything above it sees typed answers and the
 * errors of `errors.ts`.
 *
 * The retries are cockatiel's: a maintained library without dependencies (MIT, since 2019) whose backoff can depend on
 * the error, which `Retry-After` needs.
 *
 * @example
 * const http = new Http({ ...settings, warn });
 * const { acls } = await http.send({ action, method: "GET", path: path`/auth/teams/${team}/endpoints`, answer, repeatable: true });
 */
export class Http {
    /** The server's clock, as its answers show it. */
    readonly clock = new ServerClock();
    readonly #exchange: Exchange;
    readonly #pace = new Pace();
    readonly #queue: Queue;
    readonly #options: HttpOptions;
    /** Which of the credentials is in use; moves on once after a 401. */
    #credential = 0;
    /** The keys' names that were told, in every form that an answer may quote them in. */
    readonly #names = new Set<string>();

    constructor(options: HttpOptions) {
        this.#options = options;
        this.#exchange = new Exchange(options.baseUrl);
        this.#queue = new Queue(options.maxConcurrency, this.#pace);
    }

    /** Hides a key's name in every message from now on: a program may keep it secret, and a server may quote what it knows. */
    hideName(name = ""): void {
        for (const form of [name, name.trim()]) {
            if (form.length >= SHORTEST_SECRET) {
                this.#names.add(form);
                // As a JSON body has it.
                this.#names.add(JSON.stringify(form).slice(1, -1));
            }
        }
    }

    /**
     * Sends a request, again where that is safe and useful, and returns its parsed answer.
     *
     * @throws The class of `errors.ts` for what went wrong; `SettingsError` where there is no management key.
     */
    async send<T>(request: ApiRequest<T>): Promise<T> {
        const { maxRetries, baseUrl } = this.#options;
        const limits = this.#limits(request);
        const left = () => limits.lastStart - performance.now();
        const policy = retry(
            handleWhen(
                (error) =>
                    error instanceof AttemptError &&
                    isRetryable(error.failure, request.repeatable, error.retries) &&
                    // A pause that leaves no time for an attempt is not begun.
                    error.pause < left(),
            ),
            { maxAttempts: maxRetries, backoff: new PauseOfError() },
        );
        let last: AttemptError | undefined;
        let acted = false;
        try {
            const body = await policy.execute(({ attempt }) =>
                this.#queue
                    .run(() => this.#attempt(request, limits), { deadline: limits.lastStart, again: attempt > 0 })
                    .catch((error: unknown) => {
                        if (error instanceof AttemptError) {
                            error.retries = attempt;
                            error.pause = retryDelay(error.failure, attempt + 1, Math.random(), Date.now());
                            acted ||= mayHaveActed(error.final);
                            // What was said before tells more than that the rest of the time was too short. Not of a
                            // request that must not be sent twice: the attempt before did certainly not act, this one may have.
                            last = error.cutShort && last !== undefined && request.repeatable ? last : error;
                        }
                        throw error;
                    }),
            );
            return parseAnswer(request.action, request.answer, body, baseUrl, this.#withoutSecrets);
        } catch (error) {
            if (!(error instanceof TurnMissed || error instanceof AttemptError)) {
                throw error;
            }
            // Where a pause took what time was left, what the API said last is the error.
            const own = error instanceof TurnMissed ? this.#neverSent(request, error, limits) : error.final;
            const final = last?.final ?? own;
            final.anAttemptMayHaveActed = acted;
            throw final;
        }
    }

    #limits(request: ApiRequest<unknown>): Limits {
        const { operationTimeout, requestTimeout } = this.#options;
        const whole = Math.min(request.deadline ?? operationTimeout, operationTimeout);
        const end = performance.now() + whole;
        const attempt = request.repeatable ? Math.min(LEAST_ATTEMPT, requestTimeout) : requestTimeout;
        return { whole, end, lastStart: end - Math.min(attempt, whole / 2) };
    }

    /** One attempt, with the environment's management key after a 401 on the configured one. */
    async #attempt(request: ApiRequest<unknown>, limits: Limits): Promise<string> {
        const index = this.#credential;
        const credential = this.#options.credentials[index];
        if (credential === undefined) {
            throw missingSetting(
                SETTINGS.managementKey,
                "Without a management key xAI's Management API cannot be asked.",
            );
        }
        try {
            return await this.#send(request, credential, limits);
        } catch (error) {
            const next = this.#options.credentials[index + 1];
            const refused = error instanceof AttemptError && error.final instanceof AuthenticationError;
            if (!refused || next === undefined) {
                throw error;
            }
            try {
                const body = await this.#send(request, next, limits);
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

    async #send(request: ApiRequest<unknown>, credential: Credential, limits: Limits): Promise<string> {
        const { requestTimeout } = this.#options;
        const sentAt = performance.now();
        const timeout = Math.max(1, Math.min(requestTimeout, limits.end - sentAt));
        const answer = await this.#exchange.run(request, credential, timeout);
        if (answer.kind !== "answer") {
            throw this.#unanswered(request, answer, timeout, limits);
        }
        if (answer.status !== 429) {
            this.#pace.accepted(sentAt);
        }
        if (isDone(answer.status, request.method)) {
            // What refuses may be a gateway with a clock of its own.
            this.clock.heard(answer.header("date"), performance.now());
            return answer.status === 204 && request.method === "DELETE" ? NOTHING_LEFT : answer.body;
        }
        const failure: AttemptFailure = {
            kind: "answer",
            status: answer.status,
            retryAfter: answer.header("retry-after"),
            date: answer.header("date"),
        };
        if (answer.status === 429) {
            this.#pace.refused(sentAt, performance.now(), askedPause(failure, Date.now()));
        }
        // An answer that says success may hold a secret, wherever it stands.
        const said = { status: answer.status, body: answer.status < 300 ? "" : answer.body };
        const final = errorFromAnswer(request.action, said, this.#options.baseUrl, this.#withoutSecrets);
        throw new AttemptError(failure, final);
    }

    /** A server may echo what it was sent, or a part of it, and a management key may have any form. */
    readonly #withoutSecrets = (text: string): string => {
        const shown = this.#options.credentials.reduce((rest, one) => one.hideIn(rest), text);
        return [...this.#names]
            .sort((one, other) => other.length - one.length)
            .reduce((rest, name) => rest.replaceAll(name, "[name]"), shown);
    };

    #unanswered(
        { action }: ApiRequest<unknown>,
        answer: Exclude<Exchanged, { kind: "answer" }>,
        timeout: number,
        limits: Limits,
    ): Error {
        switch (answer.kind) {
            case "timeout":
                return new AttemptError(
                    { kind: "connection", neverSent: false, lasting: false },
                    new ConnectionError(
                        action,
                        `no complete answer within ${formatDuration(timeout)}`,
                        this.#limitsInWords(limits),
                        false,
                    ),
                    timeout < this.#options.requestTimeout,
                );
            case "too large":
                return new UnexpectedAnswerError(
                    action,
                    `the answer has more than ${MAX_ANSWER / 1024 / 1024} MiB`,
                    `Check ${whereApiIs(this.#options.baseUrl)}`,
                );
            case "broken":
                return new AttemptError(
                    { kind: "connection", neverSent: answer.neverSent, lasting: answer.lasting },
                    new ConnectionError(action, answer.what, answer.hint, answer.neverSent),
                );
        }
    }

    #neverSent({ action }: ApiRequest<unknown>, { behind }: TurnMissed, limits: Limits): ManagementApiError {
        const words = this.#limitsInWords(limits);
        return behind === "rate"
            ? new RateLimitError(
                  action,
                  `the API asked for a pause that leaves nothing of the ${formatDuration(limits.whole)} it may take, so it was not sent`,
                  `${RATE_HINT} ${words}`,
              )
            : new ConnectionError(
                  action,
                  "it waited too long for other requests of this process to end, and was not sent",
                  `Run again with fewer resources at once (\`--parallel\`), or raise the limits. ${words}`,
                  true,
              );
    }

    #limitsInWords({ whole }: Limits): string {
        const { requestTimeout, operationTimeout } = this.#options;
        const here = whole < operationTimeout ? `, ${formatDuration(whole)} for this call` : "";
        return `The limits are \`xai:requestTimeout\` (${formatDuration(requestTimeout)} an attempt) and \`xai:operationTimeout\` (${formatDuration(operationTimeout)} over all${here}).`;
    }
}

/** What a deletion is answered with, where the status alone says it. */
const NOTHING_LEFT = "{}";

/** Tells cockatiel the pause that was decided when the attempt failed. */
class PauseOfError implements IBackoffFactory<IRetryBackoffContext<unknown>> {
    next({ result }: IRetryBackoffContext<unknown>): IBackoff<IRetryBackoffContext<unknown>> {
        const pause = "error" in result && result.error instanceof AttemptError ? result.error.pause : 0;
        return { duration: pause, next: (context) => this.next(context) };
    }
}

/** A team's or key's id that can be none: there is no such path. */
export class UnusableIdError extends XaiError {}

/**
 * Builds a path out of parts that are escaped: an id can never become another path.
 *
 * @example
 * path`/auth/api-keys/${id}` // "a/b" → "/auth/api-keys/a%2Fb"
 * @throws UnusableIdError for an empty part, for `.` and `..`, which URLs resolve away, and for half a character.
 */
export function path(literals: TemplateStringsArray, ...parts: readonly string[]): string {
    return literals.reduce((whole, literal, index) => {
        const part = parts[index - 1] ?? "";
        if (part === "" || part === "." || part === ".." || /\p{Surrogate}/u.test(part)) {
            throw new UnusableIdError(
                `${JSON.stringify(part)} can be the id of no team and no API key. Check \`xai:teamId\`, XAI_TEAM_ID and the argument \`teamId\`, or the id that is looked up.`,
            );
        }
        return whole + encodeURIComponent(part) + literal;
    });
}
