import type { RequestListener } from "node:http";
import { describe, expect, test } from "vitest";
import { createApiKey } from "../../provider/api/apiKeys.js";
import * as errors from "../../provider/api/errors.js";
import { unanswered } from "../../provider/api/transport.js";
import { serve } from "../servers.js";
import { client, failureOf } from "./client.js";

const answer =
    (status: number, body = "", headers: Record<string, string> = {}): RequestListener =>
    (_request, response) => {
        response.writeHead(status, headers).end(body);
    };
const WORDS = '{"message":"the words"}';
const NEW = { name: "ci", acls: ["api-key:model:*"] };

/** Each fault of a server with the class of the error, its message, and whether a create may have made the key. */
const FAULTS: [string, RequestListener, new (...parts: never[]) => errors.ManagementApiError, RegExp, boolean][] = [
    ["302", answer(302, "", { location: "/x" }), errors.UnexpectedAnswerError, /a redirect/, false],
    ["303", answer(303, "", { location: "/x" }), errors.UnexpectedAnswerError, /a redirect/, true],
    ["400", answer(400, WORDS), errors.RefusedError, /answered 400: the words\. Correct what the API refuses/, false],
    ["401", answer(401, WORDS), errors.AuthenticationError, /config set --secret xai:managementKey/, false],
    ["403", answer(403, WORDS), errors.PermissionError, /team-token:endpoint:CreateApiKey/, false],
    ["404", answer(404, WORDS), errors.NotFoundError, /answered 404: the words\. Check that/, false],
    ["404 in HTML", answer(404, "<html><title>Gone</title>"), errors.NotFoundError, /404: an HTML page, "Gone"/, false],
    ["405", answer(405), errors.UnsupportedRouteError, /lacks the operation/, false],
    ["407", answer(407), errors.ConnectionError, /a proxy refused the connection \(407\)/, false],
    ["408", answer(408), errors.ServerError, /answered 408/, true],
    ["409", answer(409, WORDS), errors.RefusedError, /pulumi refresh/, false],
    ["418", answer(418), errors.RefusedError, /Correct/, false],
    ["429", answer(429, WORDS), errors.RateLimitError, /xai:maxConcurrency/, false],
    ["500", answer(500, WORDS), errors.ServerError, /answered 500: the words\. The fault is on the server's/, true],
    ["501", answer(501), errors.UnsupportedRouteError, /lacks the operation/, false],
    ["502 in HTML", answer(502, "<html><h1>Bad</h1>"), errors.ServerError, /502: an HTML page/, true],
    ["520", answer(520), errors.ServerError, /answered 520/, true],
    ["204", answer(204), errors.UnexpectedAnswerError, /unexpected shape at its top level/, true],
    ["206", answer(206, "{}"), errors.UnexpectedAnswerError, /206, which does not say whether it is done/, true],
    ["no JSON", answer(200, "all good"), errors.UnexpectedAnswerError, /the answer was no JSON/, true],
    ["HTML", answer(200, "<!DOCTYPE html><title>Sign in</title>"), errors.UnexpectedAnswerError, /"Sign in"/, true],
    ["no id", answer(200, '{"apiKey":"xai-sec"}'), errors.UnexpectedAnswerError, /unexpected shape at apiKeyId/, true],
    ["a cut", (request) => request.socket.destroy(), errors.ConnectionError, /broke off .*\(ECONNRESET\)/, true],
    [
        "a cut in the body",
        (_request, response) => {
            response.writeHead(200, { "content-length": "100" }).write("{", () => response.destroy());
        },
        errors.ConnectionError,
        /broke off before the answer was complete/,
        true,
    ],
    ["silence", () => undefined, errors.ConnectionError, /no complete answer in time\. The limits are/, true],
    [
        "silence after the headers",
        (_request, response) => void response.writeHead(200).write(" "),
        errors.ConnectionError,
        /no complete answer in time\. .*`xai:requestTimeout` \(300ms an attempt\)/,
        true,
    ],
    [
        "40 MiB",
        (_request, response) => void response.on("error", () => undefined).end(" ".repeat(40 * 1024 * 1024)),
        errors.ConnectionError,
        /more than 32 MiB/,
        true,
    ],
];

describe("a fault of the server at a create", () => {
    test.each(FAULTS)("%s", async (_fault, listener, kind, message, mayHaveActed) => {
        let requests = 0;
        const baseUrl = await serve((request, response) => {
            requests += 1;
            listener(request, response);
        });
        // 40 MiB take a while on a busy machine.
        const { http } = client(baseUrl, { maxRetries: 0, requestTimeout: _fault.startsWith("silence") ? 300 : 5000 });
        const error = await failureOf(createApiKey(http, "t", NEW));
        expect(error).toBeInstanceOf(kind);
        expect(error.name).toBe(kind.name);
        expect(error.message).toMatch(/^Could not create API key "ci" in team t: /);
        expect(error.message).toMatch(message);
        expect(error).toMatchObject({ mayHaveActed });
        expect(requests).toBe(1);
    });

    test("that does not listen is no connection, and nothing was made", async () => {
        const error = await failureOf(createApiKey(client("http://127.0.0.1:1", { maxRetries: 0 }).http, "t", NEW));
        expect(error).toBeInstanceOf(errors.ConnectionError);
        expect(error.message).toMatch(/ECONNREFUSED.*Check the network and that http:\/\/127\.0\.0\.1:1 is the Man/);
        expect(error.mayHaveActed).toBe(false);
    });
});

describe("a connection's failure", () => {
    const BASE_URL = "https://management-api.x.ai";
    // The code and message of the failure; whether nothing was sent, whether it lasts, and the words.
    const CASES: [string, string, boolean, boolean, string][] = [
        ["ECONNREFUSED", "", true, false, `the connection to ${BASE_URL} failed (ECONNREFUSED)`],
        ["ENETUNREACH", "", true, false, "failed (ENETUNREACH)"],
        ["ENOTFOUND", "", true, false, "the name management-api.x.ai could not be resolved (ENOTFOUND)"],
        ["EAI_AGAIN", "", true, false, "could not be resolved (EAI_AGAIN)"],
        ["CERT_HAS_EXPIRED", "", true, true, "the certificate of management-api.x.ai is not trusted"],
        ["DEPTH_ZERO_SELF_SIGNED_CERT", "", true, true, "is not trusted"],
        ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "", true, true, "is not trusted"],
        ["ERR_TLS_CERT_ALTNAME_INVALID", "", true, true, "is not trusted"],
        ["EPROTO", "write EPROTO ... wrong version number", true, true, "the TLS connection to management-api.x.ai"],
        ["EPROTO", "write EPROTO ... sslv3 alert handshake failure", true, true, "TLS connection"],
        ["ERR_SSL_BAD_RECORD_MAC", "bad record mac", false, true, "TLS connection"],
        ["ECONNRESET", "socket hang up", false, false, "broke off before the answer was complete (ECONNRESET)"],
        ["ERR_BAD_RESPONSE", "stream has been aborted", false, false, "broke off"],
        ["HPE_INVALID_CONSTANT", "Parse Error", false, false, "failed (HPE_INVALID_CONSTANT)"],
        ["Bearer xai-token-1", "", false, false, "failed (unknown cause)"],
    ];
    test.each(CASES)("%s %s: never sent %s, lasting %s", (code, message, neverSent, lasting, what) => {
        // Not an Error of this realm.
        const result = unanswered({ code, message }, BASE_URL, undefined);
        expect(result).toMatchObject({ neverSent, lasting });
        expect(result.what).toContain(what);
        expect(result.hint).toContain(`${BASE_URL} is the Management API (setting \`xai:baseUrl\``);
    });

    test.each([
        ["ECONNREFUSED", "the proxy of HTTPS_PROXY (proxy:3128) could not be reached (ECONNREFUSED)"],
        ["ENOTFOUND", "the proxy of HTTPS_PROXY (proxy:3128) could not be reached (ENOTFOUND)"],
        ["CERT_HAS_EXPIRED", "the certificate of management-api.x.ai through the proxy of HTTPS_PROXY (proxy:3128)"],
        ["ECONNRESET", `the connection to ${BASE_URL} through the proxy of HTTPS_PROXY (proxy:3128) broke off`],
    ])("%s through a proxy names it", (code, what) => {
        expect(unanswered({ code }, BASE_URL, "the proxy of HTTPS_PROXY (proxy:3128)").what).toContain(what);
    });
});
