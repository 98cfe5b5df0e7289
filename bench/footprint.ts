import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);
const ROOT = resolve(__dirname, "..");

/** What a program pays for the import, in milliseconds. */
export interface ImportTime {
    readonly pulumi: number;
    /** On top of that. */
    readonly ours: number;
}

const TIMED = `
    const start = performance.now();
    require("@pulumi/pulumi");
    const between = performance.now();
    require("pulumi-xai");
    console.log(JSON.stringify({ pulumi: between - start, ours: performance.now() - between }));
`;

/** Loads Pulumi and then the package in a new process. */
export async function importTime(): Promise<ImportTime> {
    const { stdout } = await execute(process.execPath, ["-e", TIMED], { cwd: ROOT });
    return JSON.parse(stdout);
}

/** The package as a user gets it. */
export interface Footprint {
    /** What is downloaded of the package itself, in bytes. */
    readonly tarball: number;
    /** All that is installed beside `@pulumi/pulumi`, in bytes. */
    readonly installed: number;
    readonly packages: number;
}

/** Packs the package and installs it without development's dependencies and without its peer. */
export async function footprint(): Promise<Footprint> {
    const folder = await mkdtemp(join(tmpdir(), "pulumi-xai-footprint-"));
    try {
        await execute("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder], { cwd: ROOT });
        const [tarball = ""] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
        const dependencies = { "pulumi-xai": `file:${tarball}` };
        await writeFile(join(folder, "package.json"), JSON.stringify({ name: "user", private: true, dependencies }));
        const options = ["--omit=dev", "--legacy-peer-deps", "--no-audit", "--no-fund", "--silent"];
        await execute("npm", ["install", ...options], { cwd: folder });
        const entries = await readdir(join(folder, "node_modules"), { recursive: true, withFileTypes: true });
        const files = entries.filter((entry) => entry.isFile());
        const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
        return {
            tarball: (await stat(join(folder, tarball))).size,
            installed: sizes.reduce((sum, size) => sum + size, 0),
            packages: entries.filter((entry) => entry.isDirectory() && isPackage(entry.parentPath, entry.name)).length,
        };
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

/** Whether a folder stands where packages do: in `node_modules`, or there in a scope. */
function isPackage(parent: string, name: string): boolean {
    return !/^[@.]/.test(name) && /[\\/]node_modules([\\/]@[^\\/]+)?$/.test(parent);
}
