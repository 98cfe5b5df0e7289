import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createApiKey } from "../../provider/api/apiKeys.js";
import { listEndpoints } from "../../provider/api/endpoints.js";
import { proxyFor } from "../../provider/api/proxy.js";
import { serve } from "../servers.js";
import { client, failureOf } from "./client.js";

const API = "https://management-api.x.ai";
const NEW = { name: "ci" };

describe("the proxy of an environment", () => {
    const words = (env: Record<string, string>, baseUrl = API) => proxyFor(baseUrl, env)?.words;
    test.each<[Record<string, string>, string, string | undefined]>([
        [{}, API, undefined],
        [{ HTTPS_PROXY: "http://proxy:3128" }, API, "the proxy of HTTPS_PROXY (proxy:3128)"],
        [{ https_proxy: "http://a:1", HTTPS_PROXY: "http://b:2" }, API, "the proxy of https_proxy (a:1)"],
        [{ ALL_PROXY: "http://proxy" }, API, "the proxy of ALL_PROXY (proxy:80)"],
        [{ HTTPS_PROXY: "https://proxy" }, API, "the proxy of HTTPS_PROXY (proxy:443)"],
        [{ HTTPS_PROXY: "proxy:3128" }, API, "the proxy of HTTPS_PROXY (proxy:3128)"],
        [{ HTTPS_PROXY: "http://u:word@proxy:3128" }, API, "the proxy of HTTPS_PROXY (proxy:3128)"],
        [{ HTTP_PROXY: "http://proxy:3128" }, API, undefined],
        [{ HTTP_PROXY: "http://proxy:3128" }, "http://staging:80", "the proxy of HTTP_PROXY (proxy:3128)"],
        [{ HTTP_PROXY: "http://proxy:3128" }, "http://localhost:8080", undefined],
        [{ HTTP_PROXY: "http://proxy:3128" }, "http://127.0.0.1:8080", undefined],
        [{ HTTP_PROXY: "http://proxy:3128" }, "http://[::1]:8080", undefined],
    ])("%j for %s is %s", (env, baseUrl, expected) => {
        expect(words(env, baseUrl)).toBe(expected);
    });

    test.each([
        ["*", true],
        ["management-api.x.ai", true],
        ["x.ai", true],
        [".x.ai", true],
        ["*.x.ai", true],
        ["example.com, X.AI", true],
        ["management-api.x.ai:443", true],
        ["management-api.x.ai:8443", false],
        ["api.x.ai", false],
        ["ai.", false],
        ["", false],
        [" , ", false],
    ])("NO_PROXY=%j excludes the API: %s", (noProxy, isExcluded) => {
        expect(words({ HTTPS_PROXY: "http://proxy:3128", NO_PROXY: noProxy }) === undefined).toBe(isExcluded);
    });

    test.each([
        ["http://me%40example.com:p%23ss@proxy:3128", { username: "me@example.com", password: "p#ss" }],
        ["http://me:100%@proxy:3128", { username: "me", password: "100%" }],
        ["http://proxy:3128", undefined],
    ])("%s has the credentials %j", (url, auth) => {
        expect(proxyFor(API, { HTTPS_PROXY: url })?.config?.auth).toEqual(auth);
    });
});

describe("a request through a proxy", () => {
    /** What the proxies of a test got: their credentials in clear. */
    const got: string[] = [];
    const servers: Server[] = [];
    beforeEach(() => {
        for (const name of ["https_proxy", "http_proxy", "all_proxy", "no_proxy"]) {
            vi.stubEnv(name, "").stubEnv(name.toUpperCase(), "");
        }
    });
    afterEach(() => {
        vi.unstubAllEnvs();
        got.splice(0);
        for (const server of servers.splice(0)) {
            server.closeAllConnections();
            server.close();
        }
    });
    const note = (header: string | undefined) => {
        got.push(Buffer.from((header ?? "").replace("Basic ", ""), "base64").toString());
    };

    /** A proxy that answers every CONNECT so. */
    async function tunnel(answer: string): Promise<string> {
        const server = createServer().on("connect", (request, socket) => {
            note(request.headers["proxy-authorization"]);
            socket.end(answer);
        });
        servers.push(server);
        await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
        const address = server.address();
        return `127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    }

    test("sends its credentials decoded", async () => {
        const proxy = await serve((request, response) => {
            note(request.headers["proxy-authorization"]);
            response.end(JSON.stringify({ acls: [{ acl: request.url }] }));
        });
        vi.stubEnv("HTTP_PROXY", proxy.replace("//", "//me%40example.com:p%23ss@"));
        const acls = await listEndpoints(client("http://staging.example").http, "t");
        expect(acls[0]?.acl).toBe("http://staging.example/auth/teams/t/endpoints");
        expect(got).toEqual(["me@example.com:p#ss"]);
    });

    test("that refuses (407) is an error at once, which names the proxy and no password", async () => {
        const at = await tunnel("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
        vi.stubEnv("HTTPS_PROXY", `http://me%40example.com:hushhush@${at}`);
        const failure = await failureOf(createApiKey(client(API).http, "t", NEW));
        expect(failure.message).toContain(
            `the proxy of HTTPS_PROXY (${at}) refused the connection (407). Check the user`,
        );
        expect(failure.message).not.toContain("hushhush");
        expect(failure).toMatchObject({ name: "ConnectionError", mayHaveActed: false });
        expect(got).toEqual(["me@example.com:hushhush"]);
    });

    test("that answers a page of its own is named", async () => {
        const page = "<html><title>Blocked</title></html>";
        const at = await tunnel(`HTTP/1.1 403 Forbidden\r\nContent-Length: ${page.length}\r\n\r\n${page}`);
        vi.stubEnv("HTTPS_PROXY", `http://${at}`);
        const failure = await failureOf(createApiKey(client(API).http, "t", NEW));
        expect(failure.message).toContain(`an HTML page, "Blocked", through the proxy of HTTPS_PROXY (${at})`);
    });

    test("that does not listen is named", async () => {
        vi.stubEnv("HTTPS_PROXY", "http://me:hushhush@127.0.0.1:1");
        const failure = await failureOf(createApiKey(client(API, { maxRetries: 0 }).http, "t", NEW));
        expect(failure.message).toContain("the proxy of HTTPS_PROXY (127.0.0.1:1) could not be reached (ECONNREFUSED)");
        expect(failure.message).not.toContain("hushhush");
        expect(failure.mayHaveActed).toBe(false);
    });

    test.each(["socks5://proxy:1080", "http://me:p#ss@proxy:3128"])("whose variable is %s says so", async (value) => {
        vi.stubEnv("HTTPS_PROXY", value);
        const failure = await failureOf(createApiKey(client(API).http, "t", NEW));
        expect(failure.message).toContain(
            "the proxy of HTTPS_PROXY is not the URL of an HTTP proxy. Correct the variable",
        );
        expect(failure.message).not.toContain("p#ss");
        expect(failure.mayHaveActed).toBe(false);
    });
});
