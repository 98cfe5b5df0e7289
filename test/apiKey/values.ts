import type { ApiKey } from "../../provider/api/apiKeys.js";
import { appliedInputs } from "../../provider/apiKey/applied.js";
import type { Properties } from "../../provider/apiKey/context.js";
import { APPLIED, ROTATION_DUE, ROTATION_RECORD, recordIn } from "../../provider/apiKey/inputs.js";
import { countRotations } from "../../provider/apiKey/rotation.js";
import type { KeyState } from "../../provider/apiKey/state.js";

/** Values that several tests of decisions share. */

export const DAY = 86_400_000;
/** When the tests of decisions take place, in milliseconds since 1970. */
export const NOW = Date.parse("2027-01-01T00:00:00Z");
/** An instant some days from {@link NOW}, as RFC 3339. */
export const inDays = (days: number) => new Date(NOW + days * DAY).toISOString();
export const ACLS = ["api-key:model:grok-3", "api-key:endpoint:chat"];
/** An alias of the emulator's, as {@link ALIASES} resolves it. */
export const ALIASES = new Map([
    ["grok-4", "grok-4-0709"],
    ["grok-4-0709", "grok-4-0709"],
]);

/** A key as an answer shows it, with nothing set but what a test is about. */
export function answerOf(fields: Partial<ApiKey> = {}): ApiKey {
    return {
        apiKeyId: "id",
        teamId: "team",
        userId: null,
        name: "search",
        acls: ACLS,
        qps: null,
        qpm: null,
        tpm: null,
        expireTime: null,
        disabled: false,
        redactedApiKey: null,
        createTime: null,
        modifyTime: null,
        ...fields,
    };
}

/** Checked inputs: the arguments, and what a first check counts at {@link NOW}. */
export function checkedInputs(args: Properties = {}): Properties {
    const given = { name: "search", acls: ACLS, ...args };
    return { ...given, [APPLIED]: "", [ROTATION_RECORD]: countRotations(undefined, {}, given, NOW).record };
}

/** What the check of a later run hands over. */
export function laterInputs(olds: Properties, args: Properties, days = 1): Properties {
    const given = { name: "search", acls: ACLS, ...args };
    const { record, due } = countRotations(recordIn(olds), olds, given, NOW + days * DAY);
    return { ...given, [ROTATION_RECORD]: record, ...(due === undefined ? {} : { [ROTATION_DUE]: due }) };
}

/** A key whose inputs were all carried out. */
export function stateOf(inputs: Properties = checkedInputs(), more: Partial<KeyState> = {}): KeyState {
    return {
        apiKeyId: "id",
        teamId: "team",
        name: "search",
        acls: ACLS,
        disabled: false,
        apiKey: "xai-secret-secret",
        applied: appliedInputs(inputs),
        ...more,
    };
}
