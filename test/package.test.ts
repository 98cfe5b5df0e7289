import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
    type Command,
    INSTALL,
    must,
    packBoth,
    STRICTEST,
    type Tarballs,
    USERS_ENVIRONMENT,
} from "../tools/package/index.js";

const ROOT = resolve(__dirname, "..");
const FIXTURES = join(__dirname, "package");

/**
 * pnpm hoists no dependency of a dependency, so it shows what the packages forget to declare. `npm run matrix` tries the other
 * package managers.
 */
const PNPM = join(ROOT, "node_modules/.bin/pnpm");

let temporary: string;
let tarballs: Tarballs;

beforeAll(async () => {
    temporary = await mkdtemp(join(tmpdir(), "pulumi-xai-package-"));
    tarballs = await packBoth(temporary);
    await installAsUser();
}, 240_000);

afterAll(() => rm(temporary, { recursive: true, force: true }));

/** Runs a command in the user's folder. */
const inFolder = (...command: Command) => must(join(temporary, "user"), command);

const tsc = (module: readonly string[], files: readonly string[]) =>
    inFolder("node_modules/.bin/tsc", ...STRICTEST, "--module", ...module, ...files);

/** A fresh folder of a user with both tarballs, Pulumi and TypeScript, and the programs of `test/package`. */
async function installAsUser(): Promise<void> {
    const folder = join(temporary, "user");
    await mkdir(folder);
    await writeManifest(folder, {
        typescript: "5.9.3",
        "@types/node": "^20",
        "xai-management-emulator": `file:${tarballs.emulator}`,
    });
    await cp(FIXTURES, folder, { recursive: true });
    await must(folder, [PNPM, ...INSTALL.pnpm(temporary)]);
}

/** A package.json that depends on the provider and Pulumi, and on what a test adds. */
async function writeManifest(folder: string, devDependencies: Readonly<Record<string, string>>): Promise<void> {
    const pulumi = JSON.parse(await readFile(join(ROOT, "node_modules/@pulumi/pulumi/package.json"), "utf8"));
    const manifest = {
        name: "user",
        private: true,
        dependencies: { "@pulumi/pulumi": pulumi.version, "pulumi-xai": `file:${tarballs.provider}` },
        devDependencies,
    };
    await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
}

it("type-checks with older settings", async () => {
    await Promise.all([
        tsc(["node16", "--noEmit"], ["plain.ts"]),
        tsc(["commonjs", "--moduleResolution", "node", "--noEmit"], ["plain.ts"]),
    ]);
});

it("is proved where gRPC is hidden from it", () => {
    expect(existsSync(join(temporary, "user/node_modules/@pulumi"))).toBe(true);
    expect(existsSync(join(temporary, "user/node_modules/@grpc"))).toBe(false);
});

describe("a tarball that is packed in a clone", () => {
    const built = (folders: readonly string[][], from: string) =>
        folders.flat().flatMap((source) => {
            const name = join("dist", relative(join(ROOT, from), source).replace(/\.ts$/, ""));
            return [`${name}.js`, `${name}.d.ts`];
        });
    const listed = async (tarball: string) =>
        (await must(temporary, ["tar", "-tzf", tarball])).trim().split("\n").sort();

    it("of the provider holds what is built from the sources, and nothing else", async () => {
        const sources = await Promise.all(["provider", "sdk"].map(sourcesBelow));
        const files = [
            "package.json",
            "README.md",
            "LICENSE",
            "CHANGELOG.md",
            "SECURITY.md",
            "schema.json",
            "bin/pulumi-resource-xai",
        ];
        const expected = [...files, ...built(sources, ".")];
        expect(await listed(tarballs.provider)).toEqual(expected.map((name) => `package/${name}`).sort());
    });

    it("of the emulator does so too, with an executable that runs", async () => {
        const files = ["package.json", "README.md", "LICENSE", "bin/xai-management-emulator"];
        const expected = [...files, ...built([await sourcesBelow("emulator/src")], "emulator/src")];
        expect(await listed(tarballs.emulator)).toEqual(expected.map((name) => `package/${name}`).sort());
        const modes = await must(temporary, ["tar", "-tvzf", tarballs.emulator]);
        expect(modes).toMatch(/^-rwxr-xr-x .* package\/bin\/xai-management-emulator$/m);
    });
});

it("installs no web framework and no argument parser with the provider alone", async () => {
    const folder = join(temporary, "alone");
    await mkdir(folder);
    await writeManifest(folder, {});
    await must(folder, ["npm", ...INSTALL.npm(), "--package-lock-only"]);
    const { packages } = JSON.parse(await readFile(join(folder, "package-lock.json"), "utf8"));
    const names = Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, ""));
    expect(names).toContain("pulumi-xai");
    const unwanted = ["hono", "@hono/node-server", "commander", "xai-management-emulator"];
    expect(names.filter((name) => unwanted.includes(name))).toEqual([]);
});

async function sourcesBelow(folder: string): Promise<string[]> {
    const entries = await readdir(join(ROOT, folder), { withFileTypes: true, recursive: true });
    return entries
        .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
        .map((entry) => join(entry.parentPath, entry.name));
}

describe("installed by a user", () => {
    it("type-checks in CommonJS and ES modules, and runs in both", async () => {
        await tsc(["nodenext"], ["commonjs.cts", "module.mts"]);
        // A dynamic host has its engine's address there. Nobody listens at this one, and nothing depends on it.
        const engine = "127.0.0.1:1";
        expect(await inFolder("node", "commonjs.cjs", engine)).toContain("CommonJS: all good\n");
        expect(await inFolder("node", "module.mjs", engine)).toContain("ES module: all good\n");
    });

    it("runs the native plugin from the folder that Pulumi.yaml names", async () => {
        const plugin = spawn(join(temporary, "user/node_modules/.bin/pulumi-resource-xai"), ["127.0.0.1:1"], {
            env: USERS_ENVIRONMENT,
        });
        const [port] = await once(plugin.stdout, "data");
        expect(String(port)).toMatch(/^\d+\n$/);
        const ended = once(plugin, "exit");
        plugin.kill("SIGINT");
        expect(await ended).toEqual([0, null]);
    });

    it("runs the emulator", async () => {
        expect(await inFolder(PNPM, "exec", "xai-management-emulator", "--help")).toContain("--port");
    });
});
