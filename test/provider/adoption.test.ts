import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
    adoptedState,
    adoptionArguments,
    describeAdoption,
    heldAlready,
    notInTeam,
    wrongSecret,
} from "../../provider/adoption.js";
import { AdoptionClaims } from "../../provider/adoptionClaims.js";
import { changedFields } from "../../provider/apiKeyDiff.js";
import { type Field, UPDATABLE_FIELDS } from "../../provider/apiKeyState.js";
import { UNKNOWN } from "./dynamicHost.js";
import { apiKeyWith } from "./keys.js";

type Inputs = Record<string, unknown>;

const OLD: Inputs = { name: "n", acls: [] };

describe("the arguments of a take-over", () => {
    test.each<[string, "refused" | "said" | "fine", Inputs, Inputs]>([
        ["none", "fine", {}, {}],
        ["an id", "fine", {}, { adoptKeyId: "a" }],
        ["an id and a secret", "fine", {}, { adoptKeyId: "a", existingSecret: "s" }],
        ["an unknown id and a secret", "fine", {}, { adoptKeyId: UNKNOWN, existingSecret: "s" }],
        ["a secret alone", "refused", {}, { existingSecret: "s" }],
        ["an unknown secret alone", "refused", {}, { existingSecret: UNKNOWN, adoptKeyId: null }],
        ["null", "fine", {}, { existingSecret: null, adoptKeyId: null }],
        ["a secret that stayed", "fine", { ...OLD, existingSecret: "s" }, { existingSecret: "s" }],
        ["a secret that was taken out", "fine", { ...OLD, existingSecret: "s" }, {}],
        ["a secret that a refresh left out of the old inputs", "fine", OLD, { adoptKeyId: "a", existingSecret: "s" }],
        ["a secret that is not known yet", "fine", { ...OLD, existingSecret: "s" }, { existingSecret: UNKNOWN }],
        ["another secret", "said", { ...OLD, existingSecret: "s" }, { existingSecret: "t" }],
        [
            "another secret beside the id",
            "said",
            { ...OLD, existingSecret: "s" },
            { existingSecret: "t", adoptKeyId: "a" },
        ],
        ["a secret for a key that was not taken over", "said", OLD, { existingSecret: "s" }],
    ])("%s: %s", (_what, verdict, olds, news) => {
        const { failures, warnings } = adoptionArguments(olds, news);
        expect([failures.length, warnings.length]).toEqual([Number(verdict === "refused"), Number(verdict === "said")]);
        expect(failures.map(({ property }) => property).join()).toBe("");
    });
});

describe("the state of a key that is taken over", () => {
    const NAMES = new Map([
        ["grok-4", "grok-4-0709"],
        ["grok-4-0709", "grok-4-0709"],
    ]);
    const CARRIED = { teamId: "t", onDelete: "disable" as const, apiKey: "secret" };
    const KEY = apiKeyWith({
        apiKeyId: "a",
        name: "n",
        acls: ["api-key:model:grok-4-0709"],
        qps: 5,
        tpm: "7",
        expireTime: "2999-01-01T00:00:00.000000Z",
    });

    test("is what the API holds, with the secret and the settings of ours", () => {
        const news = { name: "n", acls: KEY.acls, qps: 5, tpm: 7, expireTime: KEY.expireTime };
        const state = adoptedState(KEY, news, CARRIED, NAMES);
        expect(state).toMatchObject({ apiKeyId: "a", teamId: "t", apiKey: "secret", onDelete: "disable", tpm: "7" });
        expect(state.given).toBeUndefined();
        expect(changedFields(state, news)).toEqual([]);
    });

    test("differs from the program in what is another value, not in what is another form", () => {
        const news = {
            name: " n ",
            acls: ["api-key:model:grok-4"],
            qps: null,
            tpm: "07",
            expireTime: "2999-01-01T01:00:00+01:00",
            disabled: true,
        };
        const state = adoptedState(KEY, news, CARRIED, NAMES);
        expect(Object.keys(state.given ?? {})).toEqual(["name", "acls"]);
        expect(changedFields(state, news)).toEqual(["qps", "disabled"]);
    });

    test("differs in exactly the fields that the program gives otherwise", () => {
        const other: Record<Field, unknown> = {
            name: "m",
            acls: ["api-key:model:grok-3"],
            qps: 6,
            qpm: 1,
            tpm: "8",
            expireTime: "2998-01-01T00:00:00Z",
            disabled: true,
        };
        fc.assert(
            fc.property(fc.subarray([...UPDATABLE_FIELDS]), (fields) => {
                const news = { ...KEY, ...Object.fromEntries(fields.map((field) => [field, other[field]])) };
                const state = adoptedState(KEY, news, CARRIED, NAMES);
                expect(changedFields(state, news)).toEqual(fields);
            }),
        );
    });
});

