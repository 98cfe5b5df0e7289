import { XaiError } from "./api/errors.js";
import { isNormalForm, withGiven } from "./apiKeyDiff.js";
import type { ApiKeyInputs } from "./apiKeyInputs.js";
import { type ApiKeyState, withDebt, withoutDebts } from "./apiKeyState.js";
import { InitializationError } from "./initializationError.js";
import { overlapOf } from "./rotationInputs.js";
import { isRotationDue } from "./rotationSchedule.js";
import { type Rotation, requireNewSecret, withNewSecret } from "./secretRotation.js";
import type { Session } from "./session.js";

/**
 * The rotation of a key that the stack holds: whether an update has to rotate, and how. When one is due is decided in
 * `rotationSchedule.ts`.
 */

/** A rotation is due, and the server has none. Nothing was changed by it. */
export class NoRotationError extends XaiError {
    /** @param isAdopted - Whether the program still says which key to take over: a replacement would be that one. */
    constructor(apiKeyId: string, what: string, isAdopted: boolean) {
        const first = isAdopted
            ? "Take `adoptKeyId` and `existingSecret` out of the program, for with them the same key is taken over again, as it is. Then make"
            : "Make";
        super(
            `API key ${apiKeyId} is due for a new secret, but this server has no rotation (${what}). ${first} the key anew, with the URN that \`pulumi stack --show-urns\` shows: \`pulumi up --replace '<urn>'\`. Or take \`rotation\` out of the program.`,
        );
    }
}

/** The rotation that an update has to make: one that is due, or one that is still owed. */
export function rotationFor(before: ApiKeyState, news: ApiKeyInputs): Rotation | undefined {
    const isDue = isRotationDue(before.schedule, { ...news });
    if (!isDue && !before.owed?.includes("secret")) {
        return undefined;
    }
    return {
        // A secret that the stack never got is nobody's.
        overlap: before.apiKey === undefined ? 0 : overlapOf(news.rotation),
        expireTime: isDue ? news.schedule?.expireTime : undefined,
    };
}

/**
 * Gives a key its new secret, in place. One that is only owed is given up where the server has no rotation, and the program
 * asks for none any more: nothing that it says would otherwise ever end that.
 *
 * @returns The state with the secret.
 * @throws InitializationError where a rotation may have acted whose secret is not to be had; {@link NoRotationError}; what the
 * API refuses with; KeyGoneError for a key that is no longer there.
 */
export async function rotateInPlace(
    session: Session,
    state: ApiKeyState,
    news: ApiKeyInputs,
    rotation: Rotation,
): Promise<ApiKeyState> {
    if (state.apiKey === undefined) {
        return requireNewSecret(session, state, rotation);
    }
    const rotated = await withNewSecret(session, state, rotation);
    if ("state" in rotated) {
        // Any other expiry than the one that was asked for is put right by an update.
        const isTaken = isNormalForm("expireTime", rotation.expireTime, rotated.state.expireTime, new Map());
        return isTaken ? withGiven(rotated.state, news, ["expireTime"]) : rotated.state;
    }
    if (rotated.lacks === "route") {
        if ((news.rotation ?? undefined) !== undefined) {
            throw new NoRotationError(state.apiKeyId, rotated.what, typeof news.adoptKeyId === "string");
        }
        session.warnOnce(describeGivenUp(state.apiKeyId, rotated.what));
        return withoutDebts(state, ["secret"]);
    }
    throw new InitializationError(
        withDebt(state, "secret"),
        `API key ${state.apiKeyId} has a new secret, but the API's answer did not hold it. The one before ${describeOverlap(rotation, state)}: run \`pulumi up\` again, which rotates once more.`,
    );
}

function describeGivenUp(apiKeyId: string, what: string): string {
    return `API key ${apiKeyId} keeps the secret that the stack has: an earlier rotation was not answered, this server has no rotation (${what}), and the program asks for none any more. Should the earlier one have replaced that secret after all, it no longer works; then make the key anew, with the URN that \`pulumi stack --show-urns\` shows: \`pulumi up --replace '<urn>'\`.`;
}

function describeOverlap({ overlap }: Rotation, { expireTime }: ApiKeyState): string {
    const orExpires = expireTime === undefined ? "" : `, but not after ${expireTime}, when it expires`;
    return overlap === 0 ? "no longer works" : `works on until the overlap ends${orExpires}`;
}
