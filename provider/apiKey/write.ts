import { type ApiKey, label } from "../api/apiKeys.js";
import { XaiError } from "../api/errors.js";
import { UpdateNotAppliedError, updateApiKey } from "../api/updateApiKey.js";
import { type Field, HELD_FIELDS, same } from "../fields.js";
import type { Account } from "../team/account.js";
import type { OperationContext, Properties } from "./context.js";
import { isPast } from "./diff.js";
import { explainMissing } from "./existence.js";
import { InitializationError } from "./initializationError.js";
import { targetOf } from "./inputs.js";
import { carriedOut, type KeyState, observed, storedObject } from "./state.js";

/** One masked update of a key. */

/** The expiry that was counted from `expiresIn` has passed, so that it cannot be restored. */
export class PassedExpiryError extends XaiError {
    constructor(key: KeyState, expireTime: unknown) {
        super(
            `${label(key)} was to expire at ${String(expireTime)}, which has passed, so that this expiry cannot be set. Change \`expiresIn\` to count a new one from now, or rotate the key: change a value in \`rotation.triggers\`.`,
        );
    }
}

/**
 * Sends the fields that change, and nothing else.
 *
 * @returns The state as the answer shows it, the fields as carried out.
 * @throws KeyGoneError; UpdateNotAppliedError; InitializationError where the API applied a part of the fields; what the API
 * refuses with.
 */
export async function writeFields(
    { account }: OperationContext,
    state: KeyState,
    fields: readonly Field[],
    news: Properties,
): Promise<KeyState> {
    if (fields.length === 0) {
        return state;
    }
    const expireTime = targetOf("expireTime", news);
    if (fields.includes("expireTime") && isPast(expireTime, account.now())) {
        throw new PassedExpiryError(state, expireTime);
    }
    try {
        const answer = await updateApiKey(account.http, account.dialect, {
            key: state,
            stored: storedObject(state),
            changes: Object.fromEntries(fields.map((field) => [field, wireValue(field, news)])),
            notApplied: async (shown) => {
                const aliases = await aliasesFor(account, state, news["acls"], shown.acls);
                return fields.filter((field) => !same(field, targetOf(field, news), shown[field], aliases));
            },
        });
        return await afterUpdate(account, state, answer, fields, news);
    } catch (error) {
        if (error instanceof UpdateNotAppliedError) {
            const done = fields.filter((field) => !error.fields.includes(field));
            if (done.length > 0) {
                throw new InitializationError(
                    await afterUpdate(account, state, error.answer, done, news),
                    error.message,
                );
            }
        }
        return await explainMissing(account, state, error);
    } finally {
        account.listing(state.teamId).written(state.apiKeyId);
    }
}

function wireValue(field: Field, news: Properties): unknown {
    const { encode = (value: unknown) => value } = HELD_FIELDS[field];
    return encode(targetOf(field, news)) ?? null;
}

async function afterUpdate(
    account: Account,
    state: KeyState,
    answer: ApiKey,
    done: readonly Field[],
    news: Properties,
): Promise<KeyState> {
    const now = observed(state, answer, await aliasesFor(account, state, state.acls, answer.acls));
    return { ...now, applied: carriedOut(now.applied ?? {}, done, news) };
}

/** The names of the team's models, looked up only where two lists of permissions differ in what an alias could explain. */
export async function aliasesFor(
    account: Account,
    { teamId }: Pick<KeyState, "teamId">,
    a: unknown,
    b: unknown,
): Promise<ReadonlyMap<string, string>> {
    return b === null || same("acls", a, b) ? new Map() : account.modelNames(teamId);
}
