import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { StateLockedError } from "../../../sdk/testing/engine/index.js";
import { lockStateFile } from "../../../sdk/testing/engine/stateFile.js";

/** Who held a lock that was left behind. */
const GONE = "999999999-6f1d0f0e-0c1f-4a39-9a3c-2f7a9f0f5c11";

/** A process that takes the locks of `file-0`, `file-1`, … over, each when the other one does. Ends with those that it got. */
function startRacer(file: string, name: string, rounds: number): { child: ChildProcess; result: Promise<number[]> } {
    const racer = join(__dirname, "fixtures", "lockRacer.ts");
    const args = ["--import", "tsx", racer, file, name, String(rounds)];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
        output += chunk.toString();
    });
    const result = once(child, "close").then(() => z.array(z.number()).parse(JSON.parse(output)));
    return { child, result };
}

let folder: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "engine-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a lock on a state file", () => {
    test("is held by one operation at a time", () => {
        const file = join(folder, "state.json");
        const unlock = lockStateFile(file);
        expect(() => lockStateFile(file)).toThrow(StateLockedError);
        expect(() => lockStateFile(file)).toThrow(/of this process/);
        unlock();
        lockStateFile(file)();
    });

    test("left behind by a process that is gone is taken over", () => {
        const file = join(folder, "state.json");
        mkdirSync(`${file}.lock`);
        writeFileSync(join(`${file}.lock`, GONE), "");
        const unlock = lockStateFile(file);
        expect(() => lockStateFile(file)).toThrow(/of this process/);
        unlock();
        expect(readdirSync(folder)).toEqual([]);
    });

    test("is nobody's where its holder was killed while it gave it back", () => {
        const file = join(folder, "state.json");
        mkdirSync(`${file}.lock`);
        lockStateFile(file)();
        expect(readdirSync(folder)).toEqual([]);
    });

    test("is taken over by one of two processes that try at once", { timeout: 60_000 }, async () => {
        const file = join(folder, "state.json");
        const rounds = 100;
        for (let round = 0; round < rounds; round++) {
            mkdirSync(`${file}-${round}.lock`);
            writeFileSync(join(`${file}-${round}.lock`, GONE), "");
        }
        const racers = ["one", "other"].map((name) => startRacer(file, name, rounds));
        while (!["one", "other"].every((name) => existsSync(`${file}.${name}-ready`))) {
            for (const { child } of racers) expect(child.exitCode, "a racer that ended before the race").toBeNull();
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
        writeFileSync(`${file}.go`, String(Date.now() + 100));
        const won = (await Promise.all(racers.map(({ result }) => result))).flat();
        const winners = Array.from({ length: rounds }, (_, round) => won.filter((one) => one === round).length);
        expect(winners).toEqual(Array.from({ length: rounds }, () => 1));
    });

    test("is given back by its holder alone", () => {
        const file = join(folder, "state.json");
        const unlock = lockStateFile(file);
        // Someone who holds it for left behind.
        rmSync(`${file}.lock`, { recursive: true });
        const unlockNext = lockStateFile(file);
        unlock();
        expect(() => lockStateFile(file)).toThrow(StateLockedError);
        unlockNext();
        lockStateFile(file)();
    });

    test("is not taken away where this engine did not make it", () => {
        const file = join(folder, "state.json");
        mkdirSync(`${file}.lock`);
        writeFileSync(join(`${file}.lock`, "mine"), "");
        expect(() => lockStateFile(file)).toThrow('another operation (of "mine") is at work');
        rmSync(`${file}.lock`, { recursive: true });
        writeFileSync(`${file}.lock`, "mine");
        expect(() => lockStateFile(file)).toThrow("cannot be written (ENOTDIR)");
        expect(readFileSync(`${file}.lock`, "utf8")).toBe("mine");
    });

    test("that cannot be written leaves none that names nobody", () => {
        expect(() => lockStateFile(join(folder, "no", "state.json"))).toThrow(/cannot be written \(ENOENT\)/);
        const file = join(folder, "state.json");
        const unlock = lockStateFile(file);
        expect(readdirSync(folder)).toEqual(["state.json.lock"]);
        expect(readdirSync(`${file}.lock`)).toEqual([expect.stringMatching(`^${process.pid}-`)]);
        unlock();
    });

    test("removes what a process that was killed had begun to write, and not what another is writing", () => {
        const file = join(folder, "state.json");
        const left = (name: string, pid: number): string => `${name}.${pid}-6f1d0f0e-0c1f-4a39-9a3c-2f7a9f0f5c11.tmp`;
        const others = ["state.json.tmp", left("state.json.dev", 999_999_999), left("state.json", process.pid)];
        for (const name of [left("state.json", 999_999_999), ...others]) writeFileSync(join(folder, name), "");
        mkdirSync(join(folder, left("state.json.lock", 999_999_999)));
        writeFileSync(join(folder, left("state.json.lock", 999_999_999), GONE), "");
        lockStateFile(file)();
        expect(readdirSync(folder).sort()).toEqual(others.sort());
    });
});
