import type { RequestListener } from "node:http";
import { inspect } from "node:util";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createApiKey, deleteApiKey, listApiKeys, updateApiKey } from "../../provider/api/apiKeys.js";
import { listEndpoints } from "../../provider/api/endpoints.js";
import * as errors from "../../provider/api/errors.js";
import type { HttpOptions } from "../../provider/api/http.js";
import { listModels } from "../../provider/api/models.js";
import { Credential } from "../../provider/credential.js";
import { SettingsError } from "../../provider/settings.js";
import { serve } from "../servers.js";
import { client, httpFor } from "./apiClient.js";
import { emulate } from "./emulators.js";

const NEW = {
    name: "n",
    acls: ["api-key:model:*", "api-key:endpoint:*"],
    qps: 1,
    qpm: null,
    tpm: null,
    expireTime: null,
};

afterEach(() => {
    vi.restoreAllMocks();
});

/** A plain web server, and what it was asked. */
async function serveNoting(listener: RequestListener): Promise<{ baseUrl: string; urls: string[] }> {
    const urls: string[] = [];
    const baseUrl = await serve((request, response) => {
        urls.push(request.url ?? "");
        listener(request, response);
    });
    return { baseUrl, urls };
}

const KEY = "xai-token-the-management-key-itself";
const at = (baseUrl: string, options: Partial<HttpOptions> = {}) =>
    client({ baseUrl, credentials: [new Credential(KEY, "xai:managementKey")], ...options }).http;

async function failureOf(call: Promise<unknown>): Promise<errors.ManagementApiError> {
    const failure = await call.then(
        () => undefined,
        (error: unknown) => error,
    );
    if (!(failure instanceof errors.ManagementApiError)) {
        throw new Error("It did not fail as a call of the API does.", { cause: failure });
    }
    return failure;
}

/** Everything that an error could show to whoever prints it. */
function everything(error: Error): string {
    const chain: string[] = [];
    for (let one: unknown = error; one instanceof Error; one = one.cause) {
        const own = Object.getOwnPropertyNames(one).map((name) =>
            inspect(Reflect.get(one as Error, name), { depth: null }),
        );
        chain.push(one.message, one.stack ?? "", JSON.stringify(one), ...own);
        chain.push(inspect(one, { depth: Number.POSITIVE_INFINITY, showHidden: true }));
    }
    return chain.join("\n");
}

