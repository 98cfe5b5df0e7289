import {
    type CreatedApiKey,
    checkApiKeyPropagation,
    isReadable,
    type RotationTimes,
    rotateApiKey,
} from "./api/apiKeys.js";
import { messageOf, NotFoundError, RefusedError, UnsupportedRouteError } from "./api/errors.js";
import { mayHaveActed } from "./api/unclear.js";
import { type ApiKeyState, withDebt, withoutDebts } from "./apiKeyState.js";
import { explainGone, KeyGoneError } from "./goneKey.js";
import { InitializationError, keepingState } from "./initializationError.js";
import { timeOf } from "./instant.js";
import type { Session } from "./session.js";

/**
 * A new secret for a key that exists, whatever becomes of the answer that holds it.
 */

/** What a rotation does beside the new secret. */
export interface Rotation {
    /** How long the secret that works now goes on working, in milliseconds, 7 days at most, but to its expiry; 0: not at all. */
    readonly overlap: number;
    /** When the new secret stops working, RFC 3339. Not given: as the one that works now would have. */
    readonly expireTime?: string | undefined;
}

/** The rotation for a secret that nobody has. */
export const LOST_SECRET: Rotation = { overlap: 0 };

/**
 * What became of a rotation: the key's state with its new secret, or what the server lacks. Without the route, which `what`
 * says in its words, nothing has changed; an answer without the secret has taken the one before away all the same.
 */
export type Rotated =
    | { readonly state: ApiKeyState }
    | { readonly lacks: "secret" }
    | { readonly lacks: "route"; readonly what: string };

/** How often a rotation is sent whose answer was lost. */
export const MAX_ROTATIONS = 3;
/** The pause before it is sent again, in milliseconds; each further one is twice as long. */
const FIRST_PAUSE = 250;
/** How long the old secret outlives a rotation without overlap where the API takes no time that is past, in milliseconds. */
const SHORTEST_OVERLAP = 60_000;

/**
 * Gives a key a new secret.
 *
 * Where an answer was lost it rotates again, with the same times: only the last secret works. Such a rotation may act late,
 * so that the listing then has to show the secret that was answered, for as long as the lost one had taken.
 *
 * @throws KeyGoneError for a key that is no longer there; InitializationError, with the secret as owed, where a rotation may
 * have acted whose secret is not to be had; what the last rotation ended with, where none has acted.
 */
export async function withNewSecret(session: Session, state: ApiKeyState, rotation: Rotation): Promise<Rotated> {
    const times = await timesOf(session, state, rotation);
    // How long the slowest rotation took whose answer was lost; `undefined` where none was.
    let lost: number | undefined;
    for (let sent = 1; ; sent += 1) {
        const begun = performance.now();
        try {
            const { answer, oldSecretExpireTime } = await rotate(session, state, times, rotation.overlap);
            session.listings(state.teamId).written(state.apiKeyId);
            if (answer.apiKey === undefined) {
                return { lacks: "secret" };
            }
            if (lost === undefined || sent === MAX_ROTATIONS || (await staysShown(session, state, answer, lost))) {
                const rotatedAt = toText(session.timeNow());
                const previousSecretExpiresAt = oldSecretExpireTime;
                return { state: { ...withSecret(state, answer, rotation), rotatedAt, previousSecretExpiresAt } };
            }
        } catch (error) {
            if (mayHaveActed(error) && sent < MAX_ROTATIONS) {
                lost = Math.max(lost ?? 0, performance.now() - begun);
                await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE * 2 ** (sent - 1)));
                continue;
            }
            const failure = await explain(session, state, error);
            if ("lacks" in failure && (lost === undefined || isNobodys(state, rotation))) {
                return failure;
            }
            // Where one before it was lost, a missing route does not say that nothing has changed.
            const thrown = "lacks" in failure ? error : failure.thrown;
            throw (lost !== undefined || mayHaveActed(error)) && !(thrown instanceof KeyGoneError)
                ? unclear(state, thrown)
                : thrown;
        }
    }
}

/** Whether nobody has the secret that the key has now: it makes no difference whether a rotation took it away. */
function isNobodys({ apiKey }: ApiKeyState, { overlap }: Rotation): boolean {
    return apiKey === undefined && overlap === 0;
}

/**
 * Gives a key that exists a new secret, or keeps it until the next run puts another key in its place: nobody can use it.
 *
 * @throws InitializationError with the key's state where there is none to be had, or the key is no longer there.
 */
export async function requireNewSecret(session: Session, state: ApiKeyState, rotation: Rotation): Promise<ApiKeyState> {
    const rotated = await keepingState(state, () => withNewSecret(session, state, rotation));
    if ("lacks" in rotated) {
        throw new InitializationError(
            { ...state, owed: ["replacement"] },
            `API key ${state.apiKeyId} was created, but its secret was lost, and this server cannot give it a new one. Nobody can use the key: the next \`pulumi up\` replaces it.`,
        );
    }
    return rotated.state;
}

function toText(time: number): string {
    return new Date(time).toISOString();
}

