import { z } from "zod";
import { answerAround } from "./emptyAnswer.js";
import { type Http, path } from "./http.js";

/** What a model takes and gives. */
export type Modality = "TEXT" | "IMAGE" | "AUDIO" | "VIDEO" | "INVALID" | (string & {});

/** The five lists of a cluster's answer, and what a model in each of them is. */
export const MODEL_LISTS = [
    ["languageModels", "language"],
    ["embeddingModels", "embedding"],
    ["imageGenerationModels", "imageGeneration"],
    ["audioModels", "audio"],
    ["videoGenerationModels", "videoGeneration"],
] as const;

/** What a model is for. */
export type ModelKind = (typeof MODEL_LISTS)[number][1];

/** A model as one cluster serves it: the API's own fields. What is not named here is kept as it came. */
export interface ClusterModel {
    readonly name: string;
    readonly version?: string | null | undefined;
    readonly aliases?: readonly string[] | null | undefined;
    readonly inputModalities?: readonly Modality[] | null | undefined;
    readonly outputModalities?: readonly Modality[] | null | undefined;
    /** `cluster`, limits and prices as the integer strings that the API sends, `features`, `resolutionPricing` and so on. */
    readonly [field: string]: unknown;
}

/** One cluster and the models that it serves to the team. */
export interface ClusterConfig {
    readonly clusterName: string;
    readonly languageModels: readonly ClusterModel[];
    readonly embeddingModels: readonly ClusterModel[];
    readonly imageGenerationModels: readonly ClusterModel[];
    readonly audioModels: readonly ClusterModel[];
    readonly videoGenerationModels: readonly ClusterModel[];
    readonly [field: string]: unknown;
}

const modelSchema = z.looseObject({
    name: z.string().min(1),
    version: z.string().nullish(),
    aliases: z.array(z.string()).nullish(),
    inputModalities: z.array(z.string()).nullish(),
    outputModalities: z.array(z.string()).nullish(),
});

const list = z
    .array(modelSchema)
    .nullish()
    .transform((models) => models ?? []);

const clusterConfigSchema = z.looseObject({
    clusterName: z.string(),
    languageModels: list,
    embeddingModels: list,
    imageGenerationModels: list,
    audioModels: list,
    videoGenerationModels: list,
});

const modelsSchema = answerAround(
    "clusterConfigs",
    z.object({ clusterConfigs: z.array(clusterConfigSchema).nullish() }),
);

/** The models that a team can use, cluster by cluster. */
export async function listModels(http: Http, teamId: string, deadline?: number): Promise<readonly ClusterConfig[]> {
    const answer = await http.send({
        action: { endpoint: "ListModels", description: `list the models of team ${teamId}` },
        method: "GET",
        path: path`/auth/teams/${teamId}/models`,
        answer: modelsSchema,
        repeatable: true,
        ...(deadline === undefined ? {} : { deadline }),
    });
    return answer.clusterConfigs ?? [];
}
