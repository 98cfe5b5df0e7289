import { createServer, type Server } from "node:http";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApiKey, deleteApiKey, getPropagation, rotateApiKey } from "../../provider/api/apiKeys.js";
import { errorFromAnswer, ManagementApiError } from "../../provider/api/errors.js";
import type { Http } from "../../provider/api/http.js";
import { listApiKeys } from "../../provider/api/listApiKeys.js";
import { UpdateDialect, updateApiKey } from "../../provider/api/updateApiKey.js";
import { apiWords } from "../../provider/api/words.js";
import { isEverywhere } from "../../provider/apiKey/propagation.js";
import { heldValues, identity, type KeyState, parseState, stateOutputs } from "../../provider/apiKey/state.js";
import { client, SECRET } from "../api/client.js";
import { anyJson, anyText, mutated, nested, PATIENCE, runs } from "./effort.js";
import { CREATED, KEY, PAGE, PROPAGATION } from "./samples.js";

/** Answers of the API: whatever bytes come, a call ends with what they say or with one message of ours, after one request. */

const TEAM = "team";
const NAMED = { apiKeyId: KEY.apiKeyId, name: KEY.name, teamId: TEAM };
const UPDATE = { key: NAMED, stored: {}, changes: { qps: 5 }, notApplied: async () => [] };

let server: Server;
let http: Http;
let next: { status: number; body: string | Buffer } = { status: 200, body: "" };
let requests = 0;

