import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inputsFromHeld } from "../../provider/apiKey/applied.js";
import type { Properties } from "../../provider/apiKey/context.js";
import { type DiffOptions, diffApiKey, diffState } from "../../provider/apiKey/diff.js";
import { ROTATION_DUE } from "../../provider/apiKey/inputs.js";
import { AdoptionError } from "../../provider/apiKey/registry.js";
import { type KeyState, stateOutputs } from "../../provider/apiKey/state.js";
import { UNKNOWN } from "../../provider/unknown.js";
import { checkedInputs, inDays, laterInputs, stateOf } from "./values.js";

/** The diff of a key that was made with some arguments, and whose program now has others. */
function compare(
    before: Properties,
    after: Properties,
    { state, days = 1, ...options }: { state?: Partial<KeyState>; days?: number } & DiffOptions = {},
) {
    const olds = checkedInputs(before);
    return diffState(stateOf(olds, state), laterInputs(olds, after, days), options);
}

const QUIET = { changed: [], fields: [], replaces: false, rotates: false, changes: false, warnings: [] };
const namesOf = ({ changed }: ReturnType<typeof compare>) => changed.map(({ name }) => name);

describe("A changed argument", () => {
    test.each<[string, Properties, Properties, Partial<KeyState>, readonly string[]]>([
        ["name", {}, { name: "other" }, {}, ["name"]],
        ["acls", {}, { acls: ["api-key:model:*"] }, {}, ["acls"]],
        ["qps", { qps: 5 }, {}, { qps: 5 }, ["qps"]],
        ["qpm", {}, { qpm: 5 }, {}, ["qpm"]],
        ["tpm", { tpm: 5 }, { tpm: "6" }, { tpm: "5" }, ["tpm"]],
        ["expireTime", {}, { expireTime: inDays(9) }, {}, ["expireTime"]],
        ["disabled", {}, { disabled: true }, {}, ["disabled"]],
        ["expiresIn", {}, { expiresIn: "9d" }, {}, ["expireTime"]],
        ["rotation", {}, { rotation: { every: "9d" } }, {}, []],
        ["waitForPropagation", {}, { waitForPropagation: false }, {}, []],
        ["propagationTimeout", {}, { propagationTimeout: "1m" }, {}, []],
        ["onDelete", {}, { onDelete: "disable" }, {}, []],
    ])(
        "%s is an update that sends its field, or none where the API never hears of it",
        (name, before, after, state, fields) => {
            expect(compare(before, after, { state })).toMatchObject({
                changed: [{ name, compares: "inputs" }],
                fields,
                replaces: false,
                rotates: false,
                changes: true,
            });
        },
    );

    test.each<[string, Properties, Properties]>([
        ["an instant with another offset", { expireTime: inDays(9) }, { expireTime: inDays(9).replace("Z", "-00:00") }],
        ["a default", {}, { onDelete: "delete", waitForPropagation: true, propagationTimeout: "5m", rotation: {} }],
        ["null", {}, { qps: null, teamId: null, rotation: null, disabled: null }],
        ["adoptKeyId that is the key's own", {}, { adoptKeyId: "id" }],
        ["adoptKeyId that goes", { adoptKeyId: "id" }, {}],
    ])("that is only written another way changes nothing: %s", (_what, before, after) => {
        expect(compare(before, after)).toEqual(QUIET);
    });

    test("that the key holds already is an update without a request", () => {
        expect(compare({}, { qps: 5 }, { state: { qps: 5 } })).toMatchObject({ fields: [], changes: true });
    });

    test("back to a value that the state does not hold is sent", () => {
        // A refresh found qps 7 where 5 was carried out.
        const olds = checkedInputs({ qps: 5 });
        const state = stateOf({ ...olds, qps: 7 }, { qps: 7 });
        const options = { oldInputs: { ...olds, qps: 5 } };
        expect(diffState(state, laterInputs(olds, { qps: 5 }), options)).toMatchObject({
            changed: [{ name: "qps", compares: "held" }],
            fields: ["qps"],
        });
    });

    test("`disabled: true` taken out sends nothing; only an explicit false switches on", () => {
        const state = { disabled: true };
        expect(compare({ disabled: true }, {}, { state })).toMatchObject({ fields: [], changes: true });
        expect(compare({}, {}, { state })).toMatchObject({ fields: [], changes: false });
        expect(compare({}, { disabled: false }, { state })).toMatchObject({ fields: ["disabled"] });
    });
});