describe("what is sent again", () => {
    test.each([429, 500, 502, 503, 504])("a read after %i, with Retry-After and without", async (status) => {
        vi.spyOn(Math, "random").mockReturnValue(0);
        const emulator = await emulate();
        const { http } = httpFor(emulator);
        emulator.inject({ status, headers: { "retry-after": "0" } });
        emulator.inject({ status });
        expect(await listApiKeys(http, emulator.teamId)).toEqual(new Map());
        expect(emulator.requests.map((request) => request.status)).toEqual([status, status, 200]);
    });

    test("as often as maxRetries says, and then the last word of the API is the error", async () => {
        vi.spyOn(Math, "random").mockReturnValue(0);
        for (const maxRetries of [0, 1, 3]) {
            const emulator = await emulate();
            emulator.inject({ status: 503, times: Number.POSITIVE_INFINITY });
            const failure = await failureOf(listApiKeys(httpFor(emulator, { maxRetries }).http, emulator.teamId));
            expect(failure).toBeInstanceOf(errors.ServerError);
            expect(emulator.requests).toHaveLength(maxRetries + 1);
        }
    });

    test("a create after 429 alone, which acted on nothing", async () => {
        const emulator = await emulate();
        const { http } = httpFor(emulator);
        emulator.inject({ status: 429, headers: { "retry-after": "0" } });
        await createApiKey(http, emulator.teamId, NEW);
        expect(emulator.requests.map((request) => request.status)).toEqual([429, 200]);
        expect(emulator.keys()).toHaveLength(1);
    });

    test.each([
        { status: 500 },
        { status: 503, headers: { "retry-after": "0" } },
        { status: 408 },
        { cut: "before" as const },
        { cut: "after" as const },
        { delayMs: 2000 },
    ])("never a create after %j", async (fault) => {
        const emulator = await emulate();
        const { http } = httpFor(emulator, { requestTimeout: 200 });
        emulator.inject({ operation: "createApiKey", ...fault });
        const { message } = await failureOf(createApiKey(http, emulator.teamId, NEW));
        expect(message).toContain("The key may exist all the same");
        expect(emulator.requests).toHaveLength(1);
    });

    test("updates and deletes after a cut, which may have acted", async () => {
        vi.spyOn(Math, "random").mockReturnValue(0);
        const emulator = await emulate();
        const { http } = httpFor(emulator);
        const { apiKeyId } = emulator.addKey();
        const object = { ...NEW, apiKeyId, teamId: emulator.teamId, aclStrings: NEW.acls, disabled: true };
        const { acls: _, ...sent } = object;
        emulator.inject({ cut: "after" });
        expect(await updateApiKey(http, "guide", sent, ["disabled"])).toMatchObject({ disabled: true });
        emulator.inject({ cut: "before" });
        await deleteApiKey(http, apiKeyId);
        expect(emulator.countRequests()).toEqual({ updateApiKey: 2, deleteApiKey: 2 });
    });

    test("nothing after a refusal", async () => {
        for (const status of [400, 401, 403, 404, 405, 409, 422, 501]) {
            const emulator = await emulate();
            emulator.inject({ status });
            await failureOf(listModels(httpFor(emulator).http, emulator.teamId));
            expect(emulator.requests).toHaveLength(1);
        }
    });

    test("a create is sent early enough to have the time that it needs, or not at all", async () => {
        const emulator = await emulate({ latencyMs: 300 });
        const { http } = httpFor(emulator, { maxConcurrency: 1, operationTimeout: 1000, requestTimeout: 5000 });
        const results = await Promise.allSettled([1, 2, 3, 4].map(() => createApiKey(http, emulator.teamId, NEW)));
        const made = results.filter((result) => result.status === "fulfilled");
        expect(made).toHaveLength(emulator.keys().length);
        expect(emulator.requests).toHaveLength(made.length);
        for (const result of results.filter((one) => one.status === "rejected")) {
            expect(result.reason).toMatchObject({ name: "ConnectionError", neverSent: true });
            expect(result.reason.message).toContain("it waited too long for other requests of this process to end");
            expect(result.reason.message).toContain("`xai:requestTimeout` (5s an attempt)");
            expect(result.reason.message).toContain("`xai:operationTimeout` (1s over all)");
        }
    });

    test("200 creates under a limit of 10 a second all get through, with few refusals, told when to come back or not", async () => {
        const counts = ["seconds" as const, "none" as const].map(async (retryAfter) => {
            const emulator = await emulate({ rateLimit: { perSecond: 10, retryAfter } });
            const { http } = httpFor(emulator, { maxRetries: 8, operationTimeout: 120_000 });
            await Promise.all(Array.from({ length: 200 }, () => createApiKey(http, emulator.teamId, NEW)));
            expect(emulator.keys()).toHaveLength(200);
            return emulator.requests.filter(({ status }) => status === 429).length;
        });
        expect(Math.max(...(await Promise.all(counts)))).toBeLessThanOrEqual(22);
    });

    test("nothing that would come after the limit of the operation: a long Retry-After is not waited for", async () => {
        const emulator = await emulate();
        emulator.inject({ status: 429, headers: { "retry-after": "50" }, times: Number.POSITIVE_INFINITY });
        const { http } = httpFor(emulator, { operationTimeout: 1000 });
        expect(await failureOf(listApiKeys(http, emulator.teamId))).toBeInstanceOf(errors.RateLimitError);
        expect(emulator.requests).toHaveLength(1);
    });

    test("at the limit of the operation the error is what the API said last, not that time ran out", async () => {
        // A pause as long as it can be, so that it reaches over the limit.
        vi.spyOn(Math, "random").mockReturnValue(0.999);
        const emulator = await emulate();
        emulator.inject({ status: 503, times: Number.POSITIVE_INFINITY });
        const { http } = httpFor(emulator, { operationTimeout: 300, maxRetries: 8 });
        const failure = await failureOf(listApiKeys(http, emulator.teamId));
        expect(failure.message).toContain("503");
        expect(failure).toBeInstanceOf(errors.ServerError);
    });

    test("a call that another one's 429 holds back over its limit says that, and not that time ran out", async () => {
        const emulator = await emulate();
        emulator.inject({ status: 429, headers: { "retry-after": "2" } });
        const { http } = httpFor(emulator, { maxRetries: 1 });
        const first = listEndpoints(http, emulator.teamId).then(
            () => "answered",
            () => "failed",
        );
        await vi.waitFor(() => expect(emulator.requests[0]?.status).toBe(429));
        await new Promise((done) => setTimeout(done, 50));
        const failure = await failureOf(listEndpoints(http, emulator.teamId, 100));
        expect(await first).toBe("answered");
        expect(failure.message).not.toContain("no complete answer within");
        expect(failure.message).toContain("xai:maxConcurrency");
    });

    test("many calls under a limit of the rate all end well, and do not meet it many times each", async () => {
        const emulator = await emulate({ rateLimit: { perSecond: 40, burst: 5, retryAfter: "none" } });
        const { http } = httpFor(emulator, { maxRetries: 8 });
        await Promise.all(Array.from({ length: 20 }, () => listEndpoints(http, emulator.teamId)));
        expect(emulator.requests.filter((request) => request.status === 200)).toHaveLength(20);
    });
});

