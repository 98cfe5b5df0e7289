import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pulumiCommand } from "../../tools/pulumi-cli/cli.js";
import type { NoPulumiCliError } from "../../tools/pulumi-cli/failures.js";
import { findPulumiCli } from "../../tools/pulumi-cli/index.js";
import { built, downloaded, findFirst, inCache, onPath, type Surroundings } from "../../tools/pulumi-cli/ways.js";

/** Programs of a few lines stand in for the CLI, for Go, and for the official installation. */
const GOOD = "echo v3.274.1";
const OLD = "echo v3.100.0";
const HANGING = "sleep 1000";
/** Builds as Go does: writes the program where `-o` says. */
const goThatBuilds = (cli: string) => `
case "$1" in
    version) echo "go version go1.99.0 linux/amd64" ;;
    build) shift; while [ "$1" != -o ]; do shift; done
        echo "$GOWORK $GOTOOLCHAIN" >> "$LOG"
        mkdir -p "$(dirname "$2")"; printf '#!/bin/sh\\n%s\\n' '${cli}' > "$2"; chmod +x "$2" ;;
esac`;

let folder: string;
let said: string[];

beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "pulumi-xai-ways-"));
    said = [];
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function program(path: string, script: string): Promise<string> {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
    return file;
}

/** A machine with these folders of the test's on PATH. */
function machine(...folders: readonly string[]): Surroundings {
    const path = [...folders.map((name) => join(folder, name)), "/usr/bin", "/bin"].join(delimiter);
    return {
        environment: { PATH: path, HOME: folder, LOG: join(folder, "log") },
        cache: join(folder, "cache"),
        say: (line) => said.push(line),
    };
}

const failing = (way: Promise<unknown>): Promise<NoPulumiCliError> =>
    way.then(
        () => expect.unreachable(),
        (error) => error,
    );

describe("on PATH", () => {
    test("a CLI that warns on its error output is used", async () => {
        const path = await program("a/pulumi", `echo "warning: there is a newer version" >&2; ${GOOD}`);
        const cli = await onPath(machine("a")).find([]);
        expect(cli).toEqual({ path, version: "3.274.1", origin: "from PATH", hasNodeHost: false });
    });

    test("a CLI with the Node host beside it has one, through a link as well", async () => {
        await program("a/pulumi-language-nodejs", "");
        const path = await program("a/pulumi", GOOD);
        await mkdir(join(folder, "b"));
        await symlink(path, join(folder, "b/pulumi"));
        await expect(onPath(machine("b")).find([])).resolves.toMatchObject({ hasNodeHost: true });
    });

    test.each([
        ["an old CLI", OLD, "its version 3.100.0 is older than 3.216.0"],
        ["a CLI that fails", "echo 'no licence' >&2; exit 1", "`pulumi version`: exit code 1: no licence"],
        ["a CLI that hangs", HANGING, "`pulumi version`: no answer within 4 s"],
        ["a CLI that another process holds open", "sleep 1000 & exit 0", "`pulumi version`: no answer within 4 s"],
    ])("%s is named with the reason, and the next one on PATH is used", async (_, script, reason) => {
        const bad = await program("a/pulumi", script);
        const good = await program("b/pulumi", GOOD);
        await expect(onPath(machine("a", "b"), 4_000).find([])).resolves.toMatchObject({ path: good });
        expect(said).toEqual([`Pulumi CLI not used: ${bad}: ${reason}`]);
    });

    test("a broken link is not used", async () => {
        await mkdir(join(folder, "a"));
        await symlink(join(folder, "nothing"), join(folder, "a/pulumi"));
        await expect(onPath(machine("a")).find([])).rejects.toThrow("it is a broken link");
    });

    test("the launchers of npm packages do not count", async () => {
        await program("node_modules/.bin/pulumi", GOOD);
        await expect(onPath(machine("node_modules/.bin")).find([])).rejects.toThrow("no `pulumi`");
    });
});

