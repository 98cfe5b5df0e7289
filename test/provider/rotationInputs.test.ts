import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { validateRotation } from "../../provider/rotationInputs.js";
import { UNKNOWN } from "./dynamicHost.js";

type Inputs = Record<string, unknown>;

const failuresOf = (news: Inputs, olds: Inputs = {}) => validateRotation(olds, news).failures;

describe("good arguments", () => {
    test.each<Inputs>([
        {},
        { rotation: null, expiresIn: null, expireTime: null },
        { rotation: {} },
        { rotation: { triggers: null, every: null, beforeExpiry: null, overlap: null } },
        { rotation: { triggers: {} } },
        { rotation: { triggers: { release: 7, deep: { list: [1, null, "x"] } } } },
        { rotation: { every: "30d" } },
        { rotation: { every: "1.5h" } },
        { rotation: { overlap: "0s" } },
        { rotation: { overlap: "7d" } },
        { rotation: { overlap: "168h" } },
        { expiresIn: "90d" },
        { expiresIn: "90d", expireTime: null },
        { expiresIn: "90d", rotation: { beforeExpiry: "7d", every: "30d", overlap: "1h", triggers: { a: 1 } } },
        { expiresIn: "8d", rotation: { beforeExpiry: "191h59m" } },
    ])("%j", (args) => {
        expect(validateRotation({}, args)).toEqual({ failures: [], warnings: [] });
    });
});

describe("bad arguments", () => {
    test.each<[string, Inputs, string]>([
        [
            "rotation",
            { rotation: "30d" },
            '"30d" is not allowed: a map of `triggers`, `every`, `beforeExpiry`, `overlap`',
        ],
        ["rotation", { rotation: ["30d"] }, "is not allowed"],
        [
            "rotation.triggers",
            { rotation: { triggers: "v2" } },
            "the text that is given is not allowed: a map of any values",
        ],
        ["rotation.triggers", { rotation: { triggers: ["v2"] } }, "a list is not allowed: a map of any values"],
        ["rotation.every", { rotation: { every: "monthly" } }, '"monthly" is not allowed: a duration such as "30d"'],
        ["rotation.every", { rotation: { every: 30 } }, "30 is not allowed"],
        ["rotation.every", { rotation: { every: "0s" } }, '"0s" is not allowed'],
        ["rotation.every", { rotation: { every: "36526d" } }, "a hundred years at most"],
        ["rotation.overlap", { rotation: { overlap: "7d1s" } }, '"7d1s" is not allowed: a duration from "0s"'],
        ["rotation.overlap", { rotation: { overlap: "-1h" } }, 'to "7d"'],
        ["rotation.overlap", { rotation: { overlap: 0 } }, "0 is not allowed"],
        ["rotation.beforeExpiry", { expiresIn: "90d", rotation: { beforeExpiry: "soon" } }, '"soon" is not allowed'],
        ["rotation.beforeExpiry", { rotation: { beforeExpiry: "7d" } }, "needs `expiresIn`"],
        ["rotation.beforeExpiry", { expireTime: "x", rotation: { beforeExpiry: "7d" } }, "needs `expiresIn`"],
        [
            "rotation.beforeExpiry",
            { expiresIn: "7d", rotation: { beforeExpiry: "168h" } },
            '"168h" is not allowed: it must be shorter than `expiresIn`',
        ],
        ["rotation.trigger", { rotation: { trigger: {} } }, "is no part of `rotation`; did you mean `triggers`?"],
        ["rotation.evry", { rotation: { evry: "30d" } }, "did you mean `every`?"],
        ["rotation.constructor", { rotation: { constructor: 1 } }, "is no part of `rotation`"],
        ["expiresIn", { expiresIn: "3 months" }, '"3 months" is not allowed: a duration'],
        ["expiresIn", { expiresIn: 90 }, "90 is not allowed"],
        ["expiresIn", { expiresIn: "0s" }, '"0s" is not allowed'],
        [
            "expiresIn",
            { expiresIn: "90d", expireTime: "2999-01-01T00:00:00Z" },
            "and `expireTime` exclude one another: give one of them",
        ],
    ])("%s of %j", (property, args, reason) => {
        expect(failuresOf(args)).toEqual([{ property, reason: expect.stringContaining(reason) }]);
    });

    test("are all reported at once", () => {
        const args = {
            expiresIn: 1,
            expireTime: "x",
            rotation: { every: 1, overlap: "8d", beforeExpiry: 2, triggers: 3, other: 4 },
        };
        const parts = ["every", "overlap", "beforeExpiry", "triggers", "other"].map((name) => `rotation.${name}`);
        expect(failuresOf(args).map(({ property }) => property)).toEqual(["expiresIn", "expiresIn", ...parts]);
    });

    test("never show the triggers: their owner may have made them secret", () => {
        for (const triggers of ["hush-hush", ["hush-hush"]]) {
            expect(JSON.stringify(failuresOf({ rotation: { triggers } }))).not.toContain("hush");
            expect(JSON.stringify(failuresOf({ rotation: [{ triggers }] }))).not.toContain("hush");
        }
    });

    test("never show another argument's value than the wrong one's: that may be secret by itself", () => {
        const failures = failuresOf({ expiresIn: "86413m", rotation: { beforeExpiry: "86413m" } });
        expect(JSON.stringify(failures).split("86413m")).toHaveLength(2);
    });
});

