import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as errors from "../../provider/api/errors.js";

const ACTION = { endpoint: "ListApiKeys", description: "list the API keys of team t" };
const BASE_URL = "https://management-api.x.ai";
const failed = (status: number, body: string) => errors.errorFromAnswer(ACTION, { status, body }, BASE_URL);

describe("the API's own words", () => {
    test.each([
        ['{"code":5,"message":"no such key"}', "no such key"],
        ['{"error":{"code":5,"message":"no such key"}}', "no such key"],
        ['{"code":5,"error":"no such key"}', "no such key"],
        ['{"message":"outer","error":{"message":"inner"}}', "outer"],
        ['{"message":"","error":"no such key"}', "no such key"],
        ['{"message":{"text":"x"},"error":"no such key"}', "no such key"],
        ['"no such key"', "no such key"],
        ["no such key", "no such key"],
        ["  no\n  such\tkey\n", "no such key"],
        ['{"detail":"no such key"}', '{"detail":"no such key"}'],
        ['{"error":null}', '{"error":null}'],
        ["[1,2]", "[1,2]"],
        ["null", "null"],
        ["{broken", "{broken"],
        ["", undefined],
        [" \n ", undefined],
        ["<!DOCTYPE html><html><head><title>404 Not\nFound</title>", 'an HTML page, "404 Not Found"'],
        ["<html><body>no title</body></html>", "an HTML page"],
        ["\n<HTML lang=en><title></title>", "an HTML page"],
    ])("%j → %j", (body, words) => {
        expect(errors.apiWords(body)).toBe(words);
    });

    test("are shortened", () => {
        expect(errors.apiWords("x".repeat(10_000))?.length).toBeLessThan(400);
    });

    test("are found in whatever a server sends, on one line", () => {
        fc.assert(
            fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
                expect(errors.apiWords(body) ?? "").not.toMatch(/[\r\n]/);
            }),
        );
    });
});

describe("a failing answer", () => {
    test.each([
        [301, errors.UnexpectedAnswerError, "a redirect, which is never followed"],
        [400, errors.RefusedError, "Correct what the API refuses"],
        [401, errors.AuthenticationError, "pulumi config set --secret xai:managementKey"],
        [403, errors.PermissionError, "team-token:endpoint:ListApiKeys"],
        [404, errors.NotFoundError, BASE_URL],
        [405, errors.UnsupportedRouteError, BASE_URL],
        [304, errors.UnexpectedAnswerError, BASE_URL],
        [408, errors.ServerError, "try again"],
        [409, errors.RefusedError, "pulumi refresh"],
        [412, errors.RefusedError, "pulumi refresh"],
        [422, errors.RefusedError, "Correct what the API refuses"],
        [418, errors.RefusedError, "Correct"],
        [429, errors.RateLimitError, "xai:maxConcurrency"],
        [500, errors.ServerError, "try again"],
        [501, errors.UnsupportedRouteError, "does not offer"],
        [503, errors.ServerError, "try again"],
        [520, errors.ServerError, "try again"],
    ])("%i has its class and says operation, status, words and what to do", (status, kind, hint) => {
        const error = failed(status, '{"message":"the words"}');
        expect(error).toBeInstanceOf(kind);
        expect(error).toBeInstanceOf(errors.XaiError);
        expect(error).toMatchObject({ name: kind.name, status, endpoint: "ListApiKeys" });
        expect(error.message).toMatch(/^Could not list the API keys of team t: the API answered \d+: the words/);
        expect(error.message).toContain(hint);
        expect(error.message).not.toContain("\n");
    });

    test("that may have acted has no status that speaks of a refusal", () => {
        for (const status of [202, 206, 303]) {
            expect(failed(status, "").message).toContain(`the API answered ${status}`);
            expect(failed(status, "").status).toBeUndefined();
        }
    });

    test("without a body says the status alone", () => {
        expect(failed(404, "").message).toContain("the API answered 404. It does not exist");
    });

    test.each([
        ['{"message":"no such key"}', true],
        ["no such key", true],
        ["", true],
        ["<!doctype html><p>nginx", false],
        ["  <html>", false],
    ])("404 with %j is in the API's words: %s", (body, inApiWords) => {
        expect(failed(404, body)).toMatchObject({ inApiWords });
    });
});

describe("credentials", () => {
    const SECRETS = ["xai-token-0123456789abcdef", "xai-AbCdEfGhIjKlMnOp"];
    test.each([
        (secret: string) => `{"message":"the key ${secret} is not valid"}`,
        (secret: string) => `{"error":{"message":"Authorization: Bearer ${secret}"}}`,
        (secret: string) => `Authorization: bearer   ${secret}, Accept: */*`,
        (secret: string) => `<html><title>Bearer ${secret}</title>`,
        (secret: string) => `{"headers":{"Authorization":"Bearer ${secret}"}}`,
    ])("that a server echoes are in no part of an error", (body) => {
        for (const secret of SECRETS) {
            for (const status of [302, 400, 401, 403, 404, 429, 500]) {
                const error = failed(status, body(secret));
                const everything = [String(error), error.stack, JSON.stringify(error), inspect(error, { depth: null })];
                expect(everything.join("\n")).not.toContain(secret);
                expect(error.message).toContain("[secret]");
            }
        }
    });

    test("leave the rest of a text as it is", () => {
        const text = "xai-...oYZ4 and xai-a**b are redacted, xai:managementKey is a setting, pulumi-xai is a package";
        expect(errors.withoutCredentials(text)).toBe(text);
    });

    test("are taken out of the words on a bug", () => {
        const message = errors.messageOf(new TypeError(`bad header: Bearer ${SECRETS[0]}`));
        expect(message).toBe(
            "Unexpected error, please report it with what you ran: TypeError: bad header: Bearer [secret]",
        );
        expect(errors.messageOf("text")).toContain("text");
        expect(errors.messageOf(failed(404, "no"))).toBe(failed(404, "no").message);
    });
});
