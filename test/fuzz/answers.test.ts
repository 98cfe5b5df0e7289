import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
    type ApiKey,
    checkApiKeyPropagation,
    createApiKey,
    deleteApiKey,
    listApiKeys,
    updateApiKey,
} from "../../provider/api/apiKeys.js";
import { listEndpoints } from "../../provider/api/endpoints.js";
import { apiWords, errorFromAnswer, ManagementApiError, XaiError } from "../../provider/api/errors.js";
import { Http } from "../../provider/api/http.js";
import { teamOf, validateManagementKey } from "../../provider/api/managementKeys.js";
import { listModels } from "../../provider/api/models.js";
import { changedFields, sameValue } from "../../provider/apiKeyDiff.js";
import { stateFromApi, stateOutputs } from "../../provider/apiKeyState.js";
import { catalogueOf } from "../../provider/catalogue.js";
import { Credential } from "../../provider/credential.js";
import { propagationProgress } from "../../provider/propagation.js";
import { modelsOf } from "../../sdk/models.js";
import { anyJson, anyText, mutated, nested, PATIENCE, runs } from "./effort.js";
import { CREATED, ENDPOINTS, KEY, MODELS, PAGE, PROPAGATION, VALIDATION } from "./samples.js";

/** Answers of the API: whatever bytes come, a call ends with what they say or with one of our errors. See effort.ts. */

const TEAM = "team";
const NEW = { name: "n", acls: [], qps: 1, qpm: null, tpm: null, expireTime: null };
const OBJECT = { ...NEW, apiKeyId: KEY.apiKeyId, teamId: TEAM, aclStrings: [], disabled: false };

let server: Server;
let http: Http;
/** What the server answers next. */
let next: { status: number; body: string | Buffer; headers: Record<string, string> } = {
    status: 200,
    body: "",
    headers: {},
};
let requests = 0;

