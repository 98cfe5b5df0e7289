/**
 * A lock for whoever makes something in a folder. The lock is a folder itself, `making`, and what is made lies in it: whoever takes
 * over the lock of a killed holder takes its half-made things out of the way with the same rename.
 */
import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, rmdir, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";

const HEARTBEAT_MS = 2_000;
const POLL_MS = 250;
/** A holder that showed no heartbeat for so long is taken for dead. */
const SILENCE_MS = 30_000;

const ownerSchema = z.object({ token: z.string(), pid: z.number(), host: z.string() });
type Owner = z.infer<typeof ownerSchema>;

const isCode = (error: unknown, ...codes: readonly string[]) =>
    error instanceof Error && "code" in error && codes.includes(String(error.code));

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
    onWait: (pid: number) => void,
    work: (lock: Lock) => Promise<T>,
    silence = SILENCE_MS,
): Promise<T> {
    const token = randomUUID();
    await acquire(folder, token, onWait, silence);
    const making = join(folder, "making");
    const beat = setInterval(() => {
        const now = new Date();
        // Fails where the lock was taken over: `publish` notices.
        utimes(join(making, "owner.json"), now, now).catch(() => undefined);
    }, HEARTBEAT_MS);
    try {
        return await work({
            aside: making,
            async publish(from, to) {
                if ((await readOwner(making))?.token !== token) {
                    throw new Error("another process took over the lock");
                }
                await rename(to, join(making, "replaced")).catch((error: unknown) => {
                    if (!isCode(error, "ENOENT")) {
                        throw error;
                    }
                });
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

async function acquire(folder: string, token: string, onWait: (pid: number) => void, silence: number): Promise<void> {
    const making = join(folder, "making");
    const mine = join(folder, `aside-${token}`);
    let heard = { beat: "", at: 0 };
    let isWaiting = false;
    for (;;) {
        await mkdir(mine, { recursive: true });
        const owner: Owner = { token, pid: process.pid, host: hostname() };
        try {
            await writeFile(join(mine, "owner.json"), JSON.stringify(owner));
            // A folder replaces no folder that has something in it: one process only gets its folder there.
            await rename(mine, making);
            break;
        } catch (error) {
            // ENOENT: a new holder swept our folder away. Windows says EPERM where there is a folder already.
            const again = ["ENOENT", "ENOTEMPTY", "EEXIST", ...(process.platform === "win32" ? ["EPERM"] : [])];
            if (!isCode(error, ...again)) {
                throw error;
            }
        }
        const holder = await readOwner(making);
        const beat = `${holder?.token} ${await heartbeat(making)}`;
        if (beat !== heard.beat) {
            heard = { beat, at: performance.now() };
        }
        if ((holder !== undefined && isDead(holder)) || performance.now() - heard.at > silence) {
            await takeAway(folder, holder?.token);
            continue;
        }
        if (!isWaiting && holder !== undefined) {
            isWaiting = true;
            onWait(holder.pid);
        }
        await delay(POLL_MS);
    }
    await sweep(folder);
}

/** Moves the lock with this token away, and deletes it with all that lies in it. */
async function takeAway(folder: string, token: string | undefined): Promise<void> {
    const making = join(folder, "making");
    const gone = join(folder, `aside-${randomUUID()}`);
    try {
        await rename(making, gone);
    } catch (error) {
        if (isCode(error, "ENOENT")) {
            return;
        }
        throw error;
    }
    if ((await readOwner(gone))?.token !== token) {
        // A third process was faster: its lock goes back. Should that fail, its `publish` does.
        await rename(gone, making).catch(() => undefined);
        return;
    }
    // The processes of a killed holder may write there still: the next holder sweeps once more.
    await rm(gone, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
}

/** Deletes what processes left beside the lock when they were killed. */
async function sweep(folder: string): Promise<void> {
    const left = (await readdir(folder)).filter((name) => name.startsWith("aside-"));
    await Promise.all(
        left.map((name) => rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined)),
    );
}

async function readOwner(making: string): Promise<Owner | undefined> {
    try {
        return ownerSchema.parse(JSON.parse(await readFile(join(making, "owner.json"), "utf8")));
    } catch {
        return undefined;
    }
}

async function heartbeat(making: string): Promise<number> {
    try {
        return (await stat(join(making, "owner.json"))).mtimeMs;
    } catch {
        return 0;
    }
}

/** Whether the holder ran on this machine and is gone. */
function isDead(owner: Owner): boolean {
    if (owner.host !== hostname()) {
        return false;
    }
    try {
        process.kill(owner.pid, 0);
        return false;
    } catch (error) {
        return isCode(error, "ESRCH");
    }
}
