import { describe, expect, test } from "vitest";
import { parsePropertyPath, pathContains, resetIgnored } from "../../../sdk/testing/engine/propertyPath.js";
import { Secret, type ValueMap } from "../../../sdk/testing/engine/values.js";

test.each([
    ["a", ["a"]],
    ["a.b", ["a", "b"]],
    ["a[0].b", ["a", 0, "b"]],
    ['a["x.y"]', ["a", "x.y"]],
    ['a["say \\"hi\\""]', ["a", 'say "hi"']],
    ["a[*]", ["a", "*"]],
    ["*", ["*"]],
    ["a[", undefined],
    ["a[x]", undefined],
])("the path %s", (text, path) => {
    expect(parsePropertyPath(text)).toEqual(path);
});

test.each([
    [["a"], ["a", 0], true],
    [["a", "*"], ["a", "x"], true],
    [["a", "b"], ["a"], false],
    [["a"], ["b"], false],
])("whether %j leads to %j", (path, other, expected) => {
    expect(pathContains(path, other)).toBe(expected);
});

describe("ignored changes", () => {
    const cases: [string, ValueMap, ValueMap, string[], ValueMap, string[]][] = [
        ["a changed value is set back", { a: 2 }, { a: 1 }, ["a"], { a: 1 }, []],
        ["a removed value comes back", {}, { a: 1 }, ["a"], { a: 1 }, []],
        ["an added value goes", { a: 1, b: 2 }, { b: 2 }, ["a"], { b: 2 }, []],
        ["a list member is set back", { a: [1, 2] }, { a: [3, 4] }, ["a[0]"], { a: [3, 2] }, []],
        ["all list members are set back", { a: [1, 2] }, { a: [3, 4] }, ["a[*]"], { a: [3, 4] }, []],
        ["all keys are set back", { a: { x: 1, z: 1 } }, { a: { x: 2, y: 2 } }, ["a.*"], { a: { x: 2, y: 2 } }, []],
        [
            "a key of each member",
            { a: [{ k: 1, l: 1 }] },
            { a: [{ k: 2, l: 2 }] },
            ["a[*].k"],
            { a: [{ k: 2, l: 1 }] },
            [],
        ],
        ["a new list member cannot be", { a: [1, 2] }, { a: [1] }, ["a[1]"], { a: [1, 2] }, ["a[1]"]],
        ["a parent that is gone cannot be", {}, { a: { x: 1 } }, ["a.x"], {}, ["a.x"]],
        ["what is on neither side is left alone", { b: 1 }, { b: 1 }, ["a.x", "c[0]"], { b: 1 }, []],
        ["no path, no effect", { a: 2 }, { a: 1 }, ["a["], { a: 2 }, []],
        [
            "an old secret stays one",
            { a: { x: 2 } },
            { a: new Secret({ x: 1 }) },
            ["a.x"],
            { a: { x: new Secret(1) } },
            [],
        ],
    ];
    test.each(cases)("%s", (_, inputs, olds, paths, expected, invalid) => {
        const before = written(inputs);
        expect(resetIgnored(inputs, olds, paths)).toEqual({ inputs: expected, invalid });
        expect(written(inputs)).toBe(before);
    });
});

function written(inputs: ValueMap): string {
    return JSON.stringify(inputs);
}
