import { describe, expect, test } from "vitest";
import { cacheFolder } from "../../tools/pulumi-cli/cacheFolder.js";
import { NoPulumiCliError } from "../../tools/pulumi-cli/failures.js";
import { PULUMI, pinsOf, readPins, whyGoIsTooOld, YAML_HOST } from "../../tools/pulumi-cli/goModule.js";
import { elapsed } from "../../tools/pulumi-cli/progress.js";
import { judgeVersion } from "../../tools/pulumi-cli/version.js";

describe("the version of a CLI", () => {
    test.each([
        ["v3.274.1\n", "3.274.1"],
        ["3.216.0", "3.216.0"],
        ["v3.300.0-alpha.1\n", "3.300.0-alpha.1"],
    ])("%j is %s", (output, version) => {
        expect(judgeVersion(output, "^3.216.0")).toEqual({ version });
    });

    test.each([
        ["v3.215.9", "its version 3.215.9 is older than 3.216.0"],
        ["v3.216.0-alpha.1", "its version 3.216.0-alpha.1 is older than 3.216.0"],
        ["v4.0.0", "its version 4.0.0 is not in the supported range ^3.216.0"],
        ["", "it does not print its version"],
        ["warning: old\nv3.274.1", 'it does not print its version, but "warning: old\\nv3.274.1"'],
    ])("%j cannot be used", (output, reason) => {
        expect(judgeVersion(output, "^3.216.0")).toEqual({ reason });
    });
});

describe("the cache folder", () => {
    test.each([
        ["linux", {}, "/home/u", "/home/u/.cache/pulumi-xai"],
        ["linux", { XDG_CACHE_HOME: "/c" }, "/home/u", "/c/pulumi-xai"],
        ["linux", { XDG_CACHE_HOME: "relative" }, "/home/u", "/home/u/.cache/pulumi-xai"],
        ["linux", { XDG_CACHE_HOME: "" }, "/home/u", "/home/u/.cache/pulumi-xai"],
        ["darwin", { XDG_CACHE_HOME: "/c" }, "/Users/u", "/Users/u/Library/Caches/pulumi-xai"],
        ["win32", { LOCALAPPDATA: "D:\\Local" }, "C:\\Users\\u", "D:\\Local\\pulumi-xai"],
        ["win32", {}, "C:\\Users\\u", "C:\\Users\\u\\AppData\\Local\\pulumi-xai"],
    ] as const)("on %s with %j and home %s is %s", (platform, environment, home, folder) => {
        expect(cacheFolder(platform, environment, home)).toBe(folder);
    });
});

describe("Go", () => {
    test.each([
        ["go version go1.26.6 linux/amd64", "1.26.6", undefined],
        ["go version go1.27 darwin/arm64", "1.26.6", undefined],
        ["go version devel go1.27-abc linux/amd64", "1.26.6", undefined],
        ["go version go1.26 linux/amd64", "1.26.6", "Go 1.26 is too old: Go 1.26.6 is needed"],
        ["go version go1.9.7 linux/amd64", "1.26.6", "Go 1.9.7 is too old: Go 1.26.6 is needed"],
        ["gccgo", "1.26.6", '`go version` says "gccgo"; Go 1.26.6 is needed'],
    ])("%j, needed %s: %s", (output, needed, reason) => {
        expect(whyGoIsTooOld(output, needed)).toBe(reason);
    });

    test("a go.mod pins its module in a block or on a line of its own", () => {
        const block = "go 1.26.6\n\nrequire (\n\texample.com/a v1.2.3 // indirect\n)\n";
        expect(readPins(block, "example.com/a")).toEqual({ version: "1.2.3", go: "1.26.6" });
        expect(readPins("go 1.25\nrequire example.com/a v1.2.3\n", "example.com/a")).toEqual({
            version: "1.2.3",
            go: "1.25",
        });
        expect(() => readPins(block, "example.com/b")).toThrow("does not pin");
    });

    test("the repository's modules pin what they build", () => {
        expect(judgeVersion(pinsOf(PULUMI).version, "^3.216.0")).toHaveProperty("version");
        expect(pinsOf(YAML_HOST).version).toMatch(/^1\.\d+\.\d+$/);
    });
});

test("the error lists each way, and has all in one line", () => {
    const error = new NoPulumiCliError([
        { way: "PATH", reason: "no `pulumi`" },
        { way: "Go module", reason: "no `go` on PATH" },
    ]);
    expect(error.message.split("\n").slice(1, 3)).toEqual(["  PATH       no `pulumi`", "  Go module  no `go` on PATH"]);
    expect(error.message).toContain("PULUMI_XAI_CLI");
    expect(error.reason).toBe("no Pulumi CLI: PATH: no `pulumi`; Go module: no `go` on PATH");
});

test.each([
    [0, "0:00"],
    [75_400, "1:15"],
    [3_600_000, "60:00"],
])("%d ms are %s", (ms, text) => {
    expect(elapsed(ms)).toBe(text);
});
