/**
 * The pace of a whole process: how fast requests may follow each other, learnt from what the API refuses for the rate, so
 * that N resources do not meet a limit N times. Pure but for what it remembers; the queue sleeps.
 */

/** The first distance between two requests after a refusal, in milliseconds. */
export const FIRST_INTERVAL = 100;
/** The largest distance, in milliseconds. */
export const LARGEST_INTERVAL = 5000;
/** By how much a request that gets through shortens the first distance, which is a guess. */
const SEARCH = 0.05;
/** By how much a distance is stretched that was soon refused. */
const STRETCH = 1.2;
/** From so few requests that got through no rate is measured. */
const FEW = 8;
/** How much slower than what was measured the process goes. */
const MARGIN = 1.02;
/** How many requests get through at a measured distance before it is shortened again, and for how many pauses it is held. */
const HOLD = 60;
const HOLD_PAUSES = 15;
/** By how much more each further request shortens it, and by how much one does at most. */
const QUICKENING = 0.001;
const QUICKEST = 0.01;
/** A shorter time measures what the API lets through at once, and not its rate; in milliseconds. */
const LEAST_MEASURED = 1000;

/** When a request may be sent, if the turn still stands by then. */
export interface Turn {
    readonly at: number;
    readonly round: number;
}

/**
 * Starts without a distance. Between two refusals a limit lets through what it allows in that time, so that each of them
 * measures it; the first one, before which the API's patience was used up as well, begins with a guess. What a limit lets
 * through at once after a silence is sent at once after a pause. In between the pace is held for a while, and then slowly
 * raised.
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
    /** When what is measured began: the last refusal, or the first request. */
    #since: number | undefined;
    /** Whether the distance is still a guess. */
    #searching = true;
    /** How many requests got through since then, and how long they were made to pause first. */
    #accepted = 0;
    #pause = 0;
    /** How many the API took at once before its first refusal, and how many may go at once after a pause. */
    #patience = 0;
    #atOnce = 0;
    /** Turns that were given out ahead, and the distance of each from the one before. */
    #ahead: { readonly at: number; readonly distance: number }[] = [];

    /** The distance between two requests now, in milliseconds. */
    get interval(): number {
        return this.#interval;
    }

    /** Takes the next free turn. */
    turn(now: number): Turn {
        this.#since ??= now;
        const from = Math.max(now, this.#pausedUntil);
        const isAtOnce = this.#atOnce > 0;
        const at = isAtOnce ? from : Math.max(from, this.#nextTurn);
        this.#atOnce -= isAtOnce ? 1 : 0;
        this.#nextTurn = at + this.#interval;
        this.#ahead.push({ at, distance: isAtOnce ? 0 : this.#interval });
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
            if (this.#refusedAt === undefined) {
                this.#meetFirst(now, pause);
            } else {
                this.#interval = Math.min(LARGEST_INTERVAL, this.#learn(this.#distanceAt(sentAt), now));
                this.#pause = pause ?? this.#interval;
                this.#atOnce = severalOf(Math.min(this.#patience, this.#pause / this.#interval));
            }
            this.#refusedAt = now;
            this.#since = now;
            this.#accepted = 0;
            this.#pausedUntil = Math.max(this.#pausedUntil, now + this.#pause);
            this.#ahead = [];
            this.#round += 1;
            this.#nextTurn = 0;
        } else if (pause !== undefined) {
            this.#pausedUntil = Math.max(this.#pausedUntil, now + pause);
        }
    }

    /** Notes a request that was not refused. */
    accepted(sentAt: number): void {
        if (this.#refusedAt !== undefined && sentAt <= this.#refusedAt) {
            return;
        }
        this.#accepted += 1;
        const distance = this.#distanceAt(sentAt);
        if (this.#refusedAt === undefined || distance === 0) {
            return;
        }
        this.#interval *= 1 - this.#quicker(sentAt - this.#refusedAt);
        if (this.#interval < 1) {
            this.#interval = 0;
        }
    }

    /** How far a request that was sent was from the one before. */
    #distanceAt(sentAt: number): number {
        const later = this.#ahead.findIndex(({ at }) => at > sentAt);
        const passed = later === -1 ? this.#ahead.length - 1 : later - 1;
        this.#ahead.splice(0, Math.max(0, passed));
        return this.#ahead[0]?.distance ?? this.#interval;
    }

    #quicker(sinceRefusal: number): number {
        if (this.#searching) {
            return SEARCH;
        }
        return sinceRefusal < HOLD_PAUSES * this.#pause
            ? 0
            : Math.min(QUICKEST, QUICKENING * Math.max(0, this.#accepted - HOLD));
    }

    #meetFirst(now: number, pause: number | undefined): void {
        const time = now - (this.#since ?? now);
        this.#pause = pause ?? FIRST_INTERVAL;
        this.#searching = time < LEAST_MEASURED || this.#accepted < FEW;
        if (this.#searching) {
            this.#patience = this.#accepted;
            this.#interval =
                this.#pause < LEAST_MEASURED
                    ? FIRST_INTERVAL
                    : Math.min(FIRST_INTERVAL, this.#pause / Math.max(1, this.#patience));
        } else {
            // Requests came by themselves at about the rate that is allowed: nothing shows what may come at once.
            this.#interval = (time / this.#accepted) * MARGIN;
            this.#patience = Math.floor(LEAST_MEASURED / this.#interval);
        }
        // As many as at first: it shows how many the pause has made up for.
        this.#atOnce = severalOf(this.#patience);
    }

    /** @param distance - The one that was refused: it is too short. */
    #learn(distance: number, now: number): number {
        const time = now - (this.#since ?? now);
        const enough = this.#accepted >= FEW + 2 * this.#patience;
        // What got through is allowed at least. A pause in which the API's patience was full again measured nothing.
        const slowest = time / Math.max(1, this.#accepted);
        const idle = Math.max(0, this.#pause - this.#patience * slowest);
        const measured = (time - idle) / Math.max(1, this.#accepted);
        this.#searching = false;
        if (distance === 0) {
            return measured * MARGIN;
        }
        return (enough ? Math.sqrt(distance * Math.max(distance, measured)) : distance * STRETCH) * MARGIN;
    }
}

/** How many turns go at once: a single one is a turn as any other. */
function severalOf(turns: number): number {
    return turns < 2 ? 0 : Math.floor(turns);
}
