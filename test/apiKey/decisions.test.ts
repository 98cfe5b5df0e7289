import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { onlyRedacted } from "../../provider/api/apiKeys.js";
import type { ListedApiKey } from "../../provider/api/listApiKeys.js";
import { CLOCK_GRACE } from "../../provider/api/serverClock.js";
import type { Properties } from "../../provider/apiKey/context.js";
import { expiryWarning } from "../../provider/apiKey/expiry.js";
import { ROTATION_RECORD } from "../../provider/apiKey/inputs.js";
import { candidates, certainKey, describeCandidates, type LostCreate } from "../../provider/apiKey/lostCreate.js";
import { describeProgress, isEverywhere, nextPause, unpropagated } from "../../provider/apiKey/propagation.js";
import { KeyRegistry } from "../../provider/apiKey/registry.js";
import { fitsRedacted, foreignRotationWarning, requireItsSecret } from "../../provider/apiKey/secret.js";
import { hasUnknown, isUnknown, UNKNOWN } from "../../provider/unknown.js";
import { ALIASES, answerOf, checkedInputs, inDays, NOW, stateOf } from "./values.js";

describe("A lost create", () => {
    const inputs = checkedInputs({ acls: ["api-key:model:grok-4"], tpm: 5, expireTime: inDays(5), disabled: true });
    const made = answerOf({
        acls: ["api-key:model:grok-4-0709"],
        tpm: "5",
        expireTime: "2027-01-06T00:00:00.000000Z",
        createTime: inDays(0),
    });
    const lost: LostCreate = { inputs, since: NOW, before: new Map() };
    const find = (key: ListedApiKey, more: Partial<LostCreate> = {}, held: readonly string[] = []) =>
        candidates({ ...lost, ...more }, [key], { isHeld: (id) => held.includes(id) }, ALIASES);

    test("may have made a key of its name and settings, in the sense of each field, `disabled` aside", () => {
        expect(find(made)).toEqual([made]);
        expect(find({ ...made, name: " search " })).toHaveLength(1);
        expect(find({ ...made, disabled: true })).toHaveLength(1);
    });

    test.each<[string, ListedApiKey, Partial<LostCreate>, readonly string[]]>([
        ["another name", { ...made, name: "other" }, {}, []],
        ["other permissions", { ...made, acls: ["api-key:model:*"] }, {}, []],
        ["another limit", { ...made, tpm: "6" }, {}, []],
        ["a limit that was not asked for", { ...made, qps: 1 }, {}, []],
        ["another expiry", { ...made, expireTime: null }, {}, []],
        ["a creation before it was sent", { ...made, createTime: inDays(-1) }, {}, []],
        ["a place in the listing before", made, { before: new Map([["id", made]]) }, []],
        ["another resource that holds it", made, {}, ["id"]],
        ["fields that cannot be read", { apiKeyId: "id", unreadable: "qps" }, {}, []],
    ])("has not made a key with %s", (_what, key, more, held) => {
        expect(find(key, more, held)).toEqual([]);
    });

    test("is certain only for one new key, by the server's clock, under a name that only this resource has", () => {
        expect(certainKey(lost, [made], true)).toBe(made);
        expect(certainKey(lost, [made], false)).toBeUndefined();
        expect(certainKey(lost, [made, made], true)).toBeUndefined();
        expect(certainKey(lost, [], true)).toBeUndefined();
        expect(certainKey({ ...lost, since: undefined }, [made], true)).toBeUndefined();
        expect(certainKey(lost, [{ ...made, createTime: null }], true)).toBeUndefined();
        const earlier = (ms: number) => ({ ...made, createTime: new Date(NOW - ms).toISOString() });
        expect(certainKey(lost, [earlier(CLOCK_GRACE)], true)).toBeDefined();
        expect(certainKey(lost, [earlier(CLOCK_GRACE + 1)], true)).toBeUndefined();
    });

    test("without a clock or a listing before still names candidates", () => {
        expect(find(made, { since: undefined, before: undefined })).toHaveLength(1);
        expect(find({ ...made, createTime: null })).toHaveLength(1);
    });

    test("tells how to go on, with each candidate's name, id and time", () => {
        const words = describeCandidates([made, { ...made, apiKeyId: "two", createTime: null }]);
        expect(words).toContain(
            `"search" (id), created at ${inDays(0)}; API key "search" (two), created at an unknown time`,
        );
        expect(words).toContain("`adoptKeyId`");
        expect(describeCandidates([])).toContain("shows no key that it made");
    });
});

