import { describe, expect, test } from "vitest";
import { usableVersion } from "../../tools/pulumi-cli/cli.js";
import { cacheFolder, elapsed } from "../../tools/pulumi-cli/copy.js";
import { PULUMI, pinsOf, whyGoIsTooOld, YAML_HOST } from "../../tools/pulumi-cli/goModule.js";

describe("the version of a CLI", () => {
    test.each([
        ["v3.274.1\n", "3.274.1"],
        ["3.216.0", "3.216.0"],
        ["v3.300.0-alpha.1\n", "3.300.0-alpha.1"],
    ])("%j is %s", (output, version) => {
        expect(usableVersion(output, "^3.216.0")).toBe(version);
    });

    test.each([
        ["v3.215.9", "its version 3.215.9 is older than 3.216.0"],
        ["v3.216.0-alpha.1", "its version 3.216.0-alpha.1 is older than 3.216.0"],
        ["v4.0.0", "its version 4.0.0 is not in the supported range ^3.216.0"],
        ["", "it does not print its version"],
        ["warning: old\nv3.274.1", 'it does not print its version, but "warning: old\\nv3.274.1"'],
    ])("%j cannot be used", (output, reason) => {
        expect(() => usableVersion(output, "^3.216.0")).toThrow(reason);
    });
});

test.each([
    ["linux", {}, "/home/u", "/home/u/.cache/pulumi-xai"],
    ["linux", { XDG_CACHE_HOME: "/c" }, "/home/u", "/c/pulumi-xai"],
    ["linux", { XDG_CACHE_HOME: "relative" }, "/home/u", "/home/u/.cache/pulumi-xai"],
    ["darwin", { XDG_CACHE_HOME: "/c" }, "/Users/u", "/Users/u/Library/Caches/pulumi-xai"],
    ["win32", { LOCALAPPDATA: "D:\\Local" }, "C:\\Users\\u", "D:\\Local\\pulumi-xai"],
    ["win32", {}, "C:\\Users\\u", "C:\\Users\\u\\AppData\\Local\\pulumi-xai"],
] as const)("the cache folder on %s with %j and home %s is %s", (platform, environment, home, folder) => {
    expect(cacheFolder(platform, environment, home)).toBe(folder);
});

test.each([
    ["go version go1.26.6 linux/amd64", undefined],
    ["go version devel go1.27-abc linux/amd64", undefined],
    ["go version go1.9.7 linux/amd64", "Go 1.9.7 is too old: Go 1.26.6 is needed"],
    ["gccgo", '`go version` says "gccgo"; Go 1.26.6 is needed'],
])("Go 1.26.6 is needed, and there is %j: %s", (output, reason) => {
    expect(whyGoIsTooOld(output, "1.26.6")).toBe(reason);
});

test("the repository's modules pin what they build", () => {
    expect(usableVersion(pinsOf(PULUMI).version, "^3.216.0")).toMatch(/^3\./);
    expect(pinsOf(YAML_HOST).version).toMatch(/^1\.\d+\.\d+$/);
    expect(pinsOf(PULUMI).go).toMatch(/^1\.\d+/);
});

test("a duration is in minutes and seconds", () => {
    expect([0, 75_400, 3_600_000].map(elapsed)).toEqual(["0:00", "1:15", "60:00"]);
});
