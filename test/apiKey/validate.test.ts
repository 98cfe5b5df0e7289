import { describe, expect, test } from "vitest";
import type { Properties } from "../../provider/apiKey/context.js";
import { missingKindWarning, validate } from "../../provider/apiKey/validate.js";
import { ARGUMENTS } from "../../provider/fields.js";
import { UNKNOWN } from "../../provider/unknown.js";
import { ACLS, inDays, NOW } from "./values.js";

const RIGHT: Properties = { name: "search", acls: ACLS };
/** Arguments of which most are wrong, each in its own way. */
const WRONG: Properties = {
    name: " ",
    acls: ["api-key:modle:grok-4", "api-key:model:grok-3", 7],
    qps: 0,
    qpm: 1.5,
    tpm: "many",
    expireTime: "tomorrow",
    disabled: "yes",
    expiresIn: "soon",
    rotation: { every: "0s", beforeExpiry: "1h", overlap: "8d", trigger: 1, triggers: "a" },
    teamId: "a/b",
    waitForPropagation: "no",
    propagationTimeout: "0s",
    onDelete: "keep",
    adoptKeyId: "xai-abcdefghijklmnop",
    existingSecret: "xai-secret with blanks",
    qsp: 5,
};

const found = (news: Properties, olds: Properties = {}) => validate(olds, news, NOW);
const properties = (news: Properties, olds: Properties = {}) => found(news, olds).map(({ property }) => property);

test("A check names every violation at once, with what was given and what is allowed", () => {
    const violations = found(WRONG);
    expect(violations.map(({ property }) => property).sort()).toEqual(
        [
            ...["name", "acls", "acls", "qps", "qpm", "tpm", "expireTime", "disabled", "expiresIn", "expiresIn"],
            ...["rotation.every", "rotation.overlap", "rotation.trigger", "rotation.triggers", "teamId", "qsp"],
            ...["waitForPropagation", "propagationTimeout", "onDelete", "adoptKeyId", "existingSecret"],
        ].sort(),
    );
    for (const name of ["qps", "qpm", "tpm", "disabled", "onDelete"] as const) {
        const { reason } = violations.find(({ property }) => property === name) ?? { reason: "" };
        expect(reason).toBe(`${JSON.stringify(WRONG[name])} is not allowed: ${ARGUMENTS[name].allowed}`);
    }
    expect(violations.every(({ isStored }) => !isStored)).toBe(true);
});

test("Right arguments, nulls and unknown values pass", () => {
    expect(found({ ...RIGHT, qps: null, qpm: undefined, rotation: null, expireTime: inDays(1) })).toEqual([]);
    const unknown = Object.fromEntries(Object.keys(ARGUMENTS).map((name) => [name, UNKNOWN]));
    const { expireTime: _, ...rest } = unknown;
    expect(found(rest)).toEqual([]);
    expect(found({ ...RIGHT, acls: [UNKNOWN, ...ACLS] })).toEqual([]);
    expect(found({ ...RIGHT, expiresIn: UNKNOWN, rotation: { beforeExpiry: "9d", triggers: { a: UNKNOWN } } })).toEqual(
        [],
    );
});

test("`acls` and `name` are required", () => {
    expect(properties({ acls: ACLS })).toEqual(["name"]);
    expect(properties({ name: "n", acls: null })).toEqual(["acls"]);
});

test("What the stack holds already is only warned about, each permission by itself", () => {
    expect(found(WRONG, WRONG).filter(({ isStored }) => !isStored)).toEqual([]);
    const acls = ["api-key:modle:grok-4", "api-key:model:"];
    expect(found({ ...RIGHT, acls }, { ...RIGHT, acls: acls.slice(0, 1) }).map((one) => one.isStored)).toEqual([
        true,
        false,
    ]);
});

