import * as pulumi from "@pulumi/pulumi";
import type { ClusterConfig } from "../provider/api/models.js";
import { askOnce, type TeamArgs } from "./dataSession.js";
import type { Model } from "./models.js";

export type { ClusterConfig, ClusterModel, ModelKind } from "../provider/api/models.js";
export type { Model, ModelFeatures, ModelLimits, ModelPrices } from "./models.js";

/** The arguments of {@link getModels}. */
export interface GetModelsArgs extends TeamArgs {}

/** The arguments of {@link getModelsOutput}. */
export interface GetModelsOutputArgs {
    /** The team. Default: `xai:teamId`, then `XAI_TEAM_ID`, then the management key's own team. */
    teamId?: pulumi.Input<string | undefined>;
}

/** The answer of {@link getModels}. */
export interface GetModelsResult {
    /** One entry a model, whatever the number of clusters that serve it. */
    models: Model[];
    /** The API's own answer, cluster by cluster. */
    clusterConfigs: ClusterConfig[];
}

/**
 * The models that a team can use, with aliases, clusters, limits and prices. Asked for once a deployment.
 *
 * @throws pulumi.RunError where a setting is missing or the API cannot be asked.
 *
 * @example
 * ```ts
 * const { models } = await xai.getModels();
 * const cheapest = models
 *     .filter((model) => model.kind === "language")
 *     .sort((a, b) => (a.prices.promptText ?? Infinity) - (b.prices.promptText ?? Infinity))[0];
 * ```
 */
export async function getModels(args: GetModelsArgs = {}): Promise<GetModelsResult> {
    const answer = await askOnce("models", args, async (session, teamId) => {
        const [{ listModels }, { modelsOf }] = await Promise.all([
            import("../provider/api/models.js"),
            import("./models.js"),
        ]);
        const clusterConfigs = [...(await listModels(session.http, teamId))];
        return { models: modelsOf(clusterConfigs), clusterConfigs };
    });
    // The answer is shared; what a program does to its copy is its own affair.
    return structuredClone(answer);
}

/** The same for arguments that are only known later: {@link getModels} with inputs and an output. */
export function getModelsOutput(args: GetModelsOutputArgs = {}): pulumi.Output<GetModelsResult> {
    return pulumi.output(args.teamId).apply((teamId) => getModels(teamId === undefined ? {} : { teamId }));
}