beforeAll(async () => {
    server = createServer((request, response) => {
        requests += 1;
        request.resume();
        response.writeHead(next.status);
        response.end(next.body);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    http = client(`http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`, { maxRetries: 0 }).http;
});
afterAll(() => {
    server.closeAllConnections();
    server.close();
});

/** What a call comes to: its own value, or one of our errors. Anything else fails the test. */
async function outcome<T>(body: unknown, call: () => Promise<T>): Promise<T | ManagementApiError> {
    next = { status: 200, body: typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body) };
    requests = 0;
    return call().catch((error: unknown) => {
        expectMessage(error);
        return error as ManagementApiError;
    });
}

/** One line for users that names the operation; not endless, without a terminal's commands, and without the credential. */
function expectMessage(error: unknown): void {
    expect(error).toBeInstanceOf(ManagementApiError);
    const message = error instanceof ManagementApiError ? error.message : "";
    expect(message).toMatch(/^Could not (create|rotate|update|list|delete|check|validate|do) /);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
    expect(message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    expect(message.length).toBeLessThan(1500);
    expect(message).not.toContain(SECRET);
}

const isError = (value: unknown): value is ManagementApiError => value instanceof ManagementApiError;
const field = (body: unknown, name: string): unknown => Reflect.get(Object(body), name);
const either = (valid: unknown) =>
    fc.oneof({ weight: 4, arbitrary: mutated(valid) }, { weight: 1, arbitrary: anyJson });
const property = (valid: unknown, holds: (body: unknown) => Promise<void>) =>
    fc.assert(fc.asyncProperty(either(valid), holds), runs(150));

describe("The body of a success, whatever it holds,", { timeout: PATIENCE }, () => {
    test("is a listing with every key, readable or not, or an error; never an empty one that it does not say", () =>
        property(PAGE, async (body) => {
            const listed = await outcome(body, () => listApiKeys(http, TEAM));
            if (isError(listed)) {
                return;
            }
            const entries = field(body, "apiKeys");
            if (!Array.isArray(entries)) {
                // A body that holds anything else is no empty listing.
                expect([undefined, null]).toContain(entries);
                const others = Object.keys(Object(body)).filter(
                    (name) => !["apiKeys", "paginationToken"].includes(name),
                );
                expect(others).toEqual([]);
                return;
            }
            expect(new Set(listed.keys())).toEqual(new Set(entries.map((entry) => field(entry, "apiKeyId"))));
            for (const key of listed.values()) {
                if (!("unreadable" in key)) {
                    const state: KeyState = { ...NAMED, ...heldValues(key), ...identity(key) };
                    // It is a state that can be stored and read again.
                    expect(parseState(JSON.parse(JSON.stringify(stateOutputs(state))))).toEqual(
                        parseState(stateOutputs(state)),
                    );
                }
            }
        }));

    test.each([
        ["create", () => createApiKey(http, TEAM, { name: "n" })],
        ["rotation", () => rotateApiKey(http, NAMED, {})],
    ])("is a %s with its id and secret, or an error that knows that it may have acted", (_, call) =>
        property(CREATED, async (body) => {
            const created = await outcome(body, call);
            expect(requests).toBe(1);
            if (isError(created)) {
                expect(created.mayHaveActed).toBe(true);
                return;
            }
            expect(created.apiKeyId).toBe(field(body, "apiKeyId"));
            expect([undefined, field(body, "apiKey")]).toContain(created.apiKey);
        }),
    );

    test("is an update's whole key, or an error", () =>
        property(KEY, async (body) => {
            const updated = await outcome(body, () => updateApiKey(http, new UpdateDialect(), UPDATE));
            expect(requests).toBe(1);
            expect(isError(updated) || updated.apiKeyId === field(body, "apiKeyId")).toBe(true);
        }));

    test("is a deletion only where it is an empty object", () =>
        property({}, async (body) => {
            const deleted = await outcome(body, () => deleteApiKey(http, NAMED));
            const isEmpty = typeof body === "object" && !Array.isArray(body) && body !== null;
            expect(isError(deleted)).toBe(!(isEmpty && Object.keys(body).length === 0));
        }));

    test("is a key known everywhere only where it names clusters that all know it", () =>
        property(PROPAGATION, async (body) => {
            const clusters = await outcome(body, () => getPropagation(http, NAMED));
            if (!isError(clusters)) {
                const values: unknown[] = Object.values(Object(field(body, "icPropagation")));
                const isKnown = values.length > 0 && values.every((value) => value === true || value === "true");
                expect(isEverywhere(clusters)).toBe(isKnown);
            }
        }));

    test("is an error where it is no JSON, or JSON without end", async () => {
        const deep = ["[".repeat(100_000), `{"apiKeys":${JSON.stringify(nested(3000))}}`, "<html", "\ufeff{"];
        const bytes = fc.oneof(
            fc.uint8Array({ maxLength: 200 }).map((one) => Buffer.from(one)),
            fc.constantFrom(...deep).map((one) => Buffer.from(one)),
        );
        const holds = async (body: Buffer) => {
            for (const call of [() => listApiKeys(http, TEAM), () => deleteApiKey(http, NAMED)]) {
                await outcome<unknown>(body, call);
            }
        };
        await fc.assert(fc.asyncProperty(bytes, holds), runs(60));
    });
});

describe("The body of an error, whatever it holds,", { timeout: PATIENCE }, () => {
    const pieces = ["<title>", "</title>", ">", "Bearer ", " ", "xai-", "://", "@", '"', "a".repeat(500)];
    const body = fc.oneof(
        anyText,
        mutated({ error: { message: "m" }, message: "no such key", code: 5 }).map((one) => JSON.stringify(one) ?? ""),
        fc.array(fc.constantFrom(...pieces), { maxLength: 300 }).map((parts) => `<html>${parts.join("")}`),
    );

    test("becomes one line of words, without anything that looks like a key, for any status", () => {
        const at = { baseUrl: "http://x", proxy: undefined, hide: (text: string) => text };
        const holds = (status: number, text: string) => {
            expectMessage(errorFromAnswer({ endpoint: "E", description: "do it" }, { status, body: text }, at));
            expect(apiWords(text, at) ?? "").not.toMatch(/xai-[A-Za-z0-9_-]{8}/);
        };
        fc.assert(fc.property(fc.integer({ min: 100, max: 999 }), body, holds), runs(1000));
        for (const piece of pieces) {
            holds(500, `<html>${piece.repeat(3_000_000 / piece.length)}`);
        }
    });
});
