import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Lock, withLock } from "../../tools/pulumi-cli/lock.js";

let folder: string;

beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "pulumi-xai-lock-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const locked = <T>(work: (lock: Lock) => Promise<T>) => withLock(folder, () => undefined, work);

/** A process that holds the lock, has something half made, and stays so. */
async function holder(): Promise<ChildProcess> {
    const child = spawn(process.execPath, ["--import", "tsx", resolve(__dirname, "holdLock.ts"), folder], {
        stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const line of createInterface(child.stdout)) {
        expect(line).toBe("holding");
        break;
    }
    return child;
}

test("one at a time works", async () => {
    let working = 0;
    const work = async () => {
        working += 1;
        expect(working).toBe(1);
        await new Promise((done) => setTimeout(done, 20));
        working -= 1;
    };
    await Promise.all(Array.from({ length: 5 }, () => locked(work)));
    expect(existsSync(folder)).toBe(false);
});

test("a lock is released where the work fails", async () => {
    await expect(locked(() => Promise.reject(new Error("full")))).rejects.toThrow("full");
    expect(existsSync(folder)).toBe(false);
});

test("the next process waits for a living holder, and takes over from a killed one with nothing half made left", async () => {
    const child = await holder();
    expect(existsSync(join(folder, "making/half"))).toBe(true);
    let waits = 0;
    const kill = () => {
        waits += 1;
        child.kill("SIGKILL");
    };
    const seen = await withLock(folder, kill, ({ aside }) => readdir(aside), 500);
    expect([waits, seen, existsSync(folder)]).toEqual([1, ["owner"], false]);
});

test("a holder shows its heartbeat as long as it lives", async () => {
    const child = await holder();
    const beat = async () => (await stat(join(folder, "making/owner"))).mtimeMs;
    const first = await beat();
    await expect.poll(beat, { timeout: 60_000 }).toBeGreaterThan(first);
    child.kill("SIGKILL");
});

test("a holder that lost its lock publishes nothing", async () => {
    const place = join(folder, "place");
    await locked(async ({ aside, publish }) => {
        await rm(aside, { recursive: true });
        await locked((other) => expect(publish(other.aside, place)).rejects.toThrow("took over"));
    });
    expect(existsSync(place)).toBe(false);
});
