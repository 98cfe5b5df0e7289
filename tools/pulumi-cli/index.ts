/**
 * Finds a Pulumi CLI for the examples, the tests, and the benchmarks of this repository, or makes one. It is to run once, before
 * whatever needs the CLI; `PULUMI_XAI_CLI` hands the path on to other processes.
 *
 * ```ts
 * const cli = await findPulumiCli();
 * const stack = await LocalWorkspace.createStack(args, { pulumiCommand: await pulumiCommand(cli.path) });
 * ```
 */
import { cacheFolder } from "./cacheFolder.js";
import type { PulumiCli } from "./cli.js";
import { built, downloaded, findFirst, inCache, named, onPath, type Surroundings } from "./ways.js";

export { introduce, type PulumiCli, pulumiCommand } from "./cli.js";
export { NoPulumiCliError } from "./failures.js";
export { findYamlHost } from "./yamlHost.js";

/**
 * The Pulumi CLI that `PULUMI_XAI_CLI` names; else the one on PATH; else the copy in the user's cache folder; else the official
 * download; else a build from the CLI's Go module, which takes minutes. `say` takes the lines for people: standard error by default.
 *
 * @throws {@link NoPulumiCliError} that lists each way and why it failed.
 */
export async function findPulumiCli(options: Partial<Surroundings> = {}): Promise<PulumiCli> {
    const {
        environment = process.env,
        cache = cacheFolder(process.platform, environment),
        say = (line: string) => process.stderr.write(`${line}\n`),
    } = options;
    const surroundings: Surroundings = { environment, cache, say };
    const path = environment["PULUMI_XAI_CLI"];
    const ways =
        path !== undefined && path !== ""
            ? [named(path, surroundings)]
            : [onPath(surroundings), inCache(surroundings), downloaded(surroundings), built(surroundings)];
    return findFirst(ways);
}
