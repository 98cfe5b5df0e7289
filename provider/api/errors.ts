/**
 * What can go wrong between this provider and the Management API: one base, one class per meaning, and one function
 * that maps an HTTP status to them.
 *
 * Nothing of the request travels in these errors: no header, no body, no HTTP client's error as a cause. What the API
 * said is shortened and cleared of anything that looks like a credential.
 */

/** What was being done when an error happened, in words that finish the sentence "Could not …". */
export interface Action {
    /** The endpoint's name as management-key ACLs spell it, for example `ListApiKeys`. */
    readonly endpoint: string;
    /** For people, for example `list the API keys of team 5f0c…`. Names keys by their id, never by a value of theirs. */
    readonly description: string;
}

/** The base of every error that is not a bug: its message is for users and complete by itself. */
export abstract class XaiError extends Error {
    override get name(): string {
        return this.constructor.name;
    }
}

/** The base of what went wrong in one call of the Management API. */
export abstract class ManagementApiError extends XaiError {
    readonly endpoint: string;
    /** Whether any attempt may have acted, whatever the last one came to. The HTTP core notes it. */
    anAttemptMayHaveActed = false;

    constructor(
        action: Action,
        /** What happened, without a full stop. */
        readonly what: string,
        /** What to do next: whole sentences. */
        readonly hint: string,
        /** The HTTP status, where the API answered. */
        readonly status?: number,
    ) {
        super(`Could not ${action.description}: ${what}. ${hint}`);
        this.endpoint = action.endpoint;
    }
}

/** 401: the management key is wrong, revoked, or an inference key. */
export class AuthenticationError extends ManagementApiError {}
/** 403: the management key is good, but may not do this. */
export class PermissionError extends ManagementApiError {}
/** 404: no such key, no such route, or not xAI's API at all. */
export class NotFoundError extends ManagementApiError {
    constructor(
        action: Action,
        what: string,
        hint: string,
        status: number,
        /** False for an HTML page, which a proxy or another server sends, not the API. */
        readonly inApiWords: boolean,
    ) {
        super(action, what, hint, status);
    }
}
/** 405 or 501: the server has no such method on that route. */
export class UnsupportedRouteError extends ManagementApiError {}
/** Any other 4xx: the API understood the request and refuses it. */
export class RefusedError extends ManagementApiError {}
/** 429, after all retries. */
export class RateLimitError extends ManagementApiError {}
/** 5xx, after all retries. */
export class ServerError extends ManagementApiError {}
/** No connection, a broken one, or no answer in time. */
export class ConnectionError extends ManagementApiError {
    constructor(
        action: Action,
        what: string,
        hint: string,
        /** True where the request cannot have reached the API, so that nothing was done. */
        readonly neverSent: boolean,
    ) {
        super(action, what, hint);
    }
}
/** An answer that is not what the API is documented to send: a redirect, no JSON, or JSON of another shape. */
export class UnexpectedAnswerError extends ManagementApiError {}

/** An HTTP answer as far as errors need it. */
export interface FailedAnswer {
    readonly status: number;
    readonly body: string;
}

/** What to do about a limit on the rate. */
export const RATE_HINT =
    "The rate limit held out over all retries: lower `xai:maxConcurrency`, or raise `xai:maxRetries` and `xai:operationTimeout`.";

/** How to make sure that requests go to xAI: what a hint says after "Check". */
export function whereApiIs(baseUrl: string): string {
    return `that ${baseUrl} is the Management API (setting \`xai:baseUrl\`, variable XAI_MANAGEMENT_BASE_URL).`;
}

const REDIRECTS: ReadonlySet<number> = new Set([300, 301, 302, 303, 307, 308]);

const CONSOLE = "xAI Console -> Settings -> Management Keys";

/**
 * Turns an answer with a failing status into the error of its meaning. The only place that knows statuses.
 *
 * @param action - What was being done.
 * @param answer - Status and raw body.
 * @param baseUrl - Where the request went, for the hints.
 * @param hide - Takes what no message may show out of a text.
 */
