import { randomUUID } from "node:crypto";
import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { open, readFile, rename, rm } from "node:fs/promises";
import { StateFileError, StateLockedError } from "./errors.js";
import { parseStateFile, type StateFile } from "./stateFormat.js";

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
    const temporary = `${path}.${randomUUID()}.tmp`;
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
        await rm(temporary, { force: true });
        throw new StateFileError(`the state file ${path} cannot be written`, { cause });
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
    return () => rmSync(lock, { force: true });
}

function tryLock(lock: string): boolean {
    try {
        const file = openSync(lock, "wx", 0o600);
        writeSync(file, String(process.pid));
        closeSync(file);
        return true;
    } catch (cause) {
        if (hasCode(cause, "EEXIST")) return false;
        throw new StateFileError(`the state file's lock ${lock} cannot be written`, { cause });
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
