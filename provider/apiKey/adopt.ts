import { type ApiKey, label } from "../api/apiKeys.js";
import type { Field } from "../fields.js";
import { timeOf } from "../instant.js";
import type { Account } from "../team/account.js";
import { isUnknown } from "../unknown.js";
import type { OperationContext, Properties } from "./context.js";
import { diffState } from "./diff.js";
import { requireListed } from "./existence.js";
import { firstState } from "./firstState.js";
import { InitializationError } from "./initializationError.js";
import { overlapOf, parseInputs } from "./inputs.js";
import { unpropagated } from "./propagation.js";
import { AdoptionError } from "./registry.js";
import { NoRotationError, rotateKey } from "./rotate.js";
import { fitsRedacted, requireItsSecret } from "./secret.js";
import type { KeyState } from "./state.js";

/** A key that exists comes under the stack's management, in the place of a new one. */

/**
 * Adopts a key with the secret that the program gives, or with a new one. Its settings are still its own.
 *
 * @returns The key's state with its secret.
 * @throws AdoptionError where the key did not come into the stack; what the listing throws.
 */
export async function adoptKey(
    context: OperationContext,
    teamId: string,
    apiKeyId: string,
    inputs: Properties,
): Promise<KeyState> {
    const { account, registry } = context;
    const news = parseInputs(inputs);
    const key = await findAdoptable(account, teamId, apiKeyId);
    const state = await firstState(account, teamId, { ...key, acls: key.acls ?? [] }, inputs);
    if (news.existingSecret) {
        requireItsSecret(state, news.existingSecret);
        registry.adopt(apiKeyId);
        return { ...state, apiKey: news.existingSecret };
    }
    const rotated = await rotateKey(account, state, { overlap: overlapOf(news) }).catch((error: unknown) => {
        if (error instanceof NoRotationError) {
            throw new AdoptionError(
                `${label(key)} was not adopted: its secret is not known, and this server cannot give it a new one (${error.what}). Nothing was changed. Give its secret: \`existingSecret: config.requireSecret("…")\`.`,
            );
        }
        if (error instanceof InitializationError) {
            throw new AdoptionError(`${error.message} The key is not in the stack yet.`);
        }
        throw error;
    });
    registry.adopt(apiKeyId);
    return unpropagated(rotated, news);
}

/** The key in its team's listing. */
export function findAdoptable(account: Account, teamId: string, apiKeyId: string): Promise<ApiKey> {
    return requireListed(
        account,
        teamId,
        apiKeyId,
        "It cannot be adopted: check `adoptKeyId` and `teamId`. If the key was deleted, take `adoptKeyId` out to create a new one.",
    );
}

/**
 * What an adoption will do, for a preview: the fields that change by their names.
 *
 * @param now - In milliseconds since 1970.
 */
export function describeAdoption(state: KeyState, inputs: Properties, now: number): string {
    const { fields } = diffState(state, inputs);
    const { existingSecret } = inputs;
    const secret =
        typeof existingSecret === "string"
            ? isUnproven(state, existingSecret)
                ? "with the secret of `existingSecret`, which cannot be compared with what the API shows"
                : "with the secret of `existingSecret`"
            : `with a new secret; the current one ${lifeOf(state.expireTime, overlapOf(parseInputs(inputs)), now)}`;
    return `${label(state)} will be adopted ${secret}. ${describeFields(fields)}`;
}

function isUnproven({ redactedApiKey = "" }: KeyState, secret: string): boolean {
    return !isUnknown(secret) && fitsRedacted(secret, redactedApiKey) === undefined;
}

function describeFields(fields: readonly Field[]): string {
    return fields.length === 0
        ? "Its settings are those of the program already."
        : `The program changes its ${fields.map((field) => `\`${field}\``).join(", ")}.`;
}

function lifeOf(expireTime: KeyState["expireTime"], overlap: number, now: number): string {
    const expiry = timeOf(expireTime);
    const end = now + overlap;
    if (expiry === undefined || expiry > end) {
        return overlap === 0 ? "stops working at once" : `works until ${new Date(end).toISOString()}`;
    }
    return expiry > now ? `works until it expires at ${expireTime}` : `expired at ${expireTime}`;
}
