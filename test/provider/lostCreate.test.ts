import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ApiKey, ListedApiKey, NewApiKey } from "../../provider/api/apiKeys.js";
import {
    candidates,
    describeCandidates,
    FIRST_SEARCH_PAUSE,
    judge,
    type LostCreate,
    MAX_SEARCHES,
    nextSearch,
} from "../../provider/lostCreate.js";
import { apiKeyWith } from "./keys.js";

const SENT_AT = Date.UTC(2027, 0, 1, 12);
const SENT: NewApiKey = {
    name: "search",
    acls: ["api-key:model:grok-4", "api-key:endpoint:chat"],
    qps: 5,
    qpm: null,
    tpm: "50000",
    expireTime: "2031-01-01T00:00:00+02:00",
};
const NAMES = new Map([
    ["grok-4", "grok-4-0709"],
    ["grok-4-0709", "grok-4-0709"],
]);

function key(differing: Partial<ApiKey> = {}): ApiKey {
    const createTime = new Date(SENT_AT + 200).toISOString().replace("Z", "000Z");
    return apiKeyWith({ ...SENT, createTime, ...differing });
}

const LOST: LostCreate = { sent: SENT, since: SENT_AT, before: new Map() };
const found = (listed: ListedApiKey[], lost: LostCreate = LOST, known: string[] = []) =>
    candidates(listed, lost, (id) => known.includes(id), NAMES).map(({ apiKeyId }) => apiKeyId);

describe("a lost create may have made", () => {
    test.each<[string, Partial<ApiKey>]>([
        ["as it was sent", {}],
        ["with the model's name for an alias", { acls: ["api-key:model:grok-4-0709", "api-key:endpoint:chat"] }],
        ["with sorted permissions", { acls: ["api-key:endpoint:chat", "api-key:model:grok-4-0709"] }],
        ["with repeated permissions", { acls: [...SENT.acls, ...SENT.acls] }],
        ["with the time in UTC and microseconds", { expireTime: "2030-12-31T22:00:00.000000Z" }],
        ["with a trimmed name", { name: " search " }],
        ["created in the very second in which it was sent, as the server's cut date says", { createTime: at(-900) }],
        ["without a time of creation", { createTime: null }],
    ])("a key %s", (_what, differing) => {
        expect(found([key(differing)])).toEqual(["id"]);
    });

    test.each<[string, Partial<ApiKey>]>([
        ["another name", { name: "search2" }],
        ["other permissions", { acls: ["api-key:model:grok-3", "api-key:endpoint:chat"] }],
        ["fewer permissions", { acls: ["api-key:model:grok-4"] }],
        ["another limit", { qps: 6 }],
        ["a limit more", { qpm: 1 }],
        ["a limit less", { tpm: null }],
        ["another expiry", { expireTime: "2031-01-01T00:00:00Z" }],
        ["been disabled", { disabled: true }],
        ["been created before", { createTime: at(-1001) }],
    ])("no key that has %s", (_what, differing) => {
        expect(found([key(differing)])).toEqual([]);
    });

    test("no key that this process knows, none of before its first create, and none that cannot be read", () => {
        expect(found([key()], LOST, ["id"])).toEqual([]);
        expect(found([key()], { ...LOST, before: new Map([["id", undefined]]) })).toEqual([]);
        expect(found([{ apiKeyId: "id", unreadable: "qps" }])).toEqual([]);
    });

    test("a key of any time, where the server's clock is not known", () => {
        const old = key({ createTime: at(-86_400_000) });
        expect(found([old], { ...LOST, since: undefined })).toEqual(["id"]);
    });
});

describe("the key is taken over", () => {
    const [one, other] = [key(), key({ apiKeyId: "other" })];
    const late = { ...LOST, since: SENT_AT + 700 };

    test.each<[string, LostCreate, ApiKey]>([
        ["", LOST, one],
        [" where no listing was to be had", { ...LOST, before: undefined }, one],
        [" in the millisecond of the create", LOST, key({ createTime: at(0) })],
        [" in the second of the create, by a time in whole seconds", late, key({ createTime: "2027-01-01T12:00:00Z" })],
    ])("where it is the one under the default name, by the server's clock made since%s", (_what, lost, only) => {
        expect(judge(lost, [only], true, 1)).toEqual({ take: only });
    });

    test.each<[string, LostCreate, ApiKey[], boolean, number, string]>([
        ["the name was given", LOST, [one], false, 1, "the program gave the name"],
        ["there are several", LOST, [one, other], true, 1, "which of them it is cannot be told"],
        ["several creates were lost", LOST, [one], true, 2, "2 creates of this name were lost"],
        ["the server's clock is not known", { ...LOST, since: undefined }, [one], true, 1, "whether it was made"],
        ["it has no date", LOST, [key({ createTime: null })], true, 1, "whether it was made"],
        ["it was made just before", LOST, [key({ createTime: at(-1) })], true, 1, "whether it was made"],
        [
            "it was made in the second before",
            late,
            [key({ createTime: "2027-01-01T11:59:59Z" })],
            true,
            1,
            "whether it",
        ],
    ])("not where %s", (_what, lost, keys, isDefaultName, lostOfName, untouched) => {
        const verdict = judge(lost, keys, isDefaultName, lostOfName);
        expect(verdict).toEqual({ untouched: expect.stringContaining(untouched) });
    });

    test("never, whatever else holds, where the name is not the default one or it is not the only one", () => {
        const some = fc.array(fc.constantFrom(one, other), { minLength: 1, maxLength: 3 });
        fc.assert(
            fc.property(some, fc.boolean(), fc.integer({ min: 1, max: 3 }), (keys, isDefaultName, lostOfName) => {
                const taken = "take" in judge(LOST, keys, isDefaultName, lostOfName);
                expect(taken).toBe(isDefaultName && keys.length === 1 && lostOfName === 1);
            }),
        );
    });
});

test("the candidates are named, and no value of theirs", () => {
    const text = describeCandidates([key(), key({ apiKeyId: "other" })], "which of them it is cannot be told");
    expect(text).toContain("API keys id, other may be what it made");
    expect(text).not.toContain("search");
});

test("a search lists a few times with growing pauses, and never beyond its time", () => {
    const pauses = Array.from({ length: MAX_SEARCHES }, (_, index) => nextSearch(index + 1, 1e9));
    expect(pauses).toEqual([250, 500, 1000, 2000, 4000, undefined]);
    expect(nextSearch(1, FIRST_SEARCH_PAUSE)).toBeUndefined();
});

function at(milliseconds: number): string {
    return new Date(SENT_AT + milliseconds).toISOString();
}
