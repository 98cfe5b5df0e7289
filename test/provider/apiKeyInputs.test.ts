import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { didYouMean, isStoredAcl, parseInputs, validateInputs } from "../../provider/apiKeyInputs.js";
import { UNKNOWN } from "./dynamicHost.js";

type Inputs = Record<string, unknown>;

const NOW = Date.parse("2027-01-31T12:00:00Z");
const ACLS = ["api-key:model:*", "api-key:endpoint:chat"];
const GOOD: Inputs = { name: "search", acls: ACLS };

const check = (news: Inputs, olds: Inputs = {}) => validateInputs(olds, news, NOW);
const refused = (news: Inputs, olds: Inputs = {}) => check(news, olds).failures.map(({ property }) => property);

describe("good arguments", () => {
    test.each<Inputs>([
        {},
        { qps: 1, qpm: 2, tpm: 3 },
        { qps: null, qpm: undefined, tpm: null, expireTime: null, disabled: null, teamId: null },
        { tpm: "1" },
        { tpm: "00050000" },
        { tpm: "123456789012345678901234567890" },
        { qps: Number.MAX_SAFE_INTEGER },
        { expireTime: "2027-01-31T12:00:00.001Z" },
        { expireTime: "2027-01-31T14:00:01+02:00" },
        { disabled: true, waitForPropagation: false, propagationTimeout: "1h30m" },
        { onDelete: "disable" },
        { onDelete: "delete" },
        { adoptKeyId: "8a9f0c52-0000-4000-8000-000000000000", existingSecret: "xai-abc" },
        { adoptKeyId: UNKNOWN, existingSecret: UNKNOWN },
        { teamId: "9c3f1f0e-1111-2222-3333-444455556666" },
        { acls: ["api-key:model:grok-4", "api-key:endpoint:*", "api-key:endpoint:*"] },
        { name: "a name with spaces, ümlauts and 🔑" },
        { __provider: "exports.handler=…" },
    ])("%j", (args) => {
        expect(check({ ...GOOD, ...args })).toEqual({ failures: [], warnings: [] });
    });
});

