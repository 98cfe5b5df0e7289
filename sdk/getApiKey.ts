import type * as pulumi from "@pulumi/pulumi";
import { lookUp, lookUpOutput, sessionFor } from "./dataSession.js";
import type { TeamArgs, TeamOutputArgs } from "./teamArgs.js";

/** The arguments of {@link getApiKey}: the key's id, or its name. */
export type GetApiKeyArgs = TeamArgs & ({ id: string; name?: never } | { name: string; id?: never });

/** The arguments of {@link getApiKeyOutput}: the key's id, or its name. */
export type GetApiKeyOutputArgs = TeamOutputArgs &
    ({ id: pulumi.Input<string>; name?: never } | { name: pulumi.Input<string>; id?: never });

/** A key as the API lists it: all but its secret, which no listing has. `undefined` for what is not set. */
export interface GetApiKeyResult {
    apiKeyId: string;
    name: string;
    teamId: string;
    /** The user that the key belongs to. */
    userId: string | undefined;
    /** The permissions. */
    acls: string[];
    /** Queries a second. */
    qps: number | undefined;
    /** Queries a minute. */
    qpm: number | undefined;
    /** Tokens a minute, as an integer text. */
    tpm: string | undefined;
    /** When the key stops working: RFC 3339. */
    expireTime: string | undefined;
    /** Whether the key is switched off. */
    disabled: boolean;
    /** The secret's beginning and end, as the xAI Console shows it. */
    redactedApiKey: string | undefined;
    /** RFC 3339, microseconds. */
    createTime: string | undefined;
    /** The same. */
    modifyTime: string | undefined;
}

/**
 * Looks up a key by its id or its name: plain data, where {@link XaiApiKey.get} makes a resource of it in the stack. The
 * team's keys are listed once a deployment, and once more where a key is not among them. For a key of the same stack use
 * its resource's outputs.
 *
 * @throws pulumi.RunError where the team has no such key (it says which name was probably meant, and where the management
 * key may be shown only its own user's keys), where several have the name (it lists their ids), where a setting is missing,
 * or the API cannot be asked.
 *
 * @example
 * ```ts
 * const shared = await xai.getApiKey({ name: "shared-search" });
 * new xai.XaiApiKey("search", { acls: shared.acls, qpm: shared.qpm });
 * ```
 */
export function getApiKey(args: GetApiKeyArgs): Promise<GetApiKeyResult> {
    return find(args, false);
}

/** The same for arguments that are only known later: {@link getApiKey} with inputs and an output. */
export function getApiKeyOutput(args: GetApiKeyOutputArgs): pulumi.Output<GetApiKeyResult> {
    return lookUpOutput(args, find);
}

function find(given: unknown, isSecret: boolean): Promise<GetApiKeyResult> {
    return lookUp("getApiKey", given, isSecret, async ({ teamId: team, ...rest }) => {
        const [{ idOrName }, { findKey, warnOfUnreadable }, { keyResult }] = await Promise.all([
            import("./lookUpArguments.js"),
            import("./teamKeys.js"),
            import("./keyChoice.js"),
        ]);
        const asked = idOrName(rest);
        const { session, teamId } = await sessionFor(team);
        const key = await findKey(session, asked, { teamId, isSecret });
        if ("name" in asked) {
            await warnOfUnreadable(session, teamId);
        }
        return keyResult(key, teamId);
    });
}
