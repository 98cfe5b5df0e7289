import { Pace } from "../../provider/api/rateLimiter.js";
import { BACKOFF_BASE, BACKOFF_LIMIT } from "../../provider/api/retry.js";

/** A server with a limit on the rate: a bucket that fills at `perSecond` and holds `burst`. */
export interface RateLimited {
    readonly perSecond: number;
    readonly burst: number;
    readonly retryAfter: "seconds" | "none";
    /** The mean time from a request to its answer; each takes from half to one and a half of it. */
    readonly latencyMs: number;
}

/** How it went. */
export interface Tally {
    readonly passed: number;
    readonly refused: number;
    /** How often one request was refused at most. */
    readonly mostOfOne: number;
    /** In simulated time. */
    readonly seconds: number;
}

const LANES = 8;

/** Sends that many requests at the learnt pace, in simulated time: what takes minutes is done at once. */
export function underLimit(limit: RateLimited, requests: number, seed: number): Tally {
    const pace = new Pace();
    const random = randomFrom(seed);
    const agenda: { at: number; act: () => void }[] = [];
    let now = 0;
    const later = (delay: number, act: () => void) => {
        agenda.push({ at: now + Math.max(0, delay), act });
    };
    const waiting = Array.from({ length: requests }, () => 0);
    let [tokens, filledAt, passed, refused, mostOfOne] = [limit.burst, 0, 0, 0, 0];

    const admit = () => {
        tokens = Math.min(limit.burst, tokens + ((now - filledAt) / 1000) * limit.perSecond);
        filledAt = now;
        if (tokens >= 1) {
            tokens -= 1;
            return undefined;
        }
        return limit.retryAfter === "none" ? "no word" : 1000 * Math.ceil((1 - tokens) / limit.perSecond);
    };
    const enter = () => {
        const refusals = waiting.shift();
        if (refusals !== undefined) {
            awaitTurn(refusals);
        } else {
            free += 1;
        }
    };
    const awaitTurn = (refusals: number) => {
        const turn = pace.turn(now);
        later(turn.at - now, () => (pace.stands(turn, now) ? send(refusals) : awaitTurn(refusals)));
    };
    const send = (refusals: number) => {
        const sentAt = now;
        const latency = limit.latencyMs * (0.5 + random());
        later(latency / 2, () => {
            const answer = admit();
            later(latency / 2, () => {
                enter();
                if (answer === undefined) {
                    passed += 1;
                    pace.accepted(sentAt);
                    return;
                }
                refused += 1;
                mostOfOne = Math.max(mostOfOne, refusals + 1);
                const asked = answer === "no word" ? undefined : answer;
                pace.refused(sentAt, now, asked);
                const pause = asked ?? random() * Math.min(BACKOFF_LIMIT, BACKOFF_BASE * 2 ** refusals);
                later(pause, () => {
                    waiting.unshift(refusals + 1);
                    if (free > 0) {
                        free -= 1;
                        enter();
                    }
                });
            });
        });
    };

    let free = 0;
    for (let lane = 0; lane < LANES; lane += 1) {
        enter();
    }
    for (;;) {
        const next = agenda.reduce<(typeof agenda)[number] | undefined>(
            (first, one) => (first === undefined || one.at < first.at ? one : first),
            undefined,
        );
        if (next === undefined) {
            return { passed, refused, mostOfOne, seconds: now / 1000 };
        }
        agenda.splice(agenda.indexOf(next), 1);
        now = next.at;
        next.act();
    }
}

/** Repeatable numbers in [0, 1): a linear congruential generator (Numerical Recipes). */
function randomFrom(seed: number): () => number {
    let state = seed;
    return () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 2 ** 32;
    };
}
