import { setTimeout as sleep } from "node:timers/promises";
import { getPropagation, label } from "../api/apiKeys.js";
import {
    ConnectionError,
    isMissingRoute,
    type ManagementApiError,
    NotFoundError,
    RateLimitError,
    ServerError,
    XaiError,
} from "../api/errors.js";
import { formatDuration, parseDuration } from "../duration.js";
import { DEFAULT_PROPAGATION_TIMEOUT } from "../fields.js";
import type { OperationContext } from "./context.js";
import { explainMissing, KeyGoneError } from "./existence.js";
import { keeping } from "./initializationError.js";
import type { Inputs } from "./inputs.js";
import { type KeyState, withoutPending, withPending } from "./state.js";

/**
 * The wait until every cluster knows a key. Times in milliseconds.
 */

const FIRST_PAUSE = 250;
const PAUSE_GROWTH = 1.5;
const LONGEST_PAUSE = 10_000;
/** The part of a pause that is left to chance, so that many keys do not ask at the same moment. */
const JITTER = 0.2;
/** The least time for one check: the last one falls on the limit. */
const LEAST_CHECK = 1000;

/** Which clusters know a key: true or false by the cluster's address. */
type Clusters = Readonly<Record<string, boolean>>;

/** Whether every cluster knows the key. An answer without clusters says nothing yet. */
export function isEverywhere(clusters: Clusters): boolean {
    const known = Object.values(clusters);
    return known.length > 0 && known.every((one) => one);
}

/** How far a key has come: `on 1 of 3 clusters, eu-west-1 missing`. */
export function describeProgress(clusters: Clusters): string {
    const all = Object.keys(clusters);
    const missing = all.filter((cluster) => !clusters[cluster]);
    return all.length === 0
        ? "no cluster named yet"
        : `on ${all.length - missing.length} of ${all.length} clusters, ${missing.join(", ")} missing`;
}

/**
 * The pause before the next check. Pauses grow, so that a wait of T takes about log T checks; the last one is cut so that the
 * last check falls on the limit.
 *
 * @param checks - How many checks were made, 1 or more.
 * @param left - The time until the limit.
 * @param random - In [0, 1).
 */
export function nextPause(checks: number, left: number, random: number): number {
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * PAUSE_GROWTH ** (checks - 1));
    return Math.min(left, pause * (1 - JITTER * random));
}

/** Whether the program waits for propagation. A key that is off is not waited for. */
function waits(inputs: Inputs, { disabled }: Pick<KeyState, "disabled">): boolean {
    return inputs.waitForPropagation !== false && !disabled;
}

/** A key with new settings or a new secret: its propagation is pending where the program waits for it. */
export function unpropagated(state: KeyState, inputs: Inputs): KeyState {
    return waits(inputs, state) ? withPending(state, "propagation") : state;
}

/**
 * Waits for propagation where it is pending, and takes that off the list. Where the program no longer waits, or the key is off, it is only
 * taken off.
 *
 * @throws InitializationError where the wait fails or ends early: it stays pending.
 */
export async function finishPropagation(context: OperationContext, state: KeyState, inputs: Inputs): Promise<KeyState> {
    if (state.pending?.includes("propagation") && waits(inputs, state)) {
        await keeping(state, () => awaitPropagation(context, state, inputs));
    }
    return withoutPending(state, "propagation");
}

async function awaitPropagation(context: OperationContext, key: KeyState, inputs: Inputs): Promise<void> {
    const { signal } = context;
    const limit = limitOf(context, inputs);
    const begun = performance.now();
    const waited = () => performance.now() - begun;
    let clusters: Clusters = {};
    for (let checks = 1; ; checks += 1) {
        const check = await checkOnce(context, key, Math.max(LEAST_CHECK, limit.length - waited()));
        clusters = check.clusters ?? clusters;
        if (check.clusters !== undefined && isEverywhere(clusters)) {
            return;
        }
        const left = limit.length - waited();
        if (left <= 0) {
            await explainGone(context, key, check.failure);
            const last = check.failure === undefined ? "" : ` The last check failed: ${check.failure.message}`;
            throw new XaiError(
                `${label(key)} is not known everywhere after ${formatDuration(limit.length)} (\`${limit.name}\`): ${describeProgress(clusters)}. Run \`pulumi up\` to go on waiting, raise the limit, or set \`waitForPropagation: false\`.${last}`,
            );
        }
        context.progress(`${key.name}: ${describeProgress(clusters)} (${Math.round(waited() / 1000)}s)`);
        await sleep(nextPause(checks, left, Math.random()), undefined, { signal }).catch(() => undefined);
        if (signal?.aborted) {
            throw new XaiError(`The wait for ${label(key)} was cancelled: ${describeProgress(clusters)}.`);
        }
    }
}

function limitOf({ timeout }: OperationContext, { propagationTimeout }: Inputs) {
    const given = parseDuration(propagationTimeout ?? DEFAULT_PROPAGATION_TIMEOUT) ?? 0;
    return timeout !== undefined && timeout < given
        ? { name: "customTimeouts", length: timeout }
        : { name: "propagationTimeout", length: given };
}

/** One check. A failure that may pass says nothing yet: a key of a moment ago, a server in trouble, a broken line. */
async function checkOnce(
    { account, signal }: OperationContext,
    key: KeyState,
    deadline: number,
): Promise<{ readonly clusters?: Clusters; readonly failure?: ManagementApiError }> {
    try {
        const options = { deadline, ...(signal && { signal }) };
        return { clusters: await getPropagation(account.http, key, options) };
    } catch (error) {
        if (signal?.aborted) {
            // The request ended with the signal's reason. The wait says what was cancelled.
            return {};
        }
        if (
            error instanceof NotFoundError ||
            error instanceof ServerError ||
            error instanceof RateLimitError ||
            error instanceof ConnectionError
        ) {
            return { failure: error };
        }
        throw error;
    }
}

/** A key that the API did not know to the last may have been deleted meanwhile. */
async function explainGone({ account }: OperationContext, key: KeyState, failure: unknown): Promise<void> {
    if (!isMissingRoute(failure)) {
        return;
    }
    await explainMissing(account, key, failure).catch((error: unknown) => {
        if (error instanceof KeyGoneError) {
            throw error;
        }
    });
}
