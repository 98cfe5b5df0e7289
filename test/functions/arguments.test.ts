import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { XaiError } from "../../provider/api/errors.js";
import { ARGUMENTS, type FunctionName, readArguments, show } from "../../provider/team/functions/arguments.js";
import { idOrName } from "../../provider/team/functions/keys.js";

const SECRET = `xai-${"q7Zx2Lm9Wk".repeat(8)}`;

describe("refused with what was given and what is allowed:", () => {
    const KEY_ID = "`id` must be a key's id (its `apiKeyId`, not its secret), not ";
    test.each<[FunctionName, unknown, string]>([
        ["getModels", { kinds: "language" }, "`kinds` is not an argument; did you mean `kind`?"],
        ["getModels", { region: "eu" }, "`region` is not an argument."],
        ["getModels", { kind: 7 }, '`kind` must be a kind of models, such as "language", not 7.'],
        ["getModels", { cluster: " " }, '`cluster` must be a cluster\'s name, not " ".'],
        ["getModels", { teamId: "a/b" }, '`teamId` must be a team\'s id, not "a/b".'],
        ["getModels", { teamId: SECRET }, "`teamId` must be a team's id, not a text that looks like a secret."],
        ["getModels", "language", 'they must be an object, not "language".'],
        ["getModels", ["x"], "they must be an object, not a list."],
        ["getModel", {}, "`name` is missing: a model's name or alias."],
        ["getModel", { name: {} }, "`name` must be a model's name or alias, not a value of type object."],
        ["getModel", { name: () => 1 }, "`name` must be a model's name or alias, not a value of type function."],
        [
            "getApiKeys",
            { acl: "grok-4" },
            "`acl` must be `api-key:model:<name or *>` or `api-key:endpoint:<name or *>`",
        ],
        ["getApiKeys", { activeOnly: "true" }, '`activeOnly` must be true or false, not "true".'],
        ["getApiKeys", { id: "a" }, "`id` is not an argument"],
        ["getManagementKey", { teamId: "t" }, "`teamId` is not an argument."],
        ["getApiKey", { id: SECRET }, `${KEY_ID}a text that looks like a secret.`],
        ["getApiKey", { id: ".." }, `${KEY_ID}"..".`],
        ["getApiKey", { id: "\ud800" }, KEY_ID],
    ])("%s(%j)", (name, given, message) => {
        const read = () => readArguments(name, given, false);
        expect(read).toThrow(`Wrong arguments of ${name}: `);
        expect(read).toThrow(message);
    });

    test("everything that is wrong at once", () => {
        const read = () => readArguments("getApiKeys", { acl: 1, activeOnly: 2, nam: 3 }, false);
        expect(read).toThrow(
            /`acl` must be .*, not 1; `activeOnly` must be .*, not 2; `nam` is not an argument; did you mean `name`\?\.$/,
        );
    });

    test("values that are secrets, without them", () => {
        const read = () => readArguments("getApiKeys", { acl: "my-acl", activeOnly: 2 }, true);
        expect(read).toThrow(/`acl` must be .*, not a secret value; `activeOnly` must be .*, not a secret value\.$/);
    });

    test.each([
        { id: undefined, name: undefined },
        { id: "a", name: "b" },
    ])("a key by neither or both of id and name: %j", (given) => {
        expect(() => idOrName(given)).toThrow(
            "Wrong arguments of getApiKey: give either the key's `id` or its `name`.",
        );
    });
});

test("whatever a program gives, the function reads it or fails in one line that shows no secret", () => {
    const value = fc.oneof(fc.anything({ withBigInt: true, withDate: true }), fc.constant(SECRET));
    const argument = fc.constantFrom("name", "id", "kind", "acl", "teamId", "cluster", "activeOnly", "other", SECRET);
    const given = fc.oneof(value, fc.dictionary(argument, value));
    const name = fc.constantFrom(...(Object.keys(ARGUMENTS) as FunctionName[]));
    fc.assert(
        fc.property(name, given, fc.boolean(), (one, args, isSecret) => {
            try {
                readArguments(one, args, isSecret);
            } catch (error) {
                expect(error).toBeInstanceOf(XaiError);
                const message = String(error);
                expect(message).not.toMatch(/[\n\r]/);
                expect(message).not.toContain(SECRET.slice(4, 20));
            }
        }),
    );
    expect(show("x".repeat(1000), false).length).toBeLessThan(100);
});