beforeAll(async () => {
    server = createServer((request, response) => {
        requests += 1;
        request.resume();
        response.writeHead(next.status, next.headers);
        response.end(next.body);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    // A TCP server's address is never a pipe's text.
    const { port } = server.address() as AddressInfo;
    http = new Http({
        baseUrl: `http://127.0.0.1:${port}`,
        credentials: [new Credential("xai-token-of-the-fuzzing", "xai:managementKey")],
        requestTimeout: 5000,
        operationTimeout: 5000,
        maxRetries: 0,
        maxConcurrency: 8,
        warn: () => undefined,
    });
});
afterAll(() => {
    server.closeAllConnections();
    server.close();
});

/** What a call comes to; anything but its own value or one of our errors fails the test. */
async function outcome<T>(body: unknown, call: () => Promise<T>): Promise<T | ManagementApiError> {
    next = {
        status: 200,
        body: typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body),
        headers: {},
    };
    try {
        return await call();
    } catch (error) {
        expect(error).toBeInstanceOf(ManagementApiError);
        return error as ManagementApiError;
    }
}

const isError = (value: unknown): value is ManagementApiError => value instanceof ManagementApiError;

/** A message for users: one line, not endless, without a terminal's commands, and without our key. */
function expectMessage(error: XaiError): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
    expect(error.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    expect(error.message.length).toBeLessThan(1500);
    expect(error.message).not.toContain("of-the-fuzzing");
}

function expectKey(key: ApiKey): void {
    expect(key.apiKeyId).not.toBe("");
    expect(key.name).not.toBe("");
    for (const limit of [key.qps, key.qpm]) {
        expect(limit === null || Number.isSafeInteger(limit)).toBe(true);
    }
    expect(key.tpm === null || /^-?\d+$/.test(key.tpm)).toBe(true);
    expect([true, false]).toContain(key.disabled);
    expect(key.acls.every((acl) => typeof acl === "string")).toBe(true);
    // What is read is no drift from itself, after a state file's JSON too.
    const state = stateFromApi(key, {
        teamId: TEAM,
        waitForPropagation: undefined,
        propagationTimeout: undefined,
        apiKey: undefined,
        owed: undefined,
        given: undefined,
    });
    expect(changedFields(state, JSON.parse(JSON.stringify(stateOutputs(state))))).toEqual([]);
}

const property = (valid: unknown, check: (body: unknown) => Promise<void>) =>
    fc.assert(
        fc.asyncProperty(
            fc.oneof({ weight: 4, arbitrary: mutated(fc.constant(valid)) }, { weight: 1, arbitrary: anyJson }),
            check,
        ),
        runs(150),
    );

describe("a good answer's body, whatever it holds", () => {
    test(
        "of a listing: its keys, or an error; never an empty one that the body does not say",
        async () => {
            await property(PAGE, async (body) => {
                const page =
                    typeof body === "object" && body !== null && !Array.isArray(body)
                        ? new Map<string, unknown>(Object.entries(body))
                        : undefined;
                // A token asks for another page, and the same one comes.
                const listed = await outcome(body, () => listApiKeys(http, TEAM));
                if (isError(listed)) {
                    expectMessage(listed);
                    return;
                }
                expect(page).toBeDefined();
                const entries = page?.get("apiKeys");
                if (Array.isArray(entries)) {
                    // Every entry is there, readable or not.
                    expect(new Set(listed.keys())).toEqual(
                        new Set(entries.map((entry: unknown) => Reflect.get(Object(entry), "apiKeyId"))),
                    );
                } else {
                    expect(
                        [...(page?.keys() ?? [])].filter((name) => name !== "apiKeys" && name !== "paginationToken"),
                    ).toEqual([]);
                }
                for (const key of listed.values()) {
                    if (!("unreadable" in key)) {
                        expectKey(key);
                    }
                }
            });
        },
        PATIENCE,
    );

    test(
        "of a create: the key with its id and secret, or an error that says that the key may exist",
        async () => {
            await property(CREATED, async (body) => {
                const created = await outcome(body, () => createApiKey(http, TEAM, NEW));
                if (isError(created)) {
                    expectMessage(created);
                    expect(created.message).toContain("The key may exist all the same");
                    return;
                }
                expect(created.apiKeyId).toBe(Reflect.get(Object(body), "apiKeyId"));
                if (created.apiKey !== undefined) {
                    expect(created.apiKey).toBe(Reflect.get(Object(body), "apiKey"));
                }
                if (created.key !== undefined) {
                    expectKey(created.key);
                }
            });
        },
        PATIENCE,
    );

    test(
        "of an update: a whole key, or an error",
        async () => {
            await property(KEY, async (body) => {
                const updated = await outcome(body, () => updateApiKey(http, "guide", OBJECT, ["qps"]));
                return isError(updated) ? expectMessage(updated) : expectKey(updated);
            });
        },
        PATIENCE,
    );

    test(
        "of a propagation check: known everywhere only where the body names clusters that all know it",
        async () => {
            await property(PROPAGATION, async (body) => {
                const clusters = await outcome(body, () => checkApiKeyPropagation(http, KEY.apiKeyId));
                if (isError(clusters)) {
                    expectMessage(clusters);
                    return;
                }
                const named: unknown = Reflect.get(Object(body), "icPropagation");
                const values: unknown[] = Object.values(Object(named));
                expect(propagationProgress(clusters).done).toBe(
                    values.length > 0 && values.every((value) => value === true || value === "true"),
                );
            });
        },
        PATIENCE,
    );

    test(
        "of the models: models that have names, or an error; never none that the body does not say",
        async () => {
            await property(MODELS, async (body) => {
                const clusters = await outcome(body, () => listModels(http, TEAM));
                if (isError(clusters)) {
                    expectMessage(clusters);
                    return;
                }
                if (clusters.length === 0) {
                    expectSaysNothing(body, "clusterConfigs");
                }
                const { modelNames } = catalogueOf(clusters, []);
                expect([...modelNames.values()].every((name) => typeof name === "string" && name !== "")).toBe(true);
                expect(new Set(modelsOf(clusters).map((model) => model.name))).toEqual(new Set(modelNames.values()));
            });
        },
        PATIENCE,
    );

    test(
        "of the endpoints: permissions, or an error; never none that the body does not say",
        async () => {
            await property(ENDPOINTS, async (body) => {
                const endpoints = await outcome(body, () => listEndpoints(http, TEAM));
                if (isError(endpoints)) {
                    expectMessage(endpoints);
                    return;
                }
                if (endpoints.acls.length === 0) {
                    expectSaysNothing(body, "acls");
                }
                expect(
                    endpoints.acls.every((one) => Object.values(one).every((field) => typeof field === "string")),
                ).toBe(true);
            });
        },
        PATIENCE,
    );

    test(
        "of the validation: a team that can be asked about, or none",
        async () => {
            await property(VALIDATION, async (body) => {
                const key = await outcome(body, () => validateManagementKey(http));
                if (isError(key)) {
                    expectMessage(key);
                    return;
                }
                const team = teamOf(key);
                if (team === undefined) {
                    return;
                }
                expect([Reflect.get(Object(body), "scopeId"), Reflect.get(Object(body), "teamId")]).toContain(team);
                // Such as it is, it leads to an answer or to one of our errors.
                await listApiKeys(http, team).catch((error: unknown) => expect(error).toBeInstanceOf(XaiError));
            });
        },
        PATIENCE,
    );

    test(
        "of any call: bytes that are no JSON at all are an error that says so",
        async () => {
            const bytes = fc.oneof(
                fc.uint8Array({ maxLength: 200 }).map((one) => Buffer.from(one)),
                fc.tuple(fc.json(), fc.nat()).map(([text, cut]) => Buffer.from(text.slice(0, cut % (text.length + 1)))),
                fc
                    .constantFrom(
                        "[".repeat(100_000),
                        `{"apiKeys":${"[".repeat(50_000)}${"]".repeat(50_000)}}`,
                        "<html",
                        "<!doctype html><title>".repeat(3),
                        "\ufeff{}",
                    )
                    .map((one) => Buffer.from(one)),
            );
            await fc.assert(
                fc.asyncProperty(bytes, async (body) => {
                    for (const call of [
                        () => listApiKeys(http, TEAM),
                        () => listModels(http, TEAM),
                        () => checkApiKeyPropagation(http, "id"),
                        () => deleteApiKey(http, "id"),
                    ]) {
                        const answer = await outcome<unknown>(body, call);
                        if (isError(answer)) {
                            expectMessage(answer);
                        }
                    }
                }),
                runs(60),
            );
        },
        PATIENCE,
    );
});

/** A body from which nothing is read has to say so: an empty or absent list, and beside an absent one nothing else. */
function expectSaysNothing(body: unknown, list: string): void {
    expect(typeof body === "object" && body !== null && !Array.isArray(body)).toBe(true);
    const entries = Object.entries(Object(body));
    const value = entries.find(([name]) => name === list)?.[1];
    expect(Array.isArray(value) ? value : (value ?? [])).toEqual([]);
    if (!Array.isArray(value)) {
        expect(entries.filter(([name]) => name !== list)).toEqual([]);
    }
}

describe("an error's body, whatever it holds", () => {
    const body = fc.oneof(
        anyText,
        mutated(
            fc.constantFrom({ code: 5, message: "no such key" }, { error: { message: "m" } }, { error: "e" }, "text", [
                "list",
            ]),
        ).map((one) => JSON.stringify(one)),
        fc
            .array(
                fc.constantFrom(
                    "<html>",
                    "<title",
                    "<title>",
                    "</title>",
                    ">",
                    "Bearer ",
                    " ",
                    "xai-",
                    "://",
                    "@",
                    "\\",
                    '"',
                    "a".repeat(500),
                ),
                { maxLength: 300 },
            )
            .map((parts) => `<html>${parts.join("")}`),
    );

    test("becomes one line of words, not a long one, and nothing that looks like a key", () => {
        fc.assert(
            fc.property(body, (text) => {
                const words = apiWords(text);
                expect((words ?? "").length).toBeLessThan(330);
                // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
                expect(words ?? "").not.toMatch(/[\u0000-\u001f\u007f-\u009f]|xai-[A-Za-z0-9_-]{8}/);
            }),
            runs(1000),
        );
    });

    test(
        "of any status becomes one of our errors, over HTTP too",
        async () => {
            await fc.assert(
                fc.asyncProperty(fc.integer({ min: 100, max: 999 }), body, anyText, async (status, text, header) => {
                    expectMessage(
                        errorFromAnswer({ endpoint: "E", description: "do it" }, { status, body: text }, "http://x"),
                    );
                    if (status < 200 || status === 204 || status === 304) {
                        return;
                    }
                    const retryAfter = header.replace(/[^\x20-\x7e]/g, "").slice(0, 50);
                    next = {
                        status,
                        body: text,
                        headers: status === 429 || status >= 500 ? { "retry-after": retryAfter } : {},
                    };
                    requests = 0;
                    const answer = await deleteApiKey(http, "id").catch((error: unknown) => error);
                    expect(requests).toBe(1);
                    if (answer !== undefined) {
                        expect(answer).toBeInstanceOf(ManagementApiError);
                        expectMessage(answer as ManagementApiError);
                    }
                    // 202 leaves a deletion open, and 206 is a part of an answer.
                    const isDone = status >= 200 && status < 300 && status !== 202 && status !== 206;
                    expect(answer === undefined).toBe(isDone && isObjectOrNothing(text));
                }),
                runs(300),
            );
        },
        PATIENCE,
    );

    test(
        "that is enormous is read no further than words go",
        () => {
            for (const part of [
                "<title",
                "<title>",
                "Bearer ",
                "Bearer  ",
                "://",
                "xai-",
                " ",
                "x:",
                "[",
                '{"message":',
            ]) {
                const words = apiWords(`<html>${part.repeat(3_000_000)}`);
                expect((words ?? "").length).toBeLessThan(330);
                expect((apiWords(part.repeat(3_000_000)) ?? "").length).toBeLessThan(330);
            }
        },
        PATIENCE,
    );
});

/** What the API answers to a deletion. */
function isObjectOrNothing(text: string): boolean {
    if (text.trim() === "") {
        return true;
    }
    try {
        const value: unknown = JSON.parse(text);
        return typeof value === "object" && !Array.isArray(value);
    } catch {
        return false;
    }
}

test("a very deep answer is an answer of another kind", async () => {
    for (const depth of [100, 5000, 100_000]) {
        const text = `${"[".repeat(depth)}${"]".repeat(depth)}`;
        for (const body of [text, `{"apiKeys":${text}}`, `{"clusterConfigs":${text}}`]) {
            expect(isError(await outcome(body, () => listApiKeys(http, TEAM)))).toBe(true);
        }
        const entry = `{"apiKeys":[{"apiKeyId":"a","name":${text}},${JSON.stringify(KEY)}]}`;
        const listed = await outcome(entry, () => listApiKeys(http, TEAM));
        expect(isError(listed) ? [] : [...listed.keys()]).toEqual(["a", KEY.apiKeyId]);
    }
    expect(sameValue("acls", nested(1000), nested(1000))).toBe(true);
});
