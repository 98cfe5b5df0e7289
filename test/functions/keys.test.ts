import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { StoredKey } from "xai-management-emulator";
import type { ApiKey } from "../../provider/api/apiKeys.js";
import type { ListedApiKey } from "../../provider/api/listApiKeys.js";
import { chooseKeys } from "../../provider/team/functions/keys.js";
import { OTHER_TEAM, useTeam } from "./team.js";

const team = useTeam();
const NOBODY = "8a9f0c52-0000-4000-8000-000000000000";

/** A stored key as the functions give it. */
function asData({ apiKey: _secret, previousApiKeys: _previous, ...key }: StoredKey) {
    return {
        ...key,
        qps: key.qps ?? undefined,
        qpm: key.qpm ?? undefined,
        tpm: key.tpm ?? undefined,
        expireTime: key.expireTime ?? undefined,
        redactedApiKey: expect.stringMatching(/^xai-(\.\.\.\w{4}|\w\*\*\w)$/),
    };
}

async function names(choice: object): Promise<string[]> {
    return (await team.call("getApiKeys", choice)).apiKeys.map(({ name }) => name);
}

test.each<[string, object, object]>([
    ["with nulls", { name: null, acls: null, qps: null, createTime: null, disabled: null }, { name: "" }],
    ["with limits", { name: "n", qps: "5", qpm: 100, tpm: 50_000 }, { name: "n", qps: 5, qpm: 100, tpm: "50000" }],
    ["of another team than asked", { teamId: "t" }, { name: "", teamId: "t" }],
])("a key %s is data", async (_what, entry, expected) => {
    team.answer("listApiKeys", { apiKeys: [{ apiKeyId: "1", ...entry }] });
    const key = { apiKeyId: "1", teamId: team.emulator.teamId, acls: [], disabled: false, ...expected };
    const { apiKeys } = await team.call("getApiKeys");
    expect(JSON.parse(JSON.stringify([await team.call("getApiKey", { id: "1" }), ...apiKeys]))).toEqual([key, key]);
});

describe("getApiKey and getApiKeys", () => {
    test("share one listing for a team, whoever asks and when", async () => {
        const keys = ["a", "b", "c"].map((name) => team.emulator.addKey({ name }));
        const there = team.emulator.addKey({ name: "a", teamId: OTHER_TEAM });
        await Promise.all([
            ...keys.map(({ apiKeyId: id }) => team.call("getApiKey", { id })),
            ...keys.map(({ name }) => team.call("getApiKey", { name })),
            team.call("getApiKeys"),
        ]);
        expect(await names({ name: "b" })).toEqual(["b"]);
        expect(team.emulator.countRequests()).toEqual({ listApiKeys: 1 });
        expect(await team.call("getApiKey", { name: "a", teamId: OTHER_TEAM })).toEqual(asData(there));
        expect(team.emulator.countRequests()).toEqual({ listApiKeys: 2 });
    });

    test("leave out what they cannot read, with one warning, and name it where it was meant", async () => {
        team.answer("listApiKeys", {
            apiKeys: [
                { apiKeyId: "good", name: "good" },
                { apiKeyId: "odd", name: "odd", qps: {} },
            ],
        });
        expect(await names({})).toEqual(["good"]);
        expect(team.warnings).toEqual([
            `Some API keys of team ${team.emulator.teamId} are left out, because their fields have an unexpected shape: odd. Please report it.`,
        ]);
        expect(await team.failure("getApiKey", { id: "odd" })).toContain("its qps has an unexpected shape");
        expect(await team.failure("getApiKey", { name: "odd" })).toContain(
            "It may be one that could not be read: odd.",
        );
    });

    test("do not keep a failure", async () => {
        const key = team.emulator.addKey();
        team.emulator.inject({ operation: "listApiKeys", status: 403 });
        expect(await team.failure("getApiKey", { id: key.apiKeyId })).toMatch(/403.*`team-token:endpoint:ListApiKeys`/);
        expect(await team.call("getApiKey", { id: key.apiKeyId })).toEqual(asData(key));
    });

    test("say where the management key may see only its owner's keys", async () => {
        const mine = team.emulator.addKey({ name: "mine" });
        const theirs = team.emulator.addKey({ name: "theirs" });
        expect((await team.call("getApiKeys")).mayLackOthers).toBe(false);
        team.deploy();
        team.emulator.setManagementKey(team.emulator.managementKey, mine.userId);
        team.emulator.setOwnKeysOnly(true);
        expect(await team.call("getApiKeys")).toEqual({ apiKeys: [asData(mine)], mayLackOthers: true });
        for (const wanted of [{ name: "theirs" }, { id: theirs.apiKeyId }]) {
            expect(await team.failure("getApiKey", wanted)).toMatch(/ the key may belong to another user\.$/);
        }
        team.emulator.setOwnKeysOnly(false);
    });
});