test("unknown values pass, wherever they stand", () => {
    fc.assert(
        fc.property(fc.subarray(["triggers", "every", "beforeExpiry", "overlap"]), fc.boolean(), (names, whole) => {
            const rotation = whole ? UNKNOWN : Object.fromEntries(names.map((name) => [name, UNKNOWN]));
            expect(failuresOf({ rotation })).toEqual([]);
            expect(failuresOf({ rotation, expiresIn: UNKNOWN })).toEqual([]);
            expect(failuresOf({ rotation: { beforeExpiry: "7d" }, expiresIn: UNKNOWN })).toEqual([]);
        }),
    );
});

describe("what stands in the stack already", () => {
    test("is warned about and not refused", () => {
        const stored = { expiresIn: "7d", rotation: { every: "x", overlap: "9d", beforeExpiry: "8d", other: 1 } };
        const { failures, warnings } = validateRotation(stored, stored);
        expect(failures).toEqual([]);
        expect(warnings.map((warning) => /`([^`]+)`/.exec(warning)?.[1])).toEqual([
            "rotation.every",
            "rotation.overlap",
            "rotation.other",
            "rotation.beforeExpiry",
        ]);
    });

    test("keeps nothing else from being refused", () => {
        const stored = { expiresIn: "90d", rotation: { overlap: "9d" } };
        const news = { expiresIn: "7d", rotation: { overlap: "9d", beforeExpiry: "8d" } };
        expect(failuresOf(news, stored).map(({ property }) => property)).toEqual(["rotation.beforeExpiry"]);
    });

    test("is never refused, whatever it is", () => {
        const part = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom("7d", "0s"));
        const args = fc.record(
            {
                expiresIn: part,
                expireTime: part,
                rotation: fc.oneof(
                    part,
                    fc.record({ triggers: part, every: part, beforeExpiry: part, overlap: part }, { requiredKeys: [] }),
                ),
            },
            { requiredKeys: [] },
        );
        fc.assert(
            fc.property(args, (stored) => {
                expect(failuresOf(stored, stored)).toEqual([]);
            }),
        );
    });

    test("may be handed back whole by a resource option: the counted expiry stands beside `expiresIn`", () => {
        const stored = { expiresIn: "90d", expireTime: "2999-01-01T00:00:00.000Z" };
        expect(validateRotation(stored, stored)).toEqual({ failures: [], warnings: [] });
    });
});
