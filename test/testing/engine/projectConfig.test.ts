import { describe, expect, test } from "vitest";
import { ProjectError, UnsupportedFeatureError } from "../../../sdk/testing/engine/index.js";
import { readDeclared, readStackConfig, wrongConfig } from "../../../sdk/testing/engine/projectConfig.js";

const valuesOf = (config: Record<string, unknown>) =>
    Object.fromEntries([...readDeclared(config, "p", "f")].map(([key, { value }]) => [key, value]));

describe("the keys that a project declares", () => {
    const cases: [string, unknown, string | undefined][] = [
        ["a plain value", 1, "1"],
        ["a value with more about it", { value: "x", secret: true }, "x"],
        ["a default", { type: "boolean", default: false }, "false"],
        ["an object as default", { type: "object", default: { k: [1] } }, '{"k":[1]}'],
        ["a list", [1, 2], "[1,2]"],
        ["no value", { type: "string" }, undefined],
    ];
    test.each(cases)("%s", (_, given, expected) => {
        expect(valuesOf({ a: given, "xai:b": given })).toEqual({ "p:a": expected, "xai:b": expected });
    });
});

describe("the values of a stack", () => {
    test("are texts, as the program gets them", () => {
        const config = { a: "x", "xai:n": 1.5, "xai:none": null, "xai:nest": { list: [1, null] } };
        expect(Object.fromEntries(readStackConfig(config, "p", "f"))).toEqual({
            "p:a": "x",
            "xai:n": "1.5",
            "xai:none": "",
            "xai:nest": '{"list":[1,null]}',
        });
    });

    test.each([
        ["a date", new Date(0)],
        ["a date deep within", { list: [{ at: new Date(0) }] }],
        ["a number too big for JavaScript", 2 ** 60],
    ])("%s is not guessed at", (_, value) => {
        expect(() => readStackConfig({ "xai:a": value }, "p", "the file")).toThrow(ProjectError);
        expect(() => readStackConfig({ "xai:a": value }, "p", "the file")).toThrow(/"xai:a" of the file .*quote it/);
        expect(() => readDeclared({ a: { default: value } }, "p", "the file")).toThrow(/quote it/);
    });

    test.each([
        ["at the top", { secure: "AAAB" }],
        ["deep within", { list: [{ secure: "AAAB" }] }],
    ])("encrypted %s is for the CLI", (_, value) => {
        expect(() => readStackConfig({ "p:key": value }, "p", "f")).toThrow(UnsupportedFeatureError);
    });
});

describe("what a project declares", () => {
    const names = { project: "p", stack: "dev" };
    const cases: [type: string | undefined, value: string | undefined, message: string | undefined][] = [
        [undefined, undefined, 'stack "dev" is missing the configuration value "a"'],
        ["string", "x", undefined],
        [undefined, "x", undefined],
        ["integer", "-3", undefined],
        ["integer", "3.5", 'the configuration value "a" of stack "dev" must be of type integer'],
        ["boolean", "true", undefined],
        ["boolean", "yes", 'the configuration value "a" of stack "dev" must be of type boolean'],
        ["array", "[1]", undefined],
        ["array", "{}", 'the configuration value "a" of stack "dev" must be of type array'],
        ["object", "{}", undefined],
        ["object", "no JSON", 'the configuration value "a" of stack "dev" must be of type object'],
    ];
    test.each(cases)("of type %s, given %s", (type, value, message) => {
        const declared = readDeclared({ a: type === undefined ? {} : { type } }, "p", "f");
        expect(wrongConfig(declared, value === undefined ? {} : { "p:a": value }, names)).toBe(message);
    });
});
