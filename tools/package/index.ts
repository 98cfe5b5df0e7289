/** Packs the provider and the emulator, and installs them as their users do. */
import { execFile } from "node:child_process";
import { cp, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";

const ROOT = resolve(__dirname, "../..");

export type Command = readonly [file: string, ...parameters: string[]];

/** The paths of the two packed packages. */
export interface Tarballs {
    readonly provider: string;
    readonly emulator: string;
}

/** The environment of a user's shell: without what npm tells the scripts of this package. */
export const USERS_ENVIRONMENT: NodeJS.ProcessEnv = Object.fromEntries(
    Object.entries(process.env).filter(
        ([name]) =>
            !/^(npm_(package|lifecycle|command|config_local_prefix|execpath)|INIT_CWD|NODE_OPTIONS|VITEST|XAI_)/.test(
                name,
            ),
    ),
);

/** What installs the packages of a folder, after the name of the package manager. */
export const INSTALL = {
    npm: () => ["install", "--no-audit", "--no-fund", "--fetch-retries=1"],
    /** @param temporary the folder for pnpm's store */
    pnpm: (temporary: string) => ["install", "--store-dir", join(temporary, "store")],
} as const;

/** Parameters of `tsc` for the strictest check, the declarations of every dependency included. */
export const STRICTEST: readonly string[] = [
    ...["--strict", "--exactOptionalPropertyTypes", "--skipLibCheck", "false", "--types", "node"],
    ...["--target", "ES2022"],
];

/** Runs a command to its end, and returns its standard output. Where it fails, the error holds all that it printed. */
export async function must(
    folder: string,
    [file, ...parameters]: Command,
    environment: NodeJS.ProcessEnv = USERS_ENVIRONMENT,
): Promise<string> {
    const options = { cwd: folder, env: environment, maxBuffer: 16 * 1024 * 1024 };
    try {
        return (await promisify(execFile)(file, parameters, options)).stdout;
    } catch (error) {
        const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
        throw new Error(`${[file, ...parameters].join(" ")} failed in ${folder}:\n${stdout}${stderr || error}`);
    }
}

/** Packs both packages from a copy of their sources in the folder `temporary`. */
export async function packBoth(temporary: string): Promise<Tarballs> {
    const clone = await cloned(temporary);
    return { provider: await pack(temporary, clone), emulator: await pack(temporary, join(clone, "emulator")) };
}

/** A copy of both packages' sources, with an old file in `dist`. Packing builds there, not under other programs' feet. */
async function cloned(temporary: string): Promise<string> {
    const clone = join(temporary, "clone");
    const files = ["package.json", "README.md", "LICENSE", "CHANGELOG.md", "SECURITY.md", "schema.json", "bin"];
    const own = [...files, "tsconfig.json", "tsconfig.build.json"];
    const emulator = ["package.json", "README.md", "LICENSE", "tsconfig.build.json", "src", "bin"];
    for (const path of [...own, "provider", "sdk", ...emulator.map((name) => join("emulator", name))]) {
        await cp(join(ROOT, path), join(clone, path), { recursive: true });
    }
    for (const folder of [clone, join(clone, "emulator")]) {
        await mkdir(join(folder, "dist"));
        await writeFile(join(folder, "dist", "removedLongAgo.js"), "");
    }
    await symlink(join(ROOT, "node_modules"), join(clone, "node_modules"));
    return clone;
}

async function pack(temporary: string, folder: string): Promise<string> {
    const destination = join(temporary, `${basename(folder)}-tarball`);
    await mkdir(destination);
    await must(folder, ["npm", "pack", "--silent", "--pack-destination", destination]);
    const packed = (await readdir(destination)).filter((name) => name.endsWith(".tgz"));
    if (packed.length !== 1) {
        throw new Error(`npm pack made ${packed.length} tarballs in ${destination}.`);
    }
    return join(destination, packed.join());
}
