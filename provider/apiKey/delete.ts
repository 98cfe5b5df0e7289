import { deleteApiKey, label } from "../api/apiKeys.js";
import { NotFoundError, XaiError } from "../api/errors.js";
import { appliedOf } from "./applied.js";
import type { OperationContext, Properties } from "./context.js";
import { explainMissing, KeyGoneError, type Sought } from "./existence.js";
import { AdoptionError } from "./registry.js";
import { type KeyState, parseState } from "./state.js";
import { writeFields } from "./write.js";

/**
 * Deletes a key, or switches it off and leaves it, as the state says. A key that is gone already counts as done. A key that
 * another resource of the program has adopted is left alone.
 *
 * @throws AdoptionError where the resource that is to adopt the key has not done so yet; what the API refuses with.
 */
export async function remove(context: OperationContext, id: string, props: Properties): Promise<void> {
    const { account, registry, warn } = context;
    const state = parseState(props);
    const key: Sought = {
        apiKeyId: id,
        teamId: state?.teamId ?? (await account.team()),
        name: state?.name ?? "",
    };
    registry.hold(id);
    if (registry.isAdopted(id)) {
        warn(`${label(key)} was left as it is, because the program adopts it with \`adoptKeyId\`.`);
        return;
    }
    const adopter = registry.pendingAdopter(id);
    if (adopter !== undefined) {
        throw new AdoptionError(
            `${label(key)} was not deleted: ${JSON.stringify(adopter)} will adopt it with \`adoptKeyId\`, but has not done so yet. Correct that resource's error, and run \`pulumi up\` again. With \`deleteBeforeReplace\` a resource cannot adopt its own key: take one of the two out.`,
        );
    }
    if (state === undefined && props["onDelete"] === "disable") {
        throw new XaiError(
            `${label(key)} was not switched off, because the stack's state of it is incomplete. Run \`pulumi refresh\`, then run again.`,
        );
    }
    try {
        await (state?.onDelete === "disable" ? disable(context, { ...state, apiKeyId: id }) : deleteKey(context, key));
    } catch (error) {
        if (!(error instanceof KeyGoneError)) {
            throw error;
        }
    }
    account.listing(key.teamId).written(id);
}

async function deleteKey({ account }: OperationContext, key: Sought): Promise<void> {
    await deleteApiKey(account.http, key).catch((error: unknown) => {
        // An earlier try of this request has deleted it.
        const isDone = error instanceof NotFoundError && error.mayHaveActed && error.speaksOfKey(key.apiKeyId);
        return isDone ? undefined : explainMissing(account, key, error);
    });
}

async function disable(context: OperationContext, state: KeyState): Promise<void> {
    await writeFields(context, state, ["disabled"], { ...appliedOf(state), disabled: true });
}
