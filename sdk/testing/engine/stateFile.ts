import { randomUUID } from "node:crypto";
import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { StateFileError, StateLockedError } from "./errors.js";
import { parseStateFile, type StateFile } from "./stateFormat.js";

/** A file that is written to take another's place, with its writer in the name. */
function temporaryFor(path: string): string {
    return `${path}.${process.pid}-${randomUUID()}.tmp`;
}

/** The system's own word for what went wrong: ` (ENOSPC)`. */
function why(error: unknown): string {
    return error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
}

function hasCode(error: unknown, code: string): boolean {
    return error instanceof Error && "code" in error && error.code === code;
}

/**
 * Reads a state file, where there is one.
 *
 * @throws {StateFileError} where it is not the engine's own or cannot be read
 */
export async function loadStateFile(path: string): Promise<StateFile | undefined> {
    let text: string;
    try {
        text = await readFile(path, "utf8");
    } catch (cause) {
        if (hasCode(cause, "ENOENT")) return undefined;
        throw new StateFileError(`the state file ${path} cannot be read`, { cause });
    }
    // A temporary file that was made in advance and never written to.
    return text === "" ? undefined : parseStateFile(text, path);
}

/** Puts a text in the place of a file at once: whoever reads it sees the old one or the new one, both whole. */
export async function replaceFile(path: string, text: string): Promise<void> {
    const temporary = temporaryFor(path);
    try {
        const handle = await open(temporary, "wx", 0o600);
        try {
            await handle.writeFile(text);
            await handle.sync();
        } finally {
            await handle.close();
        }
        await rename(temporary, path);
    } catch (cause) {
        // Where even that fails, the next operation does it.
        await rm(temporary, { force: true }).catch(() => undefined);
        throw new StateFileError(`the state file ${path} cannot be written${why(cause)}`, { cause });
    }
}

/**
 * Takes the lock on a state file. One left behind by a process that is gone is taken over.
 *
 * @returns gives the lock back
 * @throws {StateLockedError} where another operation holds it
 */
export function lockStateFile(path: string): () => void {
    const lock = `${path}.lock`;
    if (!tryLock(lock)) {
        const holder = Number.parseInt(readLock(lock), 10);
        if (Number.isNaN(holder) || isAlive(holder)) {
            const who = holder === process.pid ? "this process" : `process ${holder}`;
            throw new StateLockedError(`another operation (of ${who}) is at work on ${path}; its lock is ${lock}`);
        }
        rmSync(lock, { force: true });
        if (!tryLock(lock)) throw new StateLockedError(`another operation is at work on ${path}; its lock is ${lock}`);
    }
    removeLeftOvers(path);
    return () => rmSync(lock, { force: true });
}

/** Makes the lock, with its holder in it from the first moment on: one that names nobody could never be taken over. */
function tryLock(lock: string): boolean {
    const temporary = temporaryFor(lock);
    try {
        writeFileSync(temporary, String(process.pid), { flag: "wx", mode: 0o600 });
        linkSync(temporary, lock);
        return true;
    } catch (cause) {
        if (hasCode(cause, "EEXIST")) return false;
        throw new StateFileError(`the state file's lock ${lock} cannot be written${why(cause)}`, { cause });
    } finally {
        rmSync(temporary, { force: true });
    }
}

/** Removes what processes that were killed while they wrote have left beside the state file. */
function removeLeftOvers(path: string): void {
    const folder = dirname(path);
    for (const name of readdirSync(folder)) {
        if (!name.startsWith(`${basename(path)}.`)) continue;
        const writer = /^(?:lock\.)?(\d+)-[\da-f-]{36}\.tmp$/.exec(name.slice(basename(path).length + 1))?.[1];
        if (writer !== undefined && !isAlive(Number(writer))) rmSync(join(folder, name), { force: true });
    }
}

function readLock(lock: string): string {
    try {
        return readFileSync(lock, "utf8");
    } catch {
        return "";
    }
}

function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        return hasCode(error, "EPERM");
    }
}
