/** The four ways to a Pulumi CLI, and how one is chosen. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { messageOf, runChild } from "./child.js";
import { askCli, type PulumiCli } from "./cli.js";
import { type Copy, findCopy, makeCopy } from "./copy.js";
import { placesOnPath } from "./executables.js";
import { type Failure, inOneLine, NoPulumiCliError } from "./failures.js";
import { buildGoProgram, findGo, PULUMI, pinsOf } from "./goModule.js";
import { type Say, withProgress } from "./progress.js";

/** One way to a CLI. */
export interface Way {
    readonly name: string;
    /** Looks for the CLI, or makes it. Throws an error with the reason in one line where the way leads nowhere. */
    find(earlier: readonly Failure[]): Promise<PulumiCli>;
}

/** What the ways work with. */
export interface Surroundings {
    readonly environment: NodeJS.ProcessEnv;
    readonly cache: string;
    readonly say: Say;
}

const DOWNLOAD_LIMIT_MS = 5 * 60_000;

/** The CLI of the first way that leads to one. */
export async function findFirst(ways: readonly Way[]): Promise<PulumiCli> {
    const failures: Failure[] = [];
    for (const way of ways) {
        try {
            return await way.find(failures);
        } catch (error) {
            failures.push({ way: way.name, reason: messageOf(error) });
        }
    }
    throw new NoPulumiCliError(failures);
}

/** The executable that the user named. */
export function named(path: string, { environment }: Surroundings): Way {
    return {
        name: `PULUMI_XAI_CLI=${path}`,
        find: () => askCli(path, "named by PULUMI_XAI_CLI", environment),
    };
}

/** @param limit How long each one may take to answer, in milliseconds. */
export function onPath({ environment, say }: Surroundings, limit?: number): Way {
    return {
        name: "PATH",
        async find() {
            const reasons: string[] = [];
            for (const path of placesOnPath("pulumi", environment["PATH"] ?? "")) {
                try {
                    return await askCli(path, "from PATH", environment, limit);
                } catch (error) {
                    reasons.push(`${path}: ${messageOf(error)}`);
                    say(`Pulumi CLI not used: ${reasons.at(-1)}`);
                }
            }
            throw new Error(reasons.join("; ") || "no `pulumi`");
        },
    };
}

function copyOf({ cache, environment }: Surroundings, origin: string): Copy<PulumiCli> {
    const { version } = pinsOf(PULUMI);
    return {
        cache,
        name: PULUMI.name,
        version,
        title: PULUMI.title,
        check: (path) => askCli(path, origin, environment),
    };
}

export function inCache(surroundings: Surroundings): Way {
    const copy = copyOf(surroundings, "from the cache folder");
    return {
        name: "cache",
        async find() {
            const found = await findCopy(copy);
            if (found === undefined) {
                throw new Error(`no copy of ${copy.version}`);
            }
            return found;
        },
    };
}

/** @param installer The command line that installs; a root folder and a version follow. */
export function downloaded(surroundings: Surroundings, installer: readonly string[] = officialInstaller()): Way {
    const { environment, say } = surroundings;
    const copy = copyOf(surroundings, "from the official download");
    return {
        name: "download",
        find(earlier) {
            say(
                `Downloading ${PULUMI.title} ${copy.version} to ${surroundings.cache} (0.5 GB of disk). ${inOneLine(earlier)}.`,
            );
            const [command = "", ...parameters] = installer;
            return makeCopy(copy, say, async (root) => {
                const installing = runChild(command, [...parameters, root, copy.version], {
                    limit: DOWNLOAD_LIMIT_MS,
                    environment,
                    ownGroup: true,
                });
                await withProgress("downloading", say, installing);
            });
        },
    };
}

function officialInstaller(): string[] {
    const tsx = pathToFileURL(createRequire(__filename).resolve("tsx")).href;
    return [process.execPath, "--import", tsx, join(__dirname, "download.ts")];
}

export function built(surroundings: Surroundings): Way {
    const { environment, say } = surroundings;
    const copy = copyOf(surroundings, "built from its Go module");
    return {
        name: "Go module",
        async find(earlier) {
            const go = await findGo(PULUMI, environment);
            say(`Building ${PULUMI.title} ${copy.version} from its Go module (${PULUMI.cost}). ${inOneLine(earlier)}.`);
            return makeCopy(copy, say, (root, scratch) =>
                withProgress("building", say, buildGoProgram(go, PULUMI, { root, scratch, environment })),
            );
        },
    };
}
