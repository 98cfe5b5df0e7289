/**
 * What can go wrong between this provider and the Management API: one base, one class for each meaning, and one function
 * that maps an HTTP status to them.
 *
 * These errors hold nothing of the request: no header, no body, no HTTP client's error as a cause. The API's own words are
 * shortened, and anything that looks like a credential is taken out of them.
 */

import { PERMISSION, PERMISSIONS } from "./permissions.js";
import { apiWords, isHtml, property, type Server, withoutCredentials } from "./words.js";

/** What a request does, for messages. */
export interface Action {
    /** The endpoint's name as the ACLs of management keys spell it, for example `ListApiKeys`. */
    readonly endpoint: string;
    /** Finishes the sentence "Could not …", for example `list the API keys of team 5f0c…`. */
    readonly description: string;
}

/** The base of every error that is not a bug. Its message is written for users and is complete by itself. */
export class XaiError extends Error {
    override get name(): string {
        return this.constructor.name;
    }
}

/** There is no management key. */
export class NoManagementKeyError extends XaiError {
    constructor() {
        super(
            "No management key is configured. Create one in the xAI Console (Settings -> Management Keys), and set it with `pulumi config set --secret xai:managementKey` or in the environment variable XAI_MANAGEMENT_KEY.",
        );
    }
}

/** The base of what goes wrong in one call of the Management API. */
export abstract class ManagementApiError extends XaiError {
    constructor(
        action: Action,
        /** What happened, without a full stop. */
        readonly what: string,
        /** What to do next: whole sentences. */
        hint: string,
        /** The HTTP status of an answer that refuses. */
        readonly status?: number,
        /** Whether any attempt of this call, the last one included, may have acted on the server. */
        public mayHaveActed = false,
    ) {
        super(`Could not ${action.description}: ${what}. ${hint}`);
    }
}

/** 401: the management key is wrong or revoked, or it is an inference key. */
export class AuthenticationError extends ManagementApiError {}
/** 403: the management key is good, but lacks a permission. */
export class PermissionError extends ManagementApiError {}
/** 405 or 501: the server has no such method on that route. */
export class UnsupportedRouteError extends ManagementApiError {}
/** Any other 4xx: the API understood the request and refuses it. */
export class RefusedError extends ManagementApiError {}
/** 429, after all retries. */
export class RateLimitError extends ManagementApiError {}
/** 5xx or 408, after all retries. */
export class ServerError extends ManagementApiError {}
/** No connection, a broken one, or no answer in time. */
export class ConnectionError extends ManagementApiError {}
/** An answer that the API is not documented to send: a redirect, no JSON, or JSON of another shape. */
export class UnexpectedAnswerError extends ManagementApiError {}

/** 404: no such key, no such route, or a server that is not xAI's API. */
export class NotFoundError extends ManagementApiError {
    constructor(
        action: Action,
        what: string,
        hint: string,
        /** The API's own words; `undefined` where the answer is empty or an HTML page. */
        readonly words: string | undefined,
    ) {
        super(action, what, hint, 404);
    }

    /**
     * Whether the API says that it knows no such API key. A missing route also answers 404, and may quote its path; that is
     * no statement about a key.
     *
     * @example
     * // "Cannot find API key" → true; "Not Found", "Cannot GET /auth/api-keys/5f0c…" → false
     */
    speaksOfKey(apiKeyId: string): boolean {
        return speaksOfKey(this.words, apiKeyId);
    }
}

function speaksOfKey(words: string | undefined, apiKeyId?: string): boolean {
    const text = (words ?? "").replace(/\S*\/\S*/g, " ").replace(/\bmanagement[ _-]?key/gi, " ");
    if (/\b(route|endpoint|method)\b/i.test(text)) {
        return false;
    }
    const isNamed = apiKeyId !== undefined && text.toLowerCase().includes(apiKeyId.toLowerCase());
    return isNamed || /\b(api[ _-]?)?key([ _-]?id)?\b/i.test(text);
}

/** Whether the error may mean that the server lacks the route: 405, 501, or any 404. */
export function isMissingRoute(error: unknown): error is NotFoundError | UnsupportedRouteError {
    return error instanceof NotFoundError || error instanceof UnsupportedRouteError;
}

