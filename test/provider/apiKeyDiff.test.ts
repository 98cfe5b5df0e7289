import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ApiKey } from "../../provider/api/apiKeys.js";
import {
    changedFields,
    createObject,
    diffApiKey,
    driftedFields,
    type Fields,
    fieldMask,
    givenAfterRead,
    givenDigests,
    hasTwoSpellings,
    notApplied,
    sameValue,
    updateObject,
} from "../../provider/apiKeyDiff.js";
import type { ApiKeyInputs } from "../../provider/apiKeyInputs.js";
import { type ApiKeyState, type Field, inputsFromState, UPDATABLE_FIELDS } from "../../provider/apiKeyState.js";
import { UNKNOWN } from "./dynamicHost.js";
import { apiKeyWith } from "./keys.js";

const ACLS = ["api-key:model:a", "api-key:endpoint:b"];
const BASE: ApiKeyState = { apiKeyId: "id", teamId: "team", name: "n", acls: ACLS, disabled: false, apiKey: "secret" };

const limit = fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined });
const second = fc.integer({ min: 0, max: 3 });

const states: fc.Arbitrary<ApiKeyState> = fc.record({
    apiKeyId: fc.constant("id"),
    teamId: fc.constantFrom("team", "other"),
    name: fc.constantFrom("n", "m"),
    acls: fc.subarray(["a", "b", "c"]),
    qps: limit,
    qpm: limit,
    tpm: fc.option(fc.constantFrom("1", "50000"), { nil: undefined }),
    expireTime: fc.option(
        second.map((s) => `2999-01-01T00:00:0${s}.000000Z`),
        { nil: undefined },
    ),
    disabled: fc.boolean(),
    waitForPropagation: fc.option(fc.boolean(), { nil: undefined }),
    propagationTimeout: fc.option(fc.constantFrom("90s", "5m"), { nil: undefined }),
    apiKey: fc.constant("secret"),
});

const inputs: fc.Arbitrary<ApiKeyInputs> = fc.record({
    name: fc.constantFrom("n", "m"),
    acls: fc.array(fc.constantFrom("a", "b", "c")),
    qps: fc.option(limit, { nil: null }),
    qpm: fc.option(limit, { nil: null }),
    tpm: fc.constantFrom(null, undefined, 1, "1", "01", 50_000, "50000"),
    expireTime: fc.option(
        second.map((s) => `2999-01-01T01:00:0${s}+01:00`),
        { nil: null },
    ),
    disabled: fc.constantFrom(true, false, null, undefined),
});

describe("the same value", () => {
    test.each<[Field, unknown, unknown]>([
        ["acls", ["a", "b"], ["b", "a", "b"]],
        ["acls", [], []],
        ["qps", undefined, null],
        ["tpm", "50000", 50_000],
        ["tpm", "0050000", 50_000],
        ["tpm", null, undefined],
        ["expireTime", "2027-01-01T00:00:00Z", "2027-01-01T01:00:00.000000+01:00"],
        ["expireTime", undefined, null],
        ["disabled", false, undefined],
        ["disabled", false, null],
    ])("of %s: %j and %j", (field, a, b) => {
        expect(sameValue(field, a, b)).toBe(true);
        expect(sameValue(field, b, a)).toBe(true);
    });

    test.each<[Field, unknown, unknown]>([
        ["name", "a", "a "],
        ["acls", ["a"], ["a", "b"]],
        ["acls", ["a"], []],
        ["acls", ["a,b"], ["a", "b"]],
        ["qps", 1, undefined],
        ["qps", 1, 2],
        ["tpm", "9007199254740993", "9007199254740992"],
        ["tpm", "1", null],
        ["expireTime", "2027-01-01T00:00:00.000001Z", "2027-01-01T00:00:00.000002Z"],
        ["expireTime", "2027-01-01T00:00:00Z", null],
        ["disabled", true, undefined],
    ])("of %s is not: %j and %j", (field, a, b) => {
        expect(sameValue(field, a, b)).toBe(false);
        expect(sameValue(field, b, a)).toBe(false);
    });
});