describe("The registry", () => {
    const asDefault = { oldName: undefined, name: "shop-test-a", isDefault: true };

    test("knows a default name that one new resource has, and no other resource", () => {
        const registry = new KeyRegistry();
        expect(registry.isOnlyDefaultName("shop-test-a")).toBe(false);
        registry.checked(asDefault);
        expect(registry.isOnlyDefaultName(" shop-test-a ")).toBe(true);
    });

    test.each<[string, Parameters<KeyRegistry["checked"]>[0]]>([
        ["a second new resource with that default", asDefault],
        ["a resource that was given the name", { oldName: undefined, name: "shop-test-a ", isDefault: false }],
        ["a resource that has the name already", { oldName: "shop-test-a", name: "new", isDefault: false }],
        ["its own replacement", { ...asDefault, oldName: "shop-test-a" }],
    ])("does not take a default name for one resource's beside %s", (_what, other) => {
        const registry = new KeyRegistry();
        registry.checked(asDefault);
        registry.checked(other);
        expect(registry.isOnlyDefaultName("shop-test-a")).toBe(false);
    });

    test("tells a key that is held from one that was adopted, and from one whose adopter is still to come", () => {
        const registry = new KeyRegistry();
        registry.hold("held");
        registry.willAdopt("id", "new");
        const known = (id: string) => [registry.isHeld(id), registry.isAdopted(id), registry.pendingAdopter(id)];
        expect(known("held")).toEqual([true, false, undefined]);
        expect(known("id")).toEqual([false, false, "new"]);
        registry.adopt("id", "new");
        expect(known("id")).toEqual([true, true, undefined]);
        registry.madeAnew("other");
        expect(registry.isAdopted("id")).toBe(true);
        registry.madeAnew("new");
        expect(registry.isAdopted("id")).toBe(false);
    });
});

describe("An expiry", () => {
    const counted = (days: number, rotation?: Properties, since?: number): Properties => ({
        expiresIn: "90d",
        rotation,
        [ROTATION_RECORD]: {
            number: 0,
            expireTime: inDays(days),
            expiresIn: "90d",
            ...(since !== undefined && { since: inDays(since) }),
        },
    });
    const warning = (inputs: Properties) => expiryWarning('API key "search"', inputs, NOW);

    test.each<Properties>([
        {},
        { expireTime: UNKNOWN },
        { expireTime: inDays(14) },
        counted(14),
        counted(3, { beforeExpiry: "7d" }),
        counted(-3, { beforeExpiry: "7d" }),
        counted(3, { beforeExpiry: UNKNOWN }),
        counted(13, { every: "20d" }, -8),
    ])("is not warned about: %j", (inputs) => {
        expect(warning(inputs)).toBeUndefined();
    });

    test.each<[Properties, RegExp]>([
        [{ expireTime: inDays(13.9) }, /^API key "search" expires at .*, within 14 days.* move `expireTime`\.$/],
        [{ expireTime: inDays(0) }, /^API key "search" expired at .*To revive it, move `expireTime`\.$/],
        [{ expireTime: inDays(5), rotation: { every: "1d" } }, /within 14 days/],
        [counted(5), /change a value in `rotation\.triggers`.*`rotation\.beforeExpiry` renews it/],
        [counted(-5), /expired.*or change `expiresIn`\.$/],
        // Its turn comes too late.
        [counted(5, { every: "20d" }, -8), /within 14 days/],
        [{ ...counted(90), expireTime: inDays(3) }, /within 14 days/],
    ])("is warned about: %j", (inputs, words) => {
        expect(warning(inputs)).toMatch(words);
    });
});