/** How to make sure that requests go to xAI: the end of a hint that begins with "Check". */
export function baseUrlHint(baseUrl: string): string {
    return `that ${baseUrl} is the Management API (setting \`xai:baseUrl\`, variable XAI_MANAGEMENT_BASE_URL).`;
}

const CONSOLE = "xAI Console -> Settings -> Management Keys";

function permissionHint(endpoint: string): string {
    if (endpoint === "ValidateManagementKey") {
        return `This call needs no permission: check in ${CONSOLE} from which addresses the management key may be used.`;
    }
    const { isPublished = false, otherName } = PERMISSIONS[endpoint] ?? {};
    const or = otherName === undefined ? "" : ` or \`${PERMISSION}${otherName}\``;
    const needs = isPublished ? "needs" : "probably needs";
    return `The management key ${needs} the permission \`${PERMISSION}${endpoint}\`${or} for this team: add it in ${CONSOLE}, and check the team's id.`;
}

/**
 * Turns an answer with a failing status into the error of its meaning. Only this function knows statuses.
 *
 * @param answer - The status, and the body as it came.
 */
export function errorFromAnswer(
    action: Action,
    answer: { readonly status: number; readonly body: string },
    server: Server,
): ManagementApiError {
    const { status, body } = answer;
    const words = apiWords(body, server);
    const what = words === undefined ? `the API answered ${status}` : `the API answered ${status}: ${words}`;
    const check = `Check ${baseUrlHint(server.baseUrl)}`;
    const failed = (kind: ErrorClass, hint: string, mayHaveActed = false, more = "") =>
        new kind(action, what + more, hint, status, mayHaveActed);
    switch (status) {
        case 401:
            return failed(
                AuthenticationError,
                `Check the management key (\`pulumi config set --secret xai:managementKey\`, or XAI_MANAGEMENT_KEY). It comes from ${CONSOLE}; an inference API key does not work here.`,
            );
        case 403:
            return failed(PermissionError, permissionHint(action.endpoint));
        case 404: {
            const ofApi = isHtml(body) ? undefined : words;
            const hint = speaksOfKey(ofApi) ? "Run `pulumi refresh` to see whether the key still exists." : check;
            return new NotFoundError(action, what, hint, ofApi);
        }
        case 405:
        case 501:
            return failed(UnsupportedRouteError, `This server lacks the operation. ${check}`);
        case 407: {
            const hint = "Check the user name and the password of the proxy.";
            return new ConnectionError(
                action,
                `${server.proxy ?? "a proxy"} refused the connection (407)`,
                hint,
                status,
            );
        }
        case 409:
        case 412:
            return failed(
                RefusedError,
                "The state of the API does not allow this now, or something else changed it: run `pulumi refresh`, then run again.",
            );
        case 429:
            return failed(
                RateLimitError,
                "The API limits the rate, and no further retry fitted into the limits: lower `xai:maxConcurrency`, or raise `xai:maxRetries` and `xai:operationTimeout`.",
            );
    }
    // Servers and proxies in trouble also answer 408, whatever became of the request.
    if (status >= 500 || status === 408) {
        return failed(ServerError, "The fault is on the server's side: try again in a while.", true);
    }
    if (status >= 400) {
        return failed(RefusedError, "Correct what the API refuses, and run again.");
    }
    if (status >= 300) {
        const redirect = status === 304 ? "" : ", a redirect, which is never followed with a credential";
        // 303 may say that something was done.
        return failed(UnexpectedAnswerError, check, status === 303, redirect);
    }
    return failed(UnexpectedAnswerError, check, true, ", which does not say whether it is done");
}

type ErrorClass = new (...parts: ConstructorParameters<typeof UnexpectedAnswerError>) => ManagementApiError;

/** An error's message for users. For a bug it says what it is, and that it is one. */
export function messageOf(error: unknown): string {
    if (error instanceof XaiError) {
        return error.message;
    }
    const message = property(error, "message");
    const text = typeof message === "string" ? `${String(property(error, "name"))}: ${message}` : String(error);
    return `Unexpected error, please report it with what you ran: ${withoutCredentials(text)}`;
}