describe("a copy", () => {
    test("is built once, with settings of its own, and found from then on", async () => {
        await program("a/go", goThatBuilds(GOOD));
        const surroundings = machine("a");
        const first = await built(surroundings).find([]);
        expect(first.origin).toBe("built from its Go module");
        await expect(readFile(join(folder, "log"), "utf8")).resolves.toBe("off local\n");
        await expect(inCache(surroundings).find([])).resolves.toMatchObject({
            path: first.path,
            origin: "from the cache folder",
        });
        // The finished copy and nothing else.
        await expect(readdir(surroundings.cache)).resolves.toHaveLength(1);
    });

    test("that does not run is no copy, and leaves nothing", async () => {
        await program("a/go", goThatBuilds("exit 3"));
        const surroundings = machine("a");
        await expect(built(surroundings).find([])).rejects.toThrow("`pulumi version`: exit code 3");
        expect(existsSync(surroundings.cache)).toBe(false);
    });

    test("that went bad is made again", async () => {
        await program("a/go", goThatBuilds(GOOD));
        const surroundings = machine("a");
        const { path } = await built(surroundings).find([]);
        await writeFile(path, "#!/bin/sh\nexit 4\n");
        await expect(inCache(surroundings).find([])).rejects.toThrow("exit code 4");
        await expect(built(surroundings).find([])).resolves.toMatchObject({ path });
        await expect(readdir(surroundings.cache)).resolves.toHaveLength(1);
    });

    test("is built once by two who ask at once", async () => {
        await program("a/go", goThatBuilds(GOOD));
        const surroundings = machine("a");
        const [one, other] = await Promise.all([built(surroundings).find([]), built(surroundings).find([])]);
        expect(one.path).toBe(other.path);
        await expect(readFile(join(folder, "log"), "utf8")).resolves.toBe("off local\n");
    });

    test("comes from the installer, if that works", async () => {
        const installer = await program(
            "installer",
            `mkdir -p "$1/bin"; printf '#!/bin/sh\\n${GOOD}\\n' > "$1/bin/pulumi"; chmod +x "$1/bin/pulumi"`,
        );
        await expect(downloaded(machine(), [installer]).find([])).resolves.toMatchObject({
            origin: "from the official download",
        });
    });
});

test("where no way leads to a CLI, the error names each reason", async () => {
    await program("a/pulumi", OLD);
    await program("a/go", "echo go version go1.20.1 linux/amd64");
    const installer = await program("installer", "echo 'no network' >&2; exit 1");
    const surroundings = machine("a");
    const ways = [
        onPath(surroundings),
        inCache(surroundings),
        downloaded(surroundings, [installer]),
        built(surroundings),
    ];
    const error = await failing(findFirst(ways));
    expect(error.failures.map(({ way }) => way)).toEqual(["PATH", "cache", "download", "Go module"]);
    expect(error.failures.map(({ reason }) => reason)).toEqual([
        `${join(folder, "a/pulumi")}: its version 3.100.0 is older than 3.216.0`,
        expect.stringContaining("no copy of "),
        "exit code 1: no network",
        expect.stringContaining("Go 1.20.1 is too old: Go 1."),
    ]);
    expect(said[0]).toContain("its version 3.100.0 is older");
});

test("a CLI on PATH that is new enough keeps everything else from running", async () => {
    const path = await program("a/pulumi", GOOD);
    await program("a/go", goThatBuilds(GOOD));
    const surroundings = machine("a");
    await expect(findPulumiCli(surroundings)).resolves.toMatchObject({ path });
    expect(said).toEqual([]);
    await expect(readdir(folder)).resolves.toEqual(["a"]);
});

test("PULUMI_XAI_CLI goes before PATH, and nothing takes its place", async () => {
    await program("a/pulumi", GOOD);
    const path = await program("odd/pulumi-3.260", "echo v3.260.0");
    const surroundings = machine("a");
    const environment = (PULUMI_XAI_CLI: string) => ({
        ...surroundings,
        environment: { ...surroundings.environment, PULUMI_XAI_CLI },
    });
    await expect(findPulumiCli(environment(path))).resolves.toMatchObject({ path, version: "3.260.0" });
    const error = await failing(findPulumiCli(environment(join(folder, "nothing"))));
    expect(error.message).toContain(`PULUMI_XAI_CLI=${join(folder, "nothing")}  there is no such file`);
});

test("the Automation API gets an executable of any name", async () => {
    const path = await program("odd/pulumi-3.260", "echo v3.260.0");
    const command = await pulumiCommand(path, join(folder, "cache"));
    expect(command.version?.version).toBe("3.260.0");
});
