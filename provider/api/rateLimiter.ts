import { setTimeout as sleep } from "node:timers/promises";

/** The longest timer that Node has, in milliseconds: almost 25 days. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** A request's turn did not come before its deadline: it was not sent. */
export class QueueTimeout extends Error {}

/** How long a request waits, and in which order. */
export interface Place {
    /** By `performance.now()`, in milliseconds. */
    readonly deadline: number;
    /** A retry goes ahead of requests that were not sent yet. */
    readonly isRetry: boolean;
    /** Ends the wait. */
    readonly signal?: AbortSignal | undefined;
}

/**
 * Limits the requests of a process: how many are under way at once, and how fast they follow each other. The pace is learnt
 * from the API's 429s, so that N resources do not meet a limit N times.
 */
export class RateLimiter {
    readonly pace = new Pace();
    readonly #waiting: (() => void)[] = [];
    #free: number;

    /** @param concurrency - How many requests are under way at once. */
    constructor(concurrency: number) {
        this.#free = concurrency;
    }

    /**
     * Runs a task when its turn comes.
     *
     * @throws {@link QueueTimeout} where that is not before the deadline; the signal's reason; what the task throws.
     */
    async run<T>(task: () => Promise<T>, place: Place): Promise<T> {
        await this.#enter(place);
        try {
            await this.#turn(place);
            return await task();
        } finally {
            const next = this.#waiting.shift();
            if (next === undefined) {
                this.#free += 1;
            } else {
                next();
            }
        }
    }

    async #enter({ deadline, isRetry, signal }: Place): Promise<void> {
        signal?.throwIfAborted();
        if (this.#free > 0) {
            this.#free -= 1;
            return;
        }
        await new Promise<void>((resolve, reject) => {
            const enter = () => {
                stopWaiting();
                resolve();
            };
            const leave = (reason: unknown) => {
                this.#waiting.splice(this.#waiting.indexOf(enter), 1);
                stopWaiting();
                reject(reason);
            };
            const abort = () => leave(signal?.reason);
            const left = Math.min(deadline - performance.now(), LONGEST_TIMER);
            const timer = setTimeout(() => leave(new QueueTimeout()), left);
            const stopWaiting = () => {
                clearTimeout(timer);
                signal?.removeEventListener("abort", abort);
            };
            signal?.addEventListener("abort", abort);
            this.#waiting.splice(isRetry ? 0 : this.#waiting.length, 0, enter);
        });
    }

    async #turn({ deadline, signal }: Place): Promise<void> {
        for (;;) {
            const now = performance.now();
            const turn = this.pace.turn(now);
            if (turn.at >= deadline) {
                throw new QueueTimeout();
            }
            // A timer may fire a little early, and the turn would be lost.
            for (let left = turn.at - now; left > 0; left = turn.at - performance.now()) {
                await pause(left, signal);
            }
            if (this.pace.stands(turn, performance.now())) {
                return;
            }
        }
    }
}

/** Waits, in milliseconds; a signal ends the wait with its reason. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
    await sleep(milliseconds, undefined, signal && { signal }).catch(() => undefined);
    signal?.throwIfAborted();
}
/** The first interval between two requests after a 429 that asks for no pause, in milliseconds. */
export const FIRST_INTERVAL = 100;
/** The longest interval, in milliseconds. */
export const LONGEST_INTERVAL = 5000;
/** A rate is measured over at least so many requests. */
const FEW = 8;
/** How much slower than a measured rate the process goes. */
const MARGIN = 1.02;
/** How much longer an interval becomes that was refused before a rate could be measured. */
const STRETCH = 1.2;
/** How much each accepted request shortens the first interval, which is a guess. */
const SEARCH = 0.05;
/** A measured interval is kept for so many requests; each further one shortens it by more, up to a limit. */
const HOLD = 30;
const PROBE = 0.001;
const FASTEST_PROBE = 0.01;
/** Requests of a shorter time show the API's burst, and not its rate; in milliseconds. */
const LEAST_MEASURED = 1000;

/** When a request may be sent, if the turn still stands by then. */
export interface Turn {
    readonly at: number;
    readonly round: number;
}