describe("A secret", () => {
    test.each<[string, string, boolean | undefined]>([
        ["xai-abcdoYZ4", "xai-...oYZ4", true],
        ["xai-abcdoYZ5", "xai-...oYZ4", false],
        ["xai-abcdefgb", "xai-a**b", true],
        ["xai-xbcdefgb", "xai-a**b", false],
        ["xai-abcdoYZ4", "xai-…oYZ4", true],
        ["xai-abcdoYZ4", "...", undefined],
        ["xai-abcdoYZ4", "hidden key", undefined],
        ["xai-abcdoYZ4", "", undefined],
        ["abab", "aba...bab", undefined],
    ])("%s against %s: %s", (secret, redacted, fits) => {
        expect(fitsRedacted(secret, redacted)).toBe(fits);
    });

    test("that does not fit is refused with what the API shows, and without the secret", () => {
        const key = { apiKeyId: "id", name: "search", redactedApiKey: "xai-...oYZ4" };
        const give = (secret: string) => () => requireItsSecret(key, secret);

        expect(give("xai-wrong-wrong")).toThrow(/^(?!.*wrong).*"search" \(id\).*xai-\.\.\.oYZ4/);
        expect(give("xai-abcdoYZ4")).not.toThrow();
    });

    test.each([
        ["xai-...oYZ4", "xai-...oYZ4"],
        ["xai-abcdefgh", undefined],
        ["", undefined],
        [null, undefined],
    ])("is shown only where it is redacted: %j as %j", (shown, redacted) => {
        expect(onlyRedacted(shown)).toBe(redacted);
    });

    test("that somebody else rotated is warned about by name, as far as its redacted form tells", () => {
        const state = stateOf();
        expect(foreignRotationWarning(state, "xai-...cret", NOW)).toBeUndefined();
        expect(foreignRotationWarning(state, "hidden", NOW)).toBeUndefined();
        expect(foreignRotationWarning(state, null, NOW)).toBeUndefined();
        expect(foreignRotationWarning({ ...state, apiKey: undefined }, "xai-...oYZ4", NOW)).toBeUndefined();
        expect(foreignRotationWarning(state, "xai-...oYZ4", NOW)).toMatch(
            /"search" \(id\).*rotated outside.*`rotation.triggers`/,
        );
    });

    test("that the stack itself rotated just now, or is to rotate, is not", () => {
        const rotated = stateOf(undefined, { rotatedAt: inDays(0) });
        expect(foreignRotationWarning(rotated, "xai-...oYZ4", NOW + 59_000)).toBeUndefined();
        expect(foreignRotationWarning(rotated, "xai-...oYZ4", NOW + 61_000)).toBeDefined();
        expect(foreignRotationWarning(stateOf(undefined, { pending: ["secret"] }), "xai-...oYZ4", NOW)).toBeUndefined();
    });
});

describe("The wait for propagation", () => {
    test.each<[Record<string, boolean>, boolean, string]>([
        [{}, false, "no cluster named yet"],
        [{ a: false }, false, "on 0 of 1 clusters, a missing"],
        [{ a: true, b: false, c: false }, false, "on 1 of 3 clusters, b, c missing"],
        [{ a: true, b: true }, true, ""],
    ])("at %j: done %s", (clusters, done, words) => {
        expect(isEverywhere(clusters)).toBe(done);
        expect(describeProgress(clusters)).toContain(words);
    });

    test("makes growing pauses, which jitter only shortens, and its last check falls on the limit", () => {
        const random = fc.double({ min: 0, max: 0.999, noNaN: true });
        fc.assert(
            fc.property(fc.integer({ min: 1, max: 600_000 }), fc.array(random, { minLength: 1 }), (limit, chances) => {
                let [waited, checks, before] = [0, 1, 0];
                while (waited < limit) {
                    const pause = nextPause(checks, limit - waited, chances[checks % chances.length] ?? 0);
                    expect(pause).toBeGreaterThan(0);
                    expect(pause >= before || pause === limit - waited || pause >= 8000).toBe(true);
                    [waited, checks, before] = [waited + pause, checks + 1, pause];
                }
                expect(waited).toBeCloseTo(limit, 3);
                expect(checks).toBeLessThan(100);
            }),
        );
    });

    test("is made unless the program says no or the key is off", () => {
        const inputs = { name: "search", acls: [] };
        const isPending = (more: object, disabled = false) =>
            unpropagated(stateOf(undefined, { disabled }), { ...inputs, ...more }).pending !== undefined;
        expect(isPending({})).toBe(true);
        expect(isPending({ waitForPropagation: null })).toBe(true);
        expect(isPending({ waitForPropagation: false })).toBe(false);
        expect(isPending({}, true)).toBe(false);
    });
});

test("A value is unknown by any of Pulumi's texts, and holds one at any depth", () => {
    expect(isUnknown(UNKNOWN)).toBe(true);
    expect(isUnknown("1c4a061d-8072-4f0a-a4cb-0ff528b18fe7")).toBe(true);
    expect(hasUnknown({ a: [{ b: UNKNOWN }] })).toBe(true);
    expect(hasUnknown({ a: [null, "text", 1] })).toBe(false);
});
