import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { apiKeySchema } from "../../provider/api/apiKeys.js";
import { parseInputs } from "../../provider/apiKey/inputs.js";
import { ARGUMENTS, type ArgumentName, same } from "../../provider/fields.js";
import { ACLS, ALIASES } from "./values.js";

const NAMES = Object.keys(ARGUMENTS) as ArgumentName[];

describe("Two values mean the same", () => {
    test.each<[ArgumentName, unknown, unknown]>([
        ["name", " search ", "search"],
        ["acls", ["a", "b"], ["b", "a", "b"]],
        ["qps", 5, 5],
        ["tpm", "50000", 50_000],
        ["tpm", "0050000", 50_000],
        ["expireTime", "2027-01-01T00:00:00Z", "2027-01-01T01:00:00.0000001+01:00"],
        ["expiresIn", "90d", "2160h"],
        ["rotation", {}, null],
        ["rotation", { every: "30d", overlap: null }, { every: "720h" }],
        ["rotation", { triggers: { a: { b: [1] } } }, { triggers: { a: { b: [1] } } }],
        ["waitForPropagation", true, undefined],
        ["propagationTimeout", "300s", undefined],
        ["onDelete", "delete", null],
        ["expireTime", "2027-01-01T00:00:00.7Z", "2027-01-01T00:00:00Z"],
    ])("as %s: %j and %j", (name, a, b) => {
        expect(same(name, a, b)).toBe(true);
        expect(same(name, b, a)).toBe(true);
    });

    test.each<[ArgumentName, unknown, unknown]>([
        ["name", "search", "Search"],
        ["acls", ["a"], []],
        ["acls", ["a,b"], ["a", "b"]],
        ["qps", 1, undefined],
        ["tpm", "9007199254740993", "9007199254740992"],
        ["tpm", "1", null],
        ["expireTime", "2027-01-01T00:00:00Z", "2027-01-01T00:00:01Z"],
        ["disabled", false, undefined],
        ["disabled", true, false],
        ["expiresIn", "90d", undefined],
        ["rotation", { triggers: {} }, null],
        ["rotation", { triggers: { a: 1 } }, { triggers: { a: 2 } }],
        ["rotation", { every: "30d" }, { beforeExpiry: "30d" }],
        ["teamId", "a", "b"],
        ["waitForPropagation", false, undefined],
        ["propagationTimeout", "1m", undefined],
        ["onDelete", "disable", undefined],
    ])("not as %s: %j and %j", (name, a, b) => {
        expect(same(name, a, b)).toBe(false);
        expect(same(name, b, a)).toBe(false);
    });

    test("where one permission names a model by an alias and the other by its name", () => {
        const [byAlias, byName] = [["api-key:model:grok-4"], ["api-key:model:grok-4-0709"]];
        expect(same("acls", byAlias, byName, ALIASES)).toBe(true);
        expect(same("acls", byAlias, byName)).toBe(false);
        expect(same("acls", ["api-key:endpoint:grok-4"], ["api-key:endpoint:grok-4-0709"], ALIASES)).toBe(false);
    });

    test("for every argument, where null and absent meet; and a value is the same as itself", () => {
        for (const name of NAMES) {
            expect(same(name, null, undefined), name).toBe(true);
        }
        fc.assert(
            fc.property(fc.constantFrom(...NAMES), fc.jsonValue(), (name, value) => {
                expect(same(name, value, structuredClone(value))).toBe(true);
            }),
        );
    });
});

describe("The table", () => {
    test("is all that the arguments are checked by: a wrong value of any of them is named", () => {
        for (const name of NAMES) {
            const wrong = () => parseInputs({ name: "search", acls: ACLS, [name]: Symbol(name) });
            expect(wrong, name).toThrow(`arguments that the stack holds: \`${name}\`.`);
        }
    });

    test.each<[ArgumentName, unknown, boolean]>([
        ["acls", [], true],
        ["acls", ["api-key:team:x"], false],
        ["qps", "5", false],
        ["tpm", "5", true],
        ["tpm", "0", false],
        ["expiresIn", "36525d", true],
        ["expiresIn", "36526d", false],
        ["rotation", { overlap: "0s" }, true],
        ["rotation", { overlap: "7d" }, true],
        ["rotation", { overlap: "169h" }, false],
        ["teamId", "..", false],
    ])("of %s: %j is allowed: %s", (name, value, isAllowed) => {
        expect(ARGUMENTS[name].schema.safeParse(value).success).toBe(isAllowed);
    });
});

describe("An answer", () => {
    test.each<[object, object]>([
        [{ aclStrings: ["a"], acl_strings: ["b"] }, { acls: ["a"] }],
        [{ aclStrings: null, acl_strings: ["b"] }, { acls: ["b"] }],
        [{ acls: ["a"] }, { acls: ["a"] }],
        [{ aclStrings: null }, { acls: null }],
        [{}, { name: "", acls: null, qps: null, qpm: null, tpm: null, expireTime: null, disabled: false }],
        [
            { name: null, qps: null, tpm: null, disabled: null },
            { name: "", qps: null, tpm: null, disabled: false },
        ],
        [
            { qps: "", tpm: "", expireTime: "" },
            { qps: null, tpm: null, expireTime: null },
        ],
        [
            { qps: "0", qpm: 0, tpm: "0" },
            { qps: null, qpm: null, tpm: null },
        ],
        [
            { qps: "5", qpm: 7, tpm: 50_000 },
            { qps: 5, qpm: 7, tpm: "50000" },
        ],
        [{ tpm: "9007199254740993" }, { tpm: "9007199254740993" }],
        [{ disabled: "false" }, { disabled: false }],
        [{ disabled: "true" }, { disabled: true }],
        [
            { modifyTime: 7, createTime: { seconds: 1 } },
            { modifyTime: null, createTime: null },
        ],
        [{ redactedApiKey: "xai-a**b", somethingNew: { x: 1 } }, { redactedApiKey: "xai-a**b" }],
        // A server that forgets to redact gives no secret to a plain output.
        [{ redactedApiKey: "xai-whole" }, { redactedApiKey: null }],
    ])("with %j is read as %j", (given, read) => {
        expect(apiKeySchema.parse({ apiKeyId: "id", ...given })).toMatchObject(read);
    });
});
