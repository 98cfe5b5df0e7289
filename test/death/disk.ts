import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How much a disk holds, in bytes: enough for the state, its backups and its history many times over. */
const SIZE = 8 * 1024 * 1024;

/** How many files and folders it holds. */
const FILES = 256;

/** A file system of its own, in memory, that a test fills to its last byte. */
export class Disk {
    /** Where things may be kept on it. */
    readonly folder: string;
    readonly #filler: string;

    private constructor(readonly mountPoint: string) {
        this.folder = join(mountPoint, "kept");
        this.#filler = join(mountPoint, "filler");
    }

    /**
     * Mounts one on a folder that is made for it.
     *
     * @throws where this machine does not allow it
     */
    static mount(mountPoint: string): Disk {
        mkdirSync(mountPoint);
        run("mount", "-t", "tmpfs", "-o", `size=${SIZE},nr_inodes=${FILES}`, "tmpfs", mountPoint);
        const disk = new Disk(mountPoint);
        mkdirSync(disk.folder);
        return disk;
    }

    /** Takes all the room that is left, for bytes and for files. */
    fill(): void {
        mkdirSync(this.#filler);
        const block = Buffer.alloc(4096);
        const file = openSync(join(this.#filler, "bytes"), "w");
        untilFull(() => writeSync(file, block));
        closeSync(file);
        let count = 0;
        untilFull(() => {
            closeSync(openSync(join(this.#filler, `${count}`), "w"));
            count += 1;
        });
    }

    /** Gives it back. */
    makeRoom(): void {
        rmSync(this.#filler, { recursive: true });
    }

    unmount(): void {
        // Even where something still has a file on it open.
        run("umount", "--lazy", this.mountPoint);
    }
}

/** Why no disk can be mounted here; `undefined` where one can. */
export function noDisk(): string | undefined {
    const folder = mkdtempSync(join(tmpdir(), "pulumi-xai-disk-"));
    try {
        Disk.mount(join(folder, "disk")).unmount();
        return undefined;
    } catch (error) {
        return `no small file system can be mounted here: ${error instanceof Error ? error.message : String(error)}`;
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

function run(command: string, ...args: readonly string[]): void {
    const { error, status, stderr } = spawnSync(command, args, { encoding: "utf8" });
    if (error !== undefined || status !== 0) {
        throw new Error(error?.message ?? `${command} ended with ${status}: ${stderr.trim()}`);
    }
}

function untilFull(write: () => void): void {
    try {
        for (;;) {
            write();
        }
    } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) {
            throw error;
        }
    }
}