describe("the words of a take-over", () => {
    const KEY = apiKeyWith({ apiKeyId: "a", redactedApiKey: "xai-...1234" });

    test.each<[unknown, string | undefined]>([
        ["xai-001234", undefined],
        ["xai-001235", "`existingSecret` is not the secret of API key a: the API shows that one as xai-...1234"],
        [UNKNOWN, undefined],
        [undefined, undefined],
        [null, undefined],
    ])("hold a secret against what the API shows of it: %s", (secret, reason) => {
        const said = wrongSecret(KEY, secret);
        expect(said?.slice(0, reason?.length)).toBe(reason);
        expect(said ?? "").not.toContain(String(secret));
    });

    test("refuse no secret that cannot be compared, and say so", () => {
        const key = { ...KEY, redactedApiKey: "?" };
        expect(wrongSecret(key, "xai-001235")).toBeUndefined();
        expect(describeAdoption(key, "t", "xai-001235", [], 0)).toBe(
            "API key a of team t is taken over with the secret that `existingSecret` gives, which nothing that the API shows could be held against. Its settings are the program's already.",
        );
        expect(describeAdoption(key, "t", UNKNOWN, [], 0)).not.toContain("held against");
    });

    test("say where the secret comes from, and which fields change", () => {
        expect(describeAdoption(KEY, "t", "xai-001234", ["name", "qpm"], 0)).toBe(
            "API key a of team t is taken over with the secret that `existingSecret` gives. Its settings become the program's: `name`, `qpm`.",
        );
        expect(describeAdoption(KEY, "t", null, [], 0)).toBe(
            "API key a of team t is taken over with a new secret; the one that it has goes on working for 24 hours. Its settings are the program's already.",
        );
    });

    test("name the team of a key that is elsewhere, as far as it is known", () => {
        expect(notInTeam("a", "t", "u", true)).toBe(heldAlready("a", "t", "u"));
        expect(notInTeam("a", "t", "u", true)).toMatch(
            /^API key a belongs to team u, and cannot be taken over in team t/,
        );
        expect(notInTeam("a", "t", undefined, true)).toContain("it belongs to another team, or to a user whose keys");
        expect(notInTeam("a", "t", undefined, false)).toMatch(/^There is no API key a in team t/);
        expect(notInTeam("a", "t", undefined, undefined)).toMatch(/^There is no API key a in team t/);
    });
});

