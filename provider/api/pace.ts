/**
 * The pace of a whole process: how fast requests may follow each other, learnt from what the API refuses for the rate, so
 * that N resources do not meet a limit N times. Pure but for what it remembers; the queue sleeps.
 */

/** The first distance between two requests after a refusal, in milliseconds. */
export const FIRST_INTERVAL = 100;
/** The largest distance, in milliseconds. */
export const LARGEST_INTERVAL = 5000;
/** By how much a refusal stretches the distance at most; by half where this many requests got through before it. */
const STRETCH = 0.8;
const FEW = 8;
/** By how much a request that gets through shortens the first distance, which is a guess. */
const SEARCH = 0.05;
/** How much slower than what was measured the process goes. */
const MARGIN = 1.03;
/** How many requests get through at a measured distance before it is shortened again. */
const HOLD = 60;
/** By how much more each further request shortens it, and by how much one does at most. */
const QUICKENING = 0.001;
const QUICKEST = 0.03;

/** When a request may be sent, if the turn still stands by then. */
export interface Turn {
    readonly at: number;
    readonly round: number;
}

/**
 * Starts without a distance. The first refusal sets one; every later one measures: between two refusals a limit lets
 * through what it allows in that time. In between the pace is held for a while, and then slowly raised.
 *
 * All instants are of one monotonic clock, in milliseconds.
 *
 * @example
 * const turn = pace.turn(now);      // wait until turn.at, and take another one unless stands(turn, then)
 * pace.refused(sentAt, now, 1000);  // a 429 with Retry-After: 1
 */
export class Pace {
    #interval = 0;
    #nextTurn = 0;
    #pausedUntil = 0;
    #round = 0;
    /** When the distance was last set by a refusal: requests sent before that met the old one. */
    #refusedAt: number | undefined;
    /** Whether the distance is still the first guess. */
    #searching = true;
    /** How many requests got through since the last refusal, and how long it had them wait. */
    #accepted = 0;
    #pause = 0;

    /** The distance between two requests now, in milliseconds. */
    get interval(): number {
        return this.#interval;
    }

    /** Takes the next free turn. */
    turn(now: number): Turn {
        const at = Math.max(now, this.#pausedUntil, this.#nextTurn);
        this.#nextTurn = at + this.#interval;
        return { at, round: this.#round };
    }

    /** Whether a turn that has come still stands: a refusal voids all that were given out before, and may begin a pause. */
    stands(turn: Turn, now: number): boolean {
        return turn.round === this.#round && now >= this.#pausedUntil;
    }

    /**
     * Notes a refusal for the rate. Refusals of requests that were under way together count once.
     *
     * @param pause - What the API asked for in `Retry-After`, in milliseconds: it holds for everybody.
     */
    refused(sentAt: number, now: number, pause: number | undefined): void {
        if (this.#refusedAt === undefined || sentAt > this.#refusedAt) {
            this.#interval = this.#learn(now);
            this.#refusedAt = now;
            this.#accepted = 0;
            this.#pause = pause ?? this.#interval;
            this.#pausedUntil = Math.max(this.#pausedUntil, now + this.#pause);
            this.#round += 1;
            this.#nextTurn = 0;
        } else if (pause !== undefined) {
            this.#pausedUntil = Math.max(this.#pausedUntil, now + pause);
        }
    }

    /** Notes a request that was not refused. */
    accepted(sentAt: number): void {
        if (this.#refusedAt === undefined || sentAt <= this.#refusedAt) {
            return;
        }
        this.#accepted += 1;
        const quicker = this.#searching ? SEARCH : Math.min(QUICKEST, QUICKENING * Math.max(0, this.#accepted - HOLD));
        this.#interval *= 1 - quicker;
        if (this.#interval < 1) {
            this.#interval = 0;
        }
    }

    #learn(now: number): number {
        if (this.#refusedAt === undefined || this.#interval === 0) {
            this.#searching = true;
            return FIRST_INTERVAL;
        }
        this.#searching = false;
        // The sooner the refusal, the further off the distance was.
        const stretched = this.#interval * (1 + STRETCH / (1 + this.#accepted / FEW));
        const measured = (now - this.#refusedAt) / Math.max(1, this.#accepted);
        return Math.min(LARGEST_INTERVAL, Math.max(this.#interval * MARGIN, Math.min(stretched, measured * MARGIN)));
    }
}