describe("The team", () => {
    test.each<[string, Properties, boolean, boolean]>([
        ["another argument", { teamId: "other" }, true, true],
        ["the argument that names the key's own team", { teamId: "team" }, false, false],
        ["no argument any more", {}, false, false],
    ])("%s: replaces %s", (_what, after, replaces, changes) => {
        expect(compare({ teamId: "team" }, after)).toMatchObject({ replaces, changes });
    });

    test("that only the configuration or the environment names otherwise moves nothing, and is warned about", () => {
        const warned = (settings: NonNullable<DiffOptions["settings"]>, args: Properties = {}) =>
            compare({}, args, { settings }).warnings;
        const [byConfig, byEnvironment] = [
            { configuredTeamId: "other", environmentTeamId: "team" },
            { configuredTeamId: undefined, environmentTeamId: "other" },
        ];
        expect(compare({}, {}, { settings: byConfig })).toMatchObject({ replaces: false, changes: false });
        expect(warned(byConfig)).toEqual([
            expect.stringMatching(/"search" \(id\) stays in team team, although `xai:teamId`/),
        ]);
        expect(warned(byEnvironment)).toEqual([expect.stringContaining("XAI_TEAM_ID names team other")]);
        expect(warned(byConfig, { teamId: "team" })).toEqual([]);
        expect(warned({ configuredTeamId: undefined, environmentTeamId: undefined })).toEqual([]);
    });

    test("that is not known yet is a change with a warning where unknown values count, else none", () => {
        expect(compare({}, { teamId: UNKNOWN })).toEqual(QUIET);
        expect(compare({}, { teamId: UNKNOWN }, { countsUnknown: true })).toMatchObject({
            changes: true,
            replaces: false,
            warnings: [expect.stringContaining("is not known yet")],
        });
    });
});

describe("The arguments of an adoption", () => {
    test("that name another key than the resource's are an error that says what to do", () => {
        expect(() => compare({}, { adoptKeyId: "another" })).toThrow(AdoptionError);
        expect(() => compare({}, { adoptKeyId: "another" })).toThrow(
            /already has API key "search" \(id\).*Take `adoptKeyId` out/,
        );
        expect(() => compare({}, { adoptKeyId: UNKNOWN })).not.toThrow();
        expect(compare({}, { adoptKeyId: "another", teamId: "other" })).toMatchObject({ replaces: true });
    });

    test("count only while the outputs lack a secret", () => {
        const existingSecret = "xai-another-secret";
        expect(namesOf(compare({}, { existingSecret }, { state: { apiKey: undefined } }))).toEqual(["existingSecret"]);
        expect(compare({}, { existingSecret })).toMatchObject({
            changes: false,
            warnings: [expect.stringContaining("is not the secret that the stack holds")],
        });
        expect(compare({}, { existingSecret: "xai-secret-secret" })).toEqual(QUIET);
        expect(compare({}, { existingSecret }, { state: { rotatedAt: inDays(0) } })).toEqual(QUIET);
    });
});

describe("A rotation", () => {
    const every = { rotation: { every: "30d" } };

    test("is due where the checks have counted more than was carried out", () => {
        expect(compare(every, every, { days: 31 })).toMatchObject({ changed: [], fields: [], rotates: true });
        expect(compare(every, every, { days: 29 })).toEqual(QUIET);
    });

    test("is not due once it was carried out, though the stored inputs are still the old ones", () => {
        const olds = checkedInputs(every);
        const news = laterInputs(olds, every, 31);
        expect(diffState(stateOf(news), news)).toEqual(QUIET);
        expect(diffState(stateOf(news), laterInputs(olds, every, 32))).toMatchObject({ rotates: false });
    });

    test("is due for a trigger that was added or changed against what was carried out, whatever was counted", () => {
        const on = (triggers: object) => checkedInputs({ rotation: { triggers } });
        expect(diffState(stateOf(on({ a: 1 })), on({ a: 2 }))).toMatchObject({ rotates: true });
        expect(diffState(stateOf(on({})), on({ a: 2 }))).toMatchObject({ rotates: true });
        expect(diffState(stateOf(on({ a: 1, b: 1 })), on({ a: 1 }))).toMatchObject({ rotates: false, changes: true });
    });

    test("is given up where `rotation` is taken out", () => {
        const olds = checkedInputs(every);
        const news = { ...laterInputs(olds, every, 31), rotation: null };
        expect(diffState(stateOf(olds), news)).toMatchObject({ rotates: false, changes: true });
    });

    test("is not due for a key that was imported: its first update records triggers and sets the expiry", () => {
        const state = stateOf(undefined, { applied: undefined });
        const news = checkedInputs({ expiresIn: "90d", rotation: { every: "1d", triggers: { a: 1 } } });
        expect(diffState(state, news)).toMatchObject({ rotates: false, changes: true, fields: ["expireTime"] });
    });

    test("that was carried out counts by its own expiry: a later count of the same rotation is sent", () => {
        // The rotation was carried out on day 31, its wait failed, and the next check counted it again on day 36.
        const args = { expiresIn: "90d", rotation: { every: "30d" } };
        const olds = checkedInputs(args);
        const state = stateOf(laterInputs(olds, args, 31), { expireTime: inDays(121) });
        const news = laterInputs(olds, args, 36);
        expect(diffState(state, news)).toMatchObject({ rotates: false, fields: ["expireTime"] });
    });

    test("that is due never shows in `rotationDue` alone", () => {
        const olds = checkedInputs();
        expect(diffState(stateOf(olds), { ...olds, [ROTATION_DUE]: "#1: 30d have passed" })).toEqual(QUIET);
    });
});

