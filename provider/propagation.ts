import type { ApiKeyInputs } from "./apiKeyInputs.js";
import { parseDuration } from "./duration.js";

/**
 * When to ask whether a new key works everywhere. Pure: the lifecycle asks, sleeps and shows.
 */

/** How long a create waits unless told otherwise, in milliseconds. */
export const DEFAULT_PROPAGATION_TIMEOUT = 5 * 60_000;

/** The first pause, in milliseconds. */
export const FIRST_PAUSE = 250;
/** By how much each pause grows. */
export const PAUSE_GROWTH = 1.5;
/** The longest pause, in milliseconds. */
export const LONGEST_PAUSE = 10_000;
/** How much of a pause is left to chance, so that many keys do not ask at the same moment. */
export const PAUSE_JITTER = 0.2;

/** The limit of the wait, in milliseconds, or `undefined` where the program does not want one at all. */
export function propagationLimit(news: ApiKeyInputs): number | undefined {
    if (news.waitForPropagation === false) {
        return undefined;
    }
    return parseDuration(news.propagationTimeout ?? "") ?? DEFAULT_PROPAGATION_TIMEOUT;
}

/** How long new keys of this process took to be known everywhere: more than the one and at most the other, in milliseconds. */
export interface Took {
    readonly over: number;
    readonly atMost: number;
}

/** What is learnt from less is not worth a plan, in milliseconds. */
const LEAST_PLANNED = FIRST_PAUSE;
/** By how much both bounds may differ before a check between them is worth while. */
const WIDE = 1.1;
/** What part of the known time is waited once more where it was not enough. */
const STEP = 1 / 20;

/**
 * What a key that came through adds to what was known. Where it contradicts that, it is right: things change.
 *
 * @param over - How long after the key's creation the last check was that said no, in milliseconds; 0 for none.
 * @param atMost - How long after it the one was that said yes.
 */
export function learnt(known: Took | undefined, over: number, atMost: number): Took {
    if (known === undefined || over >= known.atMost || atMost <= known.over) {
        return { over, atMost };
    }
    return { over: Math.max(over, known.over), atMost: Math.min(atMost, known.atMost) };
}

/**
 * The pause before the next check, in milliseconds; `undefined` when the time is up. The last pause is cut so that the
 * last check falls on the limit.
 *
 * As long as nothing is known, checks come in growing pauses: until a time T they are about log(1 + T / 0.5 s) / log 1.5, and
 * the end is noticed a quarter of T late on average, half of it at most. Once other keys have shown how long it takes, a new
 * one is asked for after half of that, in case it goes faster by now, and then when it should be through: one check is wasted
 * a key, and the end is noticed a twentieth late or less.
 *
 * @param checks - How many checks were made; before the first of them there is a pause only where it is known how long it takes.
 * @param waited - How long the wait has taken so far, in milliseconds.
 * @param limit - How long it may take, in milliseconds.
 * @param random - In [0, 1).
 * @param known - How long other keys took; only for one that was made just now.
 */
export function nextCheck(
    checks: number,
    waited: number,
    limit: number,
    random: number,
    known?: Took,
): number | undefined {
    if (waited >= limit) {
        return undefined;
    }
    return Math.min(limit - waited, isPlanned(known) ? planned(waited, known) : growing(checks, random));
}

function isPlanned(known: Took | undefined): known is Took {
    return known !== undefined && known.atMost >= LEAST_PLANNED;
}

function growing(checks: number, random: number): number {
    if (checks === 0) {
        return 0;
    }
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * PAUSE_GROWTH ** (checks - 1));
    return pause * (1 - PAUSE_JITTER * random);
}

function planned(waited: number, { over, atMost }: Took): number {
    const between = atMost > WIDE * over ? [Math.sqrt(over * atMost)] : [];
    const next = [atMost / 2, ...between, atMost].find((time) => time > waited);
    const pause = next === undefined ? Math.max(STEP * atMost, (waited - atMost) / 2) : next - waited;
    return Math.min(LONGEST_PAUSE, pause);
}

/** How far a key has come. */
export interface Progress {
    readonly done: boolean;
    /** The clusters that do not know the key yet. */
    readonly missing: readonly string[];
    readonly total: number;
}

/** Reads one answer. A key is through when every cluster says so; an answer without clusters says nothing yet. */
export function propagationProgress(clusters: Readonly<Record<string, boolean>>): Progress {
    const missing = Object.keys(clusters).filter((cluster) => !clusters[cluster]);
    const total = Object.keys(clusters).length;
    return { done: total > 0 && missing.length === 0, missing, total };
}

/** The progress in words: which clusters are still missing. */
export function describeProgress(progress: Progress): string {
    if (progress.total === 0) {
        return "the API names no cluster yet";
    }
    return `${progress.total - progress.missing.length} of ${progress.total} clusters, missing ${progress.missing.join(", ")}`;
}