test("no more requests are under way at once than maxConcurrency says", async () => {
    let now = 0;
    let most = 0;
    const { baseUrl } = await serveNoting((_request, response) => {
        now += 1;
        most = Math.max(most, now);
        setTimeout(() => {
            now -= 1;
            response.end('{"acls":[]}');
        }, 20);
    });
    const http = at(baseUrl, { maxConcurrency: 3 });
    await Promise.all(Array.from({ length: 12 }, () => listEndpoints(http, "t")));
    expect(most).toBe(3);
});

describe("the management key", () => {
    const two = (emulator: { managementKey: string; url: string }, good: string, options = {}) =>
        client({
            baseUrl: emulator.url,
            credentials: [
                new Credential("xai-token-old-and-refused", "xai:managementKey"),
                new Credential(good, "XAI_MANAGEMENT_KEY"),
            ],
            ...options,
        });

    test("of the environment is taken after a 401 on the configured one, with one warning, for good", async () => {
        const emulator = await emulate();
        const { http, warnings } = two(emulator, emulator.managementKey);
        await listEndpoints(http, emulator.teamId);
        await createApiKey(http, emulator.teamId, NEW);
        expect(emulator.requests.map((request) => request.status)).toEqual([401, 200, 200]);
        expect(warnings).toHaveLength(1);
        expect(warnings[0]).toMatch(/xai:managementKey was refused \(401\); .* XAI_MANAGEMENT_KEY works/);
        expect(warnings[0]).not.toContain("xai-token-");
    });

    test("is changed once, with one warning, by many calls at the same time", async () => {
        const emulator = await emulate();
        const { http, warnings } = two(emulator, emulator.managementKey);
        await Promise.all(Array.from({ length: 10 }, () => listEndpoints(http, emulator.teamId)));
        expect(warnings).toHaveLength(1);
    });

    test("of the environment counts as good where the API refuses something else than the key", async () => {
        const emulator = await emulate();
        const { http, warnings } = two(emulator, emulator.managementKey);
        await failureOf(deleteApiKey(http, "no-such-key"));
        await listEndpoints(http, emulator.teamId);
        expect(emulator.requests.map((request) => request.status)).toEqual([401, 404, 200]);
        expect(warnings).toHaveLength(1);
    });

    test("that is wrong in both places is an error that says where it comes from, without a warning", async () => {
        const emulator = await emulate();
        const { http, warnings } = two(emulator, "xai-token-refused-as-well");
        const failure = await failureOf(listEndpoints(http, emulator.teamId));
        expect(failure).toBeInstanceOf(errors.AuthenticationError);
        expect(failure.message).toContain("pulumi config set --secret xai:managementKey");
        expect(warnings).toEqual([]);
        expect(emulator.requests).toHaveLength(2);
    });

    test("that is missing is an error before anything is sent", async () => {
        const emulator = await emulate();
        const { http } = client({ baseUrl: emulator.url, credentials: [] });
        await expect(listEndpoints(http, "t")).rejects.toThrow(SettingsError);
        expect(emulator.requests).toEqual([]);
    });
});

