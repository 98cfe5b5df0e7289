import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, posix, win32 } from "node:path";
import { executableName } from "./executables.js";
import { withLock } from "./lock.js";

/** Takes one line for people. */
export type Say = (line: string) => void;

/** How often a run says that it is still at work, in milliseconds. */
const PROGRESS_MS = 15_000;

/** Where this user's caches of this project lie: by the rules of the platform. */
export function cacheFolder(
    platform: NodeJS.Platform = process.platform,
    environment: NodeJS.ProcessEnv = process.env,
    home: string = homedir(),
): string {
    switch (platform) {
        case "win32":
            return win32.join(environment["LOCALAPPDATA"] || win32.join(home, "AppData", "Local"), "pulumi-xai");
        case "darwin":
            return posix.join(home, "Library", "Caches", "pulumi-xai");
        default: {
            // The XDG specification has a relative path ignored.
            const named = environment["XDG_CACHE_HOME"] ?? "";
            return posix.join(posix.isAbsolute(named) ? named : posix.join(home, ".cache"), "pulumi-xai");
        }
    }
}

/** A copy of a program in the cache folder, which this run or an earlier one makes. */
export interface Copy<T> {
    readonly cache: string;
    readonly name: string;
    readonly version: string;
    /** Runs an executable once: a copy that does not run is none. */
    check(executable: string): Promise<T>;
}

// A home folder may be shared by several kinds of machine.
const folderOf = ({ cache, name, version }: Copy<unknown>) =>
    join(cache, `${name}-${version}-${process.platform}-${process.arch}`);
const executableIn = (root: string, { name }: Copy<unknown>) => join(root, "bin", executableName(name));

/** The copy that an earlier run made; `undefined` where there is none. Fails with the reason if it does not run. */
export async function findCopy<T>(copy: Copy<T>): Promise<T | undefined> {
    const executable = executableIn(folderOf(copy), copy);
    return existsSync(executable) ? copy.check(executable) : undefined;
}

/**
 * Makes the copy aside, runs it once, and puts it in its place. One process makes it at a time; the others wait, and take what it made.
 *
 * @param what What is done, for people: `building`.
 * @param make Makes `<root>/bin/<name>`. `scratch` is a folder for what can be thrown away.
 */
export async function makeCopy<T>(
    copy: Copy<T>,
    say: Say,
    what: string,
    make: (root: string, scratch: string) => Promise<unknown>,
): Promise<T> {
    const start = performance.now();
    const progress = setInterval(() => say(`  ${what}: ${elapsed(performance.now() - start)}`), PROGRESS_MS);
    const onWait = () => say(`Another process makes ${copy.name} ${copy.version} already: waiting for it.`);
    return withLock(copy.cache, onWait, async ({ aside, publish }) => {
        const made = await findCopy(copy).catch(() => undefined);
        if (made !== undefined) {
            return made;
        }
        const root = join(aside, copy.name);
        await make(root, join(aside, "scratch"));
        await copy.check(executableIn(root, copy));
        await publish(root, folderOf(copy));
        return copy.check(executableIn(folderOf(copy), copy));
    }).finally(() => clearInterval(progress));
}

/** A duration in minutes and seconds: `1:15`. */
export function elapsed(ms: number): string {
    const seconds = Math.round(ms / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
