import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
    appliedAsHeld,
    appliedInputs,
    carriedOut,
    inputsFromHeld,
    observed,
    settled,
} from "../../provider/apiKey/applied.js";
import type { Properties } from "../../provider/apiKey/context.js";
import { diffState } from "../../provider/apiKey/diff.js";
import { APPLIED, ROTATION_DUE, ROTATION_RECORD, recordIn } from "../../provider/apiKey/inputs.js";
import {
    heldValues,
    type KeyState,
    PENDING,
    parseState,
    stateOutputs,
    storedObject,
    withoutPending,
    withPending,
} from "../../provider/apiKey/state.js";
import { FIELDS } from "../../provider/fields.js";
import { ACLS, ALIASES, answerOf, checkedInputs, inDays, stateOf } from "./values.js";

const NONE = new Map<string, string>();

/** Every optional argument, given, null, undefined or absent. */
const args = fc.record(
    {
        qps: fc.constantFrom(5, null, undefined),
        qpm: fc.constantFrom(5, null, undefined),
        tpm: fc.constantFrom(5, "5", null, undefined),
        expireTime: fc.constantFrom(inDays(5), null, undefined),
        disabled: fc.constantFrom(true, false, null, undefined),
        expiresIn: fc.constantFrom("90d", null, undefined),
        rotation: fc.constantFrom({ every: "30d", triggers: { a: { b: null } } }, { overlap: null }, null, undefined),
        teamId: fc.constantFrom("team", null, undefined),
        waitForPropagation: fc.constantFrom(false, null, undefined),
        propagationTimeout: fc.constantFrom("1m", null, undefined),
        onDelete: fc.constantFrom("disable", "delete", null, undefined),
        adoptKeyId: fc.constantFrom("id", null, undefined),
        existingSecret: fc.constantFrom("xai-secret-secret", null, undefined),
    },
    { requiredKeys: [] },
);

const optional = (value: string) => fc.constantFrom(value, undefined);
const states: fc.Arbitrary<KeyState> = fc.record(
    {
        apiKeyId: fc.constant("id"),
        teamId: fc.constant("team"),
        name: fc.constant("search"),
        acls: fc.constant(ACLS),
        disabled: fc.boolean(),
        qps: fc.constantFrom(1, undefined),
        qpm: fc.constantFrom(1, undefined),
        tpm: optional("7"),
        expireTime: optional(inDays(5)),
        apiKey: optional("xai-secret"),
        redactedApiKey: optional("xai-...cret"),
        userId: optional("user"),
        createTime: optional(inDays(0)),
        rotatedAt: optional(inDays(0)),
        previousSecretExpiresAt: optional(inDays(1)),
        onDelete: fc.constantFrom("disable" as const, undefined),
        pending: fc.option(fc.subarray([...PENDING], { minLength: 1 }), { nil: undefined }),
        applied: fc.option(
            args.map((given) => appliedInputs(checkedInputs(given))),
            { nil: undefined },
        ),
    },
    { requiredKeys: ["apiKeyId", "teamId", "name", "acls", "disabled"] },
);

/** What the engine can store: JSON that is the same after a round trip, so without undefined at any depth. */
function expectPlain(value: unknown): void {
    expect(JSON.parse(JSON.stringify(value))).toStrictEqual(value);
}

/** The state in outputs, as outputs: what is not set is absent. */
function readBack(outputs: Properties): Properties | undefined {
    const state = parseState(outputs);
    return state && stateOutputs(state);
}