describe("servers that are not the API", () => {
    test("a closed port is one clear line, after a few tries", async () => {
        vi.spyOn(Math, "random").mockReturnValue(0);
        const failure = await failureOf(createApiKey(at("http://127.0.0.1:1", { maxRetries: 8 }), "t", NEW));
        expect(failure).toMatchObject({ name: "ConnectionError", neverSent: true });
        expect(failure.message).toMatch(/^Could not create an API key in team t: .*ECONNREFUSED.*xai:baseUrl/);
    });

    test("a redirect is not followed, and says so", async () => {
        const elsewhere = await serveNoting((_request, response) => response.end('{"acls":[]}'));
        const { baseUrl, urls } = await serveNoting((_request, response) => {
            response.writeHead(302, { location: `${elsewhere.baseUrl}/stolen` }).end();
        });
        const failure = await failureOf(listEndpoints(at(baseUrl), "t"));
        expect(failure).toBeInstanceOf(errors.UnexpectedAnswerError);
        expect(failure.message).toContain("302, a redirect, which is never followed with a credential");
        expect(urls).toEqual(["/auth/teams/t/endpoints"]);
        expect(elsewhere.urls).toEqual([]);
    });

    test.each([
        [200, "<!DOCTYPE html><title>Sign in</title>", 'the answer was an HTML page, "Sign in"'],
        [200, "all good", "the answer was no JSON"],
        [200, "", "unexpected shape at its top level"],
        [200, "[]", "unexpected shape at its top level"],
        [200, '{"acls":[{"acl":7}]}', "unexpected shape at acls.0.acl"],
        [404, "<html><title>Not here</title>", '404: an HTML page, "Not here"'],
        [204, "", "unexpected shape"],
    ])("an answer %i %j says what it is and names the setting", async (status, body, words) => {
        const { baseUrl } = await serveNoting((_request, response) => {
            response.writeHead(status, { "content-type": "text/html" }).end(body);
        });
        const { message } = await failureOf(listEndpoints(at(baseUrl), "t"));
        expect(message).toContain(words);
        expect(message).toContain(`${baseUrl} is the Management API (setting \`xai:baseUrl\``);
    });

    test("no answer in time is an error that names both limits", async () => {
        const { baseUrl } = await serveNoting(() => undefined);
        const http = at(baseUrl, { requestTimeout: 50, operationTimeout: 60, maxRetries: 0 });
        const failure = await failureOf(listEndpoints(http, "t"));
        expect(failure).toBeInstanceOf(errors.ConnectionError);
        expect(failure.message).toContain("no complete answer within 50ms");
        expect(failure.message).toContain("xai:requestTimeout");
        expect(failure.message).toContain("xai:operationTimeout");
    });

    test("a pause that leaves almost nothing of the time is what the error says, and nothing is sent after it", async () => {
        const { baseUrl, urls } = await serveNoting((_request, response) => {
            response.writeHead(429, { "retry-after": "1" }).end();
        });
        const http = at(baseUrl, { requestTimeout: 5000, operationTimeout: 1200 });
        const both = await Promise.all([failureOf(listEndpoints(http, "t")), failureOf(listEndpoints(http, "t"))]);
        const late = await failureOf(listEndpoints(http, "t"));
        for (const failure of [...both, late]) {
            expect(failure).toBeInstanceOf(errors.RateLimitError);
        }
        expect(late.message).toContain("a pause that leaves nothing of the 1s it may take, so it was not sent");
        expect(urls.length).toBeLessThanOrEqual(2);
    });

    test("a listing whose pages go on with the same key and another token each time comes to an end", async () => {
        let token = 0;
        const { baseUrl, urls } = await serveNoting((_request, response) => {
            token += 1;
            response.end(JSON.stringify({ apiKeys: [{ apiKeyId: "k", name: "n" }], paginationToken: `${token}` }));
        });
        const failure = await failureOf(listApiKeys(at(baseUrl), "t"));
        expect(failure.message).toContain("the listing does not come to an end: its last 20 pages held no further key");
        expect(urls).toHaveLength(21);
    });

    test("a name that was told is hidden in whatever an answer quotes, trimmed and as JSON has it", async () => {
        const { baseUrl } = await serveNoting((_request, response) => {
            response.writeHead(409).end('"hush, my \\"own\\" name" is in use, hush, my "own" name, indeed');
        });
        const http = at(baseUrl);
        http.hideName(' hush, my "own" name ');
        const { message } = await failureOf(deleteApiKey(http, "k"));
        expect(message).not.toContain("hush");
        expect(message).toContain("[name]");
    });

    test("an answer that stops in the middle ends with the same limit", async () => {
        const { baseUrl } = await serveNoting((_request, response) => {
            response.writeHead(200, { "content-length": "100" }).write('{"acls":');
        });
        const http = at(baseUrl, { requestTimeout: 50, maxRetries: 0 });
        expect((await failureOf(listEndpoints(http, "t"))).message).toContain("no complete answer within");
    });

    test.each([
        ["stays silent after its headers", { stall: "after headers" as const }],
        ["trickles", { stall: { byteEveryMs: 20 } }],
        ["never comes", { delayMs: 60_000 }],
    ])("an answer that %s ends at the limit of an attempt", async (_what, fault) => {
        const emulator = await emulate();
        emulator.inject({ ...fault, times: 2 });
        const { http } = httpFor(emulator, { requestTimeout: 150, maxRetries: 0 });
        for (const call of [
            () => listEndpoints(http, emulator.teamId),
            () => createApiKey(http, emulator.teamId, NEW),
        ]) {
            const { message } = await failureOf(call());
            expect(message).toContain("no complete answer within 150ms");
            expect(message).toContain(
                "`xai:requestTimeout` (150ms an attempt) and `xai:operationTimeout` (10s over all)",
            );
        }
    });

    test("a limit for one call alone is told apart from the setting", async () => {
        const emulator = await emulate({ latencyMs: 60_000 });
        const { http } = httpFor(emulator, { maxRetries: 0 });
        const { message } = await failureOf(listEndpoints(http, emulator.teamId, 80));
        expect(message).toContain("no complete answer within 80ms");
        expect(message).toContain("`xai:operationTimeout` (10s over all, 80ms for this call)");
    });

    test("an answer of 100 MB is given up, not read", async () => {
        const emulator = await emulate();
        emulator.inject({ padding: 100 * 1024 * 1024 });
        const { http } = httpFor(emulator);
        const failure = await failureOf(listApiKeys(http, emulator.teamId));
        expect(failure).toBeInstanceOf(errors.UnexpectedAnswerError);
        expect(failure.message).toContain("the answer has more than 32 MiB");
        expect(emulator.requests).toHaveLength(1);
        emulator.inject({ padding: 16 * 1024 * 1024 });
        expect(await listApiKeys(http, emulator.teamId)).toEqual(new Map());
    });

    test.each(["in headers", "after headers", "in body", "in chunked body"] as const)(
        "an answer that breaks off %s is asked for again, and of a create says that the key may exist",
        async (cut) => {
            vi.spyOn(Math, "random").mockReturnValue(0);
            const emulator = await emulate();
            const { http } = httpFor(emulator);
            emulator.inject({ operation: "listEndpoints", cut, times: 2 });
            expect((await listEndpoints(http, emulator.teamId)).acls).not.toEqual([]);
            emulator.inject({ operation: "createApiKey", cut });
            const { message } = await failureOf(createApiKey(http, emulator.teamId, NEW));
            expect(message).toContain("broke off before the answer was complete");
            expect(message).toContain("The key may exist all the same");
            expect(emulator.keys()).toHaveLength(1);
            expect(emulator.countRequests()).toEqual({ listEndpoints: 3, createApiKey: 1 });
        },
    );

    test.each([201, 202, 203, 207])("success with %i is success where the body fits", async (status) => {
        const emulator = await emulate();
        emulator.inject({ status, acts: true });
        const { apiKeyId } = await createApiKey(httpFor(emulator).http, emulator.teamId, NEW);
        expect(emulator.key(apiKeyId)).toBeDefined();
    });

    test("success with 204 is success for a delete alone, 202 for all but a delete, and 206 for nothing", async () => {
        const emulator = await emulate();
        const { http } = httpFor(emulator);
        const one = emulator.addKey().apiKeyId;
        emulator.inject({ status: 204, acts: true });
        await deleteApiKey(http, one);
        emulator.inject({ status: 204, acts: true });
        expect((await failureOf(createApiKey(http, emulator.teamId, NEW))).message).toContain("may exist all the same");
        const other = emulator.addKey().apiKeyId;
        for (const [call, status] of [
            [() => deleteApiKey(http, other), 202],
            [() => listEndpoints(http, emulator.teamId), 206],
            [() => createApiKey(http, emulator.teamId, NEW), 206],
        ] as const) {
            emulator.inject({ status, acts: true });
            const failure = await failureOf(call());
            expect(failure.message).toContain(`answered ${status}`);
            expect(failure.message).toContain("which leaves open whether it is done");
        }
    });

    test.each([-5, 5])("Retry-After as a date is kept to where this machine's clock is %i hours off", async (hours) => {
        const emulator = await emulate({ now: () => new Date(Date.now() + hours * 3_600_000) });
        const at = new Date(Date.now() + hours * 3_600_000 + 1000).toUTCString();
        emulator.inject({ status: 503, headers: { "retry-after": at } });
        const { http } = httpFor(emulator, { operationTimeout: 5000 });
        await listEndpoints(http, emulator.teamId);
        expect(emulator.requests.map(({ status }) => status)).toEqual([503, 200]);
    });

    test.each([30, 90])("limits of %i days do not break a call", async (days) => {
        const emulator = await emulate();
        const limit = days * 24 * 3_600_000;
        const { http } = httpFor(emulator, { requestTimeout: limit, operationTimeout: limit, maxRetries: 0 });
        expect((await listEndpoints(http, emulator.teamId)).acls).not.toEqual([]);
    });
});

