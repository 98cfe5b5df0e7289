import fc from "fast-check";
import type { Played } from "./play.js";

/** What is checked, and how much. */
export interface Checked<T> {
    /** The test file, for the command that repeats a failure. */
    readonly file: string;
    readonly runs: number;
    /** How many runs are under way at once: most of their time they wait. */
    readonly lanes: number;
    readonly arbitrary: fc.Arbitrary<T>;
    readonly property: (value: T) => Promise<Played>;
    /** How many of each there must be in that many runs, and in proportion in more or fewer: less trouble proves too little. */
    readonly atLeast: Partial<Played>;
}

/** How long a failure is made smaller, in milliseconds. */
const SHRINKING = 30_000;

const COUNTED = ["kills", "faults", "steps"] as const;

const say = (line: string) => process.stdout.write(`${line}\n`);
const env = (name: string): string | undefined => process.env[name];
const number = (name: string): number | undefined => (env(name) === undefined ? undefined : Number(env(name)));

/**
 * Checks a property with fast-check, several runs at once.
 *
 * `MODEL_SEED` repeats the runs of a seed, `MODEL_PATH` beside it a single failure; `MODEL_RUNS` says how many runs. The counts
 * are printed.
 */
export async function check<T>({ file, runs, lanes, arbitrary, property, atLeast }: Checked<T>): Promise<void> {
    const seed = number("MODEL_SEED") ?? Math.floor(Math.random() * 2 ** 31);
    const path = env("MODEL_PATH");
    const wanted = number("MODEL_RUNS") ?? runs;
    say(`model: seed ${seed} (MODEL_SEED=${seed} npx vitest run ${file} repeats it)`);
    const count = path === undefined ? Math.min(lanes, wanted) : 1;
    let played = 0;
    const sums = { kills: 0, faults: 0, steps: 0 };
    let failedAt: number | undefined;
    const begun = Date.now();
    const outcomes = await Promise.all(
        Array.from({ length: count }, async (_, lane) => {
            const outcome = await fc.check(
                fc.asyncProperty(arbitrary, async (value) => {
                    if (failedAt !== undefined && Date.now() - failedAt > SHRINKING) return;
                    played += 1;
                    const counts = await property(value).catch((error: unknown) => {
                        failedAt ??= Date.now();
                        throw error;
                    });
                    for (const what of COUNTED) sums[what] += counts[what];
                }),
                {
                    seed: seed + lane,
                    numRuns: Math.ceil(wanted / count),
                    ...(path === undefined ? {} : { path }),
                },
            );
            return outcome;
        }),
    );
    const { kills, faults, steps } = sums;
    const duration = ((Date.now() - begun) / 1000).toFixed(1);
    say(`model: ${played} histories, ${kills} kills, ${faults} faults struck, ${steps} steps in ${duration} s`);
    const failed = outcomes.find((outcome) => outcome.failed && outcome.counterexample !== null);
    if (failed === undefined) {
        const wanting = COUNTED.filter((what) => sums[what] < Math.floor(((atLeast[what] ?? 0) * played) / runs));
        if (wanting.length > 0 && path === undefined) {
            throw new Error(`too few ${wanting.join(" and ")} for ${played} histories: they prove too little`);
        }
        return;
    }
    const again = `MODEL_SEED=${failed.seed} MODEL_PATH=${failed.counterexamplePath} npx vitest run ${file}`;
    const [sequence] = failed.counterexample ?? [];
    throw new Error(`To play it again: ${again}\n${fc.stringify(sequence)}\n${String(failed.errorInstance)}`);
}
