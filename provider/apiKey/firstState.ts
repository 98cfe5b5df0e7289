import type { ApiKey } from "../api/apiKeys.js";
import type { Account } from "../team/account.js";
import type { Properties } from "./context.js";
import { parseInputs } from "./inputs.js";
import { appliedAsHeld, heldValues, identity, type KeyState, onDeleteOf } from "./state.js";
import { aliasesFor } from "./write.js";

/**
 * The state of a key that has just come into the stack, by a create or an adoption. Where the API holds another value than the
 * program gives, the state says so, and the update that follows sends it.
 *
 * @param key - As the API answered it. Permissions that the answer lacks are taken for the program's.
 */
export async function firstState(account: Account, teamId: string, key: ApiKey, inputs: Properties): Promise<KeyState> {
    const { acls } = parseInputs(inputs);
    const held = heldValues(key, acls);
    const aliases = await aliasesFor(account, { teamId }, acls, key.acls);
    const applied = appliedAsHeld(inputs, held, aliases);
    return { apiKeyId: key.apiKeyId, teamId, ...held, ...identity(key), onDelete: onDeleteOf(inputs), applied };
}
