import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentsError, idOrName, LOOK_UPS, readArguments, show } from "../../sdk/lookUpArguments.js";

type LookUp = keyof typeof LOOK_UPS;
const SECRET = `xai-${"q7Zx2Lm9Wk".repeat(8)}`;

test.each<[LookUp, object, object]>([
    ["getModel", { name: "grok-4" }, { name: "grok-4" }],
    ["getModel", { name: "grok-4", kind: "language", teamId: null }, { name: "grok-4", kind: "language" }],
    ["getModels", {}, {}],
    ["getModels", { kind: undefined, cluster: "c", teamId: "t" }, { cluster: "c", teamId: "t" }],
    ["getApiKey", { id: "a" }, { id: "a" }],
    ["getApiKey", { name: " a b " }, { name: " a b " }],
    ["getApiKeys", { acl: "api-key:model:*", activeOnly: false }, { acl: "api-key:model:*", activeOnly: false }],
    ["getManagementKey", {}, {}],
])("%s takes %j", (lookUp, given, read) => {
    expect(readArguments(lookUp, given, false)).toEqual(read);
});

describe("is refused, with what was given and what is allowed:", () => {
    test.each<[LookUp, unknown, string]>([
        ["getModels", { kinds: "language" }, "`kinds` is no argument of it; did you mean `kind`?"],
        ["getModels", { region: "eu" }, "`region` is no argument of it."],
        [
            "getModels",
            { kind: "image" },
            '`kind` is "image", which is not one of "language", "embedding", "imageGeneration", "audio", "videoGeneration".',
        ],
        ["getModels", { kind: "Language" }, "did you mean `language`?"],
        ["getModels", { cluster: " " }, '`cluster` is " ", which is not a cluster\'s name.'],
        ["getModels", { teamId: 7 }, "`teamId` is 7, which is not a team's id."],
        ["getModels", null, "its arguments must be an object, not null."],
        ["getModels", ["x"], "its arguments must be an object, not a list."],
        ["getModel", {}, "`name` is required: a model's name or alias."],
        ["getModel", { name: { name: "grok-4" } }, "`name` is an object, which is not a model's name or alias."],
        [
            "getApiKeys",
            { acl: "grok-4" },
            "which is not `api-key:model:<name or *>` or `api-key:endpoint:<name or *>`.",
        ],
        ["getApiKeys", { activeOnly: "true" }, '`activeOnly` is "true", which is not true or false.'],
        ["getApiKeys", { id: "a" }, "`id` is no argument of it"],
        ["getManagementKey", { teamId: "t" }, "`teamId` is no argument of it."],
        [
            "getApiKey",
            { id: pulumi.output("a") },
            "`id` will only be known later, for it is an output: use getApiKeyOutput.",
        ],
        [
            "getModels",
            pulumi.output({ kind: "language" }),
            "its arguments will only be known later, for it is an output: use getModelsOutput.",
        ],
        ["getApiKey", { id: SECRET }, '`id` is "[secret]", which is not a key\'s id (its `apiKeyId`, not its secret).'],
    ])("%s(%j)", (lookUp, given, message) => {
        const read = () => readArguments(lookUp, given, false);
        expect(read).toThrow(ArgumentsError);
        expect(read).toThrow(`${lookUp} was not asked: `);
        expect(read).toThrow(message);
    });

    test("a function", () => {
        const read = () => readArguments("getModel", { name: () => "grok-4" }, false);
        expect(read).toThrow("`name` is a function, which is not");
    });

    test("all that is wrong at once", () => {
        const read = () => readArguments("getApiKeys", { acl: 1, activeOnly: 2, nam: 3 }, false);
        expect(read).toThrow(/`acl` is 1.*; `activeOnly` is 2.*; `nam` is no argument of it; did you mean `name`\?\.$/);
    });

    test.each([{}, { id: undefined, name: undefined }, { id: "a", name: "b" }])(
        "a key by neither or both of id and name: %j",
        ({ id, name }: { id?: string | undefined; name?: string | undefined }) => {
            expect(() => idOrName({ id, name })).toThrow("give it either the key's `id` or its `name`.");
        },
    );
});

test("whatever a program gives is read or is one line of ours; a secret is never shown", () => {
    const value = fc.oneof(fc.anything({ withBigInt: true, withDate: true }), fc.constant(SECRET));
    const given = fc.oneof(
        value,
        fc.dictionary(fc.constantFrom("name", "id", "kind", "acl", "teamId", "cluster", "activeOnly", "other"), value),
    );
    fc.assert(
        fc.property(
            fc.constantFrom(...(Object.keys(LOOK_UPS) as LookUp[])),
            given,
            fc.boolean(),
            (name, args, hide) => {
                try {
                    readArguments(name, args, hide);
                } catch (error) {
                    expect(error).toBeInstanceOf(ArgumentsError);
                    const { message } = error as ArgumentsError;
                    expect(message).not.toMatch(/[\n\r]/);
                    expect(message).not.toContain(SECRET.slice(4, 20));
                }
            },
        ),
    );
    expect(show("plain", true)).toBe("a secret value");
    expect(show("x".repeat(1000), false).length).toBeLessThan(100);
});