describe("Outputs", () => {
    test("are plain JSON without undefined at any depth, whatever is set", () => {
        fc.assert(
            fc.property(states, args, (state, given) => {
                // The engine hands inputs over as JSON.
                const news: Properties = JSON.parse(JSON.stringify(checkedInputs(given)));
                expectPlain(stateOutputs(JSON.parse(JSON.stringify(state))));
                expectPlain(stateOutputs(settled(state, news)));
                expectPlain(stateOutputs(observed(state, answerOf({ qps: 9, expireTime: null }), NONE)));
                expectPlain(stateOutputs({ ...state, applied: appliedAsHeld(news, heldValues(answerOf()), NONE) }));
                expectPlain(stateOutputs({ ...state, applied: carriedOut(state.applied ?? {}, FIELDS, news) }));
                expectPlain(inputsFromHeld(state, "team"));
            }),
        );
    });

    test("are read back as the same state", () => {
        fc.assert(
            fc.property(states, (state) => {
                const outputs = stateOutputs(state);
                expect(readBack(JSON.parse(JSON.stringify(outputs)))).toEqual(outputs);
            }),
        );
    });

    test("that a native host keeps with nulls are the same state", () => {
        const nulls = { qps: null, tpm: null, expireTime: null, rotatedAt: null, pending: null, [APPLIED]: null };
        const outputs = stateOutputs(stateOf(undefined, { applied: undefined }));
        expect(readBack({ ...outputs, ...nulls })).toEqual(outputs);
    });

    test("without an id or a team are no key's, and a damaged field loses neither the key nor its secret", () => {
        expect(parseState({ name: "search", acls: ACLS })).toBeUndefined();
        const damaged = {
            apiKeyId: "id",
            teamId: "team",
            apiKey: "xai-s",
            qps: "x",
            acls: 5,
            disabled: "?",
            pending: 7,
        };
        expect(readBack(damaged)).toEqual({
            apiKeyId: "id",
            teamId: "team",
            apiKey: "xai-s",
            name: "",
            acls: [],
            disabled: false,
        });
    });
});

describe("The inputs that were carried out", () => {
    test("hold every argument but the secret, with the record, and nothing that only marks or shows", () => {
        const news = { ...checkedInputs({ existingSecret: "xai-s", adoptKeyId: "id" }), [ROTATION_DUE]: "#1: x" };
        expect(appliedInputs(news)).toEqual({
            name: "search",
            acls: ACLS,
            adoptKeyId: "id",
            [ROTATION_RECORD]: { number: 0 },
        });
    });

    test("of a new key hold what the API made of them in another sense, so that the next update sends it", () => {
        const news = checkedInputs({ qps: 5, disabled: true, acls: ["api-key:model:grok-4"] });
        const held = heldValues(answerOf({ qps: 7, acls: ["api-key:model:grok-4-0709"] }));
        const applied = appliedAsHeld(news, held, ALIASES);
        expect(applied).toMatchObject({ qps: 7, disabled: false, acls: ["api-key:model:grok-4"] });
        expect(diffState(stateOf(undefined, { ...held, applied }), news).fields).toEqual(["qps", "disabled"]);
    });

    test("after a part of an update hold that part alone", () => {
        const before = appliedInputs(checkedInputs({ qps: 1, qpm: 1 }));
        const news = checkedInputs({ qps: 2, qpm: 2, onDelete: "disable" });
        expect(carriedOut(before, ["qps"], news)).toEqual({ ...before, qps: 2 });
        expect(carriedOut(before, ["qpm"], checkedInputs({ qps: 2 }))).not.toHaveProperty("qpm");
    });

    test("after the expiry was sent hold its record, but no rotation that was only counted", () => {
        const before = appliedInputs(checkedInputs({ expiresIn: "90d" }));
        const news = {
            ...checkedInputs({ expiresIn: "10d" }),
            [ROTATION_RECORD]: { number: 3, expireTime: inDays(10), expiresIn: "10d" },
        };
        const applied = carriedOut(before, ["expireTime"], news);
        expect(recordIn(applied)).toEqual({ number: 0, expireTime: inDays(10), expiresIn: "10d" });
        expect(applied).toMatchObject({ expiresIn: "10d" });
    });

    test("of an imported key count no rotation before its first whole update", () => {
        const news = checkedInputs({ expireTime: inDays(9), rotation: { triggers: { a: 1 } } });
        const applied = carriedOut({}, ["expireTime"], news);
        expect(diffState(stateOf(undefined, { applied, expireTime: inDays(9) }), news)).toMatchObject({
            rotates: false,
        });
    });

    test("after a whole update are the program's", () => {
        const news = checkedInputs({ qps: 2, onDelete: "disable" });
        const done = settled(stateOf(checkedInputs({ qps: 1 }), { qps: 2 }), news);
        expect(done).toMatchObject({ onDelete: "disable", applied: appliedInputs(news) });
    });

    test("after a whole update keep a drift that its answer showed, so that the next diff repairs it", () => {
        const drifted = stateOf(checkedInputs({ qps: 7 }), { qps: 7 });
        const news = checkedInputs({ qps: 5 });
        expect(settled(drifted, news).applied).toMatchObject({ qps: 7 });
    });
});