describe("A drift of a counted expiry", () => {
    const args = { expiresIn: "90d" };
    const olds = checkedInputs(args);
    const found = inDays(5);
    const drifted = stateOf({ ...olds, expireTime: found }, { expireTime: found });

    test("is repaired with the recorded instant", () => {
        expect(diffState(drifted, laterInputs(olds, args))).toMatchObject({ fields: ["expireTime"] });
    });

    test("is left where the program ignores it: the pair comes back", () => {
        expect(diffState(drifted, laterInputs(olds, { ...args, expireTime: found }))).toEqual(QUIET);
    });
});

describe("What is pending", () => {
    test.each(["propagation", "secret"] as const)("%s is a change, in a refresh too", (pending) => {
        expect(compare({}, {}, { state: { pending: [pending] } })).toMatchObject({ fields: [], changes: true });
    });
});

describe("A refresh", () => {
    test("sees drift the other way up: what was read as outputs, the stored inputs as new", () => {
        const stored = checkedInputs({ qps: 5 });
        const quiet = stateOf(stored, { qps: 5 });
        expect(diffApiKey("id", stateOutputs(quiet), stored)).toEqual(QUIET);
        const drifted = stateOf({ ...stored, qps: 7 }, { qps: 7 });
        expect(diffApiKey("id", stateOutputs(drifted), stored)).toMatchObject({ changes: true, fields: ["qps"] });
    });

    test("of what is no key's state leaves it to an update", () => {
        expect(diffApiKey("id", { name: "search" }, checkedInputs())).toMatchObject({ changes: true, replaces: false });
    });
});

describe("A value that only the run knows", () => {
    const others = { expireTime: UNKNOWN, disabled: UNKNOWN };
    const unknown: Properties = { name: UNKNOWN, acls: [UNKNOWN], qps: UNKNOWN, ...others };

    test("is no change where previews take inputs for outputs", () => {
        expect(compare({}, { ...unknown, expiresIn: UNKNOWN, rotation: { triggers: { a: UNKNOWN } } })).toEqual(QUIET);
    });

    test("is an update where it counts", () => {
        const found = compare({}, unknown, { countsUnknown: true });
        expect(namesOf(found)).toEqual(Object.keys(unknown));
        expect(found).toMatchObject({ changes: true, rotates: false });
    });

    test("never hides a known change beside it", () => {
        const names = ["name", "acls", "qps", "qpm", "tpm", "disabled", "onDelete"] as const;
        const limits = { qps: 1, qpm: 1, tpm: 1 };
        const changed: Properties = { name: "o", acls: [], ...limits, disabled: true, onDelete: "disable" };
        fc.assert(
            fc.property(fc.subarray([...names]), (hidden) => {
                const given = { ...changed, ...Object.fromEntries(hidden.map((name) => [name, UNKNOWN])) };
                expect(namesOf(compare({}, given))).toEqual(names.filter((name) => !hidden.includes(name)));
            }),
        );
    });
});

test("A key that is off is warned about by its name, unless the program says what it wants", () => {
    const warned = (args: Properties) => compare(args, args, { state: { disabled: true } }).warnings;
    expect(warned({})).toEqual([
        expect.stringMatching(/"search" \(id\) is switched off, and stays off\..*overlap: "0s"/),
    ]);
    expect(warned({ disabled: null })).toHaveLength(1);
    expect(warned({ disabled: true })).toEqual([]);
    const off = { state: { disabled: true } };
    const switchedOn = (olds: Properties, more: Properties = {}) =>
        compare(olds, { ...olds, disabled: false, ...more }, off).warnings;
    expect(switchedOn({})).toEqual([expect.stringMatching(/`disabled: false` switches it on\. xAI switches off/)]);
    expect(switchedOn({ disabled: true })).toEqual([]);
    expect(switchedOn({}, { rotation: { triggers: { a: 1 } } })).toEqual([
        expect.stringMatching(/It gets a new secret, and `disabled: false` then switches it on\.$/),
    ]);
});

test("The inputs that a key's own state stands for differ in nothing from it", () => {
    const limit = fc.option(fc.integer({ min: 1 }), { nil: undefined });
    const states = fc.record({
        qps: limit,
        qpm: limit,
        tpm: fc.option(fc.constant("50000"), { nil: undefined }),
        expireTime: fc.option(fc.constant(inDays(5)), { nil: undefined }),
        disabled: fc.boolean(),
    });
    fc.assert(
        fc.property(states, (held) => {
            const state = stateOf(undefined, { ...held, applied: undefined });
            expect(diffState(state, inputsFromHeld(state, "team"))).toMatchObject({ changes: false, fields: [] });
        }),
    );
});
