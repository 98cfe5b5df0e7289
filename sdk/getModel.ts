import type * as pulumi from "@pulumi/pulumi";
import type { ModelKind } from "../provider/api/models.js";
import { lookUp, lookUpOutput } from "./dataSession.js";
import type { Model } from "./models.js";
import type { TeamArgs, TeamOutputArgs } from "./teamArgs.js";
import { clusterConfigsOf } from "./teamModels.js";

/** The arguments of {@link getModel} beside the name. */
export interface GetModelArgs extends TeamArgs {
    /** Which of several models of the same name is meant. */
    kind?: ModelKind;
}

/** The arguments of {@link getModelOutput} beside the name. */
export interface GetModelOutputArgs extends TeamOutputArgs {
    /** Which of several models of the same name is meant. */
    kind?: pulumi.Input<ModelKind | undefined>;
}

/**
 * The team's model of a name or alias, with its aliases, clusters, limits and prices. The models are asked for once a
 * deployment.
 *
 * @param name - A model's name or an alias, for example `grok-4`.
 * @throws pulumi.RunError where the team has no such model (it names what was probably meant) or several of that name,
 * where a setting is missing, or the API cannot be asked.
 *
 * @example
 * ```ts
 * const grok = await xai.getModel("grok-4");
 * new xai.XaiApiKey("search", { acls: [grok.acl, xai.acl.endpoint("chat")], tpm: grok.limits.tpm });
 * export const dollarsPerMillionTokens = grok.prices.completionText;
 * ```
 */
export function getModel(name: string, args: GetModelArgs = {}): Promise<Model> {
    return find({ ...args, name }, false);
}

/** The same for arguments that are only known later: {@link getModel} with inputs and an output. */
export function getModelOutput(name: pulumi.Input<string>, args: GetModelOutputArgs = {}): pulumi.Output<Model> {
    return lookUpOutput({ ...args, name }, find);
}

function find(given: unknown, isSecret: boolean): Promise<Model> {
    return lookUp("getModel", given, isSecret, async ({ teamId, ...asked }) => {
        const [{ theModel }, { modelsOf }] = await Promise.all([import("./modelChoice.js"), import("./models.js")]);
        const { answer, teamId: team } = await clusterConfigsOf(teamId);
        return theModel(modelsOf(answer), asked, { teamId: team, isSecret });
    });
}
