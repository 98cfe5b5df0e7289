/**
 * `npm run bench`: what keys cost, as counts and as ratios between things that were measured side by side in one run. One
 * table at the end; what is under way goes to stderr. `docs/speed.md` says what the figures mean.
 */
import { availableParallelism } from "node:os";
import { type BenchEngine, benchEngine, type ProgramName } from "./engine.js";
import { footprint, importTime } from "./footprint.js";
import { LATENCY, LATENCY_KEYS, underLatency } from "./latency.js";
import { type Measured, measureLife } from "./life.js";
import { COLUMNS, growthRows, lifeRows } from "./lifeRows.js";
import { LIMITS, underLimit } from "./limits.js";
import { type Parameters, type Part, readParameters } from "./parameters.js";
import { PROPAGATION_KEYS, SLOWEST, waitForPropagation } from "./propagation.js";
import { ALONE_STEPS, LANES } from "./providerAlone.js";
import { spreadOf } from "./spread.js";
import { alignedTable, count, decimals, type Row, spreadText } from "./table.js";

const started = performance.now();

/** Shows a line of progress. */
function tell(line: string): void {
    process.stderr.write(`${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${line}\n`);
}

/** Runs something once a round. */
async function inRounds<T>(rounds: number, what: string, measure: () => Promise<T>): Promise<T[]> {
    const results: T[] = [];
    for (let round = 0; round < rounds; round += 1) {
        tell(`${what}, round ${round + 1}`);
        results.push(await measure());
    }
    return results;
}

const spread = (values: readonly number[], figure = decimals): string => spreadText(spreadOf(values), figure);

async function importRows(rounds: number): Promise<Row[]> {
    const [, ...times] = await inRounds(2 * rounds + 1, "import", importTime);
    return [
        [`import "pulumi-xai" beside @pulumi/pulumi`],
        ["  time of both, x @pulumi/pulumi alone", spread(times.map(({ pulumi, ours }) => (pulumi + ours) / pulumi))],
        [
            "  ms on top",
            spread(
                times.map(({ ours }) => ours),
                decimals,
            ),
        ],
    ];
}

async function packageRows(): Promise<Row[]> {
    tell("package");
    const { tarball, installed, packages } = await footprint();
    return [
        ["the package, without its peer @pulumi/pulumi"],
        ["  KB to download", count(Math.round(tarball / 1000))],
        ["  KB installed, dependencies included", count(Math.round(installed / 1000))],
        ["  packages", count(packages)],
    ];
}

async function limitRows(rounds: number): Promise<Row[]> {
    // Their limits keep them all from working most of the time.
    const results = await inRounds(rounds, "limits", () => Promise.all(LIMITS.map(underLimit)));
    return LIMITS.flatMap(({ keys, limit }, index): Row[] => {
        const own = results.flatMap((round) => round[index] ?? []);
        const word = limit.retryAfter === "none" ? "without Retry-After" : "with Retry-After";
        const title = `${keys} keys under ${limit.perSecond} requests a second, ${word}`;
        const steps = ALONE_STEPS.flatMap((name): Row[] => {
            const measured = own.filter(({ step }) => step === name);
            const times = measured.flatMap(({ time }) => time ?? []);
            const refused = measured.map((one) => one.refused);
            return [
                [`  ${name}: requests, x needed`, spread(measured.map(({ sent }) => sent))],
                [`  ${name}: refused`, spread(refused, count)],
                ...(times.length === 0 ? [] : [[`  ${name}: time, x the least`, spread(times)] as const]),
            ];
        });
        return [[title], ...steps];
    });
}

async function latencyRows(rounds: number): Promise<Row[]> {
    const results = await inRounds(rounds, "latency", underLatency);
    return [
        [`${LATENCY_KEYS} keys, ${LATENCY} ms away, ${LANES} at once: time, x the least that the calls need`],
        ...ALONE_STEPS.map((step): Row => [`  ${step}`, spread(results.flatMap((round) => round.get(step) ?? []))]),
    ];
}

async function propagationRows(): Promise<Row[]> {
    tell("propagation");
    const { checks, late, time } = await waitForPropagation();
    const mean = checks.reduce((sum, one) => sum + one, 0) / checks.length;
    return [
        [
            `${PROPAGATION_KEYS} keys created, ${SLOWEST / 1000} s until the slowest of 8 clusters knows one, ${LANES} at once`,
        ],
        ["  checks a key", spread(checks, count)],
        ["  checks a key, mean", decimals(mean)],
        ["  the end noticed late, of that time", spread(late)],
        ["  time, x the least", decimals(time)],
    ];
}

/** From here on the tutorial's listing for each key takes longer than all else. */
const TUTORIAL_UP_TO = 300;

async function life(engine: BenchEngine, { keys, rounds }: Parameters): Promise<Row[]> {
    tell("a first life, in which files come into memory, does not count");
    await measureLife(engine, COLUMNS, 1, 0, () => undefined);
    const all: Measured[] = [];
    for (const size of keys) {
        for (let round = 0; round < rounds; round += 1) {
            const tutorial: readonly ProgramName[] = round === 0 && size <= TUTORIAL_UP_TO ? ["tutorial"] : [];
            all.push(...(await measureLife(engine, ["floor", "ours", "laden", ...tutorial], size, round, tell)));
        }
    }
    return [...lifeRows(all), ...growthRows(all)];
}

async function main(): Promise<void> {
    const parameters = readParameters(process.env);
    const { keys, rounds, parts } = parameters;
    const engine = benchEngine();
    const measure: Record<Part, () => Promise<Row[]>> = {
        import: () => importRows(rounds),
        package: packageRows,
        limits: () => limitRows(rounds),
        latency: () => latencyRows(rounds),
        propagation: propagationRows,
        life: () => life(engine, parameters),
    };
    const rows: Row[] = [["min median max, or the one figure", ...COLUMNS]];
    for (const part of parts) {
        rows.push(...(await measure[part]()));
    }
    process.stdout.write(`${alignedTable(rows)}
Node ${process.version}, ${availableParallelism()} processors, ${rounds} rounds (the tutorial: one). The life of keys is measured on
${engine.name}; limits, latency and propagation on the provider alone, asked ${LANES} at a time.
Left out: ${[1, 100, 300, 1000].filter((size) => !keys.includes(size)).join(", ") || "no number of"} keys (BENCH_KEYS), and the tutorial above ${TUTORIAL_UP_TO} keys and under limits, which it does not
outlive.
`);
}

void main();
