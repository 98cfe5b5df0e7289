import { describe, expect, test } from "vitest";
import * as errors from "../../provider/api/errors.js";
import { apiWords, type Server, withoutCredentials } from "../../provider/api/words.js";

const SERVER: Server = { baseUrl: "https://management-api.x.ai", proxy: undefined, hide: (text) => text };
const failed = (status: number, body: string, endpoint = "ListApiKeys") =>
    errors.errorFromAnswer({ endpoint, description: "list the API keys of team t" }, { status, body }, SERVER);

describe("the API's own words", () => {
    test.each([
        ['{"code":5,"message":"no such key"}', "no such key"],
        ['{"error":{"code":5,"message":"no such key"}}', "no such key"],
        ['{"code":5,"error":"no such key"}', "no such key"],
        ['{"message":"outer","error":{"message":"inner"}}', "outer"],
        ['{"message":"","error":"no such key"}', "no such key"],
        ['{"message":{"text":"x"},"error":"no such key"}', "no such key"],
        ['"no such key"', "no such key"],
        ["  no\n  such\tkey\n", "no such key"],
        ['{"detail":"no such key"}', '{"detail":"no such key"}'],
        ["null", "null"],
        ["{broken", "{broken"],
        [" \n ", undefined],
        ["<!DOCTYPE html><html><head><title>404 Not\nFound</title>", 'an HTML page, "404 Not Found"'],
        ["<html><body>no title</body></html>", "an HTML page"],
    ])("%j → %j", (body, words) => {
        expect(apiWords(body, SERVER)).toBe(words);
    });
});

describe("a 404", () => {
    const ID = "5f0c2f9e-0000-4000-8000-000000000001";
    test.each([
        ["Cannot find API key", true],
        ['{"code":5,"message":"Cannot find API key"}', true],
        ["The key was not found", true],
        ["no such key", true],
        ["api_key does not exist", true],
        [`there is no API key ${ID}`, true],
        [`${ID.toUpperCase()} is unknown`, true],
        ["Not Found", false],
        ["", false],
        ["page not found", false],
        [`Cannot GET /auth/api-keys/${ID}`, false],
        [`Cannot PUT https://host/auth/api-keys/${ID}`, false],
        [`Route /auth/api-keys/${ID} not found`, false],
        [`no route for api-keys ${ID}`, false],
        ["unknown method DeleteApiKey", false],
        ["this server has no such endpoint for a key", false],
        ["the management key is not known for this team", false],
        ["<html><title>no such key</title></html>", false],
    ])("%j speaks of the key: %s", (body, speaks) => {
        const error = failed(404, body);
        expect(error instanceof errors.NotFoundError && error.speaksOfKey(ID)).toBe(speaks);
    });

    test("keeps the API's words, and none of an HTML page", () => {
        expect(failed(404, "no such key")).toMatchObject({ words: "no such key" });
        expect(failed(404, "<html>")).toMatchObject({ words: undefined });
        expect(failed(404, "<html>").message).toContain("`xai:baseUrl`");
        expect(failed(404, "Cannot find API key").message).toContain("Run `pulumi refresh`");
    });
});

describe("a missing permission", () => {
    test.each([
        ["ListApiKeys", "needs the permission `team-token:endpoint:ListApiKeys` for this team"],
        ["CreateApiKey", "needs the permission `team-token:endpoint:CreateApiKey`"],
        ["CheckApiKeyPropagation", "needs the permission `team-token:endpoint:CheckApiKeyPropagation`"],
        ["ListModelsForTeam", "`team-token:endpoint:ListModelsForTeam` or `team-token:endpoint:ListModels`"],
        ["DeleteApiKey", "probably needs the permission `team-token:endpoint:DeleteApiKey`"],
        ["RotateApiKey", "probably needs the permission `team-token:endpoint:RotateApiKey`"],
        ["ValidateManagementKey", "needs no permission"],
    ])("for %s says: %s", (endpoint, words) => {
        expect(failed(403, "", endpoint).message).toContain(words);
    });
});

describe("a text from outside", () => {
    test.each([
        ["the key xai-token-0123456789abcdef is not valid", "the key [secret] is not valid"],
        ["Authorization: bearer   abc, Accept: */*", "Authorization: Bearer [secret], Accept: */*"],
        ["http://user:word@proxy:3128 failed", "http://[secret]@proxy:3128 failed"],
        [
            "xai-...oYZ4, xai-a**b, xai:managementKey, pulumi-xai",
            "xai-...oYZ4, xai-a**b, xai:managementKey, pulumi-xai",
        ],
    ])("%j is shown as %j", (text, shown) => {
        expect(withoutCredentials(text)).toBe(shown);
    });

    test("as a bug's message asks for a report, also of another realm's error", () => {
        const report = "Unexpected error, please report it with what you ran: ";
        expect(errors.messageOf(new TypeError("bad Bearer abc"))).toBe(`${report}TypeError: bad Bearer [secret]`);
        expect(errors.messageOf({ name: "TypeError", message: "bad" })).toBe(`${report}TypeError: bad`);
        expect(errors.messageOf("text")).toBe(`${report}text`);
        expect(errors.messageOf(failed(404, "no"))).toBe(failed(404, "no").message);
    });
});
