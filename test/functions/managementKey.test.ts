import { describe, expect, test } from "vitest";
import { missingAcls } from "../../provider/team/functions/managementKey.js";
import { useTeam } from "./team.js";

const team = useTeam();
const TOKEN = "team-token:endpoint:";

describe("getManagementKey understands", () => {
    test.each<[string, object, object]>([
        ["a key of a team", { scope: "SCOPE_TEAM", scopeId: "t" }, { scope: "SCOPE_TEAM", scopeId: "t", teamId: "t" }],
        [
            "a key of an organization, which is for no team alone",
            { scope: "SCOPE_ORGANIZATION", scopeId: "o", ownerUserId: null },
            { scope: "SCOPE_ORGANIZATION", scopeId: "o" },
        ],
        ["a key without scope, owner and permissions", { apiKeyId: "1", teamId: "t" }, { apiKeyId: "1", teamId: "t" }],
        ["empty strings", { apiKeyId: "1", name: "", scope: "" }, { apiKeyId: "1" }],
        ["the reference's misspelling", { reactedApiKey: "xai-...oYZ4" }, { redactedApiKey: "xai-...oYZ4" }],
        ["a key that is not redacted", { apiKeyId: "1", redactedApiKey: "xai-token-a1B2c3" }, { apiKeyId: "1" }],
        ["no permissions", { acls: [] }, { acls: [], missingAcls: missingAcls([]) }],
        ["all permissions", { acls: [`${TOKEN}*`] }, { acls: [`${TOKEN}*`], missingAcls: [] }],
    ])("%s", async (_what, answer, expected) => {
        team.answer("validateManagementKey", answer);
        expect(JSON.parse(JSON.stringify(await team.call("getManagementKey")))).toEqual(expected);
    });
});

test("missing permissions have a published name, or one that is marked as a guess", () => {
    const missing = missingAcls([]);
    expect(missing.filter((one) => !one.isPublished).map(({ acl }) => acl)).toEqual([
        `${TOKEN}UpdateApiKey`,
        `${TOKEN}RotateApiKey`,
        `${TOKEN}DeleteApiKey`,
    ]);
    expect(missing).toContainEqual({ acl: `${TOKEN}CreateApiKey`, neededTo: "create keys", isPublished: true });
    expect(missingAcls(missing.map(({ acl }) => acl))).toEqual([]);
});

test.each(["ListModels", "ListModelsForTeam"])("%s is enough for models", (name) => {
    expect(missingAcls([TOKEN + name]).filter(({ acl }) => acl.includes("Models"))).toEqual([]);
});

test("getManagementKey needs no permission, and takes one request a deployment", async () => {
    team.emulator.setManagementKeyAcls([`${TOKEN}ListApiKeys`]);
    const [key] = await Promise.all([team.call("getManagementKey"), team.call("getManagementKey")]);
    expect(key).toMatchObject({ teamId: team.emulator.teamId, acls: [`${TOKEN}ListApiKeys`] });
    expect(key.missingAcls).toEqual(missingAcls([`${TOKEN}ListApiKeys`]));
    expect(team.emulator.countRequests()).toEqual({ validateManagementKey: 1 });
    team.emulator.setManagementKeyAcls(undefined);
});

test.each([404, 405, 501])("getManagementKey fails where the server lacks the route (%i)", async (status) => {
    team.emulator.inject({ operation: "validateManagementKey", status });
    expect(await team.failure("getManagementKey")).toBe(
        `Could not describe the management key: this server does not offer that. Only getManagementKey needs it where \`xai:teamId\` is set. Check that ${team.emulator.url} is the Management API (setting \`xai:baseUrl\`, variable XAI_MANAGEMENT_BASE_URL).`,
    );
});
