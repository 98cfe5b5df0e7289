import { FIELDS } from "../fields.js";
import { hasUnknown, UNKNOWN } from "../unknown.js";
import type { Properties } from "./context.js";
import { diffState } from "./diff.js";
import { recordIn, targetOf } from "./inputs.js";
import { onDeleteOf, parseState, stateOutputs } from "./state.js";

/**
 * The outputs that a preview answers. Pure: what is known before the run stands as it will be, everything else is unknown.
 */

/** The outputs that only the API can give a new key. */
const COMPUTED = ["apiKeyId", "apiKey", "redactedApiKey", "userId", "createTime"] as const;
/** The outputs that a rotation changes. */
const ROTATED = ["apiKey", "redactedApiKey", "rotatedAt", "previousSecretExpiresAt"] as const;

/** The outputs of a key that a run will create. */
export function planCreate(inputs: Properties): Properties {
    const { teamId = UNKNOWN } = inputs;
    return {
        ...known(inputs),
        ...countedExpiry({}, inputs),
        ...Object.fromEntries(COMPUTED.map((name) => [name, UNKNOWN])),
        disabled: inputs["disabled"] ?? false,
        teamId: teamId ?? UNKNOWN,
    };
}

/** The outputs of a key that a run will update: as they are, but for what changes. */
export function planUpdate(outputs: Properties, news: Properties): Properties {
    const state = parseState(outputs);
    if (state === undefined) {
        return outputs;
    }
    const { fields, rotates } = diffState(state, news, { countsUnknown: true });
    const changed = Object.fromEntries(fields.map((field) => [field, targetOf(field, news)]));
    const mayRotate = hasUnknown(news["rotation"]);
    const isNewSecret = rotates || mayRotate || state.pending?.includes("secret");
    const { existingSecret } = news;
    const isGiven = state.apiKey === undefined && (existingSecret ?? null) !== null;
    const given = isGiven ? { apiKey: existingSecret } : {};
    const rotated = isNewSecret ? Object.fromEntries(ROTATED.map((name) => [name, UNKNOWN])) : {};
    const expiry = countedExpiry(mayRotate ? {} : (state.applied ?? {}), news);
    return { ...stateOutputs({ ...state, onDelete: onDeleteOf(news) }), ...changed, ...given, ...rotated, ...expiry };
}

/** The expiry is unknown where it is counted anew: the run counts from its own time. */
function countedExpiry(applied: Properties, news: Properties): Properties {
    const counted = recordIn(news)?.expireTime;
    const isNew = counted !== undefined && counted !== recordIn(applied)?.expireTime;
    return isNew && (news["expireTime"] ?? null) === null ? { expireTime: UNKNOWN } : {};
}

function known(inputs: Properties): Properties {
    return Object.fromEntries(
        FIELDS.map((field) => [field, targetOf(field, inputs)] as const).filter(
            ([, value]) => value !== null && value !== undefined,
        ),
    );
}
