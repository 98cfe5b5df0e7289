import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { XaiError } from "../../provider/api/errors.js";
import { DEFAULT_BASE_URL, missingTeam, readSettings } from "../../provider/team/settings.js";

type Given = Readonly<Record<string, unknown>>;
const read = (config: Given = {}, environment: Record<string, string> = {}) =>
    readSettings((key) => config[key], environment);
const keys = (...given: Parameters<typeof read>) =>
    read(...given).credentials.map((credential) => [credential.source, credential.reveal()]);

function messageFor(config: Given, environment: Record<string, string> = {}): string {
    try {
        read(config, environment);
    } catch (error) {
        expect(error).toBeInstanceOf(XaiError);
        return String(Reflect.get(Object(error), "message"));
    }
    throw new Error("The settings were read.");
}

test("Without anything there are defaults, no credential and no team", () => {
    expect(read()).toEqual({
        credentials: [],
        configuredTeamId: undefined,
        environmentTeamId: undefined,
        baseUrl: DEFAULT_BASE_URL,
        validateAcls: "error",
        requestTimeout: 30_000,
        operationTimeout: 120_000,
        maxRetries: 8,
        maxConcurrency: 8,
    });
});

describe("The configuration comes before the environment", () => {
    const env = { XAI_MANAGEMENT_KEY: "env", XAI_MANAGEMENT_API_KEY: "older", XAI_TEAM_ID: "t2" };

    test("for the management key, which has two variables", () => {
        expect(keys({ managementKey: "conf" }, env)).toEqual([
            ["xai:managementKey", "conf"],
            ["XAI_MANAGEMENT_KEY", "env"],
        ]);
        expect(keys({ managementKey: "env" }, env)).toEqual([["xai:managementKey", "env"]]);
        expect(keys({}, env)).toEqual([["XAI_MANAGEMENT_KEY", "env"]]);
        expect(keys({}, { ...env, XAI_MANAGEMENT_KEY: "  " })).toEqual([["XAI_MANAGEMENT_API_KEY", "older"]]);
    });

    test("for the team, of which both are kept, and the base URL", () => {
        expect(read({ teamId: "t1" }, env)).toMatchObject({ configuredTeamId: "t1", environmentTeamId: "t2" });
        const environment = { XAI_MANAGEMENT_BASE_URL: "https://two.example/" };
        expect(read({ baseUrl: "https://one.example" }, environment).baseUrl).toBe("https://one.example");
        expect(read({}, environment).baseUrl).toBe("https://two.example");
    });
});

describe("Beside a configured management key the environment's", () => {
    const given = { XAI_MANAGEMENT_KEY: "production" };
    const isTried = (baseUrl: string | undefined, environment: Record<string, string> = {}) =>
        keys({ managementKey: "staging", baseUrl }, { ...given, ...environment }).length === 2;

    test("is tried at the real API, and at a base URL that the environment names as well", () => {
        expect(isTried(undefined)).toBe(true);
        expect(isTried(`${DEFAULT_BASE_URL}/`)).toBe(true);
        expect(isTried("https://own.example", { XAI_MANAGEMENT_BASE_URL: "https://own.example/" })).toBe(true);
        expect(isTried(undefined, { XAI_MANAGEMENT_BASE_URL: "https://own.example" })).toBe(true);
    });

    test("goes to no base URL that the configuration, which a state may have stored, names alone", () => {
        expect(isTried("https://staging.example")).toBe(false);
        expect(isTried("https://staging.example", { XAI_MANAGEMENT_BASE_URL: "https://own.example" })).toBe(false);
        expect(isTried("http://management-api.x.ai")).toBe(false);
        expect(isTried("https://management-api.x.ai.example")).toBe(false);
    });
});

test("Values are trimmed, an empty one counts as absent, and numbers and words of YAML count as text", () => {
    fc.assert(
        fc.property(fc.stringMatching(/^[ \t\n]*$/), fc.stringMatching(/^[ \t\n]*$/), (before, after) => {
            const around = (text: string) => before + text + after;
            const config = { managementKey: around(""), teamId: around("t"), requestTimeout: around("5s") };
            const settings = read(config, { XAI_MANAGEMENT_KEY: around("key"), XAI_TEAM_ID: around("") });
            expect(settings.credentials.map((one) => one.reveal())).toEqual(["key"]);
            expect(settings).toMatchObject({
                configuredTeamId: "t",
                environmentTeamId: undefined,
                requestTimeout: 5000,
            });
        }),
    );
    expect(read({ maxRetries: 3, maxConcurrency: "4" })).toMatchObject({ maxRetries: 3, maxConcurrency: 4 });
});

test.each([
    ["https://api.example/", "https://api.example"],
    ["https://api.example/prefix//", "https://api.example/prefix"],
    ["HTTPS://API.example", "https://api.example"],
])("The base URL %s is read as %s", (given, url) => {
    expect(read({ baseUrl: given }).baseUrl).toBe(url);
});

describe("A wrong setting", () => {
    test.each([
        ["baseUrl", "api.example"],
        ["baseUrl", "ftp://api.example"],
        ["baseUrl", "https://api.example?x=1"],
        // It would swallow every path that is put behind it.
        ["baseUrl", "https://api.example/#"],
        ["validateAcls", "Error"],
        ["requestTimeout", "30"],
        ["operationTimeout", "0s"],
        ["maxRetries", "1.5"],
        ["maxConcurrency", "0"],
    ])("xai:%s %s is named, with what was given and what is allowed", (key, value) => {
        expect(messageFor({ [key]: value })).toContain(`\`xai:${key}\` is "${value}", which is not `);
    });

    test("does not hide another, and a variable is named by its own name", () => {
        const message = messageFor({ validateAcls: "x1", maxRetries: "x2" }, { XAI_MANAGEMENT_BASE_URL: "x0" });
        for (const words of [
            '`XAI_MANAGEMENT_BASE_URL` is "x0"',
            '`xai:validateAcls` is "x1"',
            '`xai:maxRetries` is "x2"',
        ]) {
            expect(message).toContain(words);
        }
    });
});

test("A missing team names the command that sets it, and the variable", () => {
    expect(missingTeam("Why.").message).toMatch(
        /`xai:teamId` is not set\. Why\..*`pulumi config set xai:teamId.*XAI_TEAM_ID/,
    );
});
