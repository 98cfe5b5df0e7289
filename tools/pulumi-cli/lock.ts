/**
 * A lock for whoever makes something in a folder. The lock is a folder itself, `making`, and what is made lies in it: whoever takes
 * over the lock of a killed holder takes its half-made things out of the way with the same rename.
 */
import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, rmdir, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const HEARTBEAT_MS = 2_000;
const POLL_MS = 250;
/** A holder that showed no heartbeat for so long is taken for dead. */
const SILENCE_MS = 15_000;

const isCode = (error: unknown, ...codes: readonly string[]) =>
    error instanceof Error && "code" in error && codes.includes(String(error.code));
const ignoreMissing = (error: unknown) => {
    if (!isCode(error, "ENOENT")) {
        throw error;
    }
};

/** What a holder may do with its lock. */
export interface Lock {
    /** A folder for half-made things, which goes with the lock. */
    readonly aside: string;
    /** Moves a finished folder out of {@link aside}, in place of what is there. Fails if the lock was taken over. */
    publish(from: string, to: string): Promise<void>;
}

/**
 * Waits for the lock of a folder, works, and releases it.
 *
 * @param onWait Called once where another process holds the lock.
 * @param silence How long a holder without a heartbeat is waited for, in milliseconds.
 */
export async function withLock<T>(
    folder: string,
    onWait: () => void,
    work: (lock: Lock) => Promise<T>,
    silence = SILENCE_MS,
): Promise<T> {
    const token = randomUUID();
    await acquire(folder, token, onWait, silence);
    const making = join(folder, "making");
    const beat = setInterval(() => {
        const now = new Date();
        // Fails where the lock was taken over: `publish` notices.
        utimes(join(making, "owner"), now, now).catch(() => undefined);
    }, HEARTBEAT_MS);
    try {
        return await work({
            aside: making,
            async publish(from, to) {
                if ((await ownerOf(making)) !== token) {
                    throw new Error("another process took over the lock");
                }
                await rename(to, join(making, "replaced")).catch(ignoreMissing);
                await rename(from, to);
            },
        });
    } finally {
        clearInterval(beat);
        await takeAway(folder, token);
        // A folder with nothing in it is nothing to leave behind.
        await rmdir(folder).catch(() => undefined);
    }
}

async function acquire(folder: string, token: string, onWait: () => void, silence: number): Promise<void> {
    const making = join(folder, "making");
    const mine = join(folder, `aside-${token}`);
    let heard = { beat: "", at: 0 };
    let isWaiting = false;
    while (!(await moveIn(mine, making, token))) {
        const owner = await ownerOf(making);
        const beat = `${owner} ${await heartbeatOf(making)}`;
        if (beat !== heard.beat) {
            heard = { beat, at: performance.now() };
        }
        if (performance.now() - heard.at > silence) {
            await takeAway(folder, owner);
            continue;
        }
        if (!isWaiting) {
            isWaiting = true;
            onWait();
        }
        await delay(POLL_MS);
    }
    // What processes left beside the lock when they were killed.
    const left = (await readdir(folder)).filter((name) => name.startsWith("aside-"));
    const gone = left.map((name) => rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined));
    await Promise.all(gone);
}

/** Tries to become the holder. A folder replaces no folder that has something in it: one process only gets its folder there. */
async function moveIn(mine: string, making: string, token: string): Promise<boolean> {
    await mkdir(mine, { recursive: true });
    try {
        await writeFile(join(mine, "owner"), token);
        await rename(mine, making);
        return true;
    } catch (error) {
        // ENOENT: a new holder swept our folder away. Windows says EPERM where there is a folder already.
        if (!isCode(error, "ENOENT", "ENOTEMPTY", "EEXIST", ...(process.platform === "win32" ? ["EPERM"] : []))) {
            throw error;
        }
        return false;
    }
}

/** Moves the lock with this token away, and deletes it with all that lies in it. */
async function takeAway(folder: string, token: string | undefined): Promise<void> {
    const making = join(folder, "making");
    const gone = join(folder, `aside-${randomUUID()}`);
    await rename(making, gone).catch(ignoreMissing);
    if ((await ownerOf(gone)) !== token) {
        // A third process was faster: its lock goes back. Should that fail, its `publish` does.
        await rename(gone, making).catch(() => undefined);
        return;
    }
    // The processes of a killed holder may write there still: the next holder sweeps once more.
    await rm(gone, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
}

const ownerOf = (making: string) => readFile(join(making, "owner"), "utf8").catch(() => undefined);
const heartbeatOf = (making: string) =>
    stat(join(making, "owner")).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
    );