describe("the credential is in no part of any error", () => {
    const echoing: RequestListener = (request, response) => {
        response.writeHead(400).end(JSON.stringify({ message: `you sent ${request.headers.authorization}` }));
    };
    const echoingValue: RequestListener = (request, response) => {
        const value = request.headers.authorization?.replace("Bearer ", "");
        response.writeHead(400).end(JSON.stringify({ message: `your key ${value} is not one` }));
    };
    const cut: RequestListener = (request) => request.socket.destroy();
    const page: RequestListener = (request, response) => response.end(`<html>${request.headers.authorization}`);
    const nonsense: RequestListener = (request, response) =>
        response.end(`{"acls": "${request.headers.authorization}"}`);

    test.each([
        ["a refusal that echoes the header", echoing],
        ["a refusal that echoes its value alone", echoingValue],
        ["a cut connection", cut],
        ["a web page", page],
        ["an answer of another shape", nonsense],
        ["no answer", () => undefined],
    ])("%s", async (_what, listener) => {
        const { baseUrl } = await serveNoting(listener);
        for (const key of [KEY, "a-key-of-an-unusual-form"]) {
            const credentials = [new Credential(key, "xai:managementKey")];
            const http = at(baseUrl, { maxRetries: 0, requestTimeout: 100, credentials });
            const calls = [
                () => listEndpoints(http, "t"),
                () => createApiKey(http, "t", NEW),
                () => deleteApiKey(http, "id"),
            ];
            for (const call of calls) {
                const error = await call().then(
                    () => undefined,
                    (failure: Error) => failure,
                );
                if (error !== undefined) {
                    expect(everything(error)).not.toContain(key);
                    expect(everything(error)).not.toMatch(/Bearer \S*key/);
                    expect(error.cause).toBeUndefined();
                }
            }
            expect(inspect(http, { depth: null, showHidden: true })).not.toContain(key);
        }
    });

    test("a closed port", async () => {
        const failure = await failureOf(listEndpoints(at("http://127.0.0.1:1", { maxRetries: 0 }), "t"));
        expect(everything(failure)).not.toContain(KEY);
    });
});
