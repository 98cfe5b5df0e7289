import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { PulumiCommand } from "@pulumi/pulumi/automation";
import { minVersion, parse, satisfies } from "semver";
import { z } from "zod";
import { messageOf, runChild } from "./child.js";
import { cacheFolder } from "./copy.js";
import { executableName, hostsOf, whyNotExecutable } from "./executables.js";

/** A launcher may try to download something first, or hang. */
const ANSWER_LIMIT_MS = 15_000;

/** A Pulumi CLI that answered, and that is new enough. */
export interface PulumiCli {
    /** The executable. */
    readonly path: string;
    /** Such as `3.274.1`. */
    readonly version: string;
    /** Where it came from, in a short phrase: `from PATH`, `built from its Go module`. */
    readonly origin: string;
    /** Whether it can run a TypeScript program in a folder, as `pulumi up` does. Inline programs need no host. */
    readonly hasNodeHost: boolean;
}

/**
 * Asks an executable for its version.
 *
 * @throws An `Error` with the reason in one line, without the executable's name.
 */
export async function askCli(
    path: string,
    origin: string,
    environment: NodeJS.ProcessEnv,
    limit = ANSWER_LIMIT_MS,
): Promise<PulumiCli> {
    const notExecutable = whyNotExecutable(path);
    if (notExecutable !== undefined) {
        throw new Error(notExecutable);
    }
    const output = await runChild(path, ["version"], {
        limit,
        environment: { ...environment, PULUMI_SKIP_UPDATE_CHECK: "true" },
        ownGroup: true,
    }).catch((error: unknown) => {
        throw new Error(`\`pulumi version\`: ${messageOf(error)}`);
    });
    const version = usableVersion(output, supportedRange());
    const hasNodeHost = hostsOf("pulumi-language-nodejs", path, environment["PATH"] ?? "").length > 0;
    return { path, version, origin, hasNodeHost };
}

const packageSchema = z.object({ peerDependencies: z.object({ "@pulumi/pulumi": z.string() }) });

/** The versions of Pulumi that the package supports: the range of its peer dependency, such as `^3.216.0`. */
function supportedRange(): string {
    const text = readFileSync(join(__dirname, "../../package.json"), "utf8");
    return packageSchema.parse(JSON.parse(text)).peerDependencies["@pulumi/pulumi"];
}

/**
 * The version that `pulumi version` printed, without its `v`. As the Automation API sees it, the whole output must be one version.
 *
 * @throws An `Error` that says why the CLI cannot be used.
 */
export function usableVersion(output: string, range: string): string {
    const text = output.trim();
    const version = parse(text);
    if (version === null) {
        const instead = text === "" ? "" : `, but ${JSON.stringify(text.slice(0, 60))}`;
        throw new Error(`it does not print its version${instead}`);
    }
    if (!satisfies(version, range, { includePrerelease: true })) {
        const oldest = minVersion(range);
        const isOld = oldest !== null && version.compare(oldest) < 0;
        const wrong = isOld ? `older than ${oldest.version}` : `not in the supported range ${range}`;
        throw new Error(`its version ${version.version} is ${wrong}`);
    }
    return version.version;
}

/** The line that says which CLI runs: `Pulumi CLI 3.274.1, from PATH: /usr/local/bin/pulumi`. */
export function introduce(cli: PulumiCli): string {
    return `Pulumi CLI ${cli.version}, ${cli.origin}: ${cli.path}`;
}

/**
 * The executable as the Automation API calls it, to be handed to each workspace as `pulumiCommand`. The Automation API wants it at
 * `<root>/bin/pulumi`: an executable elsewhere gets a link there, in the cache folder.
 */
export async function pulumiCommand(path: string, cache: string = cacheFolder()): Promise<PulumiCommand> {
    // Loading the Automation API takes seconds, which whoever only looks for the CLI is spared.
    const { PulumiCommand } = await import("@pulumi/pulumi/automation/index.js");
    const executable = resolve(path);
    if (basename(executable) === executableName("pulumi") && basename(dirname(executable)) === "bin") {
        return PulumiCommand.get({ root: dirname(dirname(executable)) });
    }
    const root = join(cache, "links", createHash("sha256").update(executable).digest("hex").slice(0, 16));
    await mkdir(join(root, "bin"), { recursive: true });
    await symlink(executable, join(root, "bin", executableName("pulumi"))).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") {
            throw error;
        }
    });
    return PulumiCommand.get({ root });
}
