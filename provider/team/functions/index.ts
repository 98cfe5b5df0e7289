import { XaiError } from "../../api/errors.js";
import { MODEL_ACL } from "../../fields.js";
import type { Account } from "../account.js";
import { modelNamesOf } from "../catalogue.js";
import type { Listing } from "../keyListing.js";
import { type Arguments, type FunctionName, readArguments } from "./arguments.js";
import { chooseKeys, findKey, idOrName, keyResult, listKeys, mayLackOthers, unreadableIds } from "./keys.js";
import { managementKeyResult, noValidation } from "./managementKey.js";
import { chooseModel, chooseModels, rawClusters } from "./modelChoice.js";

/**
 * The functions: a team's models, endpoints and keys, and the management key, as data. Free of Pulumi, so that every host can
 * offer them. The SDK documents their arguments and results.
 */

/** What a function needs beside the account and its arguments. */
export interface FunctionContext {
    /** Whether the arguments are secrets of the program: then no message shows them. */
    readonly isSecret: boolean;
    /** Shows a warning to whoever runs Pulumi. */
    readonly warn: (message: string) => void;
}

/** Every function: it takes what the program gave, and throws an `XaiError` of one line for whatever is wrong with it. */
export const FUNCTIONS = {
    getModels: define("getModels", async (account, { teamId: team, ...choice }, { isSecret }) => {
        const teamId = team ?? (await account.team());
        const clusters = await account.models(teamId);
        return { models: chooseModels(clusters, choice, { teamId, isSecret }), clusterConfigs: rawClusters(clusters) };
    }),

    getModel: define("getModel", async (account, { teamId: team, ...choice }, { isSecret }) => {
        const teamId = team ?? (await account.team());
        return chooseModel(await account.models(teamId), choice, { teamId, isSecret });
    }),

    getEndpoints: define("getEndpoints", async (account, { teamId }) => {
        const endpoints = await account.endpoints(teamId ?? (await account.team()));
        return { acls: endpoints.map((endpoint) => ({ ...endpoint })) };
    }),

    getApiKeys: define("getApiKeys", async (account, { teamId: team, ...choice }, context) => {
        const teamId = team ?? (await account.team());
        const namesModel = choice.acl?.startsWith(MODEL_ACL) && choice.acl !== `${MODEL_ACL}*`;
        const [{ keys: listed }, clusters] = await Promise.all([
            listKeys(account, teamId),
            namesModel ? account.models(teamId) : [],
        ]);
        warnOfUnreadable(listed, teamId, context);
        const keys = chooseKeys(listed, choice, modelNamesOf(clusters), account.now());
        return { apiKeys: keys.map((key) => keyResult(key, teamId)), mayLackOthers: mayLackOthers(listed) };
    }),

    getApiKey: define("getApiKey", async (account, { teamId: team, ...rest }, context) => {
        const wanted = idOrName(rest);
        const teamId = team ?? (await account.team());
        const key = await findKey(account, wanted, { teamId, isSecret: context.isSecret });
        if ("name" in wanted) {
            warnOfUnreadable((await listKeys(account, teamId)).keys, teamId, context);
        }
        return keyResult(key, teamId);
    }),

    getManagementKey: define("getManagementKey", async (account) => {
        const key = await account.managementKey();
        if (key === undefined) {
            throw noValidation(account.settings.baseUrl);
        }
        return managementKeyResult(key);
    }),
} as const satisfies Record<FunctionName, unknown>;

/** What a function answers. */
export type FunctionResult<Name extends FunctionName> = Awaited<ReturnType<(typeof FUNCTIONS)[Name]>>;

function define<Name extends FunctionName, Result>(
    name: Name,
    run: (account: Account, args: Arguments<Name>, context: FunctionContext) => Promise<Result>,
) {
    return async (account: Account, given: unknown, context: FunctionContext): Promise<Result> => {
        const args = readArguments(name, given, context.isSecret);
        try {
            return await run(account, args, context);
        } catch (error) {
            throw error instanceof XaiError && context.isSecret ? withoutValues(error, args) : error;
        }
    };
}

/** Messages name teams and keys by their ids, which may be the secret arguments themselves. */
function withoutValues(error: XaiError, args: object): XaiError {
    // A shorter value hides nothing, and may be a part of any word.
    const values = Object.values(args).filter((value) => typeof value === "string" && value.length > 3);
    const message = values.reduce<string>((text, value) => text.replaceAll(value, "[secret]"), error.message);
    return message === error.message ? error : new XaiError(message);
}

function warnOfUnreadable(listed: Listing["keys"], teamId: string, { isSecret, warn }: FunctionContext): void {
    const ids = unreadableIds(listed);
    if (ids.length > 0) {
        const team = isSecret ? "the team" : `team ${teamId}`;
        warn(
            `Some API keys of ${team} are left out, because their fields have an unexpected shape: ${ids.join(", ")}. Please report it.`,
        );
    }
}
