import type { AxiosProxyConfig } from "axios";

/** The proxy that the environment names for a server. Pure. */
export interface HttpProxy {
    /** For messages, without its credentials: `the proxy of HTTPS_PROXY (proxy:3128)`. */
    readonly words: string;
    /** For axios; `undefined` where the variable names no HTTP proxy. */
    readonly config: AxiosProxyConfig | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads `HTTPS_PROXY` or `HTTP_PROXY`, then `ALL_PROXY`, and `NO_PROXY`, in small or capital letters.
 *
 * axios reads them too, but sends percent-encoded credentials as they stand, and does not tell which variable it used.
 *
 * @returns `undefined` where the connection is direct. A loopback address never goes through a proxy.
 */
export function proxyFor(baseUrl: string, env: Environment): HttpProxy | undefined {
    const target = new URL(baseUrl);
    const name = `${target.protocol.replace(":", "")}_proxy`;
    const variable = [name, name.toUpperCase(), "all_proxy", "ALL_PROXY"].find((one) => env[one]);
    if (variable === undefined || isLoopback(target.hostname) || isExcluded(target, env)) {
        return undefined;
    }
    const text = env[variable] ?? "";
    const withScheme = text.includes("://") ? text : `http://${text}`;
    const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === "") {
        return { words: `the proxy of ${variable}`, config: undefined };
    }
    const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
    const [username, password] = [decoded(url.username), decoded(url.password)];
    return {
        words: `the proxy of ${variable} (${url.hostname}:${port})`,
        config: {
            protocol: url.protocol,
            host: url.hostname.replace(/^\[|\]$/g, ""),
            port,
            ...(username === "" && password === "" ? {} : { auth: { username, password } }),
        },
    };
}

function isLoopback(hostname: string): boolean {
    return hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
}

/** Whether `NO_PROXY` names the host, a domain above it, or everything. */
function isExcluded(target: URL, env: Environment): boolean {
    const port = target.port || (target.protocol === "https:" ? "443" : "80");
    return (env["no_proxy"] || env["NO_PROXY"] || "")
        .toLowerCase()
        .split(/[\s,]+/)
        .some((entry) => {
            const [, domain = "", only = port] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry) ?? [];
            const isMatch = target.hostname === domain || target.hostname.endsWith(`.${domain}`);
            return entry === "*" || (domain !== "" && only === port && isMatch);
        });
}

function decoded(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}
