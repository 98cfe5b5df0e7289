import { isDeepStrictEqual } from "node:util";
import { type ApiKey, label } from "../api/apiKeys.js";
import { isMissingRoute, ManagementApiError, messageOf, XaiError } from "../api/errors.js";
import { UpdateNotAppliedError, updateApiKey } from "../api/updateApiKey.js";
import { type Field, same } from "../fields.js";
import type { Account } from "../team/account.js";
import { appliedOf, carriedOut, observed } from "./applied.js";
import type { OperationContext, Properties } from "./context.js";
import { explainMissing } from "./existence.js";
import { isPast } from "./expiry.js";
import { InitializationError } from "./initializationError.js";
import { targetOf, wireValue } from "./inputs.js";
import { heldValues, type KeyState, stateOutputs, storedObject } from "./state.js";

/** One masked update of a key. */

/**
 * Sends the fields that change, and nothing else.
 *
 * @returns The state as the answer shows it, the fields as carried out.
 * @throws KeyGoneError; UpdateNotAppliedError; InitializationError where the API applied a part of the fields, or another value; what the API
 * refuses with.
 */
export async function writeFields(
    context: OperationContext,
    state: KeyState,
    fields: readonly Field[],
    news: Properties,
): Promise<KeyState> {
    const { account } = context;
    if (fields.length === 0) {
        return state;
    }
    const expireTime = targetOf("expireTime", news);
    if (fields.includes("expireTime") && isPast(expireTime, account.now())) {
        const others = fields.filter((field) => field !== "expireTime");
        const written = await writeFields(context, state, others, news);
        const error = passedExpiry(state, news);
        throw others.length === 0 ? error : new InitializationError(written, error.message);
    }
    try {
        const answer = await updateApiKey(account.http, account.dialect, {
            key: state,
            stored: storedObject(state),
            changes: Object.fromEntries(fields.map((field) => [field, wireValue(field, news)])),
            notApplied: async (shown) => {
                const aliases = await account.aliasesFor(state.teamId, news["acls"], shown.acls, "lenient");
                const held = heldValues(shown, state);
                return fields.filter((field) => !same(field, targetOf(field, news), held[field], aliases));
            },
        });
        return await afterUpdate(account, state, answer, fields, news);
    } catch (error) {
        if (error instanceof UpdateNotAppliedError) {
            const done = fields.filter((field) => !error.fields.includes(field));
            const now = await afterUpdate(account, state, error.answer, done, news);
            // The API may hold a third value, which the next diff has to see.
            if (!isDeepStrictEqual(stateOutputs(now), stateOutputs(state))) {
                throw new InitializationError(now, error.message);
            }
        }
        if (error instanceof ManagementApiError && error.mayHaveActed && !isMissingRoute(error)) {
            throw new XaiError(
                `${messageOf(error)} The change may have been made all the same: run \`pulumi up\` again, or \`pulumi refresh\` before you change the program back.`,
            );
        }
        return await explainMissing(account, state, error);
    } finally {
        account.listing(state.teamId).written(state.apiKeyId);
    }
}

async function afterUpdate(
    account: Account,
    state: KeyState,
    answer: ApiKey,
    done: readonly Field[],
    news: Properties,
): Promise<KeyState> {
    const now = observed(state, answer, await account.aliasesFor(state.teamId, state.acls, answer.acls));
    return { ...now, applied: carriedOut(appliedOf(now), done, news) };
}

/** The error for an expiry that has passed, which cannot be set again. */
function passedExpiry(key: KeyState, news: Properties): XaiError {
    const isCounted = (news["expireTime"] ?? null) === null;
    const way = isCounted
        ? "Change `expiresIn` to count a new one from now, or change a value in `rotation.triggers` to rotate the key."
        : "Move `expireTime` to a later instant.";
    return new XaiError(
        `${label(key)} was to expire at ${String(targetOf("expireTime", news))}, which has passed, so that this expiry cannot be set. ${way}`,
    );
}
