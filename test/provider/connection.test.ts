import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:https";
import { createServer as createTcpServer, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createApiKey } from "../../provider/api/apiKeys.js";
import { brokenConnection, isTooLarge } from "../../provider/api/connection.js";
import { listEndpoints } from "../../provider/api/endpoints.js";
import { Credential } from "../../provider/credential.js";
import { client } from "./apiClient.js";

const BASE_URL = "https://management-api.x.ai";

describe("a failed connection", () => {
    // The code and message of the failure; whether nothing was sent, whether that lasts, and the words.
    const CASES: [string, string, boolean, boolean, string][] = [
        ["ECONNREFUSED", "", true, false, `the connection to ${BASE_URL} failed (ECONNREFUSED)`],
        ["ENETUNREACH", "", true, false, `the connection to ${BASE_URL} failed (ENETUNREACH)`],
        ["ENOTFOUND", "", true, false, "the name management-api.x.ai could not be resolved (ENOTFOUND)"],
        ["EAI_AGAIN", "", true, false, "the name management-api.x.ai could not be resolved (EAI_AGAIN)"],
        [
            "CERT_HAS_EXPIRED",
            "",
            true,
            true,
            "the certificate of management-api.x.ai is not trusted (CERT_HAS_EXPIRED)",
        ],
        ["DEPTH_ZERO_SELF_SIGNED_CERT", "", true, true, "is not trusted"],
        ["SELF_SIGNED_CERT_IN_CHAIN", "", true, true, "is not trusted"],
        ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "", true, true, "is not trusted"],
        ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "", true, true, "is not trusted"],
        ["ERR_TLS_CERT_ALTNAME_INVALID", "", true, true, "is not trusted"],
        ["EPROTO", "write EPROTO ... wrong version number", true, true, "no TLS connection to management-api.x.ai"],
        ["EPROTO", "write EPROTO ... sslv3 alert handshake failure", true, true, "no TLS connection"],
        ["ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC", "bad record mac", false, true, "no TLS connection"],
        ["ECONNRESET", "socket hang up", false, false, "broke off before the answer was complete (ECONNRESET)"],
        ["ERR_BAD_RESPONSE", "stream has been aborted", false, false, "broke off before the answer was complete"],
        ["HPE_INVALID_CONSTANT", "Parse Error", false, false, `to ${BASE_URL} failed (HPE_INVALID_CONSTANT)`],
        ["Bearer xai-token-1", "", false, false, "failed (unknown cause)"],
    ];
    test.each(CASES)("%s %s: never sent %s, lasting %s", (code, message, neverSent, lasting, what) => {
        const error = Object.assign(new Error(message), { code });
        const broken = brokenConnection(error, BASE_URL);
        expect(broken).toMatchObject({ neverSent, lasting });
        expect(broken.what).toContain(what);
        expect(broken.hint).toContain(`${BASE_URL} is the Management API (setting \`xai:baseUrl\``);
    });

    test.each([undefined, null, "ECONNRESET", {}, { code: 7 }, new Error("x")])("of any kind: %j", (error) => {
        expect(brokenConnection(error, BASE_URL).what).toContain("unknown cause");
        expect(isTooLarge(error)).toBe(false);
    });
});

describe("over a real connection", () => {
    const servers: Server[] = [];
    beforeEach(() => {
        // Names that there are not would otherwise be asked of a proxy.
        vi.stubEnv("no_proxy", "*");
    });
    afterEach(() => {
        vi.unstubAllEnvs();
        vi.restoreAllMocks();
        for (const server of servers.splice(0)) {
            server.close();
        }
    });

    async function listening(server: Server): Promise<number> {
        servers.push(server);
        await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
        const address = server.address();
        return typeof address === "object" && address !== null ? address.port : 0;
    }

    const NEW = { name: "n", acls: [], qps: null, qpm: null, tpm: null, expireTime: null };
    async function failure(baseUrl: string): Promise<{ message: string; neverSent?: boolean }> {
        const { http } = client({
            baseUrl,
            credentials: [new Credential("xai-token-0123456789", "xai:managementKey")],
            maxRetries: 8,
        });
        return createApiKey(http, "t", NEW).then(
            () => expect.fail("it was expected to fail"),
            (error: { message: string; neverSent?: boolean }) => error,
        );
    }

    test("a name that nobody has is said after a few tries", async () => {
        vi.spyOn(Math, "random").mockReturnValue(0);
        const { message, neverSent } = await failure("https://no-such-name.invalid");
        expect(message).toMatch(/could not be resolved \((ENOTFOUND|EAI_AGAIN)\)\. Check the network and its DNS/);
        expect(neverSent).toBe(true);
    });

    test("TLS that cannot come about is said at once, and nothing was created", async () => {
        let connections = 0;
        const plain = createTcpServer((socket) => {
            connections += 1;
            socket.on("error", () => undefined).once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
        });
        const { message, neverSent } = await failure(`https://127.0.0.1:${await listening(plain)}`);
        expect(message).toContain("no TLS connection to 127.0.0.1 came about (EPROTO)");
        expect([neverSent, connections]).toEqual([true, 1]);

        const withoutCertificate = createServer({});
        const other = await failure(`https://127.0.0.1:${await listening(withoutCertificate)}`);
        expect(other.message).toContain("no TLS connection");
        expect(other.neverSent).toBe(true);
    });

    test("a server that does not speak HTTP is no API", async () => {
        const port = await listening(
            createTcpServer((socket) => {
                socket.on("error", () => undefined).once("data", () => socket.end("220 mail.example ESMTP\r\n"));
            }),
        );
        const { http } = client({
            baseUrl: `http://127.0.0.1:${port}`,
            credentials: [new Credential("xai-token-0123456789", "xai:managementKey")],
            maxRetries: 0,
        });
        await expect(listEndpoints(http, "t")).rejects.toThrow(/failed \(HPE_/);
    });

    test("a create goes out on a connection of its own, which the server cannot be about to close", async () => {
        const connections = new Map<string, number[]>();
        let count = 0;
        const server = createHttpServer((request, response) => {
            const { method = "" } = request;
            connections.set(method, [...(connections.get(method) ?? []), numberOf.get(request.socket) ?? 0]);
            response.end(method === "POST" ? '{"apiKeyId":"k","apiKey":"xai-secret"}' : '{"acls":[]}');
        });
        const numberOf = new WeakMap<object, number>();
        server.on("connection", (socket) => {
            count += 1;
            numberOf.set(socket, count);
        });
        const { http } = client({
            baseUrl: `http://127.0.0.1:${await listening(server)}`,
            credentials: [new Credential("xai-token-0123456789", "xai:managementKey")],
        });
        await listEndpoints(http, "t");
        await createApiKey(http, "t", NEW);
        await createApiKey(http, "t", NEW);
        await listEndpoints(http, "t");
        expect(Object.fromEntries(connections)).toEqual({ GET: [1, 1], POST: [2, 3] });
    });
});