describe("who adopts which key", () => {
    const OWN = { apiKeyId: "a", teamId: "t" };
    const HELD = { apiKey: "secret", teamId: "t" };

    /** The comparison of a resource of the program: its inputs were checked before. */
    function compared(
        claims: AdoptionClaims,
        who: string,
        apiKeyId: string,
        { adoptKeyId, olds = HELD, isReplaced = false }: { adoptKeyId?: string; olds?: Inputs; isReplaced?: boolean },
    ) {
        const news = { name: who, adoptKeyId };
        claims.checked(who, false, news);
        return claims.compared(apiKeyId, olds, news, isReplaced);
    }

    test("one new resource may, a second may not", () => {
        const claims = new AdoptionClaims();
        expect(claims.checkedNew("a", "t")).toBeUndefined();
        expect(claims.checkedNew("b", "t")).toBeUndefined();
        expect(claims.checkedNew("a", "t")).toContain("is held by a resource of this stack already");
    });

    test("a resource that has taken one over keeps it, whichever is checked first", () => {
        const first = new AdoptionClaims();
        expect(first.checkedOld("a", "t", OWN)).toBeUndefined();
        expect(first.checkedNew("a", "t")).toContain("is held");
        expect(compared(first, "n", "a", { adoptKeyId: "a" })).toBeUndefined();
        expect(first.claimed("a")).toBe("taken over");
        const second = new AdoptionClaims();
        expect(second.checkedNew("a", "t")).toBeUndefined();
        expect(second.checkedOld("a", "t", OWN)).toContain("is held");
    });

    test("a key that another resource has is refused, whichever is seen first", () => {
        const first = new AdoptionClaims();
        expect(compared(first, "n", "a", {})).toBeUndefined();
        expect(first.checkedNew("a", "t")).toContain("is held");
        const second = new AdoptionClaims();
        expect(second.checkedNew("a", "t")).toBeUndefined();
        expect(compared(second, "n", "a", {})).toContain("is this resource's, and another resource");
        expect(second.isHeld("a")).toBe(true);
    });

    test("a key that was made or taken over in this process is held, too", () => {
        const claims = new AdoptionClaims();
        claims.made("a", "t");
        expect(claims.checkedNew("b", "t")).toBeUndefined();
        claims.taken("b", "t");
        for (const id of ["a", "b"]) {
            expect(claims.isHeld(id)).toBe(true);
            expect(claims.checkedNew(id, "t")).toContain("is held by a resource of this stack already");
        }
    });

    test("a key that is only looked up is nobody's", () => {
        const claims = new AdoptionClaims();
        compared(claims, "n", "a", { olds: { teamId: "t" } });
        expect(claims.claimed("a")).toBeUndefined();
        expect(claims.checkedNew("a", "t")).toBeUndefined();
    });

    test("a key whose secret is owed is its resource's", () => {
        const claims = new AdoptionClaims();
        compared(claims, "n", "a", { olds: { teamId: "t", owed: ["secret"] } });
        expect(claims.checkedNew("a", "t")).toContain("is held");
    });

    test.each([[{ apiKeyId: "a", teamId: "t" }], [{ apiKeyId: undefined, teamId: "t" }]])(
        "a resource is not given another key, whatever the old inputs adopt: %j",
        (before) => {
            const claims = new AdoptionClaims();
            expect(claims.checkedOld("b", "t", before)).toBeUndefined();
            expect(compared(claims, "n", "a", { adoptKeyId: "b" })).toContain(
                "names API key b, but this resource has API key a",
            );
        },
    );

    test("a key that is not known yet is no other one", () => {
        expect(compared(new AdoptionClaims(), "n", "a", { adoptKeyId: UNKNOWN })).toBeUndefined();
    });

    test("a refresh compares with stored inputs, which nobody has checked: it proves and refuses nothing", () => {
        const claims = new AdoptionClaims();
        expect(claims.compared("a", HELD, { adoptKeyId: "b" }, false)).toBeUndefined();
        expect([claims.isHeld("a"), claims.claimed("a")]).toEqual([false, undefined]);
        expect(claims.checkedNew("a", "t")).toBeUndefined();
        expect(claims.compared("a", HELD, {}, false)).toBeUndefined();
    });

    test("a move to another team takes the same key along nowhere, and may adopt one there", () => {
        const claims = new AdoptionClaims();
        expect(claims.checkedOld("a", "u", OWN)).toBeUndefined();
        expect(compared(claims, "n", "a", { adoptKeyId: "a", isReplaced: true })).toBeUndefined();
        expect(claims.checkedNew("a", "u")).toContain(
            "API key a belongs to team t, and cannot be taken over in team u",
        );
        expect(claims.checkedNew("b", "u")).toBeUndefined();
        expect(["a", "b"].map((id) => claims.claimed(id))).toEqual([undefined, "to be taken over"]);
    });

    test("what a replacement leaves is nobody's to keep, unless another resource adopts it", () => {
        const claims = new AdoptionClaims();
        expect(claims.checkedOld("b", "t", OWN)).toBeUndefined();
        expect(compared(claims, "n", "a", { adoptKeyId: "b", isReplaced: true })).toBeUndefined();
        expect(claims.checkedNew("b", "t")).toBeUndefined();
        expect(claims.claimed("a")).toBeUndefined();
    });

    test("a replacement that the provider did not ask for is told by its second check", () => {
        const claims = new AdoptionClaims();
        compared(claims, "n", "a", {});
        compared(claims, "m", "b", {});
        claims.checked("n", true, { name: "n" });
        expect(["a", "b"].map((id) => claims.claimed(id))).toEqual([undefined, "held"]);
    });

    test("a key is taken over once that is done, and not where it was only planned", () => {
        const claims = new AdoptionClaims();
        claims.checkedNew("a", "t");
        expect(claims.claimed("a")).toBe("to be taken over");
        claims.taken("a", "t");
        expect(claims.claimed("a")).toBe("taken over");
    });

    test("a key that two resources of the stack have is refused to the second", () => {
        const claims = new AdoptionClaims();
        expect(compared(claims, "n", "a", {})).toBeUndefined();
        expect(compared(claims, "m", "a", {})).toContain("is held by two resources of the program");
        const adopter = new AdoptionClaims();
        compared(adopter, "n", "a", {});
        adopter.checkedOld("a", "t", OWN);
        expect(compared(adopter, "m", "a", { adoptKeyId: "a" })).toContain("is held by two resources of the program");
    });
});
