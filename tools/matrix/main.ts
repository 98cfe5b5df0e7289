/**
 * `npm run matrix`: packs the product, and lives a small life of a key in both modes for each row of `rows.ts`. It prints a table of
 * Markdown for `docs/contributing.md`, and exits with 1 where a row failed. It takes about 14 minutes and needs npm's registry.
 */
import { rmSync } from "node:fs";
import { cp, mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, sep } from "node:path";
import { rsort } from "semver";
import { z } from "zod";
import {
    type Command,
    INSTALL,
    must,
    packBoth,
    STRICTEST,
    type Tarballs,
    USERS_ENVIRONMENT,
} from "../package/index.js";
import { messageOf } from "../pulumi-cli/child.js";
import { findPulumiCli, introduce, NoPulumiCliError, pulumiCommand } from "../pulumi-cli/index.js";
import { type Manager, markdown, ROWS, type Row, refusal } from "./rows.js";

/** What stays the same for all rows. */
interface Surroundings {
    readonly temporary: string;
    readonly tarballs: Tarballs;
    /** The folder of the Pulumi CLI. */
    readonly cliFolder: string;
}

const publishedSchema = z.object({
    version: z.string(),
    engines: z.object({ node: z.string().optional() }).optional(),
    peerDependencies: z.object({ typescript: z.string().optional() }).optional(),
});
type Published = z.infer<typeof publishedSchema>;

/** npm has each platform's Node as a package. */
const NODE = [
    process.platform === "darwin" && process.arch === "arm64" ? "node-bin" : "node",
    process.platform,
    process.arch,
];
const NODE_PACKAGE = NODE.join("-");

const HEADINGS = ["Node", "`@pulumi/pulumi`", "TypeScript", "installed with", "modules", "what passed"];

/** A line of the table, and the reason where the row failed. */
interface Line {
    readonly cells: readonly string[];
    readonly failure?: string;
}

const say = (text: string) => process.stderr.write(text);

const remembered = new Map<string, Promise<Published>>();

/** The newest published version of a package in a range. */
function published(name: string, range: string): Promise<Published> {
    const wanted = `${name}@${range}`;
    const found = remembered.get(wanted) ?? askRegistry(wanted);
    remembered.set(wanted, found);
    return found;
}

async function askRegistry(wanted: string): Promise<Published> {
    const fields = ["name", "version", "engines", "peerDependencies"];
    const answer: unknown = JSON.parse(await must(tmpdir(), ["npm", "view", "--json", wanted, ...fields]));
    const all = z.array(publishedSchema).parse([answer].flat());
    const [newest] = rsort(all.map(({ version }) => version));
    const found = all.find(({ version }) => version === newest);
    if (found === undefined) {
        throw new Error(`npm's registry has no ${wanted}.`);
    }
    return found;
}

/** The command of a package manager. All but npm come by npx. */
function commandOf(manager: Manager): Command {
    const name = manager.startsWith("pnpm") ? "pnpm" : "yarn";
    return manager === "npm" ? ["npm"] : ["npx", "--yes", "--package", manager, name];
}

/** The arguments that install with a package manager. */
function installWith(manager: Manager, temporary: string): readonly string[] {
    if (manager === "npm") {
        return INSTALL.npm();
    }
    return manager.startsWith("pnpm") ? INSTALL.pnpm(temporary) : ["install"];
}

/** The environment of a row's user: the row's Node and the CLI come first, and no `node_modules/.bin` is on PATH. */
function environmentOf({ temporary, cliFolder }: Surroundings, folder: string, nodeFolder: string): NodeJS.ProcessEnv {
    const path = (process.env["PATH"] ?? "")
        .split(delimiter)
        .filter((entry) => !entry.endsWith(`node_modules${sep}.bin`));
    return {
        ...USERS_ENVIRONMENT,
        // A CLI that was built from its Go module takes the dynamic host's script from Pulumi's npm package.
        PATH: [nodeFolder, cliFolder, ...path, join(folder, "node_modules/@pulumi/pulumi")].join(delimiter),
        PULUMI_HOME: join(temporary, "home"),
        PULUMI_BACKEND_URL: `file://${join(folder, "backend")}`,
        PULUMI_CONFIG_PASSPHRASE: "matrix",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        // For yarn 1 and 4: nothing outlives the folder, and node_modules is where Pulumi looks.
        YARN_CACHE_FOLDER: join(temporary, "yarn"),
        YARN_ENABLE_GLOBAL_CACHE: "false",
        YARN_ENABLE_IMMUTABLE_INSTALLS: "false",
        YARN_ENABLE_TELEMETRY: "false",
        YARN_NODE_LINKER: "node-modules",
    };
}

