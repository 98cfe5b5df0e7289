import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Account, type Seen } from "./account.js";
import type { BenchEngine, BenchStack, EngineOperation, ProgramName } from "./engine.js";
import { takeUsages, type Usages, usageEnvironment } from "./usage.js";

/** What is done with keys in the order of their life; each is one operation of the engine. */
export const STEPS = [
    { name: "up from nothing", operation: "up", qpm: 100 },
    { name: "preview, no change", operation: "preview", qpm: 100 },
    { name: "up, no change", operation: "up", qpm: 100 },
    { name: "up, one limit changed on all", operation: "up", qpm: 101 },
    { name: "refresh", operation: "refresh", qpm: 101 },
    { name: "destroy", operation: "destroy", qpm: 101 },
] as const satisfies readonly { name: string; operation: EngineOperation; qpm: number }[];

/** The name of one of {@link STEPS}. */
export type Step = (typeof STEPS)[number]["name"];

/** What one operation came to. */
export interface Measured {
    readonly program: ProgramName;
    readonly keys: number;
    readonly round: number;
    readonly step: Step;
    readonly seconds: number;
    readonly seen: Seen;
    readonly usages: Usages;
    /** Of the state file afterwards. */
    readonly stateBytes: number;
}

/**
 * Measures the life of keys in each of some programs, which take turns at every step: whatever else the machine does
 * falls on all of them alike.
 *
 * @param tell takes a line for whoever waits
 */
export async function measureLife(
    engine: BenchEngine,
    programs: readonly ProgramName[],
    keys: number,
    round: number,
    tell: (line: string) => void,
): Promise<Measured[]> {
    const lives = await Promise.all(programs.map((program) => Life.open(engine, program, keys, round)));
    const measured: Measured[] = [];
    try {
        for (const [index, { name }] of STEPS.entries()) {
            const first = (round + index) % lives.length;
            for (const life of [...lives.slice(first), ...lives.slice(0, first)]) {
                const one = await life.live(name);
                measured.push(one);
                tell(`${keys} keys, round ${round + 1}, ${life.program}: ${name}, ${one.seconds.toFixed(1)} s`);
            }
        }
    } finally {
        await Promise.all(lives.map((life) => life.close()));
    }
    return measured;
}

/** One program's stack, its account, and where its processes write what they used. */
class Life {
    private constructor(
        readonly program: ProgramName,
        private readonly keys: number,
        private readonly round: number,
        private readonly stack: BenchStack,
        private readonly account: Account,
        private readonly usageFolder: string,
    ) {}

    static async open(engine: BenchEngine, program: ProgramName, keys: number, round: number): Promise<Life> {
        const usageFolder = mkdtempSync(join(tmpdir(), "pulumi-xai-usage-"));
        const account = await Account.open({ emulator: {}, otherKeys: keys });
        const stack = await engine.open(program, {
            ...account.env,
            ...usageEnvironment(usageFolder),
            BENCH_COUNT: String(keys),
        });
        return new Life(program, keys, round, stack, account, usageFolder);
    }

    async live(step: Step): Promise<Measured> {
        const { program, keys, round } = this;
        const { operation, qpm } = stepNamed(step);
        this.stack.setEnvironment({ BENCH_QPM: String(qpm) });
        await this.account.seen();
        const start = performance.now();
        await this.stack.run(operation);
        const seconds = (performance.now() - start) / 1000;
        const [seen, usages] = [await this.account.seen(), await takeUsages(this.usageFolder)];
        return { program, keys, round, step, seconds, seen, usages, stateBytes: this.stack.stateBytes() };
    }

    async close(): Promise<void> {
        await this.stack.close();
        await this.account.close();
        rmSync(this.usageFolder, { recursive: true, force: true });
    }
}

/** The step of that name. */
export function stepNamed(name: Step): (typeof STEPS)[number] {
    const found = STEPS.find((step) => step.name === name);
    if (found === undefined) {
        throw new RangeError(`there is no step ${name}`);
    }
    return found;
}
