import { describe, expect, test } from "vitest";
import { Credential } from "../../provider/api/credential.js";
import { same } from "../../provider/fields.js";
import { Account } from "../../provider/team/account.js";
import { type Catalogue, catalogueOf, namesOne, unknownAcl } from "../../provider/team/catalogue.js";
import { readSettings } from "../../provider/team/settings.js";
import { emulate } from "../servers.js";

async function accountOf(dialect = {}) {
    const emulator = await emulate({ dialect });
    const settings = readSettings((key) => ({ baseUrl: emulator.url, maxRetries: "0" })[key], {});
    const credentials = [new Credential(emulator.managementKey, "xai:managementKey")];
    return { emulator, account: new Account({ ...settings, credentials }, () => undefined) };
}

describe("A permission is compared with what the team has", () => {
    test("by name and by alias, with a suggestion for what is not there", async () => {
        const { emulator, account } = await accountOf();
        const catalogue = await account.catalogue(emulator.teamId);
        for (const acl of [
            "model:grok-3",
            "model:grok-4",
            "model:grok-4-0709",
            "model:grok-2-image",
            "endpoint:chat",
        ]) {
            expect(unknownAcl(`api-key:${acl}`, "team-1", catalogue), acl).toBeUndefined();
        }
        for (const [acl, words] of [
            ["api-key:model:grok-33", "names no model of team team-1; did you mean `api-key:model:grok-3`?"],
            ["api-key:endpoint:chatt", "names no endpoint of team team-1; did you mean `api-key:endpoint:chat`?"],
            ["api-key:endpoint:wholly-different", "; it has chat, embed, image"],
        ] as const) {
            expect(unknownAcl(acl, "team-1", catalogue)).toContain(words);
            expect(unknownAcl(acl, "team-1", catalogue)).toContain(`"${acl}"`);
        }
    });

    test("where there is little or much to suggest", () => {
        expect(unknownAcl("api-key:model:x", "team-1", catalogueOf([], []))).toBe(
            '"api-key:model:x" names no model of team team-1',
        );
        const names = Array.from({ length: 30 }, (_, index) => `model-number-${index}`);
        const many: Catalogue = { modelNames: new Map(names.map((name) => [name, name])), endpointAcls: new Set() };
        expect(unknownAcl("api-key:model:zzz", "team-1", many)).toMatch(/; it has model-number-0, .*, and 18 more$/);
    });

    test.each([
        ["api-key:model:grok-3", true],
        ["api-key:model:grok-*", true],
        ["api-key:endpoint:*", false],
        ["api-key:modle:grok-3", false],
        ["04da6b54-80e4-46f7-96ec-b56ff0331ba9", false],
        [7, false],
    ])("%j names one: %s", (acl, isOne) => {
        expect(namesOne(acl)).toBe(isOne);
    });
});

describe("An account", () => {
    test("asks for models and endpoints once a process, whether that fails or not", async () => {
        const { emulator, account } = await accountOf();
        const { teamId } = emulator;
        emulator.inject({ operation: "listEndpoints", status: 403 });
        const asked = [account.catalogue(teamId), account.catalogue(teamId), account.aliasesFor(teamId)];
        await Promise.allSettled(asked);
        await expect(account.catalogue(teamId)).rejects.toThrow("ListPossibleEndpointAcls");
        const isOneModel = same(
            "acls",
            ["api-key:model:grok-4"],
            ["api-key:model:grok-4-0709"],
            await account.aliasesFor(teamId),
        );
        expect(isOneModel).toBe(true);
        expect(emulator.countRequests()).toEqual({ listModels: 1, listEndpoints: 1 });
    });

    test("knows no aliases where models cannot be listed", async () => {
        const { emulator, account } = await accountOf();
        emulator.inject({ operation: "listModels", status: 403 });
        expect(await account.aliasesFor(emulator.teamId)).toEqual(new Map());
        expect(await account.aliasesFor(emulator.teamId, ["a"], ["b"], "lenient")).toBe("unknown");
        expect(await account.aliasesFor(emulator.teamId, ["a"], ["a"])).toEqual(new Map());
        expect(emulator.countRequests()).toEqual({ listModels: 1 });
    });

    test("asks the API for the team where no setting names it, once, and again after a failure", async () => {
        const { emulator, account } = await accountOf();
        emulator.inject({ operation: "validateManagementKey", status: 500 });
        await expect(account.team()).rejects.toThrow("500");
        expect(await Promise.all([account.team(), account.team()])).toEqual([emulator.teamId, emulator.teamId]);
        expect(emulator.countRequests()).toEqual({ validateManagementKey: 2 });
    });

    test("says what to set where the management key is for more than one team", async () => {
        const { emulator, account } = await accountOf();
        const body = JSON.stringify({ scope: "SCOPE_ORGANIZATION", scopeId: "organization" });
        emulator.inject({ operation: "validateManagementKey", status: 200, body });
        await expect(account.team()).rejects.toThrow("The management key is not for one team alone.");
    });

    test("says what to set where the server cannot name the team", async () => {
        const { account } = await accountOf({ validation: false });
        await expect(account.team()).rejects.toThrow(/`xai:teamId` is not set\. This server cannot say/);
    });
});
