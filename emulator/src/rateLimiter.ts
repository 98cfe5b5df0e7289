import type { RateLimit } from "./options.js";

/** A token bucket over real time. */
export class RateLimiter {
    readonly #limit: RateLimit;
    readonly #burst: number;
    #tokens: number;
    #filledAt = performance.now();

    constructor(limit: RateLimit) {
        if (!(limit.perSecond > 0)) {
            throw new RangeError(`A rate limit must be above 0 requests a second, not ${limit.perSecond}.`);
        }
        this.#limit = limit;
        this.#burst = Math.max(1, limit.burst ?? limit.perSecond);
        this.#tokens = this.#burst;
    }

    /** Counts a request. Undefined if it may pass, else the headers of the 429. `now` is the clock for `Retry-After`. */
    exceeded(now: () => Date): Record<string, string> | undefined {
        const at = performance.now();
        const gained = ((at - this.#filledAt) / 1000) * this.#limit.perSecond;
        this.#tokens = Math.min(this.#burst, this.#tokens + gained);
        this.#filledAt = at;
        if (this.#tokens >= 1) {
            this.#tokens--;
            return undefined;
        }
        const seconds = Math.ceil((1 - this.#tokens) / this.#limit.perSecond);
        const { retryAfter } = this.#limit;
        switch (retryAfter) {
            case "seconds":
                return { "retry-after": String(seconds) };
            case "date":
                return { "retry-after": new Date(now().getTime() + seconds * 1000).toUTCString() };
            case "none":
                return {};
            default:
                return { "retry-after": retryAfter.text };
        }
    }
}