describe("a diff", () => {
    test("of a key against the inputs that its own state stands for is empty", () => {
        fc.assert(
            fc.property(states, (state) => {
                const found = diffApiKey(state, { ...inputsFromState(state) });
                expect(found).toEqual({ fields: [], replaces: [], rotates: false, changes: false });
            }),
        );
    });

    test("replaces a key whose secret is not to be had, whatever the program says", () => {
        fc.assert(
            fc.property(states, inputs, (state, news) => {
                const found = diffApiKey({ ...state, owed: ["replacement"] }, { ...news });
                expect(found).toMatchObject({ changes: true, replaces: expect.arrayContaining(["apiKey"]) });
            }),
        );
    });

    test("is replaced by another team and by nothing else that a program says", () => {
        fc.assert(
            fc.property(
                states,
                inputs,
                fc.constantFrom("team", "other", undefined, null, UNKNOWN),
                (state, news, teamId) => {
                    const isMoved = (teamId === "team" || teamId === "other") && teamId !== state.teamId;
                    expect(diffApiKey(state, { ...news, teamId }).replaces).toEqual(isMoved ? ["teamId"] : []);
                },
            ),
        );
    });

    test("sees no change in unknown values, and every change beside them", () => {
        fc.assert(
            fc.property(states, inputs, fc.subarray([...UPDATABLE_FIELDS]), (state, news, hidden) => {
                const known = changedFields(state, { ...news }).filter((field) => !hidden.includes(field));
                const unknown = Object.fromEntries(hidden.map((field) => [field, UNKNOWN]));
                expect(changedFields(state, { ...news, ...unknown })).toEqual(known);
            }),
        );
        expect(changedFields(BASE, { name: "n", acls: ["api-key:model:other", UNKNOWN] })).toEqual([]);
    });

    test("rotates where more rotations were due than carried out, and keeps any other record without a request", () => {
        const rotation = { every: "30d" };
        const schedule = { generation: 1, since: "2027-01-01T00:00:00.000Z" };
        const held: ApiKeyState = { ...BASE, rotation, schedule };
        const news = (schedule?: object) => ({ ...BASE, rotation, schedule });
        expect(diffApiKey(held, news({ generation: 2 }))).toMatchObject({ fields: [], rotates: true, changes: true });
        expect(diffApiKey(BASE, news({ generation: 1 }))).toMatchObject({ rotates: true, changes: true });
        expect(diffApiKey(held, news(held.schedule))).toMatchObject({ rotates: false, changes: false });
        expect(diffApiKey(BASE, news({ generation: 0, since: "x" }))).toMatchObject({ rotates: false, changes: true });
        expect(diffApiKey(held, news())).toMatchObject({ rotates: false, changes: true });
        const longer = { ...news(held.schedule), rotation: { every: "31d" } };
        expect(diffApiKey(held, longer)).toMatchObject({ fields: [], rotates: false, changes: true });
        // Given up with the argument itself.
        const { rotation: _, ...without } = news({ generation: 2 });
        expect(diffApiKey(held, without)).toMatchObject({ rotates: false, changes: true });
    });

    test("changes where the wait's settings do, or where the wait is owed", () => {
        expect(diffApiKey(BASE, { ...BASE, waitForPropagation: false })).toMatchObject({ fields: [], changes: true });
        expect(diffApiKey(BASE, { ...BASE, onDelete: "disable" })).toMatchObject({ fields: [], changes: true });
        expect(diffApiKey({ ...BASE, onDelete: "disable" }, { ...BASE })).toMatchObject({ fields: [], changes: true });
        expect(diffApiKey(BASE, { ...BASE, propagationTimeout: "9s" })).toMatchObject({ fields: [], changes: true });
        expect(diffApiKey(BASE, { ...BASE, propagationTimeout: UNKNOWN })).toMatchObject({ changes: false });
        expect(diffApiKey(BASE, { ...BASE, waitForPropagation: null })).toMatchObject({ changes: false });
        const owing: ApiKeyState = { ...BASE, owed: ["propagation"] };
        expect(diffApiKey(owing, { ...BASE })).toMatchObject({ fields: [], replaces: [], changes: true });
    });
});

/** What a server does with a masked update: the fields in the mask, and no others. */
function applied(state: ApiKeyState, news: ApiKeyInputs): ApiKeyState {
    const object = updateObject(state, news);
    const values: Record<Field, unknown> = {
        name: object.name,
        acls: object.aclStrings,
        qps: object.qps,
        qpm: object.qpm,
        tpm: object.tpm,
        expireTime: object.expireTime,
        disabled: object.disabled,
    };
    const masked = changedFields(state, { ...news }).map((field) => [field, values[field]]);
    return { ...state, ...Object.fromEntries(masked) };
}

describe("the mask", () => {
    test("names exactly what changed: applied, the key is what the program gives", () => {
        fc.assert(
            fc.property(states, inputs, (state, news) => {
                const after = applied(state, news);
                expect(changedFields(after, { ...news })).toEqual([]);
                for (const field of UPDATABLE_FIELDS) {
                    expect(sameValue(field, after[field], news[field])).toBe(true);
                    const named = changedFields(state, { ...news }).includes(field);
                    expect(named).toBe(!sameValue(field, state[field], news[field]));
                }
            }),
        );
    });

    test("has two published spellings", () => {
        expect(fieldMask(UPDATABLE_FIELDS, {}).join()).toBe("name,aclStrings,qps,qpm,tpm,expireTime,disabled");
        expect(fieldMask(UPDATABLE_FIELDS, { acls: "snake", expireTime: "snake" }).join()).toBe(
            "name,acl_strings,qps,qpm,tpm,expire_time,disabled",
        );
        for (const field of UPDATABLE_FIELDS) {
            expect(hasTwoSpellings([field])).toBe(
                fieldMask([field], {})[0] !== fieldMask([field], { [field]: "snake" })[0],
            );
        }
    });

    test("comes with the whole key object: cleared limits are null, and the secret is not in it", () => {
        const object = updateObject(BASE, { name: "n", acls: ["a", "a", "b"], tpm: "007", qps: 0.5 + 0.5 });
        expect(object).toMatchObject({ apiKeyId: "id", teamId: "team", aclStrings: ["a", "b"], qps: 1, tpm: "7" });
        expect(object).toMatchObject({ qpm: null, expireTime: null, disabled: false });
        expect(object).not.toHaveProperty("apiKey");
        expect(JSON.stringify(object)).not.toContain("secret");
    });
});

