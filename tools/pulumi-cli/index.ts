/**
 * Finds a Pulumi CLI for the examples, the tests, and the benchmarks of this repository, or makes one. It is to run once, before
 * whatever needs the CLI; `PULUMI_XAI_CLI` hands the path on to other processes.
 *
 * ```ts
 * const cli = await findPulumiCli();
 * const stack = await LocalWorkspace.createStack(args, { pulumiCommand: await pulumiCommand(cli.path) });
 * ```
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { messageOf, runChild } from "./child.js";
import { askCli, type PulumiCli } from "./cli.js";
import { type Copy, cacheFolder, findCopy, makeCopy, type Say } from "./copy.js";
import { placesOnPath } from "./executables.js";
import { buildGoProgram, findGo, PULUMI, pinsOf } from "./goModule.js";

export { introduce, type PulumiCli, pulumiCommand } from "./cli.js";
export { findYamlHost } from "./yamlHost.js";

/** What the ways to a CLI work with. */
export interface Surroundings {
    readonly environment: NodeJS.ProcessEnv;
    readonly cache: string;
    readonly say: Say;
    /** How long a CLI on PATH may take to answer, in milliseconds. */
    readonly answerLimit?: number;
    /** The command line that installs; a root folder and a version follow. Default: the official installation. */
    readonly installer?: readonly string[];
}

/** Looks for the CLI in one way, or makes it. `why` tells people why it comes to that. Fails with the reason in one line. */
type Way = (surroundings: Surroundings, why: string) => Promise<PulumiCli>;

const DOWNLOAD_LIMIT_MS = 5 * 60_000;

/** No way leads to a Pulumi CLI. The message lists each one and why, and says what to do. */
export class NoPulumiCliError extends Error {
    override readonly name = "NoPulumiCliError";

    constructor(readonly failures: readonly (readonly [way: string, reason: string])[]) {
        const width = Math.max(...failures.map(([way]) => way.length));
        const lines = failures.map(([way, reason]) => `  ${way.padEnd(width)}  ${reason}`);
        const advice = "Install it (https://www.pulumi.com/docs/install/), or name its executable in PULUMI_XAI_CLI.";
        super(["There is no Pulumi CLI to run on:", ...lines, advice].join("\n"));
    }

    /** The reasons in one line. */
    get reason(): string {
        return `no Pulumi CLI: ${inOneLine(this.failures)}`;
    }
}

const inOneLine = (failures: NoPulumiCliError["failures"]) =>
    failures.map(([way, reason]) => `${way}: ${reason}`).join("; ");

/**
 * The Pulumi CLI that `PULUMI_XAI_CLI` names; else the one on PATH; else the copy in the user's cache folder; else the official
 * download; else a build from the CLI's Go module, which takes minutes. `say` takes the lines for people: standard error by default.
 *
 * @throws {@link NoPulumiCliError} that lists each way and why it failed.
 */
export async function findPulumiCli(options: Partial<Surroundings> = {}): Promise<PulumiCli> {
    const { environment = process.env } = options;
    const cache = cacheFolder(process.platform, environment);
    const say = (line: string) => process.stderr.write(`${line}\n`);
    const named = environment["PULUMI_XAI_CLI"];
    const ways: readonly (readonly [string, Way])[] = named
        ? [[`PULUMI_XAI_CLI=${named}`, () => askCli(named, "named by PULUMI_XAI_CLI", environment)]]
        : [
              ["PATH", onPath],
              ["cache", inCache],
              ["download", downloaded],
              ["Go module", built],
          ];
    const failures: (readonly [string, string])[] = [];
    for (const [name, way] of ways) {
        try {
            return await way({ environment, cache, say, ...options }, inOneLine(failures));
        } catch (error) {
            failures.push([name, messageOf(error)]);
        }
    }
    throw new NoPulumiCliError(failures);
}

const onPath: Way = async ({ environment, say, answerLimit }) => {
    const reasons: string[] = [];
    for (const path of placesOnPath("pulumi", environment["PATH"] ?? "")) {
        try {
            return await askCli(path, "from PATH", environment, answerLimit);
        } catch (error) {
            reasons.push(`${path}: ${messageOf(error)}`);
            say(`Pulumi CLI not used: ${reasons.at(-1)}`);
        }
    }
    throw new Error(reasons.join("; ") || "no `pulumi`");
};

function copyOf({ cache, environment }: Surroundings, origin: string): Copy<PulumiCli> {
    const check = (path: string) => askCli(path, origin, environment);
    return { cache, name: PULUMI.name, version: pinsOf(PULUMI).version, check };
}

const inCache: Way = async (surroundings) => {
    const copy = copyOf(surroundings, "from the cache folder");
    const found = await findCopy(copy);
    if (found === undefined) {
        throw new Error(`no copy of ${copy.version}`);
    }
    return found;
};

const downloaded: Way = (surroundings, why) => {
    const { environment, say, cache, installer = officialInstaller() } = surroundings;
    const copy = copyOf(surroundings, "from the official download");
    say(`Downloading ${PULUMI.title} ${copy.version} to ${cache} (0.5 GB of disk). ${why}.`);
    const [command = "", ...parameters] = installer;
    return makeCopy(copy, say, "downloading", (root) => {
        const options = { limit: DOWNLOAD_LIMIT_MS, environment, ownGroup: true };
        return runChild(command, [...parameters, root, copy.version], options);
    });
};

function officialInstaller(): string[] {
    const tsx = pathToFileURL(createRequire(__filename).resolve("tsx")).href;
    return [process.execPath, "--import", tsx, join(__dirname, "download.ts")];
}

const built: Way = async (surroundings, why) => {
    const { environment, say } = surroundings;
    const copy = copyOf(surroundings, "built from its Go module");
    const go = await findGo(PULUMI, environment);
    say(`Building ${PULUMI.title} ${copy.version} from its Go module (${PULUMI.cost}). ${why}.`);
    return makeCopy(copy, say, "building", (root, scratch) =>
        buildGoProgram(go, PULUMI, { root, scratch, environment }),
    );
};
