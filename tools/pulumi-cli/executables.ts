import { accessSync, constants, lstatSync, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, isAbsolute, join } from "node:path";

const SUFFIX = process.platform === "win32" ? ".exe" : "";

/** The file name of an executable on this platform. */
export const executableName = (name: string) => `${name}${SUFFIX}`;

/**
 * The places on PATH that have a file of this name, in order. npm puts `node_modules/.bin` in front of the PATH of its scripts:
 * what lies there is a launcher that some package brought, not a program that the user installed, and does not count.
 */
export function placesOnPath(name: string, path: string): string[] {
    const folders = path
        .split(delimiter)
        .filter((folder) => isAbsolute(folder) && !/[\\/]node_modules[\\/]\.bin[\\/]?$/.test(folder));
    return [...new Set(folders)].map((folder) => join(folder, executableName(name))).filter(isThere);
}

/** Why a file is no executable; `undefined` where it is one. */
export function whyNotExecutable(file: string): string | undefined {
    if (!isThere(file)) {
        return "there is no such file";
    }
    try {
        if (!statSync(file).isFile()) {
            return "it is not a file";
        }
        accessSync(file, constants.X_OK);
        return undefined;
    } catch {
        return lstatSync(file).isSymbolicLink() ? "it is a broken link" : "it is not executable";
    }
}

/** The executables of this name that the CLI can see: those beside it, then those on PATH. */
export function hostsOf(name: string, executable: string, path: string): string[] {
    const beside = [dirname(executable), dirname(realpathSync(executable))].map((folder) =>
        join(folder, executableName(name)),
    );
    return [...beside, ...placesOnPath(name, path)].filter((file) => whyNotExecutable(file) === undefined);
}

/** Whether there is something of this name, if only a link that leads nowhere. */
function isThere(file: string): boolean {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}
