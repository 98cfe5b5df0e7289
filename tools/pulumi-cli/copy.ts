import { existsSync } from "node:fs";
import { join } from "node:path";
import { executableName } from "./executables.js";
import { withLock } from "./lock.js";
import type { Say } from "./progress.js";

/** A copy in the cache folder, which this run or an earlier one makes. */
export interface Copy<T> {
    /** The cache folder. */
    readonly cache: string;
    readonly name: string;
    readonly version: string;
    readonly title: string;
    /** Runs an executable once: a copy that does not run is none. */
    check(executable: string): Promise<T>;
}

/** Where the copy lies, whether it is there or not. */
export function copyFolder({ cache, name, version }: Copy<unknown>): string {
    // A home folder may be shared by several kinds of machine.
    return join(cache, `${name}-${version}-${process.platform}-${process.arch}`);
}

const executableIn = (root: string, copy: Copy<unknown>) => join(root, "bin", executableName(copy.name));

/** The copy that an earlier run made; `undefined` where there is none. Fails with the reason if it does not run. */
export async function findCopy<T>(copy: Copy<T>): Promise<T | undefined> {
    const executable = executableIn(copyFolder(copy), copy);
    return existsSync(executable) ? copy.check(executable) : undefined;
}

/**
 * Makes the copy aside, runs it once, and puts it in its place. One process makes it at a time; the others wait, and take what it made.
 *
 * @param make Makes `<root>/bin/<name>`. `scratch` is a folder for what can be thrown away.
 */
export async function makeCopy<T>(
    copy: Copy<T>,
    say: Say,
    make: (root: string, scratch: string) => Promise<void>,
): Promise<T> {
    return withLock(
        copy.cache,
        (pid) => say(`Process ${pid} makes ${copy.title} already: waiting for it.`),
        async (lock) => {
            const made = await findCopy(copy).catch(() => undefined);
            if (made !== undefined) {
                return made;
            }
            const root = join(lock.aside, copy.name);
            await make(root, join(lock.aside, "scratch"));
            await copy.check(executableIn(root, copy));
            await lock.publish(root, copyFolder(copy));
            return copy.check(executableIn(copyFolder(copy), copy));
        },
    );
}