export function errorFromAnswer(
    action: Action,
    answer: FailedAnswer,
    baseUrl: string,
    hide?: (text: string) => string,
): ManagementApiError {
    const { status } = answer;
    const words = apiWords(answer.body, hide);
    const what = words === undefined ? `the API answered ${status}` : `the API answered ${status}: ${words}`;
    const elsewhere = `Check ${whereApiIs(baseUrl)}`;
    if (status === 401) {
        return new AuthenticationError(
            action,
            what,
            `Check the management key (\`pulumi config set --secret xai:managementKey\`, or XAI_MANAGEMENT_KEY). It comes from ${CONSOLE}; an inference API key does not work here.`,
            status,
        );
    }
    if (status === 403) {
        return new PermissionError(
            action,
            what,
            `The management key may not do this: give it the permission \`team-token:endpoint:${action.endpoint}\` for this team in ${CONSOLE}, and check the team's ID.`,
            status,
        );
    }
    if (status === 404) {
        return new NotFoundError(action, what, `It does not exist there. ${elsewhere}`, status, !isHtml(answer.body));
    }
    if (status === 405 || status === 501) {
        return new UnsupportedRouteError(
            action,
            what,
            `This server does not offer the operation. ${elsewhere}`,
            status,
        );
    }
    if (status === 429) {
        return new RateLimitError(action, what, RATE_HINT, status);
    }
    // 408 comes from servers and proxies in trouble, too, whatever became of the request.
    if (status >= 500 || status === 408) {
        return new ServerError(action, what, "This is a fault on the server's side: try again in a while.", status);
    }
    if (status === 409 || status === 412) {
        const hint =
            "Its state does not allow that now, or something else changed it at the same time: run `pulumi refresh`, then run again.";
        return new RefusedError(action, what, hint, status);
    }
    if (status >= 400) {
        return new RefusedError(action, what, "Correct what the API refuses and run again.", status);
    }
    if (status >= 300) {
        const why = REDIRECTS.has(status) ? ", a redirect, which is never followed with a credential" : "";
        // 303 may say that something was done: it is no refusal.
        return new UnexpectedAnswerError(action, what + why, elsewhere, status === 303 ? undefined : status);
    }
    return new UnexpectedAnswerError(action, `${what}, which leaves open whether it is done`, elsewhere);
}

const MAX_WORDS = 300;
/** How much of a body is looked at for words: whoever sends more sends no error, and a search in it could take minutes. */
const MAX_BODY = 64 * 1024;

/**
 * The API's own words out of an error's body: `message`, `error.message`, `error`, or the body itself, whichever is
 * there (none of them is documented). `undefined` for an empty body.
 *
 * @param hide - Takes what no message may show out of the words.
 *
 * @example
 * apiWords('{"code":5,"message":"no such key"}') // → "no such key"
 */
export function apiWords(body: string, hide = (text: string) => text): string | undefined {
    const text = body.slice(0, MAX_BODY).trim();
    if (text === "") {
        return undefined;
    }
    if (isHtml(text)) {
        const title = /<title[^>]*>([^<]*)<\/title>/i.exec(text)?.[1]?.trim();
        return title ? `an HTML page, "${shorten(hide(title))}"` : "an HTML page";
    }
    return shorten(hide(fromJson(text) ?? text));
}

function fromJson(text: string): string | undefined {
    let body: unknown;
    try {
        body = JSON.parse(text);
    } catch {
        return undefined;
    }
    if (typeof body === "string") {
        return body;
    }
    const message = property(body, "message");
    const error = property(body, "error");
    const candidates = [message, property(error, "message"), error];
    return candidates.find((candidate): candidate is string => typeof candidate === "string" && candidate !== "");
}

function property(value: unknown, key: string): unknown {
    return typeof value === "object" && value !== null && key in value ? Reflect.get(value, key) : undefined;
}

/** Whether a body is a web page rather than an answer of the API. */
export function isHtml(body: string): boolean {
    return /^\s*<(!doctype|html|head|body)\b/i.test(body);
}

/** White space, and what a terminal would take for a command. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about.
const UNPRINTABLE = /[\s\u0000-\u001f\u007f-\u009f]+/g;

/** A text from outside as part of a message: one line, not long, and without credentials. */
export function shorten(text: string): string {
    const line = withoutCredentials(text).replace(UNPRINTABLE, " ").trim();
    return line.length > MAX_WORDS ? `${line.slice(0, MAX_WORDS)}…` : line;
}

/** Replaces whatever looks like an xAI key or a bearer credential: a server may echo what it was sent. */
export function withoutCredentials(text: string): string {
    return text
        .replace(/\bBearer\s+[^\s"',;]+/gi, "Bearer [secret]")
        .replace(/\bxai-[A-Za-z0-9_-]{8,}/g, "[secret]")
        .replace(/:\/\/[^/\s@]+@/g, "://[secret]@");
}

/** What an error says to a user: its message, or for a bug what it is and that it is one. */
export function messageOf(error: unknown): string {
    if (error instanceof XaiError) {
        return error.message;
    }
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return `Unexpected error, please report it with what you ran: ${withoutCredentials(text)}`;
}
