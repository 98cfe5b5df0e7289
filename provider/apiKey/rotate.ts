import { type CreatedApiKey, label, type RotationTimes, rotateApiKey } from "../api/apiKeys.js";
import { isMissingRoute, ManagementApiError, messageOf, NotFoundError, RefusedError, XaiError } from "../api/errors.js";
import { timeOf } from "../instant.js";
import type { Account } from "../team/account.js";
import { observed } from "./applied.js";
import { explainMissing, KeyGoneError } from "./existence.js";
import { InitializationError } from "./initializationError.js";
import { type KeyState, withoutPending, withPending } from "./state.js";

/** A new secret for a key that exists. */

/** What a rotation does beside the new secret. */
export interface Rotation {
    /** How long the secret that works now goes on working, in milliseconds; 0: not at all. */
    readonly overlap: number;
    /** When the new secret stops working, RFC 3339. `undefined`: when the one that works now would have. */
    readonly expireTime?: string | undefined;
}

/** The server has no route that gives a key a new secret. Nothing has changed. */
export class NoRotationError extends XaiError {
    constructor(
        key: KeyState,
        /** What the server answered. */
        readonly what: string,
    ) {
        const need = key.pending?.includes("secret")
            ? "needs a new secret, because no answer held its last one"
            : "is due for a new secret";
        super(
            `${label(key)} ${need}, but this server cannot give it one (${what}). Replace the key with \`pulumi up --replace\` and its URN, after taking \`adoptKeyId\` out; or take \`rotation\` out of the program.`,
        );
    }
}

/** The overlap that replaces none where the API refuses a time that is past, in milliseconds. */
const SHORTEST_OVERLAP = 60_000;

/**
 * Gives a key a new secret. Where the answer is lost, it rotates once more: only the last secret works.
 *
 * @returns The state with the new secret.
 * @throws {@link NoRotationError}; KeyGoneError for a key that no longer exists; InitializationError, with the secret pending,
 * where a rotation may have acted whose secret no answer held; what the API refuses with where nothing has changed.
 */
export async function rotateKey(account: Account, state: KeyState, rotation: Rotation): Promise<KeyState> {
    const times = timesOf(await account.askedNow(state.teamId), state, rotation);
    const attempt = () => send(account, state, times);
    let mayHaveRotated = false;
    try {
        return await attempt().catch((error: unknown) => {
            if (!(error instanceof ManagementApiError && error.mayHaveActed)) {
                throw error;
            }
            mayHaveRotated = true;
            return attempt();
        });
    } catch (error) {
        if (mayHaveRotated) {
            throw lostSecret(
                state,
                times,
                `${messageOf(error)} ${label(state)} may have a new secret that no answer held.`,
            );
        }
        if (isMissingRoute(error)) {
            // Not every cluster knows a new key yet. A 404 about the key says nothing about the route.
            const speaksOfKey = error instanceof NotFoundError && error.speaksOfKey(state.apiKeyId);
            await explainMissing(account, state, error).catch((reason: unknown) => {
                throw reason instanceof KeyGoneError || speaksOfKey ? reason : new NoRotationError(state, error.what);
            });
        }
        throw error;
    }
}

async function send(account: Account, state: KeyState, times: RotationTimes): Promise<KeyState> {
    let sent = times;
    const answer = await rotateApiKey(account.http, state, times).catch((error: unknown) => {
        const isPast = Date.parse(times.oldSecretExpireTime ?? "") <= account.now();
        if (!isPast || !(error instanceof RefusedError)) {
            throw error;
        }
        // The API may take no time that is past: that of a rotation without overlap, or of an expired secret.
        sent = { ...times, oldSecretExpireTime: toText(account.now() + SHORTEST_OVERLAP) };
        return rotateApiKey(account.http, state, sent);
    });
    account.listing(state.teamId).written(state.apiKeyId);
    if (answer.apiKey === undefined) {
        throw lostSecret(state, sent, `The API gave ${label(state)} a new secret, but its answer does not hold it.`);
    }
    return withSecret(account, state, answer, sent);
}

/** A rotation whose secret is lost: the stack's secret works until the overlap ends. */
function lostSecret(state: KeyState, { oldSecretExpireTime }: RotationTimes, what: string): InitializationError {
    const ends = state.pending?.includes("secret") ? state.previousSecretExpiresAt : oldSecretExpireTime;
    const life =
        state.apiKey === undefined || ends === undefined
            ? ""
            : ` The secret that the stack holds then stops working at ${ends}.`;
    return new InitializationError(
        { ...withPending(state, "secret"), previousSecretExpiresAt: ends },
        `${what}${life} Run \`pulumi up\` again, which rotates it once more.`,
    );
}

async function withSecret(
    account: Account,
    state: KeyState,
    { apiKey, key }: CreatedApiKey,
    { oldSecretExpireTime, expireTime }: RotationTimes,
): Promise<KeyState> {
    const expected = { ...state, expireTime: expireTime ?? state.expireTime };
    const aliases = await account.aliasesFor(state.teamId, state.acls, key?.acls ?? null);
    const now = key === undefined ? expected : observed(expected, key, aliases);
    return {
        ...withoutPending(now, "secret"),
        apiKey,
        redactedApiKey: key?.redactedApiKey ?? undefined,
        rotatedAt: toText(account.now()),
        previousSecretExpiresAt: oldSecretExpireTime,
    };
}

/** The instants that a rotation names, by the server's clock. The old secret works no longer than it would have anyway. */
function timesOf(now: number, state: KeyState, { overlap, expireTime }: Rotation): RotationTimes {
    const end = now + overlap;
    const expiry = timeOf(state.expireTime);
    const oldSecretExpireTime = toText(expiry === undefined ? end : Math.min(end, expiry));
    return { oldSecretExpireTime, ...(expireTime === undefined ? {} : { expireTime }) };
}

function toText(time: number): string {
    return new Date(time).toISOString();
}
