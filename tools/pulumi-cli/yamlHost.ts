import { runChild } from "./child.js";
import type { PulumiCli } from "./cli.js";
import { cacheFolder, findCopy, makeCopy, type Say } from "./copy.js";
import { hostsOf } from "./executables.js";
import { buildGoProgram, findGo, pinsOf, YAML_HOST } from "./goModule.js";

/**
 * The YAML language host for a CLI: the one beside it or on PATH, else the copy in the cache folder, else a build from its Go module.
 *
 * @returns The executable. The CLI finds it if its folder is on the PATH of the operation.
 * @throws An `Error` that says why there is none.
 */
export async function findYamlHost(cli: PulumiCli, { say = toStderr }: { readonly say?: Say } = {}): Promise<string> {
    const environment = process.env;
    const own = hostsOf(YAML_HOST.name, cli.path, environment["PATH"] ?? "")[0];
    if (own !== undefined) {
        return own;
    }
    const check = async (executable: string) => {
        await runChild(executable, ["-h"], { limit: 15_000, environment, ownGroup: true });
        return executable;
    };
    const copy = { cache: cacheFolder(), name: YAML_HOST.name, version: pinsOf(YAML_HOST).version, check };
    const made = await findCopy(copy).catch(() => undefined);
    if (made !== undefined) {
        return made;
    }
    const go = await findGo(YAML_HOST, environment);
    say(`Building ${YAML_HOST.title} ${copy.version} from its Go module: ${YAML_HOST.cost}.`);
    return makeCopy(copy, say, "building", (root, scratch) =>
        buildGoProgram(go, YAML_HOST, { root, scratch, environment }),
    );
}

const toStderr: Say = (line) => void process.stderr.write(`${line}\n`);
