import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ApiKey, ListedApiKey } from "../../provider/api/apiKeys.js";
import {
    isActive,
    KeyChoiceError,
    keyResult,
    keysWanted,
    type Listed,
    namesModel,
    noSuchKey,
    theKey,
    waysToWrite,
} from "../../sdk/keyChoice.js";
import { modelsOf } from "../../sdk/models.js";
import { onlyRedacted } from "../../sdk/redacted.js";
import { apiKeyWith } from "../provider/keys.js";

const ASKER = { teamId: "team", isSecret: false };
const NOON = Date.parse("2027-01-01T12:00:00Z");

function listing(...keys: readonly ListedApiKey[]): Listed {
    return new Map(keys.map((key) => [key.apiKeyId, key]));
}

const A = apiKeyWith({ apiKeyId: "1", name: "search", userId: "me" });
const B = apiKeyWith({ apiKeyId: "2", name: "billing", userId: "you" });
const TWIN = apiKeyWith({ apiKeyId: "3", name: "search", userId: "you" });
const ODD: ListedApiKey = { apiKeyId: "odd", unreadable: "qps" };

describe("the key", () => {
    test("of an id or of a name that is its alone", () => {
        expect(theKey(listing(A, B, ODD), { id: "2" }, ASKER)).toBe(B);
        expect(theKey(listing(A, B, ODD), { name: "search" }, ASKER)).toBe(A);
    });

    test.each([{ id: "9" }, { name: "serch" }, { name: "Search" }, { name: "search " }])(
        "of %j is not there",
        (asked) => {
            expect(theKey(listing(A, B, ODD), asked, ASKER)).toBeUndefined();
        },
    );

    test("of a name that is not unique is an error that lists the ids", () => {
        const ask = () => theKey(listing(A, B, TWIN), { name: "search" }, ASKER);
        expect(ask).toThrow(KeyChoiceError);
        expect(ask).toThrow('2 API keys of team team have the name "search": 1, 3. Look it up by its `id`.');
        expect(() => theKey(listing(A, TWIN), { name: "search" }, { ...ASKER, isSecret: true })).toThrow(
            "2 API keys of team team have the name a secret value: 1, 3.",
        );
    });

    test("that could not be read is an error by its id", () => {
        expect(() => theKey(listing(A, ODD), { id: "odd" }, ASKER)).toThrow(
            "API key odd is in the team's listing, but its qps has an unexpected shape.",
        );
    });

    test("of any name is the only one that bears it, nothing, or an error with exactly the ids of all that do", () => {
        const name = fc.constantFrom("a", "b", "c");
        fc.assert(
            fc.property(fc.array(name), name, (names, asked) => {
                const keys = names.map((one, index) => apiKeyWith({ apiKeyId: `id-${index}`, name: one }));
                const bearers = keys.filter((key) => key.name === asked).map(({ apiKeyId }) => apiKeyId);
                try {
                    expect(theKey(listing(...keys), { name: asked }, ASKER)?.apiKeyId).toBe(bearers[0]);
                    expect(bearers.length).toBeLessThan(2);
                } catch (error) {
                    expect(String(error).match(/id-\d+/g)).toEqual(bearers);
                }
            }),
        );
    });
});

describe("why there is no such key:", () => {
    const HIDDEN = "keys of no more than one user, as it does to a management key that is no team admin's";
    const others = listing(A, B);

    test.each<[string, Listed, { id: string } | { name: string }, boolean | undefined, string]>([
        ["an id", others, { id: "9" }, undefined, "There is no API key 9 in team team. Check the id and the team ("],
        [
            "an id that the API knows",
            others,
            { id: "9" },
            true,
            "API key 9 exists, but the listing of team team does not",
        ],
        ["a name near another's", others, { name: "serch" }, undefined, 'the name "serch"; did you mean `search`?'],
        ["a name near none", others, { name: "wholly else" }, undefined, 'no API key with the name "wholly else".'],
        ["an unreadable one", listing(A, B, ODD), { name: "x" }, undefined, "one that could not be read: odd."],
        ["keys of one user alone", listing(A), { id: "9" }, undefined, HIDDEN],
        ["keys of one user alone", listing(A), { name: "x" }, undefined, HIDDEN],
        ["no keys", listing(), { name: "x" }, undefined, HIDDEN],
    ])("%s", (_what, listed, asked, isKnown, message) => {
        expect(noSuchKey(listed, asked, ASKER, isKnown).message).toContain(message);
    });

    test.each<[string, Listed, { id: string } | { name: string }, boolean | undefined]>([
        ["the listing shows keys of two users", others, { id: "9" }, undefined],
        ["the API itself knows no such key", listing(A), { id: "9" }, false],
    ])("it is not said that it may be hidden where %s", (_what, listed, asked, isKnown) => {
        expect(noSuchKey(listed, asked, ASKER, isKnown).message).not.toContain(HIDDEN);
    });

    test("a secret name is not shown, nor what is near it", () => {
        const { message } = noSuchKey(others, { name: "serch" }, { ...ASKER, isSecret: true }, undefined);
        expect(message).toBe("Team team has no API key with the name a secret value.");
    });

    test("a name that looks like a secret is not shown, nor is one that breaks the line", () => {
        const secret = `xai-${"a1B2c3D4".repeat(10)}`;
        const named = noSuchKey(listing(apiKeyWith({ name: `${secret}x` })), { name: secret }, ASKER, undefined);
        expect(named.message).not.toContain("a1B2c3D4");
        const broken = noSuchKey(listing(apiKeyWith({ name: "a\nb" })), { name: "a b" }, ASKER, undefined);
        expect(broken.message).not.toContain("\n");
    });
});

