import { type ApiKey, type CreatedApiKey, createApiKey, label } from "../api/apiKeys.js";
import { ManagementApiError, messageOf, XaiError } from "../api/errors.js";
import { isReadable, type ListedApiKey } from "../api/listApiKeys.js";
import { adoptKey } from "./adopt.js";
import { appliedInputs } from "./applied.js";
import type { OperationContext, Properties } from "./context.js";
import { asSent, firstState } from "./firstState.js";
import { keeping } from "./initializationError.js";
import { createBody, type Inputs, parseInputs } from "./inputs.js";
import { candidates, certainKey, describeCandidates, type LostCreate } from "./lostCreate.js";
import { unpropagated } from "./propagation.js";
import { NoRotationError, rotateKey } from "./rotate.js";
import { heldValues, type KeyState, withPending } from "./state.js";
import { bringTo } from "./update.js";

/**
 * Creates a key with one POST, or adopts the one that the program names; then brings it to the program's settings where it
 * differs, and waits until every cluster knows it.
 *
 * @throws InitializationError for whatever fails once the key exists: it carries the key's whole state.
 */
export async function create(context: OperationContext, inputs: Properties): Promise<KeyState> {
    const news = parseInputs(inputs);
    const teamId = news.teamId ?? (await context.account.team());
    const state = news.adoptKeyId
        ? await adoptKey(context, teamId, news.adoptKeyId, inputs)
        : await makeKey(context, teamId, news, inputs);
    return keeping(state, () => bringTo(context, state, inputs));
}

/** Makes a key. Where the answer is lost, it looks for the key that the POST made. */
async function makeKey(context: OperationContext, teamId: string, news: Inputs, inputs: Properties): Promise<KeyState> {
    const { account, registry } = context;
    const before = (await account.keysBefore(teamId))?.keys;
    suspectOrphans(context, teamId, news, before?.values() ?? []);
    const lost: LostCreate = { inputs, since: account.serverTime(), before };
    try {
        const answer = await createApiKey(account.http, teamId, { ...createBody(inputs), name: news.name });
        registry.hold(answer.apiKeyId);
        account.listing(teamId).written(answer.apiKeyId);
        return await stateOfAnswer(context, teamId, answer, inputs);
    } catch (error) {
        if (error instanceof ManagementApiError && error.mayHaveActed) {
            return await takeLostKey(context, teamId, lost, error);
        }
        throw error;
    }
}

/** The state of a key whose create was answered. From here on nothing loses the key. */
async function stateOfAnswer(
    { account, warn }: OperationContext,
    teamId: string,
    { apiKeyId, apiKey, key }: CreatedApiKey,
    inputs: Properties,
): Promise<KeyState> {
    const sent = asSent(apiKeyId, inputs);
    const least: KeyState = { apiKeyId, teamId, ...heldValues(sent), apiKey, applied: appliedInputs(inputs) };
    return keeping(least, async () => {
        if (key === undefined) {
            warn(
                `The answer to the creation of ${label(sent)} could not be read in full. Run \`pulumi refresh\` to compare the key with the program.`,
            );
        }
        const state = await firstState(account, teamId, key ?? sent, inputs);
        const secret = apiKey === undefined ? withPending(state, "secret") : { ...state, apiKey };
        return unpropagated(secret, parseInputs(inputs));
    });
}

/**
 * Looks once for the key that a lost create made. Under a default name, which only this resource has, exactly one such key is
 * taken and gets a new secret. In any other case the error names the candidates.
 */
async function takeLostKey(
    context: OperationContext,
    teamId: string,
    lost: LostCreate,
    error: ManagementApiError,
): Promise<KeyState> {
    const { account, registry } = context;
    const name = String(lost.inputs["name"]);
    const words = `${error.message} The key may exist all the same, so the create was not sent again.`;
    const found = await search(context, teamId, lost).catch((failure: unknown) => {
        throw new XaiError(
            `${words} The search for it failed: ${messageOf(failure)} Look in the xAI Console for a key named ${JSON.stringify(name)} made just now, and delete it before you run again.`,
        );
    });
    const key = certainKey(lost, found, registry.isOnlyDefaultName(name));
    if (key === undefined) {
        throw new XaiError(`${words} ${describeCandidates(found)}`);
    }
    const state = withPending(await firstState(account, teamId, key, lost.inputs), "secret");
    const made = await rotateKey(account, state, { overlap: 0 }).catch((failure: unknown) => {
        if (failure instanceof NoRotationError) {
            throw new XaiError(
                `${words} It has made ${label(key)}, but this server cannot give a key a new secret (${failure.what}). Delete that key in the xAI Console, and run again.`,
            );
        }
        registry.hold(key.apiKeyId);
        return keeping(state, () => Promise.reject(failure));
    });
    context.warn(
        `The answer to the creation of ${label(key)} was lost (${error.what}). The key was found in the team's listing, created at ${key.createTime}, and has a new secret.`,
    );
    registry.hold(key.apiKeyId);
    return unpropagated(made, parseInputs(lost.inputs));
}

async function search(context: OperationContext, teamId: string, lost: LostCreate): Promise<readonly ApiKey[]> {
    const { account, registry } = context;
    const { keys } = await account.listing(teamId).get({ notOlderThan: performance.now() });
    const aliases = await account.aliasesFor(teamId);
    return candidates(lost, keys.values(), registry, aliases);
}

/** Notes the keys of a default name that an `up` that was killed may have left behind. */
function suspectOrphans(
    { registry }: OperationContext,
    teamId: string,
    { name, disabled }: Inputs,
    before: Iterable<ListedApiKey>,
): void {
    if (!registry.isDefaultName(name)) {
        return;
    }
    // A key that `onDelete: "disable"` left behind was left on purpose.
    const isUsable = (key: ApiKey) => !key.disabled || disabled === true;
    for (const key of [...before].filter(isReadable)) {
        if (key.name.trim() === name.trim() && isUsable(key)) {
            registry.suspectOrphan(
                key.apiKeyId,
                name,
                `${label(key)} of team ${teamId} has the default name of a new key, and no resource of this run holds it. An earlier \`pulumi up\` that was killed may have left it behind; or a resource of another provider, or one that \`--target\` left out, holds it. If nobody uses it, delete it in the xAI Console.`,
            );
        }
    }
}