/**
 * The pace of a process. It starts without an interval. Between two refusals a limit lets through what it allows in that time:
 * so the second refusal, and each later one, measures the rate. The requests before the first one show the burst: after a
 * pause, as many go at once as the API allows again by then. In between, the pace is slowly raised.
 *
 * It decides and remembers, but does not wait. All instants are of one monotonic clock, in milliseconds.
 *
 * @example
 * const turn = pace.turn(now);      // wait until turn.at; take another turn unless stands(turn, then)
 * pace.refused(sentAt, now, 1000);  // a 429 with Retry-After: 1
 */
export class Pace {
    /** The interval between two requests, in milliseconds. */
    interval = 0;
    /** Whether the interval is still a guess. */
    #isGuess = true;
    /** How many requests the API accepts at once, and how many of them are left after the last pause. */
    #burst = 0;
    #burstLeft = 0;
    #nextTurn = 0;
    #pausedUntil = 0;
    #round = 0;
    /** The last refusal, and when the measurement began: then, or with the first request. */
    #refusedAt = Number.NEGATIVE_INFINITY;
    #since: number | undefined;
    /** How many requests were accepted since. */
    #accepted = 0;

    /** Takes the next free turn. */
    turn(now: number): Turn {
        this.#since ??= now;
        const earliest = Math.max(now, this.#pausedUntil);
        const at = this.#burstLeft > 0 ? earliest : Math.max(earliest, this.#nextTurn);
        this.#burstLeft = Math.max(0, this.#burstLeft - 1);
        this.#nextTurn = at + this.interval;
        return { at, round: this.#round };
    }

    /** Whether a turn still stands when its time has come. A refusal voids all turns before it, and may begin a pause. */
    stands(turn: Turn, now: number): boolean {
        return turn.round === this.#round && now >= this.#pausedUntil;
    }

    /**
     * Notes a 429. Those of requests that were under way together count once.
     *
     * @param pause - The pause that the API asks for in `Retry-After`, in milliseconds. It holds for every request.
     */
    refused(sentAt: number, now: number, pause: number | undefined): void {
        if (sentAt > this.#refusedAt) {
            this.interval = Math.min(LONGEST_INTERVAL, this.#learn(now, pause));
            const wait = pause ?? this.interval;
            const burst = Math.floor(Math.min(this.#burst, wait / this.interval));
            this.#burstLeft = burst > 1 ? burst : 0;
            this.#pausedUntil = Math.max(this.#pausedUntil, now + wait);
            this.#refusedAt = now;
            this.#since = now;
            this.#accepted = 0;
            this.#nextTurn = 0;
            this.#round += 1;
        } else if (pause !== undefined) {
            this.#pausedUntil = Math.max(this.#pausedUntil, now + pause);
        }
    }

    /** Notes a request that was not refused for its rate. */
    accepted(sentAt: number): void {
        if (sentAt <= this.#refusedAt) {
            return;
        }
        this.#accepted += 1;
        const probe = Math.min(FASTEST_PROBE, PROBE * Math.max(0, this.#accepted - HOLD));
        this.interval *= 1 - (this.#isGuess ? SEARCH : probe);
        if (this.interval < 1) {
            this.interval = 0;
        }
    }

    #learn(now: number, pause: number | undefined): number {
        const time = now - (this.#since ?? now);
        const measured = (time / Math.max(1, this.#accepted)) * MARGIN;
        if (Number.isFinite(this.#refusedAt)) {
            this.#isGuess = false;
            return this.#accepted < FEW && this.interval > 0 ? this.interval * STRETCH : measured;
        }
        this.#isGuess = this.#accepted < FEW || time < LEAST_MEASURED;
        if (!this.#isGuess) {
            // Requests came at about the allowed rate: no burst shows.
            this.#burst = Math.floor(LEAST_MEASURED / measured);
            return measured;
        }
        this.#burst = this.#accepted;
        return pause ? Math.min(FIRST_INTERVAL, pause / Math.max(1, this.#burst)) : FIRST_INTERVAL;
    }
}
