/** How much is measured: the environment shortens it. */
export interface Parameters {
    /** Numbers of keys whose whole life is measured, the smallest first. */
    readonly keys: readonly number[];
    /** How often each thing is measured beside what it is held against. */
    readonly rounds: number;
    /** Which parts run. */
    readonly parts: readonly Part[];
}

/** The parts of the benchmark, in the order in which they run. */
export const PARTS = ["import", "package", "limits", "latency", "propagation", "life"] as const;
/** One of {@link PARTS}. */
export type Part = (typeof PARTS)[number];

/** What runs where the environment says nothing: it takes about a quarter of an hour on two processors. */
export const DEFAULTS: Parameters = { keys: [1, 100, 300], rounds: 3, parts: PARTS };

/**
 * Reads `BENCH_KEYS` (`1,100,300`), `BENCH_ROUNDS` (`3`) and `BENCH_ONLY` (`life,limits`).
 *
 * @throws {RangeError} that says what is wrong and what is allowed
 */
export function readParameters(environment: Readonly<Record<string, string | undefined>>): Parameters {
    const given = (name: string): string[] | undefined => environment[name]?.split(",").map((text) => text.trim());
    return {
        keys:
            given("BENCH_KEYS")
                ?.map((text) => wholeNumber("BENCH_KEYS", text))
                .sort((left, right) => left - right) ?? DEFAULTS.keys,
        rounds: wholeNumber("BENCH_ROUNDS", environment["BENCH_ROUNDS"] ?? String(DEFAULTS.rounds)),
        parts: given("BENCH_ONLY")?.map(part) ?? DEFAULTS.parts,
    };
}

function wholeNumber(name: string, text: string): number {
    if (!/^[1-9]\d{0,4}$/.test(text)) {
        throw new RangeError(`${name} takes whole numbers from 1, not "${text}"`);
    }
    return Number(text);
}

function part(text: string): Part {
    const known = PARTS.find((each) => each === text);
    if (known === undefined) {
        throw new RangeError(`BENCH_ONLY takes ${PARTS.join(", ")}, not "${text}"`);
    }
    return known;
}