describe("getApiKey", () => {
    test("finds a key that is newer than the listing", async () => {
        await team.call("getApiKeys");
        const late = team.emulator.addKey({ name: "late" });
        expect(await team.call("getApiKey", { id: late.apiKeyId })).toEqual(asData(late));
        expect(await team.call("getApiKey", { name: "late" })).toEqual(asData(late));
        expect(team.emulator.countRequests()).toEqual({ listApiKeys: 2 });
    });

    test("of an id that no key has fails after two listings", async () => {
        team.emulator.addKey();
        team.emulator.addKey();
        expect(await team.failure("getApiKey", { id: NOBODY })).toBe(
            `Team ${team.emulator.teamId} has no API key with the id "${NOBODY}". Check the id and the team (\`teamId\`, \`xai:teamId\`).`,
        );
        expect(team.emulator.countRequests()).toEqual({ listApiKeys: 2 });
    });

    test.each<[string, string, boolean?]>([
        ["serch", 'has no API key with the name "serch"; did you mean `search`?'],
        ["wholly else", 'has no API key with the name "wholly else".'],
        ["serch", "has no API key with the name a secret value.", true],
    ])("of the name %s fails: %s", async (name, message, isSecret) => {
        for (const one of ["search", "billing"]) {
            team.emulator.addKey({ name: one });
        }
        expect(await team.failure("getApiKey", { name }, isSecret)).toBe(`Team ${team.emulator.teamId} ${message}`);
        expect(team.emulator.countRequests()).toEqual({ listApiKeys: 2 });
    });

    test("of a name that several keys have lists their ids", async () => {
        const ids = [1, 2, 3].map(() => team.emulator.addKey({ name: "search" }).apiKeyId);
        expect(await team.failure("getApiKey", { name: "search" })).toBe(
            `3 API keys of team ${team.emulator.teamId} have the name "search": ${ids.join(", ")}. Look the key up by its \`id\`.`,
        );
        expect(await team.call("getApiKey", { id: ids[1] })).toMatchObject({ apiKeyId: ids[1] });
    });

    test("never shows a secret id or team", async () => {
        team.emulator.addKey();
        const given = { id: NOBODY, teamId: OTHER_TEAM };
        const message = await team.failure("getApiKey", given, true);
        expect(message).toMatch(/^Team \[secret\] has no API key with the id a secret value\./);
    });
});

describe("getApiKeys", () => {
    test("of a model's permission finds every name and alias of it", async () => {
        team.emulator.addKey({ name: "by alias", acls: ["api-key:model:grok-4"] });
        team.emulator.addKey({ name: "by name", acls: ["api-key:model:grok-4-0709", "api-key:endpoint:chat"] });
        team.emulator.addKey({ name: "another", acls: ["api-key:model:grok-3"] });
        team.emulator.addKey({ name: "all", acls: ["api-key:model:*"] });
        for (const name of ["grok-4", "grok-4-0709", "grok-4-latest"]) {
            expect(await names({ acl: `api-key:model:${name}` })).toEqual(["by alias", "by name"]);
        }
        expect(await names({ acl: "api-key:model:gone" })).toEqual([]);
        expect(team.emulator.countRequests()).toEqual({ listApiKeys: 1, listModels: 1 });
    });

    test("asks for no models where the permission names none", async () => {
        team.emulator.addKey({ name: "all", acls: ["api-key:model:*"] });
        team.emulator.addKey({ name: "chat", acls: ["api-key:endpoint:chat"] });
        expect(await names({ acl: "api-key:model:*" })).toEqual(["all"]);
        expect(await names({ acl: "api-key:endpoint:chat" })).toEqual(["chat"]);
        expect(team.emulator.countRequests()).toEqual({ listApiKeys: 1 });
    });

    test("finds exactly the keys that fit all arguments, in the listing's order", () => {
        const now = Date.parse("2027-01-01T12:00:00Z");
        const acl = fc.constantFrom("api-key:model:a", "api-key:model:alias-of-a", "api-key:endpoint:chat");
        const key = fc.record({
            name: fc.constantFrom("x", "y"),
            acls: fc.option(fc.array(acl)),
            disabled: fc.boolean(),
            expireTime: fc.constantFrom(null, "soon", "2027-01-01T12:59:59+01:00", "2027-01-01T12:00:00.001Z"),
        });
        const choice = fc.record({
            name: fc.constantFrom(undefined, "x"),
            acl: fc.option(acl, { nil: undefined }),
            activeOnly: fc.constantFrom(undefined, false, true),
        });
        const blank = { teamId: null, userId: null, qps: null, qpm: null, tpm: null, redactedApiKey: null };
        fc.assert(
            fc.property(fc.array(key), choice, (fields, wanted) => {
                const keys = fields.map((one, index): ApiKey => {
                    return { ...blank, createTime: null, modifyTime: null, apiKeyId: `${index}`, ...one };
                });
                const listed = new Map<string, ListedApiKey>(keys.map((one) => [one.apiKeyId, one]));
                listed.set("odd", { apiKeyId: "odd", unreadable: "qps" });
                const aliases = new Map([
                    ["a", "a"],
                    ["alias-of-a", "a"],
                ]);
                const plain = (one: string) => one.replace("alias-of-", "");
                const found = keys.filter(
                    ({ name, acls, disabled, expireTime }) =>
                        (wanted.name ?? name) === name &&
                        (wanted.acl === undefined || acls?.map(plain).includes(plain(wanted.acl))) &&
                        (!wanted.activeOnly || (!disabled && !expireTime?.endsWith("+01:00"))),
                );
                expect(chooseKeys(listed, wanted, aliases, now)).toEqual(found);
            }),
        );
    });
});