describe("An observed key", () => {
    test.each<[string, Properties, Properties]>([
        ["name", {}, { name: "other" }],
        ["acls", {}, { acls: ["api-key:model:*"] }],
        ["qps", { qps: 1 }, { qps: 2 }],
        ["qpm", { qpm: 1 }, { qpm: null }],
        ["tpm", {}, { tpm: "7" }],
        ["expireTime", { expireTime: inDays(5) }, { expireTime: inDays(6) }],
        ["disabled", { disabled: false }, { disabled: true }],
    ])("whose %s drifted holds it in the outputs, and in the inputs", (field, args, found) => {
        const before = stateOf(checkedInputs(args), { ...args });
        const after = observed(before, answerOf({ ...args, ...found }), NONE);
        const value = found[field] ?? undefined;
        expect(stateOutputs(after)[field]).toEqual(value);
        expect(after.applied?.[field]).toEqual(value);
        expect(diffState(after, checkedInputs(args)).fields).toEqual([field]);
    });

    test("that only took another form holds it in the outputs alone", () => {
        const args = { acls: ["api-key:model:grok-4"], tpm: "007", expireTime: "2027-01-02T01:00:00+01:00" };
        const before = stateOf(checkedInputs(args), args);
        const found = { acls: ["api-key:model:grok-4-0709"], tpm: "7", expireTime: "2027-01-02T00:00:00.000000Z" };
        const after = observed(before, answerOf(found), ALIASES);
        expect(after).toMatchObject({ ...found, applied: before.applied });
    });

    test("that is off is recorded, and stays unmanaged where the program does not say", () => {
        const after = observed(stateOf(), answerOf({ disabled: true }), NONE);
        expect(after.disabled).toBe(true);
        expect(after.applied).not.toHaveProperty("disabled");
    });

    test("whose counted expiry drifted keeps the count beside what was found", () => {
        const before = stateOf(checkedInputs({ expiresIn: "90d" }), { expireTime: inDays(90) });
        const after = observed(before, answerOf({ expireTime: inDays(5) }), NONE);
        expect(after.applied).toEqual({ ...before.applied, expireTime: inDays(5) });
    });

    test("whose counted expiry was removed counts as if there had been none", () => {
        const before = stateOf(checkedInputs({ expiresIn: "90d", rotation: { every: "30d" } }), {
            expireTime: inDays(90),
        });
        const after = observed(before, answerOf(), NONE);
        expect(after.applied).not.toHaveProperty("expiresIn");
        expect(recordIn(after.applied ?? {})).toEqual({ number: 0, since: inDays(0) });
    });

    test("keeps the secret, what is pending and what the answer lacks; a key without carried-out inputs gets none", () => {
        const before = stateOf(undefined, { pending: ["secret"], userId: "user", applied: undefined });
        expect(stateOutputs(observed(before, answerOf({ qps: 2 }), NONE))).toEqual(stateOutputs({ ...before, qps: 2 }));
        expect(observed(before, answerOf({ acls: null }), NONE).acls).toEqual(ACLS);
    });

    test("that did not drift is the same state", () => {
        fc.assert(
            fc.property(states, (state) => {
                const { name, acls, disabled, qps = null, qpm = null, tpm = null, expireTime = null } = state;
                const key = answerOf({ name, acls: [...acls], disabled, qps, qpm, tpm, expireTime });
                expect(stateOutputs(observed(state, key, NONE))).toEqual(stateOutputs(state));
            }),
        );
    });
});

test("What is pending is a list without repeats, and absent where nothing is", () => {
    const both = withPending(withPending(stateOf(), "secret"), "propagation");
    expect(both.pending).toEqual(["propagation", "secret"]);
    expect(withPending(both, "secret").pending).toEqual(["propagation", "secret"]);
    expect(withoutPending(withoutPending(both, "secret"), "propagation").pending).toBeUndefined();
});

test("The key object of an update holds every field but `disabled`, nulls for what is not set, and no secret", () => {
    const object = storedObject(stateOf(undefined, { qps: 5, tpm: "007", acls: ["a", "a"] }));
    expect(object).toEqual({
        apiKeyId: "id",
        teamId: "team",
        name: "search",
        aclStrings: ["a"],
        qps: 5,
        qpm: null,
        tpm: "7",
        expireTime: null,
    });
});
