import type { Round } from "./sideBySide.js";

/** What came out lowest, in the middle, and highest. */
export interface Spread {
    readonly min: number;
    readonly median: number;
    readonly max: number;
}

/**
 * The spread of at least one value.
 *
 * @throws {RangeError} where there is none
 */
export function spreadOf(values: readonly number[]): Spread {
    const sorted = [...values].sort((left, right) => left - right);
    const min = sorted[0];
    const max = sorted[sorted.length - 1];
    const lower = sorted[Math.ceil(sorted.length / 2) - 1];
    const upper = sorted[Math.floor(sorted.length / 2)];
    if (min === undefined || max === undefined || lower === undefined || upper === undefined) {
        throw new RangeError("no values have no spread");
    }
    return { min, median: (lower + upper) / 2, max };
}

/** How many times its base something took: the lowest and highest of any round, and between them the medians' ratio. */
export function ratioOf(rounds: readonly Round[]): Spread {
    const { min, max } = spreadOf(rounds.map(({ base, subject }) => subject / base));
    const base = spreadOf(rounds.map((round) => round.base));
    const subject = spreadOf(rounds.map((round) => round.subject));
    return { min, median: subject.median / base.median, max };
}
