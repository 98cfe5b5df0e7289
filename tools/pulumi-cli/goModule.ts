/** A program that is built from its Go module, pinned by a `go.mod` and a `go.sum` of its own below `modules/`. */
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { coerce, lt } from "semver";
import { runChild } from "./child.js";
import { executableName, placesOnPath } from "./executables.js";

const MINUTE_MS = 60_000;

export interface GoProgram {
    /** The executable's name, and the folder below `modules/`. */
    readonly name: string;
    readonly module: string;
    /** The package of the program, below its module. */
    readonly main: string;
    /** The variable that the program keeps its version in. */
    readonly versionVariable: string;
    readonly title: string;
    /** What a build takes from empty caches, for people. */
    readonly cost: string;
}

export const PULUMI: GoProgram = {
    name: "pulumi",
    module: "github.com/pulumi/pulumi/pkg/v3",
    main: "cmd/pulumi",
    versionVariable: "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version",
    title: "the Pulumi CLI",
    cost: "about 5 minutes on two idle cores; 4.5 GB of disk, 0.2 GB of it for the copy and 3.1 GB in Go's own caches afterwards",
};

export const YAML_HOST: GoProgram = {
    name: "pulumi-language-yaml",
    module: "github.com/pulumi/pulumi-yaml",
    main: "cmd/pulumi-language-yaml",
    versionVariable: "github.com/pulumi/pulumi-yaml/pkg/version.Version",
    title: "Pulumi's YAML language host",
    cost: "about a minute on two idle cores; 1 to 2 GB of disk, most of it in Go's own caches",
};

const moduleFolder = (program: GoProgram) => join(__dirname, "modules", program.name);

/** What the `go.mod` of a program pins: the version of its module, and the oldest Go that builds it. */
export function pinsOf(program: GoProgram): { readonly version: string; readonly go: string } {
    const goMod = readFileSync(join(moduleFolder(program), "go.mod"), "utf8");
    const go = /^go (\S+)$/m.exec(goMod)?.[1];
    const version = goMod.split(`${program.module} v`)[1]?.split(/\s/)[0];
    if (!go || !version) {
        throw new Error(`the go.mod does not pin Go and ${program.module}`);
    }
    return { version, go };
}

/** Why this Go cannot build what needs another one; `undefined` where it can. `output` is that of `go version`. */
export function whyGoIsTooOld(output: string, needed: string): string | undefined {
    const found = /\bgo(\d+\.\d+(?:\.\d+)?)/.exec(output)?.[1];
    const [foundVersion, neededVersion] = [coerce(found), coerce(needed)];
    if (foundVersion === null || neededVersion === null) {
        return `\`go version\` says ${JSON.stringify(output.trim().slice(0, 60))}; Go ${needed} is needed`;
    }
    return lt(foundVersion, neededVersion) ? `Go ${found} is too old: Go ${needed} is needed` : undefined;
}

/**
 * Looks for a Go that can build the program.
 *
 * @returns The path of `go`.
 * @throws An `Error` with the reason in one line.
 */
export async function findGo(program: GoProgram, environment: NodeJS.ProcessEnv): Promise<string> {
    const needed = pinsOf(program).go;
    const go = placesOnPath("go", environment["PATH"] ?? "")[0];
    if (go === undefined) {
        throw new Error(`no \`go\` on PATH; Go ${needed} or newer is needed (https://go.dev/dl/)`);
    }
    const output = await runChild(go, ["version"], {
        limit: 15_000,
        environment: ownSettings(environment),
        ownGroup: true,
    });
    const tooOld = whyGoIsTooOld(output, needed);
    if (tooOld !== undefined) {
        throw new Error(`${tooOld} (https://go.dev/dl/)`);
    }
    return go;
}

/** Builds the program as `<root>/bin/<name>`. `scratch` is a folder for what Go throws away. */
export async function buildGoProgram(
    go: string,
    program: GoProgram,
    { root, scratch, environment }: { root: string; scratch: string; environment: NodeJS.ProcessEnv },
): Promise<void> {
    await mkdir(scratch, { recursive: true });
    const options = { environment: { ...ownSettings(environment), GOTMPDIR: scratch }, folder: moduleFolder(program) };
    const { version } = pinsOf(program);
    // A network that drops packets shows here, and not after half an hour.
    await runChild(go, ["mod", "download", program.module], { ...options, limit: 5 * MINUTE_MS });
    await runChild(
        go,
        [
            "build",
            // Nobody debugs this copy: without debug information it compiles faster, and is a quarter smaller.
            "-gcflags=all=-dwarf=false",
            "-ldflags",
            `-s -w -X ${program.versionVariable}=v${version}`,
            "-o",
            join(root, "bin", executableName(program.name)),
            `${program.module}/${program.main}`,
        ],
        { ...options, limit: 60 * MINUTE_MS },
    );
}

/** The user's environment without the settings that are for the user's own Go code. An empty variable would not do: Go reads `go env -w` then. */
function ownSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    const { GOOS: _system, GOARCH: _architecture, ...others } = environment;
    return {
        ...others,
        GOWORK: "off",
        GOFLAGS: "-mod=readonly -buildvcs=false",
        GOTOOLCHAIN: "local",
        CGO_ENABLED: "0",
        // The compiler spends less time on its own memory.
        GOGC: "400",
    };
}
