import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
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
 * @throws {StateFileError} where it is empty, not the engine's own, or cannot be read
 */
export async function loadStateFile(path: string): Promise<StateFile | undefined> {
    let text: string;
    try {
        text = await readFile(path, "utf8");
    } catch (cause) {
        if (hasCode(cause, "ENOENT")) return undefined;
        throw new StateFileError(`the state file ${path} cannot be read`, { cause });
    }
    // Nobody can tell one that was never written to from one that was lost: taken for new, it would be written over.
    if (text.trim() === "") {
        throw new StateFileError(
            `the state file ${path} is empty: put a copy of it back, or delete it where it never held a stack`,
        );
    }
    return parseStateFile(text, path);
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
 * Takes the lock on a state file. One left behind by a process that is gone is taken over; of several that do so at once one
 * gets it.
 *
 * The lock is a folder with one file in it, whose name says who holds it. Taken away is always the file of a certain holder,
 * and the folder only while it is empty: so nobody takes away a lock that another has got meanwhile.
 *
 * @returns gives the lock back, and never another's
 * @throws {StateLockedError} where another operation holds it
 * @throws {StateFileError} where it cannot be written
 */
export function lockStateFile(path: string): () => void {
    const lock = `${path}.lock`;
    const own = `${process.pid}-${randomUUID()}`;
    while (!tryLock(lock, own)) {
        for (const holder of holdersOf(lock)) {
            const pid = Number.parseInt(holder, 10);
            if (Number.isNaN(pid) || isAlive(pid)) {
                const other = Number.isNaN(pid) ? `"${holder}"` : `process ${pid}`;
                const who = pid === process.pid ? "this process" : other;
                throw new StateLockedError(`another operation (of ${who}) is at work on ${path}; its lock is ${lock}`);
            }
            giveBack(lock, holder);
        }
    }
    removeLeftOvers(path);
    return () => giveBack(lock, own);
}

/** Makes the lock, with its holder in it from the first moment on: one that names nobody could never be taken over. */
function tryLock(lock: string, own: string): boolean {
    const temporary = temporaryFor(lock);
    try {
        mkdirSync(temporary, { mode: 0o700 });
        writeFileSync(join(temporary, own), "", { flag: "wx", mode: 0o600 });
        // Into no other's place but that of an empty folder.
        renameSync(temporary, lock);
        return true;
    } catch (cause) {
        if (hasCode(cause, "ENOTEMPTY") || hasCode(cause, "EEXIST")) return false;
        throw new StateFileError(`the state file's lock ${lock} cannot be written${why(cause)}`, { cause });
    } finally {
        rmSync(temporary, { recursive: true, force: true });
    }
}

/** Takes a holder's name out of the lock, and the lock away where nobody else has it. */
function giveBack(lock: string, holder: string): void {
    for (const remove of [() => unlinkSync(join(lock, holder)), () => rmdirSync(lock)]) {
        try {
            remove();
        } catch (cause) {
            // Done by another already; or another has the lock by now.
            if (!["ENOENT", "ENOTEMPTY", "EEXIST"].some((code) => hasCode(cause, code))) throw cause;
        }
    }
}

/** Removes what processes that were killed while they wrote have left beside the state file. */
function removeLeftOvers(path: string): void {
    const folder = dirname(path);
    for (const name of readdirSync(folder)) {
        if (!name.startsWith(`${basename(path)}.`)) continue;
        const writer = /^(?:lock\.)?(\d+)-[\da-f-]{36}\.tmp$/.exec(name.slice(basename(path).length + 1))?.[1];
        if (writer !== undefined && !isAlive(Number(writer)))
            rmSync(join(folder, name), { recursive: true, force: true });
    }
}

/** Who holds a lock; nobody where it is gone by now. */
function holdersOf(lock: string): readonly string[] {
    try {
        return readdirSync(lock);
    } catch (cause) {
        if (hasCode(cause, "ENOENT")) return [];
        throw new StateFileError(`the state file's lock ${lock} cannot be read${why(cause)}`, { cause });
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