/** How long the server's clock is asked for, in milliseconds. */
const CLOCK_PATIENCE = 10_000;

/**
 * The instants that a rotation names, by the server's clock: this machine's may be hours off. The old secret works no longer
 * than it would have without the rotation, and not again where it has expired.
 */
async function timesOf(
    session: Session,
    state: ApiKeyState,
    { overlap, expireTime }: Rotation,
): Promise<RotationTimes> {
    if (session.serverTime() === undefined) {
        // Any answer tells it.
        await checkApiKeyPropagation(session.http, state.apiKeyId, CLOCK_PATIENCE).catch(() => undefined);
    }
    const now = session.serverTime();
    // Without an overlap the old secret must stop at once, however fast this machine's clock is.
    const unheard = overlap === 0 ? state.createTime : undefined;
    const end = now === undefined && unheard ? unheard : toText((now ?? Date.now()) + overlap);
    return { oldSecretExpireTime: earlier(end, state.expireTime), expireTime };
}

function earlier(end: string, expiry: string | undefined): string {
    const [endsAt, expiresAt] = [timeOf(end), timeOf(expiry)];
    return endsAt !== undefined && expiresAt !== undefined && expiresAt < endsAt ? toText(expiresAt) : end;
}

/** Rotates; where there is to be no overlap, or no life is left, with the shortest one if the API refuses a time that is past. */
async function rotate(
    session: Session,
    { apiKeyId, expireTime: expiry }: ApiKeyState,
    times: RotationTimes,
    overlap: number,
): Promise<{ readonly answer: CreatedApiKey; readonly oldSecretExpireTime: string | undefined }> {
    const send = async ({ oldSecretExpireTime, expireTime }: RotationTimes) => {
        const answer = await rotateApiKey(session.http, apiKeyId, { oldSecretExpireTime, expireTime });
        return { answer, oldSecretExpireTime };
    };
    try {
        return await send(times);
    } catch (error) {
        const now = session.timeNow();
        const isPast = overlap === 0 || (timeOf(expiry) ?? Number.POSITIVE_INFINITY) <= now;
        if (!isPast || !(error instanceof RefusedError) || !(error.status === 400 || error.status === 422)) {
            throw error;
        }
        return send({ ...times, oldSecretExpireTime: toText(now + SHORTEST_OVERLAP) });
    }
}

/** What a failed rotation means: that the server lacks the route, or what to throw. */
async function explain(
    session: Session,
    state: ApiKeyState,
    error: unknown,
): Promise<Extract<Rotated, { lacks: "route" }> | { readonly thrown: unknown }> {
    if (!(error instanceof NotFoundError || error instanceof UnsupportedRouteError)) {
        return { thrown: error };
    }
    const lacking = { lacks: "route", what: error.what } as const;
    // A key that is still there lacks the route alone.
    return explainGone(session, state, error).catch((thrown: unknown) => (thrown === error ? lacking : { thrown }));
}

/** A rotation whose secret is not to be had may have acted: the next update rotates again. */
function unclear(state: ApiKeyState, error: unknown): InitializationError {
    return new InitializationError(
        withDebt(state, "secret"),
        `${messageOf(error)} API key ${state.apiKeyId} may have a new secret that no answer held: run \`pulumi up\` again, which rotates once more.`,
    );
}

/** The longest time for which the listing is watched, in milliseconds. */
const LONGEST_WATCH = 30_000;

/** Whether the listing goes on showing the secret that was answered, for some time, in milliseconds. */
async function staysShown(
    session: Session,
    state: ApiKeyState,
    answer: CreatedApiKey,
    patience: number,
): Promise<boolean> {
    const end = performance.now() + Math.min(patience, LONGEST_WATCH);
    for (let pause = FIRST_PAUSE; await isShown(session, state, answer); pause *= 2) {
        const left = end - performance.now();
        if (left <= 0) {
            return true;
        }
        await new Promise((resolve) => setTimeout(resolve, Math.min(pause, left)));
    }
    return false;
}

/** Whether the listing shows the secret that was answered, as far as it tells: its failure must not lose the secret. */
async function isShown(session: Session, { apiKeyId, teamId }: ApiKeyState, answer: CreatedApiKey): Promise<boolean> {
    const redacted = answer.key?.redactedApiKey ?? null;
    const listed = await session
        .listings(teamId)
        .fresh()
        .then(
            (keys) => keys.get(apiKeyId),
            () => undefined,
        );
    return listed === undefined || !isReadable(listed) || redacted === null || listed.redactedApiKey === redacted;
}

function withSecret(state: ApiKeyState, { apiKey, key }: CreatedApiKey, { expireTime }: Rotation): ApiKeyState {
    return {
        ...withoutDebts(state, ["secret"]),
        apiKey,
        redactedApiKey: key?.redactedApiKey ?? undefined,
        ...(expireTime === undefined
            ? {}
            : { expireTime: key === undefined ? expireTime : (key.expireTime ?? undefined) }),
    };
}
