import type * as pulumi from "@pulumi/pulumi";
import { lookUp, lookUpOutput, sessionFor } from "./dataSession.js";
import type { GetApiKeyResult } from "./getApiKey.js";
import type { TeamArgs, TeamOutputArgs } from "./teamArgs.js";

/** The arguments of {@link getApiKeys}: which keys are wanted. */
export interface GetApiKeysArgs extends TeamArgs {
    /** Only keys of this name; names are not unique. */
    name?: string;
    /**
     * Only keys with this permission, most easily made with {@link acl}: a model's by any of its names and aliases. A key
     * that may use all models has another permission, {@link acl.allModels}.
     */
    acl?: string;
    /**
     * Only keys that work: not disabled, and not expired by the server's own clock, as its answers show it to within about
     * a second. Default: false.
     */
    activeOnly?: boolean;
}

/** The arguments of {@link getApiKeysOutput}: which keys are wanted. */
export interface GetApiKeysOutputArgs extends TeamOutputArgs {
    /** Only keys of this name; names are not unique. */
    name?: pulumi.Input<string | undefined>;
    /** Only keys with this permission; see {@link GetApiKeysArgs.acl}. */
    acl?: pulumi.Input<string | undefined>;
    /** Only keys that work; see {@link GetApiKeysArgs.activeOnly}. Default: false. */
    activeOnly?: pulumi.Input<boolean | undefined>;
}

/** The answer of {@link getApiKeys}. */
export interface GetApiKeysResult {
    /** In the order of the API. */
    apiKeys: GetApiKeyResult[];
    /**
     * Whether the team may have keys of other users that were not shown: a management key that is no team admin's is shown
     * only its own user's. False as soon as the listing has keys of two users; true says no more than that it has not.
     */
    mayLackOthers: boolean;
}

/**
 * The keys of a team, all or those that are wanted, without their secrets. They are listed once a deployment, for
 * {@link getApiKey} too: what the same deployment makes may not be among them.
 *
 * @throws pulumi.RunError where a setting is missing or the API cannot be asked.
 *
 * @example
 * ```ts
 * const { apiKeys } = await xai.getApiKeys({ acl: xai.acl.allModels, activeOnly: true });
 * export const neverExpire = apiKeys.filter((key) => key.expireTime === undefined).map((key) => key.name);
 * ```
 */
export function getApiKeys(args: GetApiKeysArgs = {}): Promise<GetApiKeysResult> {
    return find(args, false);
}

/** The same for arguments that are only known later: {@link getApiKeys} with inputs and an output. */
export function getApiKeysOutput(args: GetApiKeysOutputArgs = {}): pulumi.Output<GetApiKeysResult> {
    return lookUpOutput(args, find);
}

function find(given: unknown, isSecret: boolean): Promise<GetApiKeysResult> {
    return lookUp("getApiKeys", given, isSecret, async ({ name, acl, activeOnly, teamId: team }) => {
        const [{ keyResult, keysWanted }, { warnOfUnreadable }, { mayLackOthers }] = await Promise.all([
            import("./keyChoice.js"),
            import("./teamKeys.js"),
            import("../provider/ownKeys.js"),
        ]);
        const { session, teamId } = await sessionFor(team);
        const acls = acl === undefined ? undefined : await everyWayToWrite(acl, teamId);
        const listed = await session.listings(teamId).last();
        await warnOfUnreadable(session, teamId);
        const now = session.serverTime() ?? Date.now();
        const wanted = keysWanted(listed, { name, acls, activeAt: activeOnly === true ? now : undefined });
        return {
            apiKeys: wanted.map((key) => keyResult(key, teamId)),
            mayLackOthers: mayLackOthers(listed.values()),
        };
    });
}

/** The models are asked for only where a permission names one. */
async function everyWayToWrite(acl: string, teamId: string): Promise<ReadonlySet<string>> {
    const [{ namesModel, waysToWrite }, { modelsOf }, { clusterConfigsOf }] = await Promise.all([
        import("./keyChoice.js"),
        import("./models.js"),
        import("./teamModels.js"),
    ]);
    return waysToWrite(acl, namesModel(acl) ? modelsOf((await clusterConfigsOf(teamId)).answer) : []);
}
