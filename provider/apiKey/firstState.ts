import { type ApiKey, apiKeySchema } from "../api/apiKeys.js";
import type { Account } from "../team/account.js";
import { appliedAsHeld } from "./applied.js";
import type { Properties } from "./context.js";
import { createBody, parseInputs } from "./inputs.js";
import { heldValues, identity, type KeyState, onDeleteOf } from "./state.js";

/**
 * The state of a key that has just come into the stack, by a create or an adoption. Where the API holds another value than the
 * program gives, the state says so, and the update that follows sends it.
 *
 * @param key - As the API answered it. Fields that a partial answer lacks are taken for the program's.
 */
export async function firstState(account: Account, teamId: string, key: ApiKey, inputs: Properties): Promise<KeyState> {
    const { acls } = parseInputs(inputs);
    const held = heldValues(key, heldValues(asSent(key.apiKeyId, inputs)));
    const aliases = await account.aliasesFor(teamId, acls, key.acls, "lenient");
    const applied = appliedAsHeld(inputs, held, aliases);
    return { apiKeyId: key.apiKeyId, teamId, ...held, ...identity(key), onDelete: onDeleteOf(inputs), applied };
}

/** The key as it was asked for, in the place of what an answer does not show. */
export function asSent(apiKeyId: string, inputs: Properties): ApiKey {
    return apiKeySchema.parse({ apiKeyId, ...createBody(inputs) });
}
