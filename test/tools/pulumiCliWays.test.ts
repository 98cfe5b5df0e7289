import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pulumiCommand } from "../../tools/pulumi-cli/cli.js";
import { findPulumiCli, NoPulumiCliError, type Surroundings } from "../../tools/pulumi-cli/index.js";

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

/** A machine with these folders of the test's on PATH, and without a network. */
function machine(...folders: readonly string[]): Surroundings {
    const path = [...folders.map((name) => join(folder, name)), "/usr/bin", "/bin"].join(delimiter);
    return {
        environment: { PATH: path, HOME: folder, LOG: join(folder, "log") },
        cache: join(folder, "cache"),
        say: (line) => said.push(line),
        answerLimit: 4_000,
        installer: ["/bin/sh", "-c", "echo no network >&2; exit 1"],
    };
}

const reasonsOf = async (surroundings: Surroundings): Promise<Record<string, string>> => {
    const error = await findPulumiCli(surroundings).catch((error: unknown) => error);
    return error instanceof NoPulumiCliError ? Object.fromEntries(error.failures) : expect.unreachable();
};

describe("on PATH", () => {
    test("a CLI that is new enough is used, though it warns, and keeps everything else from running", async () => {
        const path = await program("a/pulumi", `echo "warning: there is a newer version" >&2; ${GOOD}`);
        await program("a/go", goThatBuilds(GOOD));
        const found = { path, version: "3.274.1", origin: "from PATH", hasNodeHost: false };
        await expect(findPulumiCli(machine("a"))).resolves.toEqual(found);
        expect(said).toEqual([]);
        await expect(readdir(folder)).resolves.toEqual(["a"]);
    });

    test("a CLI with the Node host beside it has one, through a link as well", async () => {
        await program("a/pulumi-language-nodejs", "");
        const path = await program("a/pulumi", GOOD);
        await mkdir(join(folder, "b"));
        await symlink(path, join(folder, "b/pulumi"));
        await expect(findPulumiCli(machine("b"))).resolves.toMatchObject({ hasNodeHost: true });
    });

    test.each([
        ["an old CLI", OLD, "its version 3.100.0 is older than 3.216.0"],
        ["a CLI that fails", "echo 'no licence' >&2; exit 1", "`pulumi version`: exit code 1: no licence"],
        ["a CLI that hangs", HANGING, "`pulumi version`: no answer within 4 s"],
        ["a CLI that another process holds open", "sleep 1000 & exit 0", "`pulumi version`: no answer within 4 s"],
    ])("%s is named with the reason, and the next one on PATH is used", async (_, script, reason) => {
        const bad = await program("a/pulumi", script);
        const good = await program("b/pulumi", GOOD);
        await expect(findPulumiCli(machine("a", "b"))).resolves.toMatchObject({ path: good });
        expect(said).toEqual([`Pulumi CLI not used: ${bad}: ${reason}`]);
    });

    test("a broken link and the launchers of npm packages do not count", async () => {
        await program("node_modules/.bin/pulumi", GOOD);
        await mkdir(join(folder, "a"));
        await symlink(join(folder, "nothing"), join(folder, "a/pulumi"));
        const { PATH } = await reasonsOf(machine("node_modules/.bin", "a"));
        expect(PATH).toBe(`${join(folder, "a/pulumi")}: it is a broken link`);
    });
});

describe("a copy", () => {
    test("is built once, with settings of its own, and found from then on, also by two who ask at once", async () => {
        await program("a/go", goThatBuilds(GOOD));
        const surroundings = machine("a");
        const [first, other] = await Promise.all([findPulumiCli(surroundings), findPulumiCli(surroundings)]);
        // The slower one waits for the build, or comes so late that it finds the copy.
        expect([first.origin, other.origin]).toContain("built from its Go module");
        expect(first.path).toBe(other.path);
        await expect(readFile(join(folder, "log"), "utf8")).resolves.toBe("off local\n");
        const again = { path: first.path, origin: "from the cache folder" };
        await expect(findPulumiCli(surroundings)).resolves.toMatchObject(again);
        // The finished copy and nothing else.
        await expect(readdir(surroundings.cache)).resolves.toHaveLength(1);
    });

    test("that does not run is no copy, and leaves nothing", async () => {
        await program("a/go", goThatBuilds("exit 3"));
        const surroundings = machine("a");
        expect((await reasonsOf(surroundings))["Go module"]).toBe("`pulumi version`: exit code 3");
        expect(existsSync(surroundings.cache)).toBe(false);
    });

    test("that went bad is made again", async () => {
        await program("a/go", goThatBuilds(GOOD));
        const surroundings = machine("a");
        const { path } = await findPulumiCli(surroundings);
        await writeFile(path, "#!/bin/sh\nexit 4\n");
        await expect(findPulumiCli(surroundings)).resolves.toMatchObject({ path });
        expect(said.at(-1)).toMatch(
            /^Building .*cache: `pulumi version`: exit code 4; download: exit code 1: no network/,
        );
        await expect(readdir(surroundings.cache)).resolves.toHaveLength(1);
    });

    test("comes from the installer, if that works", async () => {
        const installer = await program(
            "installer",
            `mkdir -p "$1/bin"; printf '#!/bin/sh\\n${GOOD}\\n' > "$1/bin/pulumi"; chmod +x "$1/bin/pulumi"`,
        );
        const found = findPulumiCli({ ...machine(), installer: [installer] });
        await expect(found).resolves.toMatchObject({ origin: "from the official download" });
    });
});

test("where no way leads to a CLI, the error lists each reason, aligned and in one line, and says what to do", async () => {
    const path = await program("a/pulumi", OLD);
    await program("a/go", "echo go version go1.20.1 linux/amd64");
    const error: unknown = await findPulumiCli(machine("a")).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(NoPulumiCliError);
    expect(String(error)).toMatch(
        /^.*\n {2}PATH {7}.*3\.100\.0 is older.*\n {2}cache {6}no copy of .*\n {2}download {3}exit code 1: no network\n {2}Go module {2}Go 1\.20\.1 is too old: .*\n.*PULUMI_XAI_CLI\.$/,
    );
    expect(Reflect.get(Object(error), "reason")).toContain(
        `no Pulumi CLI: PATH: ${path}: its version 3.100.0 is older`,
    );
});

test("PULUMI_XAI_CLI goes before PATH, and nothing takes its place", async () => {
    await program("a/pulumi", GOOD);
    const path = await program("odd/pulumi-3.260", "echo v3.260.0");
    const surroundings = machine("a");
    const named = (PULUMI_XAI_CLI: string) => ({
        ...surroundings,
        environment: { ...surroundings.environment, PULUMI_XAI_CLI },
    });
    await expect(findPulumiCli(named(path))).resolves.toMatchObject({ path, version: "3.260.0" });
    const nothing = join(folder, "nothing");
    expect(await reasonsOf(named(nothing))).toEqual({ [`PULUMI_XAI_CLI=${nothing}`]: "there is no such file" });
});

test("the Automation API gets an executable of any name", async () => {
    const path = await program("odd/pulumi-3.260", "echo v3.260.0");
    const command = await pulumiCommand(path, join(folder, "cache"));
    expect(command.version?.version).toBe("3.260.0");
});
