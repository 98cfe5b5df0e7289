import { cacheFolder } from "./cacheFolder.js";
import { runChild } from "./child.js";
import type { PulumiCli } from "./cli.js";
import { type Copy, findCopy, makeCopy } from "./copy.js";
import { hostsOf } from "./executables.js";
import { buildGoProgram, findGo, pinsOf, YAML_HOST } from "./goModule.js";
import { withProgress } from "./progress.js";
import type { Surroundings } from "./ways.js";

/**
 * The YAML language host for a CLI: the one beside it or on PATH, else the copy in the cache folder, else a build from its Go module.
 *
 * @returns The executable. The CLI finds it if its folder is on the PATH of the operation.
 * @throws An `Error` that says why there is none.
 */
export async function findYamlHost(cli: PulumiCli, surroundings: Partial<Surroundings> = {}): Promise<string> {
    const { environment = process.env, cache = cacheFolder(), say = toStderr } = surroundings;
    const own = hostsOf(YAML_HOST.name, cli.path, environment["PATH"] ?? "")[0];
    if (own !== undefined) {
        return own;
    }
    const { name, title } = YAML_HOST;
    const copy: Copy<string> = {
        cache,
        name,
        version: pinsOf(YAML_HOST).version,
        title,
        async check(executable) {
            await runChild(executable, ["-h"], { limit: 15_000, environment, ownGroup: true });
            return executable;
        },
    };
    const made = await findCopy(copy).catch(() => undefined);
    if (made !== undefined) {
        return made;
    }
    const go = await findGo(YAML_HOST, environment);
    say(`Building ${title} ${copy.version} from its Go module: ${YAML_HOST.cost}.`);
    return makeCopy(copy, say, (root, scratch) =>
        withProgress("building", say, buildGoProgram(go, YAML_HOST, { root, scratch, environment })),
    );
}

const toStderr = (line: string) => process.stderr.write(`${line}\n`);
