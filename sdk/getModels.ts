import type * as pulumi from "@pulumi/pulumi";
import type { ClusterConfig, ModelKind } from "../provider/api/models.js";
import { lookUp, lookUpOutput } from "./dataSession.js";
import type { Model } from "./models.js";
import type { TeamArgs, TeamOutputArgs } from "./teamArgs.js";
import { clusterConfigsOf } from "./teamModels.js";

export type { ClusterConfig, ClusterModel, ModelKind } from "../provider/api/models.js";
export type { Model, ModelFeatures, ModelLimits, ModelPrices } from "./models.js";

/** The arguments of {@link getModels}. */
export interface GetModelsArgs extends TeamArgs {
    /** What the models are for. Default: all kinds. */
    kind?: ModelKind;
    /** A cluster's name: only what it serves, with its own limits and prices. Default: all clusters. */
    cluster?: string;
}

/** The arguments of {@link getModelsOutput}. */
export interface GetModelsOutputArgs extends TeamOutputArgs {
    /** What the models are for. Default: all kinds. */
    kind?: pulumi.Input<ModelKind | undefined>;
    /** A cluster's name: only what it serves, with its own limits and prices. Default: all clusters. */
    cluster?: pulumi.Input<string | undefined>;
}

/** The answer of {@link getModels}. */
export interface GetModelsResult {
    /** One entry a model, whatever the number of clusters that serve it. */
    models: Model[];
    /** The API's own answer, cluster by cluster: whole, whichever models were asked for. */
    clusterConfigs: ClusterConfig[];
}

/**
 * The models that a team can use, with aliases, clusters, limits and prices. Asked for once a deployment.
 *
 * @throws pulumi.RunError where the team has no such cluster, a setting is missing or the API cannot be asked.
 *
 * @example
 * ```ts
 * const { models } = await xai.getModels({ kind: "language", cluster: "eu-west-1" });
 * const cheapest = models.sort(
 *     (a, b) => (a.prices.promptText ?? Infinity) - (b.prices.promptText ?? Infinity),
 * )[0];
 * ```
 */
export function getModels(args: GetModelsArgs = {}): Promise<GetModelsResult> {
    return find(args, false);
}

/** The same for arguments that are only known later: {@link getModels} with inputs and an output. */
export function getModelsOutput(args: GetModelsOutputArgs = {}): pulumi.Output<GetModelsResult> {
    return lookUpOutput(args, find);
}

function find(given: unknown, isSecret: boolean): Promise<GetModelsResult> {
    return lookUp("getModels", given, isSecret, async ({ teamId, ...asked }) => {
        const { modelsChosen } = await import("./modelChoice.js");
        const { answer, teamId: team } = await clusterConfigsOf(teamId);
        return { models: modelsChosen(answer, asked, { teamId: team, isSecret }), clusterConfigs: answer };
    });
}
