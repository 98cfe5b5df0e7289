import { type AloneStep, LANES } from "./providerAlone.js";

/** What steps need at the least, where the team holds as many keys of others as the program has. Pure. */

/** The look-ups of models and endpoints, which a check makes. */
const LOOK_UPS = 2;

/** How many requests a step needs: the budgets of `test/bench/budgets.test.ts`. */
export function neededRequests(step: AloneStep, keys: number): number {
    switch (step) {
        case "up from nothing":
            // A listing of the others, then a create and a check of its propagation for each key.
            return LOOK_UPS + pagesOf(keys) + 2 * keys;
        case "up, no change":
            return LOOK_UPS;
        case "up, one limit changed on all":
            return LOOK_UPS + keys;
        case "refresh":
            return pagesOf(2 * keys);
        case "destroy":
            return keys;
    }
}

/**
 * How many requests a step has to make one after the other: look-ups go side by side, a listing's pages do not, and each
 * lane of the engine asks for one thing at a time.
 */
export function requestsInARow(step: AloneStep, keys: number): number {
    const perLane = Math.ceil(keys / LANES);
    switch (step) {
        case "up from nothing":
            return 1 + pagesOf(keys) + 2 * perLane;
        case "up, no change":
            return 1;
        case "up, one limit changed on all":
            return 1 + perLane;
        case "refresh":
            return pagesOf(2 * keys);
        case "destroy":
            return perLane;
    }
}

function pagesOf(keys: number): number {
    return Math.max(1, Math.ceil(keys / 100));
}
