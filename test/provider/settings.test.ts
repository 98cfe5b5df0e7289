import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_BASE_URL, missingSetting, readSettings, SETTINGS, SettingsError } from "../../provider/settings.js";

type Given = Record<string, unknown>;
const read = (config: Given = {}, environment: Record<string, string> = {}) =>
    readSettings((key) => config[key], environment);

function failure(config: Given, environment: Record<string, string> = {}): SettingsError {
    try {
        read(config, environment);
    } catch (error) {
        if (error instanceof SettingsError) {
            return error;
        }
        throw error;
    }
    throw new Error("The settings were read.");
}

test("without anything there are defaults, and no credential and no team", () => {
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

describe("precedence", () => {
    const env = { XAI_MANAGEMENT_KEY: "env", XAI_MANAGEMENT_API_KEY: "older", XAI_TEAM_ID: "t2" };
    const keys = (settings: ReturnType<typeof read>) =>
        settings.credentials.map((credential) => [credential.reveal(), credential.source]);

    test("configuration comes first, and the environment's management key second where it differs", () => {
        expect(keys(read({ managementKey: "conf" }, env))).toEqual([
            ["conf", "xai:managementKey"],
            ["env", "XAI_MANAGEMENT_KEY"],
        ]);
        expect(keys(read({ managementKey: "env" }, env))).toEqual([["env", "xai:managementKey"]]);
        expect(keys(read({}, env))).toEqual([["env", "XAI_MANAGEMENT_KEY"]]);
        expect(keys(read({}, { XAI_MANAGEMENT_API_KEY: "older" }))).toEqual([["older", "XAI_MANAGEMENT_API_KEY"]]);
        expect(keys(read({}, { ...env, XAI_MANAGEMENT_KEY: "  " }))).toEqual([["older", "XAI_MANAGEMENT_API_KEY"]]);
    });

    test("the two teams are kept apart", () => {
        expect(read({ teamId: "t1" }, env)).toMatchObject({ configuredTeamId: "t1", environmentTeamId: "t2" });
        expect(read({}, env)).toMatchObject({ configuredTeamId: undefined, environmentTeamId: "t2" });
    });

    test("of the base URL: configuration, environment, default", () => {
        const environment = { XAI_MANAGEMENT_BASE_URL: "https://two.example/" };
        expect(read({ baseUrl: "https://one.example" }, environment).baseUrl).toBe("https://one.example");
        expect(read({}, environment).baseUrl).toBe("https://two.example");
    });
});

test("values are trimmed, and an empty one counts as absent", () => {
    const spaces = fc.stringMatching(/^[ \t\n]*$/);
    fc.assert(
        fc.property(spaces, spaces, (before, after) => {
            const around = (text: string) => before + text + after;
            const settings = read(
                {
                    managementKey: around(""),
                    teamId: around("t"),
                    maxRetries: around("3"),
                    requestTimeout: around("5s"),
                },
                { XAI_MANAGEMENT_KEY: around("key"), XAI_TEAM_ID: around("") },
            );
            expect(settings.credentials.map((one) => one.reveal())).toEqual(["key"]);
            expect(settings).toMatchObject({
                configuredTeamId: "t",
                environmentTeamId: undefined,
                maxRetries: 3,
                requestTimeout: 5000,
            });
        }),
    );
});

test.each([
    ["https://api.example/", "https://api.example"],
    ["https://api.example/prefix//", "https://api.example/prefix"],
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
    ["HTTPS://API.example", "https://api.example"],
])("the base URL %s is read as %s", (given, url) => {
    expect(read({ baseUrl: given }).baseUrl).toBe(url);
});

describe("bad settings", () => {
    test.each([
        ["baseUrl", "api.example"],
        ["baseUrl", "ftp://api.example"],
        ["baseUrl", "https://api.example?x=1"],
        ["baseUrl", "https://api.example#x"],
        // Would swallow every path that is put behind it.
        ["baseUrl", "https://api.example/?"],
        ["baseUrl", "https://api.example/#"],
        ["validateAcls", "maybe"],
        ["validateAcls", "Error"],
        ["requestTimeout", "30"],
        ["requestTimeout", "0s"],
        ["operationTimeout", "-1m"],
        ["maxRetries", "-1"],
        ["maxRetries", "1.5"],
        ["maxConcurrency", "0"],
        ["maxConcurrency", "many"],
    ])("xai:%s may not be %s", (key, value) => {
        expect(failure({ [key]: value }).message).toContain(`\`xai:${key}\` is "${value}", which is not `);
    });

    test("are named all at once, by the name under which they were given", () => {
        const config = {
            validateAcls: "x1",
            requestTimeout: "x2",
            operationTimeout: "x3",
            maxRetries: "x4",
            maxConcurrency: "x5",
        };
        const { message } = failure(config, { XAI_MANAGEMENT_BASE_URL: "x0" });
        expect(message).toContain('`XAI_MANAGEMENT_BASE_URL` is "x0"');
        for (const [key, value] of Object.entries(config)) {
            expect(message).toContain(`\`xai:${key}\` is "${value}"`);
        }
    });

    test.each([
        "https://user:hunter2-pass@api.example",
        "https://xai-token-abcdefghijkl@api.example",
        "xai-token-abcdefghijkl",
    ])("do not show a credential that stands in a base URL: %s", (baseUrl) => {
        const { message } = failure({ baseUrl });
        expect(message).not.toContain("hunter2-pass");
        expect(message).not.toContain("abcdefghijkl");
        expect(message).toContain("xai:baseUrl");
    });
});

test("a missing setting names the command that sets it, and the variables", () => {
    const key = missingSetting(SETTINGS.managementKey, "Why.");
    expect(key.message).toContain("Why.");
    expect(key.message).toContain("`pulumi config set --secret xai:managementKey`");
    expect(key.message).toContain("XAI_MANAGEMENT_KEY or XAI_MANAGEMENT_API_KEY");
    const team = missingSetting(SETTINGS.teamId, "Why.");
    expect(team.message).toContain("`pulumi config set xai:teamId`");
    expect(team.message).toContain("XAI_TEAM_ID");
});
