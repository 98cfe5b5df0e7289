import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ApiKey } from "../../provider/api/apiKeys.js";
import {
    type ApiKeyState,
    givenDigest,
    inputsFromState,
    parseState,
    stateFromApi,
    stateOutputs,
} from "../../provider/apiKeyState.js";
import { apiKeyWith } from "./keys.js";

const STATE: ApiKeyState = {
    apiKeyId: "id",
    teamId: "team",
    name: "n",
    acls: ["a"],
    qps: 1,
    qpm: 2,
    tpm: "3",
    expireTime: "2999-01-01T00:00:00Z",
    disabled: true,
    waitForPropagation: false,
    propagationTimeout: "9s",
    onDelete: "disable",
    expiresIn: "90d",
    rotation: { every: "30d", overlap: "1h" },
    apiKey: "secret",
    redactedApiKey: "xai-...cret",
    userId: "user",
    createTime: "2020-01-01T00:00:00.000000Z",
    rotatedAt: "2020-02-01T00:00:00.000Z",
    previousSecretExpiresAt: "2020-02-02T00:00:00.000Z",
    schedule: {
        generation: 1,
        since: "2020-02-01T00:00:00.000Z",
        triggers: "0123456789abcdef",
        expiresIn: "fedcba9876543210",
        reason: "it was due",
    },
    owed: ["propagation"],
    given: { acls: "digest" },
};

describe("outputs", () => {
    test("come back from the engine as the state that they were made of", () => {
        fc.assert(
            fc.property(fc.subarray(Object.keys(STATE)), (names) => {
                const needed = ["apiKeyId", "teamId", "name", "acls", "disabled"];
                const kept = Object.entries(STATE).filter(([name]) => needed.includes(name) || names.includes(name));
                const outputs: Record<string, unknown> = JSON.parse(JSON.stringify(Object.fromEntries(kept)));
                const state = parseState({ ...outputs, __provider: "x" });
                expect(state && stateOutputs(state)).toEqual(outputs);
            }),
        );
    });

    test("hold nothing that is undefined or empty", () => {
        const key: ApiKey = { ...NOTHING, name: "n", acls: ["a"] };
        const carried = { teamId: "team", apiKey: "secret", owed: [], given: {} };
        expect(stateOutputs(stateFromApi(key, carried))).toEqual({
            apiKeyId: "id",
            teamId: "team",
            name: "n",
            acls: ["a"],
            disabled: false,
            apiKey: "secret",
        });
    });

    test.each([{}, { teamId: "t" }, { ...STATE, apiKeyId: undefined }, { ...STATE, teamId: 5 }])(
        "of no key are none: %j",
        (outputs) => {
            expect(parseState(outputs)).toBeUndefined();
        },
    );

    test("with a part that makes no sense lose that part alone, and never the secret", () => {
        const odd = {
            ...STATE,
            name: null,
            acls: "x",
            qps: "many",
            owed: ["something new"],
            given: 7,
            schedule: { generation: "many" },
            disabled: "?",
            userId: 9,
        };
        expect(parseState(odd)).toMatchObject({ apiKey: "secret", qpm: 2, disabled: false });
    });
});

const NOTHING = apiKeyWith({ name: "" });

test("the secret and the team are carried over, whatever the API says", () => {
    const state = stateFromApi({ ...NOTHING, teamId: "elsewhere" }, STATE);
    expect(state).toMatchObject({ apiKey: "secret", teamId: "team", owed: ["propagation"], given: { acls: "digest" } });
});

test("the inputs that stand for a state are what a program would write", () => {
    expect(inputsFromState(STATE)).toEqual({
        name: "n",
        acls: ["a"],
        qps: 1,
        qpm: 2,
        tpm: 3,
        expireTime: "2999-01-01T00:00:00Z",
        disabled: true,
        teamId: "team",
        waitForPropagation: false,
        propagationTimeout: "9s",
        onDelete: "disable",
        expiresIn: "90d",
        rotation: { every: "30d", overlap: "1h", triggers: { digest: "0123456789abcdef" } },
        schedule: STATE.schedule,
    });
    expect(inputsFromState({ apiKeyId: "id", teamId: "t", name: "n", acls: [], disabled: false })).toEqual({
        name: "n",
        acls: [],
        teamId: "t",
    });
    expect(inputsFromState({ ...STATE, tpm: "9007199254740993" }).tpm).toBe("9007199254740993");
});

test("a digest is short, depends on key and value, and does not hold the value", () => {
    fc.assert(
        fc.property(fc.string({ minLength: 4 }), fc.string({ minLength: 4 }), (a, b) => {
            expect(givenDigest("id", a)).toMatch(/^[\w-]{16}$/);
            expect(givenDigest("id", a) === givenDigest("id", b)).toBe(a === b);
            expect(givenDigest("id", a)).not.toBe(givenDigest("id2", a));
        }),
    );
});
