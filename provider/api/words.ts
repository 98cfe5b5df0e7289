/**
 * Texts from outside as parts of a message: what an error's body says, on one line, shortened, without credentials. Pure.
 */

/** Where a request goes, as messages need it. */
export interface Server {
    readonly baseUrl: string;
    /** The proxy between this machine and the server, in words; `undefined` where the environment names none. */
    readonly proxy: string | undefined;
    /** Takes credentials out of a text. */
    readonly hide: (text: string) => string;
}

const MAX_WORDS = 300;
/** How much of a body is searched for words: an error is shorter, and a search of megabytes takes minutes. */
const MAX_BODY = 64 * 1024;

/**
 * The API's own words out of an error's body: `message`, `error.message`, `error`, or the body itself, whichever exists.
 * `undefined` for an empty body. Of an HTML page, its title, and the proxy that may have sent it.
 *
 * @example
 * apiWords('{"code":5,"message":"no such key"}', server) // → "no such key"
 */
export function apiWords(body: string, { hide, proxy }: Omit<Server, "baseUrl">): string | undefined {
    const text = body.slice(0, MAX_BODY).trim();
    if (text === "") {
        return undefined;
    }
    if (isHtml(text)) {
        const title = /<title[^>]*>([^<]*)<\/title>/i.exec(text)?.[1]?.trim();
        const page = title ? `an HTML page, "${shorten(hide(title))}"` : "an HTML page";
        return proxy === undefined ? page : `${page}, through ${proxy}`;
    }
    return shorten(hide(messageIn(text) ?? text));
}

function messageIn(text: string): string | undefined {
    let body: unknown;
    try {
        body = JSON.parse(text);
    } catch {
        return undefined;
    }
    const error = property(body, "error");
    const candidates = [body, property(body, "message"), property(error, "message"), error];
    return candidates.find((candidate): candidate is string => typeof candidate === "string" && candidate !== "");
}

/** A property of whatever it is, also of errors of another realm. */
export function property(value: unknown, key: string): unknown {
    return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

/** Whether a body is a web page rather than an answer of the API. */
export function isHtml(body: string): boolean {
    return /^\s*<(!doctype|html|head|body)\b/i.test(body);
}

/** White space, and characters that a terminal takes for a command. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes.
const UNPRINTABLE = /[\s\u0000-\u001f\u007f-\u009f]+/g;

/** A text from outside as part of a message: on one line, at most 300 characters, without credentials. */
export function shorten(text: string): string {
    const line = withoutCredentials(text).replace(UNPRINTABLE, " ").trim();
    return line.length > MAX_WORDS ? `${line.slice(0, MAX_WORDS)}…` : line;
}

/** Replaces whatever looks like an xAI key or a bearer credential: a server may echo a request. */
export function withoutCredentials(text: string): string {
    return text
        .replace(/\bBearer\s+[^\s"',;]+/gi, "Bearer [secret]")
        .replace(/\bxai-[A-Za-z0-9_-]{8,}/g, "[secret]")
        .replace(/:\/\/[^/\s@]+@/g, "://[secret]@");
}