test("No message shows a secret, and no failure names the property of one to the engine", () => {
    const secrets: Properties = {
        ...RIGHT,
        adoptKeyId: "xai-abcdefghijklmnop",
        existingSecret: "xai-hidden hidden",
        rotation: { triggers: "hidden" },
    };
    const violations = found(secrets);
    expect(violations).toHaveLength(3);
    expect(violations.every(({ isSecret }) => isSecret)).toBe(true);
    expect(JSON.stringify(violations)).not.toMatch(/hidden|abcdefgh/);
});

test.each<[string, Properties, string]>([
    ["an argument", { ...RIGHT, qsp: 5 }, "is no argument of XaiApiKey; did you mean `qps`?"],
    ["a part of `rotation`", { ...RIGHT, rotation: { trigers: {} } }, "did you mean `triggers`?"],
])("A misspelt name of %s is answered with the right one", (_what, news, words) => {
    expect(found(news).map(({ reason }) => reason)).toEqual([expect.stringContaining(words)]);
});

describe("An expiry", () => {
    test("excludes `expiresIn`, but for the pair that a refresh has answered", () => {
        const pair = { ...RIGHT, expireTime: inDays(5), expiresIn: "90d" };
        expect(properties(pair)).toEqual(["expiresIn"]);
        expect(found(pair, pair)).toEqual([]);
        expect(found({ ...pair, expiresIn: "2160h" }, pair)).toEqual([]);
        expect(properties({ ...pair, expiresIn: "80d" }, pair)).toEqual(["expiresIn"]);
        expect(properties({ ...pair, expireTime: inDays(6) }, pair)).toEqual(["expiresIn"]);
    });

    test("lies in the future where it is new", () => {
        expect(properties({ ...RIGHT, expireTime: inDays(0) })).toEqual(["expireTime"]);
        const stored = { ...RIGHT, expireTime: "2026-12-31T01:00:00+01:00" };
        expect(found({ ...RIGHT, expireTime: "2026-12-31T00:00:00Z" }, stored)).toEqual([]);
    });

    test("is longer than `rotation.beforeExpiry`, which needs it counted", () => {
        const early = { ...RIGHT, rotation: { beforeExpiry: "30d" } };
        expect(properties(early)).toEqual(["rotation.beforeExpiry"]);
        expect(properties({ ...early, expiresIn: "720h" })).toEqual(["rotation.beforeExpiry"]);
        expect(found({ ...early, expiresIn: "31d" })).toEqual([]);
        expect(found({ ...early, expiresIn: "20d" }, { ...early, expiresIn: "20d" })).toMatchObject([
            { isStored: true },
        ]);
    });
});

describe("The arguments of an adoption", () => {
    test("need an id beside the secret, for a new resource", () => {
        expect(found({ ...RIGHT, existingSecret: "xai-secret" })).toMatchObject([{ isSecret: true }]);
        expect(found({ ...RIGHT, existingSecret: "xai-secret", adoptKeyId: UNKNOWN })).toEqual([]);
        expect(found({ ...RIGHT, existingSecret: "xai-secret" }, RIGHT)).toEqual([]);
    });

    test("may come and go, but not name another key", () => {
        const one = { ...RIGHT, adoptKeyId: "one" };
        expect(found(RIGHT, one)).toEqual([]);
        expect(found(one, RIGHT)).toEqual([]);
        expect(properties({ ...RIGHT, adoptKeyId: "two" }, one)).toEqual(["adoptKeyId"]);
    });
});

test.each<[unknown, string | undefined]>([
    [ACLS, undefined],
    [[UNKNOWN], undefined],
    [["api-key:model:*"], "api-key:endpoint:…"],
    [["api-key:endpoint:*"], "api-key:model:…"],
    [[], "`api-key:model:…` and one `api-key:endpoint:…`"],
])("With `acls` %j a warning names what is missing: %s", (acls, missing) => {
    const warning = missingKindWarning('API key "search"', acls);
    if (missing === undefined) {
        expect(warning).toBeUndefined();
    } else {
        expect(warning).toContain('API key "search"');
        expect(warning).toContain(missing);
    }
});