test("a create sends each permission once, and tpm as an integer text", () => {
    expect(createObject({ name: "n", acls: ["a", "b", "a"], tpm: 50_000 })).toEqual({
        name: "n",
        acls: ["a", "b"],
        qps: null,
        qpm: null,
        tpm: "50000",
        expireTime: null,
    });
});

describe("the record of what was given", () => {
    const news = { name: " n ", acls: ["alias"], tpm: 5, expireTime: "2999-01-01T00:00:00.123456789Z" };
    const held: ApiKeyState = { ...BASE, acls: ["model"], tpm: "5", expireTime: "2999-01-01T00:00:00.123456Z" };
    const given = givenDigests(held, news);

    test("is made for the fields that the API holds in another form, and shows none of the values", () => {
        expect(Object.keys(given ?? {}).sort()).toEqual(["acls", "expireTime", "name"]);
        expect(JSON.stringify(given)).not.toMatch(/alias|model|2999/);
    });

    test("makes the same arguments no change, and others a change", () => {
        const state = { ...held, given };
        expect(changedFields(state, news)).toEqual([]);
        expect(changedFields(state, { ...news, acls: ["alias", "alias"] })).toEqual([]);
        expect(changedFields(state, { ...news, acls: ["model"] })).toEqual([]);
        expect(changedFields(state, { ...news, acls: ["another"] })).toEqual(["acls"]);
        expect(changedFields(state, { ...news, name: "n  " })).toEqual(["name"]);
        expect(changedFields(state, { ...news, expireTime: null })).toEqual(["expireTime"]);
    });

    test("is another one for another key, so that equal values do not show as equal", () => {
        expect(givenDigests({ ...held, apiKeyId: "id2" }, news)?.acls).not.toBe(given?.acls);
    });

    test("is void for a field that has drifted, so that the repair is a change", () => {
        const now = { ...held, acls: ["elsewhere"] };
        const drifted = driftedFields(held, now);
        expect(drifted).toEqual(["acls"]);
        const after = givenAfterRead(given, drifted);
        expect(Object.keys(after ?? {}).sort()).toEqual(["expireTime", "name"]);
        expect(changedFields({ ...now, given: after }, news)).toEqual(["acls"]);
    });

    test("is not made for what the API does not hold at all: that stays a difference", () => {
        const lost = { ...BASE, acls: [], tpm: undefined, expireTime: undefined };
        expect(givenDigests(lost, { ...news, name: "n" })).toEqual({});
        expect(changedFields(lost, { ...news, name: "n" })).toEqual(["acls", "tpm", "expireTime"]);
    });
});

describe("what an answer shows unchanged", () => {
    const ALIASES = new Map([
        ["alias", "model"],
        ["model", "model"],
    ]);
    const answer = (fields: Fields): ApiKey => Object.assign(apiKeyWith({ teamId: "team" }), fields);
    const at = (fraction: string) => `2999-01-01T00:00:00${fraction}Z`;
    // Field, before, answer, given; whether it was applied.
    const CASES: [Field, unknown, unknown, unknown, boolean][] = [
        ["qpm", 1, 1, 2, false],
        ["qpm", 1, 2, 2, true],
        ["qpm", 1, null, null, true],
        ["qpm", 1, 1, null, false],
        ["qpm", undefined, null, 5, false],
        ["qpm", 1, 7, 2, true],
        ["tpm", "1", "2", 2, true],
        ["name", "n", "n", " n ", true],
        ["name", "n", "n", "m", false],
        ["expireTime", at(".000001"), at(".000001"), at(".0000019"), true],
        ["expireTime", at(""), at(""), at(".5"), false],
        ["acls", ["api-key:model:model"], ["api-key:model:model"], ["api-key:model:alias"], true],
        ["acls", ["api-key:model:model"], ["api-key:model:model"], ["api-key:model:x"], false],
        ["acls", ["a", "b"], ["b", "a"], ["a"], false],
        ["disabled", false, false, true, false],
        ["disabled", false, true, true, true],
    ];
    test.each(CASES)("%s from %j, answered %j for %j: applied %s", (field, before, answered, given, isApplied) => {
        const left = notApplied(
            [field],
            { [field]: before },
            answer({ [field]: answered }),
            { [field]: given },
            ALIASES,
        );
        expect(left).toEqual(isApplied ? [] : [field]);
    });
});