describe("a key is active", () => {
    test.each<[boolean, Partial<ApiKey>]>([
        [true, {}],
        [false, { disabled: true }],
        [true, { expireTime: "2027-01-01T12:00:00.001Z" }],
        [false, { expireTime: "2027-01-01T12:00:00.000000Z" }],
        [false, { expireTime: "2027-01-01T12:59:59+01:00" }],
        [false, { expireTime: "2099-01-01T00:00:00Z", disabled: true }],
        [true, { expireTime: "soon" }],
    ])("%s: %j", (active, fields) => {
        expect(isActive(apiKeyWith(fields), NOON)).toBe(active);
    });
});

test("the keys that are wanted are those that fit all that was said, in the listing's order", () => {
    const acl = fc.constantFrom("api-key:model:a", "api-key:model:b", "api-key:endpoint:chat");
    const key = fc.record({
        name: fc.constantFrom("x", "y"),
        acls: fc.array(acl),
        disabled: fc.boolean(),
        expireTime: fc.constantFrom(null, "2027-01-01T11:00:00Z", "2027-01-01T13:00:00Z"),
    });
    const wanted = fc.record({
        name: fc.constantFrom(undefined, "x"),
        acls: fc.option(
            fc.uniqueArray(acl).map((all) => new Set(all)),
            { nil: undefined },
        ),
        activeAt: fc.constantFrom(undefined, NOON),
    });
    fc.assert(
        fc.property(fc.array(key), wanted, (fields, choice) => {
            const keys = fields.map((one, index) => apiKeyWith({ apiKeyId: `${index}`, ...one }));
            const expected = keys.filter(
                (one) =>
                    one.name === (choice.name ?? one.name) &&
                    (!choice.acls || [...choice.acls].some((each) => one.acls.includes(each))) &&
                    (!choice.activeAt || (!one.disabled && one.expireTime !== "2027-01-01T11:00:00Z")),
            );
            expect(keysWanted(listing(...keys, ODD), choice)).toEqual(expected);
        }),
    );
});

describe("a permission", () => {
    const models = modelsOf([
        {
            clusterName: "c",
            languageModels: [{ name: "grok-4-0709", aliases: ["grok-4"] }, { name: "grok-3" }],
            embeddingModels: [],
            imageGenerationModels: [],
            audioModels: [],
            videoGenerationModels: [],
        },
    ]);
    const FOUR = ["api-key:model:grok-4", "api-key:model:grok-4-0709"];

    test.each([
        ["api-key:model:grok-4", FOUR],
        ["api-key:model:grok-4-0709", FOUR],
        ["api-key:model:grok-3", ["api-key:model:grok-3"]],
        ["api-key:model:gone", ["api-key:model:gone"]],
        ["api-key:model:*", ["api-key:model:*"]],
        ["api-key:endpoint:grok-4", ["api-key:endpoint:grok-4"]],
    ])("%s may be written as %j", (acl, ways) => {
        expect([...waysToWrite(acl, models)].sort()).toEqual(ways);
    });

    test.each([
        [true, "api-key:model:grok-4"],
        [false, "api-key:model:*"],
        [false, "api-key:endpoint:chat"],
    ])("is for one model, %s: %s", (one, acl) => {
        expect(namesModel(acl)).toBe(one);
    });
});

test("what a program gets of a key is all of it, with undefined for what is not set", () => {
    expect(keyResult(apiKeyWith({ apiKeyId: "1", name: "n" }), "team")).toEqual({
        apiKeyId: "1",
        name: "n",
        teamId: "team",
        userId: undefined,
        acls: [],
        qps: undefined,
        qpm: undefined,
        tpm: undefined,
        expireTime: undefined,
        disabled: false,
        redactedApiKey: undefined,
        createTime: undefined,
        modifyTime: undefined,
    });
});

test.each([
    ["xai-...oYZ4", "xai-...oYZ4"],
    ["xai-a**b", "xai-a**b"],
    ["xai-token-…3f", "xai-token-…3f"],
    ["xai-aB3dE5gH7jK9mN1pQ3", undefined],
    ["", undefined],
    [null, undefined],
])("of the redacted %j a program gets %j: what is not redacted is a secret", (shown, got) => {
    expect(onlyRedacted(shown)).toBe(got);
});
