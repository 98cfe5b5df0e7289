import { label } from "../api/apiKeys.js";
import { isReadable } from "../api/listApiKeys.js";
import { appliedOf, inputsFromHeld, observed } from "./applied.js";
import type { OperationContext, Properties } from "./context.js";
import { disabledWarning } from "./diffWarnings.js";
import { findKey, requireListed, unreadableWords } from "./existence.js";
import { foreignRotationWarning } from "./secret.js";
import { heldValues, identity, type KeyState, parseState } from "./state.js";

/** What a read found. */
export interface ReadResult {
    readonly state: KeyState;
    /** The inputs that were carried out, with what drifted since: always answered, so that a second refresh is quiet. */
    readonly inputs: Properties;
}

/**
 * Reads a key from the team's listing. The secret and what is pending are carried over.
 *
 * @param props - The outputs of a refresh, or the arguments of a `get` or an import.
 * @returns `undefined` for a key that is gone. A key that may still exist stays as it is, with a warning.
 * @throws KeyGoneError for a `get` or an import of a key that the team's listing lacks.
 */
export async function read(context: OperationContext, id: string, props: Properties): Promise<ReadResult | undefined> {
    const before = parseState(props);
    return before === undefined ? readUnmanaged(context, id, props) : refresh(context, { ...before, apiKeyId: id });
}

async function refresh(
    { account, registry, warn }: OperationContext,
    before: KeyState,
): Promise<ReadResult | undefined> {
    registry.hold(before.apiKeyId);
    const found = await findKey(account, before);
    if ("gone" in found) {
        return undefined;
    }
    if ("unproven" in found) {
        warn(
            `${label(before)} is not in the listing of team ${before.teamId}, and was kept as it is: it could not be proved to be gone. ${found.unproven}`,
        );
        return { state: before, inputs: appliedOf(before) };
    }
    if (!isReadable(found.listed)) {
        warn(`${unreadableWords({ ...found.listed, name: before.name })} The stack keeps it as it is.`);
        return { state: before, inputs: appliedOf(before) };
    }
    const key = found.listed;
    const state = observed(before, key, await account.aliasesFor(before.teamId, before.acls, key.acls));
    const foreign = foreignRotationWarning(before, key.redactedApiKey, account.now());
    if (foreign !== undefined) {
        warn(foreign);
    }
    if (state.disabled && before.applied?.["disabled"] !== true) {
        warn(disabledWarning(state, before.applied?.["disabled"]));
    }
    return { state, inputs: appliedOf(state) };
}

async function readUnmanaged({ account }: OperationContext, id: string, props: Properties): Promise<ReadResult> {
    const given = props["teamId"];
    const asked = typeof given === "string" ? given : undefined;
    const teamId = asked ?? (await account.team());
    const key = await requireListed(account, teamId, id, "Check the id and the team (`teamId`, `xai:teamId`).");
    const state: KeyState = { apiKeyId: id, teamId, ...heldValues(key), ...identity(key) };
    return { state, inputs: inputsFromHeld(state, asked) };
}
