import { describe, expect, test } from "vitest";
import {
    changedKeys,
    equal,
    holdsSecret,
    holdsUnknown,
    markAgain,
    markOutputs,
    Reference,
    revealMap,
    Secret,
    UNKNOWN,
    type Value,
} from "../../../sdk/testing/engine/values.js";

describe("equal", () => {
    const same: [string, Value | undefined, Value | undefined][] = [
        ["numbers", 1, 1],
        ["null and absent", null, undefined],
        ["a null key and an absent one", { a: null }, {}],
        ["lists", [1, ["a"]], [1, ["a"]]],
        ["secrets of the same", new Secret("a"), new Secret("a")],
        ["unknowns", UNKNOWN, UNKNOWN],
        ["references to one resource", new Reference("u", "i", ""), new Reference("u", "i", "1.0.0")],
    ];
    test.each(same)("holds for %s", (_, left, right) => {
        expect(equal(left, right)).toBe(true);
        expect(equal(right, left)).toBe(true);
    });

    const different: [string, Value | undefined, Value | undefined][] = [
        ["a number and its text", 1, "1"],
        ["a secret and the same in the clear", new Secret("a"), "a"],
        ["zero and nothing", 0, undefined],
        ["an empty text and null", "", null],
        ["a list and a map", [], {}],
        ["lists of other lengths", [1], [1, null]],
        ["references to two resources", new Reference("u", "i", ""), new Reference("u", "j", "")],
        ["an unknown and a value", UNKNOWN, "x"],
    ];
    test.each(different)("does not hold for %s", (_, left, right) => {
        expect(equal(left, right)).toBe(false);
        expect(equal(right, left)).toBe(false);
    });
});

test("changedKeys names what came, went and changed, sorted", () => {
    expect(changedKeys({ same: 1, gone: 1, other: 1, nothing: null }, { same: 1, other: 2, added: 1 })).toEqual([
        "added",
        "gone",
        "other",
    ]);
});

test("secrets and unknowns are found at any depth", () => {
    expect(holdsSecret({ a: [{ b: new Secret(1) }] })).toBe(true);
    expect(holdsSecret({ a: [{ b: 1 }] })).toBe(false);
    expect(holdsUnknown([new Secret({ a: UNKNOWN })])).toBe(true);
    expect(holdsUnknown(new Reference("u", UNKNOWN, ""))).toBe(true);
    expect(holdsUnknown({ a: [null] })).toBe(false);
    expect(revealMap({ a: [new Secret({ b: new Secret(1) })] })).toEqual({ a: [{ b: 1 }] });
});

describe("what a provider hands back", () => {
    test("is secret again under the name that a secret went in under", () => {
        const inputs = { a: new Secret(1), list: [new Secret(1), 2], deep: { x: new Secret(1), y: 2 }, plain: 1 };
        const outputs = { a: 5, list: [5, 6], deep: { x: 5, y: 6 }, plain: 7, more: 8 };
        expect(markAgain(outputs, inputs)).toEqual({
            a: new Secret(5),
            list: new Secret([5, 6]),
            deep: { x: new Secret(5), y: 6 },
            plain: 7,
            more: 8,
        });
    });

    test("is secret where it is named so, or the input of that name is", () => {
        const marked = markOutputs({ id: 1, named: 2, given: 3, plain: 4 }, { given: new Secret(0) }, ["named", "id"]);
        expect(marked).toEqual({ id: 1, named: new Secret(2), given: new Secret(3), plain: 4 });
    });

    test("is marked once", () => {
        expect(markOutputs({ a: new Secret(1) }, { a: new Secret(1) }, ["a"])).toEqual({ a: new Secret(1) });
    });
});
