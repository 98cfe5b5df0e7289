import { type ApiKey, label } from "../api/apiKeys.js";
import { isReadable, type ListedApiKey } from "../api/listApiKeys.js";
import { CLOCK_GRACE } from "../api/serverClock.js";
import { type Aliases, FIELDS, same } from "../fields.js";
import { timeOf } from "../instant.js";
import type { Properties } from "./context.js";
import { targetOf } from "./inputs.js";
import type { KeyRegistry } from "./registry.js";

/** A create whose answer was lost: which of the listed keys it may have made. Pure. */
export interface LostCreate {
    readonly inputs: Properties;
    /** A lower bound of the server's time when it was sent, in milliseconds since 1970; `undefined` where none is known. */
    readonly since: number | undefined;
    /** The keys that existed before this process created any; `undefined` where no listing is known. */
    readonly before: ReadonlyMap<string, unknown> | undefined;
}

/**
 * The keys that a lost create may have made: of the same name and settings, new, and held by no resource of this program.
 *
 * @param aliases - The names and aliases of the team's models.
 */
export function candidates(
    lost: LostCreate,
    listed: Iterable<ListedApiKey>,
    registry: Pick<KeyRegistry, "isHeld">,
    aliases: Aliases,
): readonly ApiKey[] {
    return [...listed]
        .filter(isReadable)
        .filter(
            (key) =>
                !registry.isHeld(key.apiKeyId) &&
                !lost.before?.has(key.apiKeyId) &&
                isNew(lost, key) !== false &&
                FIELDS.every(
                    (field) => field === "disabled" || same(field, targetOf(field, lost.inputs), key[field], aliases),
                ),
        );
}

/** Whether a key was made after the create was sent, by the server's clock; `undefined` where that is not known. */
export function isNew({ since }: LostCreate, { createTime }: ApiKey): boolean | undefined {
    const made = timeOf(createTime);
    return since === undefined || made === undefined ? undefined : made >= since - CLOCK_GRACE;
}

/**
 * The key that a lost create certainly made; `undefined` where that cannot be told.
 *
 * @param isOnlyDefaultName - Whether the name is one that only this resource of this stack has.
 */
export function certainKey(lost: LostCreate, found: readonly ApiKey[], isOnlyDefaultName: boolean): ApiKey | undefined {
    const [key, ...others] = found;
    return key !== undefined && others.length === 0 && isOnlyDefaultName && isNew(lost, key) ? key : undefined;
}

/** What to do about the keys that a lost create may have made. */
export function describeCandidates(found: readonly ApiKey[]): string {
    if (found.length === 0) {
        return "The team's listing shows no key that it made. Run `pulumi up` again; if the key appears later, delete it in the xAI Console.";
    }
    const keys = found.map((key) => `${label(key)}, created at ${key.createTime ?? "an unknown time"}`).join("; ");
    return `It may have made ${keys}. If nobody uses it, delete it in the xAI Console and run again; or adopt it with \`adoptKeyId\`, which gives it a new secret.`;
}