describe("bad arguments", () => {
    test.each<[string, unknown, string]>([
        ["name", "", "an empty text is not allowed"],
        ["name", " \t", "an empty text is not allowed"],
        ["name", 7, "a number is not allowed"],
        ["name", ["x"], "a list is not allowed"],
        ["name", undefined, "is required"],
        ["name", null, "is required"],
        ["acls", undefined, "is required"],
        ["acls", null, "is required"],
        ["acls", "api-key:model:*", '"api-key:model:*" is not allowed: a list of'],
        ["acls", ["api-key:modle:grok-4", ...ACLS], "did you mean `api-key:model:grok-4`?"],
        ["acls", ["api-key:endpoints:chat", ...ACLS], "did you mean `api-key:endpoint:chat`?"],
        ["acls", ["api-key:model:", ...ACLS], '"api-key:model:" is not allowed'],
        ["acls", ["api-key:model:a b", ...ACLS], '"api-key:model:a b" is not allowed'],
        ["acls", ["grok-4", ...ACLS], '"grok-4" is not allowed'],
        ["acls", ["", ...ACLS], '"" is not allowed'],
        ["acls", [null, ...ACLS], "null is not allowed"],
        ["acls", [7, ...ACLS], "7 is not allowed"],
        ["qps", 0, "0 is not allowed: a whole number, 1 or more"],
        ["qps", -1, "-1 is not allowed"],
        ["qps", 1.5, "1.5 is not allowed"],
        ["qps", "5", '"5" is not allowed'],
        ["qps", true, "true is not allowed"],
        ["qpm", 2 ** 53, "is not allowed"],
        ["qpm", { n: 1 }, '{"n":1} is not allowed'],
        ["tpm", 0, "0 is not allowed"],
        ["tpm", "0", '"0" is not allowed'],
        ["tpm", "5.5", '"5.5" is not allowed'],
        ["tpm", "5k", '"5k" is not allowed'],
        ["tpm", "", '"" is not allowed'],
        ["tpm", "-5", '"-5" is not allowed'],
        ["expireTime", "tomorrow", '"tomorrow" is not allowed: an RFC 3339 instant'],
        ["expireTime", "2027-02-30T00:00:00Z", "is not allowed"],
        ["expireTime", "2027-12-31", "is not allowed"],
        ["expireTime", 1_800_000_000, "is not allowed"],
        ["expireTime", "2027-01-31T12:00:00Z", "is in the past (it is 2027-01-31T12:00:00.000Z)"],
        ["expireTime", "2027-01-31T13:59:59+02:00", "is in the past"],
        ["disabled", "true", '"true" is not allowed: true or false'],
        ["disabled", 0, "0 is not allowed"],
        ["teamId", "", '"" is not allowed'],
        ["teamId", "a/b", '"a/b" is not allowed'],
        ["waitForPropagation", "no", '"no" is not allowed'],
        ["propagationTimeout", "5 minutes", '"5 minutes" is not allowed: a duration'],
        ["propagationTimeout", "0s", '"0s" is not allowed'],
        ["propagationTimeout", 90, "90 is not allowed"],
        ["onDelete", "keep", '"keep" is not allowed: "delete" or "disable"'],
        ["onDelete", true, "true is not allowed"],
        ["qpd", 4, "is no argument of XaiApiKey; did you mean `qps`?"],
        ["acl", ACLS, "did you mean `acls`?"],
        ["expiretime", "2999-01-01T00:00:00Z", "did you mean `expireTime`?"],
        ["somethingElse", null, "is no argument of XaiApiKey"],
        ["constructor", 1, "is no argument of XaiApiKey"],
    ])("%s: %j", (property, value, reason) => {
        const { failures } = check({ ...GOOD, [property]: value });
        expect(failures).toEqual([{ property, reason: expect.stringContaining(reason) }]);
    });

    test.each<[string, unknown, string]>([
        ["adoptKeyId", "xai-abcdefgh", "`adoptKeyId`: the text that is given is not allowed: the id of an API key"],
        ["adoptKeyId", "a/b", "the text that is given is not allowed"],
        ["adoptKeyId", "..", "the text that is given is not allowed"],
        ["adoptKeyId", "", "an empty text is not allowed"],
        ["adoptKeyId", 7, "a number is not allowed"],
        ["existingSecret", "xai-abcdefgh\n", "`existingSecret`: the text that is given is not allowed: the secret"],
        ["existingSecret", " ", "an empty text is not allowed"],
        ["existingSecret", ["xai-abcdefgh"], "a list is not allowed"],
    ])(
        "%s: %j is refused without a word of it, and of no property whose value the engine would show",
        (property, value, reason) => {
            const { failures } = check({ ...GOOD, [property]: value });
            expect(failures).toEqual([{ property: "", reason: expect.stringContaining(reason) }]);
            expect(failures[0]?.reason).not.toContain("abcdefgh");
        },
    );

    test("are all reported at once, each once", () => {
        const news = {
            name: "",
            acls: ["a", "b", ...ACLS],
            qps: 0,
            qpm: 0,
            tpm: 0,
            expireTime: "x",
            disabled: 0,
            teamId: "",
            waitForPropagation: 0,
            propagationTimeout: 0,
            other: 0,
        };
        expect(refused(news).sort()).toEqual([...Object.keys(news), "acls"].sort());
    });

    test("any subset of them is reported as exactly that subset", () => {
        const bad: Inputs = { name: "", qps: 0, qpm: 0, tpm: 0, expireTime: "x", disabled: 0, propagationTimeout: 0 };
        fc.assert(
            fc.property(fc.subarray(Object.keys(bad)), (names) => {
                const news = { ...GOOD, ...Object.fromEntries(names.map((name) => [name, bad[name]])) };
                expect(refused(news).sort()).toEqual([...names].sort());
            }),
        );
    });

    test("a name is never repeated in a message: its owner may have made it secret", () => {
        const { failures } = check({ ...GOOD, name: { secretly: "hush-hush" } });
        expect(JSON.stringify(failures)).not.toContain("hush-hush");
    });

    test("a long value is shortened", () => {
        const [failure] = check({ ...GOOD, propagationTimeout: "x".repeat(5000) }).failures;
        expect(failure?.reason.length).toBeLessThan(200);
    });
});

describe("unknown values", () => {
    const PLACES = ["name", "acls", "qps", "qpm", "tpm", "expireTime", "disabled", "teamId", "waitForPropagation"];
    test.each([...PLACES, "propagationTimeout"])("pass as %s", (property) => {
        expect(check({ ...GOOD, [property]: UNKNOWN })).toEqual({ failures: [], warnings: [] });
    });

    test("pass in the list of acls, where the others are still looked at", () => {
        expect(check({ ...GOOD, acls: [UNKNOWN] })).toEqual({ failures: [], warnings: [] });
        expect(refused({ ...GOOD, acls: [UNKNOWN, "grok-4"] })).toEqual(["acls"]);
    });
});

