/**
 * The pace of a whole process: one refusal for the rate slows everybody, so that N resources do not meet a limit N times.
 * Pure but for what it remembers; the HTTP core sleeps.
 */

/** The first distance between two requests after a refusal, in milliseconds. */
export const FIRST_INTERVAL = 100;
/** The largest distance, in milliseconds. */
export const LARGEST_INTERVAL = 5000;
/** By how much a refusal stretches the distance, and a success shrinks it. */
export const STRETCH = 1.6;
export const SHRINK = 0.97;

/**
 * Starts without a distance; refusals teach one, successes give it back slowly.
 *
 * @example
 * const at = pace.turn(now);        // wait until then, and ask again if pausedAt(then)
 * pace.refused(sentAt, now, 1000);  // a 429 with Retry-After: 1
 */
export class Pace {
    #interval = 0;
    #nextTurn = 0;
    #pausedUntil = 0;
    /** When the distance was last stretched: requests sent before that met the old one. */
    #stretchedAt = Number.NEGATIVE_INFINITY;

    /** The distance between two requests now, in milliseconds. */
    get interval(): number {
        return this.#interval;
    }

    /** Takes the next free turn, and says when it is, in milliseconds since 1970. */
    turn(now: number): number {
        const at = Math.max(now, this.#pausedUntil, this.#nextTurn);
        this.#nextTurn = at + this.#interval;
        return at;
    }

    /** Whether a pause began that a turn taken earlier has to sit out. */
    pausedAt(now: number): boolean {
        return now < this.#pausedUntil;
    }

    /** Notes a refusal for the rate. Refusals of requests that were under way together count once. */
    refused(sentAt: number, now: number, pause: number): void {
        if (sentAt > this.#stretchedAt) {
            this.#interval = Math.min(LARGEST_INTERVAL, Math.max(FIRST_INTERVAL, this.#interval * STRETCH));
            this.#stretchedAt = now;
            // The turns that were given out before are void: all ask again after the pause.
            this.#nextTurn = 0;
        }
        this.#pausedUntil = Math.max(this.#pausedUntil, now + pause);
    }

    /** Notes a request that was not refused. */
    accepted(): void {
        this.#interval = this.#interval < FIRST_INTERVAL / 10 ? 0 : this.#interval * SHRINK;
    }
}
