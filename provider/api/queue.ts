import type { Pace } from "./pace.js";

/** A request's turn did not come before its deadline: it was never sent. */
export class TurnMissed extends Error {
    constructor(
        /** What it waited for: others' requests to end, or the API's limit on the rate. */
        readonly behind: "others" | "rate",
    ) {
        super(`No turn came in time, for ${behind}.`);
    }
}

/** When a request may leave, at the latest and in which order. */
export interface Place {
    /** By `performance.now()`, in milliseconds. */
    readonly deadline: number;
    /** One that was sent before goes ahead of those that were not. */
    readonly again: boolean;
}

/**
 * The one queue of a process: each request waits for a free lane, then for its turn at the pace that was learnt, and
 * never longer than it may.
 *
 * cockatiel's bulkhead lets nobody leave its queue, so this small one is our own.
 */
export class Queue {
    #free: number;
    readonly #waiting: Waiting[] = [];

    /** @param lanes - How many requests are under way at once. */
    constructor(
        lanes: number,
        private readonly pace: Pace,
    ) {
        this.#free = lanes;
    }

    /**
     * Runs a task when its turn comes.
     *
     * @throws {@link TurnMissed} where that is not before the deadline; what the task throws.
     */
    async run<T>(task: () => Promise<T>, place: Place): Promise<T> {
        await this.#lane(place);
        try {
            await this.#turn(place.deadline);
            return await task();
        } finally {
            this.#leave();
        }
    }

    #lane({ deadline, again }: Place): Promise<void> {
        if (this.#free > 0) {
            this.#free -= 1;
            return Promise.resolve();
        }
        return new Promise((resolve, reject) => {
            const waiting: Waiting = {
                enter: () => {
                    clearTimeout(timer);
                    resolve();
                },
            };
            const timer = setTimeout(
                () => {
                    this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
                    reject(new TurnMissed("others"));
                },
                Math.min(deadline - performance.now(), LONGEST_TIMER),
            );
            if (again) {
                this.#waiting.unshift(waiting);
            } else {
                this.#waiting.push(waiting);
            }
        });
    }

    #leave(): void {
        const next = this.#waiting.shift();
        if (next === undefined) {
            this.#free += 1;
        } else {
            next.enter();
        }
    }

    async #turn(deadline: number): Promise<void> {
        for (;;) {
            const now = performance.now();
            const turn = this.pace.turn(now);
            if (turn.at >= deadline) {
                throw new TurnMissed(turn.at > now ? "rate" : "others");
            }
            // A timer may be a little early, and the turn would be lost.
            for (let left = turn.at - now; left > 0; left = turn.at - performance.now()) {
                await new Promise((resolve) => setTimeout(resolve, left));
            }
            if (this.pace.stands(turn, performance.now())) {
                return;
            }
        }
    }
}

interface Waiting {
    readonly enter: () => void;
}

/** What Node's timers can hold, in milliseconds: almost 25 days. */
export const LONGEST_TIMER = 2 ** 31 - 1;