describe("what the stack holds already", () => {
    test.each<Inputs>([
        { ...GOOD, qps: 0 },
        { ...GOOD, acls: ["api-key:modle:grok-4", ...ACLS] },
        { ...GOOD, expireTime: "never" },
        { ...GOOD, qpd: 4 },
    ])("is warned about and not refused: %j", (inputs) => {
        const { failures, warnings } = check(inputs, inputs);
        expect(failures).toEqual([]);
        expect(warnings).toHaveLength(1);
    });

    test("does not make a required argument dispensable", () => {
        expect(refused({ name: "n" }, { name: "n" })).toEqual(["acls"]);
        expect(refused({}, {})).toEqual(["name", "acls"]);
    });

    test("keeps no other value from being refused", () => {
        const olds = { ...GOOD, qps: 0, acls: ["api-key:modle:grok-4", ...ACLS] };
        expect(refused({ ...olds, qps: -1, qpm: 0 }, olds)).toEqual(["qps", "qpm"]);
        const acls = [...ACLS, "api-key:modle:grok-3", "api-key:modle:grok-4"];
        expect(check({ ...olds, acls }, olds).failures).toEqual([
            { property: "acls", reason: expect.stringContaining("grok-3") },
        ]);
    });

    test("an expiry that is past counts as the same however it is written, and another one is refused", () => {
        const olds = { ...GOOD, expireTime: "2020-01-01T00:00:00Z" };
        const same = check({ ...GOOD, expireTime: "2020-01-01T01:00:00.000+01:00" }, olds);
        expect(same).toEqual({ failures: [], warnings: [] });
        expect(refused({ ...GOOD, expireTime: "2020-01-02T00:00:00Z" }, olds)).toEqual(["expireTime"]);
    });

    test("only what differs from it is refused: whatever is written, unchanged inputs pass", () => {
        const values = fc.oneof(fc.anything({ maxDepth: 1 }), fc.string(), fc.integer(), fc.constant(undefined));
        const names = fc.constantFrom("name", "acls", "qps", "tpm", "expireTime", "disabled", "teamId", "other");
        fc.assert(
            fc.property(fc.dictionary(names, values), (inputs) => {
                // As on the wire.
                const plain: Inputs = JSON.parse(JSON.stringify({ ...GOOD, ...inputs }));
                fc.pre([plain["name"], plain["acls"]].every((value) => value !== undefined && value !== null));
                expect(check(plain, plain).failures).toEqual([]);
            }),
        );
    });
});

describe("permissions that allow nothing", () => {
    test.each([
        [[], ["api-key:model:", "api-key:endpoint:"]],
        [["api-key:model:*"], ["api-key:endpoint:"]],
        [["api-key:endpoint:chat"], ["api-key:model:"]],
    ])("%j are warned about", (acls, missing) => {
        const { failures, warnings } = check({ ...GOOD, acls });
        expect(failures).toEqual([]);
        expect(warnings).toHaveLength(1);
        for (const kind of missing) {
            expect(warnings[0]).toContain(`\`${kind}…\``);
        }
    });
});

test.each([
    ["grok4", ["grok-4", "grok-3"], "; did you mean `grok-4`?"],
    ["GROK-4", ["grok-4"], "; did you mean `grok-4`?"],
    ["something", ["grok-4", "grok-3"], ""],
    ["x", [], ""],
])("for %s of %j: %j", (given, candidates, words) => {
    expect(didYouMean(given, candidates)).toBe(words);
});

test("a permission is stored wherever it stands in the old list", () => {
    expect(isStoredAcl({ acls: ACLS }, ACLS[1])).toBe(true);
    expect(isStoredAcl({ acls: ACLS }, "api-key:model:x")).toBe(false);
    expect(isStoredAcl({}, ACLS[1])).toBe(false);
    expect(isStoredAcl({ acls: UNKNOWN }, ACLS[1])).toBe(false);
});

test("checked inputs are read as they are, and what the host adds is left out", () => {
    const inputs = { ...GOOD, qps: null, tpm: "7" };
    expect(parseInputs({ ...inputs, __provider: "x" })).toEqual(inputs);
});
