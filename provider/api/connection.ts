import { whereApiIs } from "./errors.js";

/**
 * What a connection's failure means: whether anything was sent, whether another try can help, and what to say. Pure.
 */
export interface BrokenConnection {
    /** True where the request cannot have reached the server. */
    readonly neverSent: boolean;
    /** True where another try would end the same way. */
    readonly lasting: boolean;
    /** What happened, without a full stop. */
    readonly what: string;
    /** What to do next: whole sentences. */
    readonly hint: string;
}

/**
 * Reads an HTTP client's error. Only its code gets out: the rest of it may hold the request.
 *
 * @param error - Whatever the client threw.
 * @param baseUrl - Where the request went.
 */
export function brokenConnection(error: unknown, baseUrl: string): BrokenConnection {
    const code = property(error, "code");
    const said = /^[A-Z0-9_]+$/.test(code) ? code : "unknown cause";
    const { hostname } = new URL(baseUrl);
    const elsewhere = whereApiIs(baseUrl);
    if (UNKNOWN_NAMES.has(code)) {
        return {
            neverSent: true,
            lasting: false,
            what: `the name ${hostname} could not be resolved (${said})`,
            hint: `Check the network and its DNS, and ${elsewhere}`,
        };
    }
    if (DISTRUST.test(code)) {
        return {
            neverSent: true,
            lasting: true,
            what: `the certificate of ${hostname} is not trusted (${said})`,
            hint: `Where a proxy of your network stands between, name its certificate authority's file in NODE_EXTRA_CA_CERTS. Check this machine's clock, and ${elsewhere}`,
        };
    }
    if (NO_TLS.test(code)) {
        return {
            neverSent: HANDSHAKE.test(property(error, "message")),
            lasting: true,
            what: `no TLS connection to ${hostname} came about (${said})`,
            hint: `The server, or a proxy between, does not speak TLS as it should: check \`http\` or \`https\`, the port, and ${elsewhere}`,
        };
    }
    return {
        neverSent: UNREACHED.has(code),
        lasting: false,
        what: BROKEN_OFF.has(code)
            ? `the connection to ${baseUrl} broke off before the answer was complete (${said})`
            : `the connection to ${baseUrl} failed (${said})`,
        hint: `Check the network and ${elsewhere}`,
    };
}

/** Whether an HTTP client gave up an answer for its size. */
export function isTooLarge(error: unknown): boolean {
    return property(error, "message").startsWith("maxContentLength");
}

const UNKNOWN_NAMES: ReadonlySet<string> = new Set(["ENOTFOUND", "EAI_AGAIN"]);

/** Failures before a single byte of the request left this machine. */
const UNREACHED: ReadonlySet<string> = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH"]);

/** `ERR_BAD_RESPONSE` is axios's word for a body that ends early; `HPE_…` are of Node's parser. */
const BROKEN_OFF: ReadonlySet<string> = new Set([
    "ECONNRESET",
    "EPIPE",
    "ECONNABORTED",
    "ERR_BAD_RESPONSE",
    "HPE_INVALID_EOF_STATE",
]);

/** OpenSSL's words for a certificate that is not accepted: the handshake ended before the request. */
const DISTRUST = /CERT|^UNABLE_TO_(GET|VERIFY|DECRYPT|DECODE)_|^(INVALID_CA|HOSTNAME_MISMATCH)$/;

const NO_TLS = /^(EPROTO$|ERR_SSL_)/;

/** What OpenSSL says of a handshake that fails; whatever fails later may have carried the request. */
const HANDSHAKE =
    /wrong version number|http request|handshake|unsupported protocol|packet length too long|unrecognized/i;

function property(error: unknown, name: "code" | "message"): string {
    const value: unknown = typeof error === "object" && error !== null ? Reflect.get(error, name) : undefined;
    return typeof value === "string" ? value : "";
}
