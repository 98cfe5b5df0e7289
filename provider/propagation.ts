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

/**
 * The pause before the next check, in milliseconds; `undefined` when the time is up. The last pause is cut so that the
 * last check falls on the limit.
 *
 * @param checks - How many checks were made, 1 or more.
 * @param waited - How long the wait has taken so far, in milliseconds.
 * @param limit - How long it may take, in milliseconds.
 * @param random - In [0, 1).
 */
export function nextCheck(checks: number, waited: number, limit: number, random: number): number | undefined {
    if (waited >= limit) {
        return undefined;
    }
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * PAUSE_GROWTH ** (checks - 1));
    return Math.min(limit - waited, pause * (1 - PAUSE_JITTER * random));
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