/** Installs a version of Node, unless it is there, and returns its folder. */
async function installNode(temporary: string, version: string): Promise<string> {
    const folder = join(temporary, `node-${version}`);
    await mkdir(folder, { recursive: true });
    await must(folder, ["npm", ...INSTALL.npm(), "--no-save", "--prefix", folder, `${NODE_PACKAGE}@${version}`]);
    return join(folder, "node_modules", NODE_PACKAGE, "bin");
}

/** Runs one row in a folder of its own. Returns its line of the table, and why it failed. */
async function tryRow(row: Row, surroundings: Surroundings, folder: string): Promise<Line> {
    const { temporary, tarballs } = surroundings;
    const [node, pulumi, typescript] = await Promise.all([
        published(NODE_PACKAGE, row.node),
        published("@pulumi/pulumi", row.pulumi),
        published("typescript", row.typescript),
    ]);
    const environment = environmentOf(surroundings, folder, await installNode(temporary, node.version));
    const manager = commandOf(row.manager);
    await mkdir(join(folder, "backend"), { recursive: true });
    const managerVersion = (await must(folder, [...manager, "--version"], environment)).trim();
    const modules = row.modules === "module" ? "ES modules" : "CommonJS";
    const tried = [node.version, pulumi.version, typescript.version, `${manager.at(-1)} ${managerVersion}`, modules];
    say(tried.join(", "));

    const reason = refusal(node.version, typescript.version, pulumi);
    if (reason !== undefined) {
        return { cells: [...tried, `not run: ${reason}`] };
    }
    const dependencies = {
        "@pulumi/pulumi": pulumi.version,
        "@types/node": "^20",
        "pulumi-xai": `file:${tarballs.provider}`,
        typescript: typescript.version,
        "xai-management-emulator": `file:${tarballs.emulator}`,
    };
    const manifest = { name: "user", private: true, type: row.modules, dependencies };
    await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
    // pnpm 12 fails where nobody approved a dependency's install script. Pulumi brings one.
    await writeFile(join(folder, "pnpm-workspace.yaml"), "allowBuilds:\n  protobufjs: true\n");
    await cp(join(__dirname, "life.ts"), join(folder, "life.ts"));
    const steps: readonly (readonly [what: string, command: Command])[] = [
        ["install", [...manager, ...installWith(row.manager, temporary)]],
        ["types", ["node_modules/.bin/tsc", ...STRICTEST, "--module", "nodenext", "life.ts"]],
        ["dynamic", ["node", "life.js", "dynamic"]],
        ["native", ["node", "life.js", "native"]],
    ];
    for (const [what, command] of steps) {
        say(`; ${what}`);
        try {
            await must(folder, command, environment);
        } catch (error) {
            return { cells: [...tried, `**failed: ${what}**`], failure: messageOf(error) };
        }
    }
    return { cells: [...tried, steps.map(([what]) => what).join(", ")] };
}

/** The rows whose numbers stand on the command line; all of them where none does. */
function chosenRows(): readonly (readonly [number: number, row: Row])[] {
    const numbers = process.argv.slice(2).map(Number);
    const all = ROWS.map((row, index) => [index + 1, row] as const);
    return numbers.length === 0 ? all : all.filter(([number]) => numbers.includes(number));
}

async function main(): Promise<void> {
    const cli = await findPulumiCli();
    say(`${introduce(cli)}\n`);
    const temporary = await mkdtemp(join(tmpdir(), "pulumi-xai-matrix-"));
    const remove = () => rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
        process.on(signal, () => {
            remove();
            process.exit(130);
        });
    }
    const lines: Line[] = [];
    try {
        say("packing\n");
        const tarballs = await packBoth(temporary);
        const cliFolder = dirname((await pulumiCommand(cli.path)).command);
        for (const [number, row] of chosenRows()) {
            const folder = join(temporary, `row-${number}`);
            say(`[${number}/${ROWS.length}] `);
            const wanted = [row.node, row.pulumi, row.typescript, row.manager, row.modules];
            const line = await tryRow(row, { temporary, tarballs, cliFolder }, folder).catch(
                (error: unknown): Line => ({ cells: [...wanted, "**failed: versions**"], failure: messageOf(error) }),
            );
            say(line.failure === undefined ? "; done\n" : `; failed\n${line.failure}\n`);
            lines.push(line);
        }
    } finally {
        remove();
    }
    const today = new Date().toISOString().slice(0, 10);
    const platform = `${process.platform} ${process.arch}`;
    process.stdout.write(`${today}, Pulumi CLI ${cli.version}, ${platform}:\n\n`);
    process.stdout.write(`${markdown([HEADINGS, ...lines.map(({ cells }) => cells)])}\n`);
    process.exitCode = lines.some(({ failure }) => failure !== undefined) ? 1 : 0;
}

main().catch((error: unknown) => {
    say(`\n${error instanceof NoPulumiCliError || !(error instanceof Error) ? messageOf(error) : error.stack}\n`);
    process.exitCode = 1;
});
