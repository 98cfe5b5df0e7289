import type * as pulumi from "@pulumi/pulumi";
import { callFunction, callFunctionOutput, withName } from "./callFunction.js";

/** Where a function reads the team's data. */
export interface TeamArgs {
    /** The team's id. Default: `xai:teamId`, then `XAI_TEAM_ID`, then the management key's own team. */
    teamId?: string | null | undefined;
}

/** {@link TeamArgs} as inputs. */
export interface TeamOutputArgs {
    /** The team's id. Default: `xai:teamId`, then `XAI_TEAM_ID`, then the management key's own team. */
    teamId?: pulumi.Input<string | null | undefined>;
}

/** What a model is for. The API may add kinds: a list `speechModels` in its answer holds models of the kind `speech`. */
export type ModelKind = "language" | "embedding" | "imageGeneration" | "audio" | "videoGeneration" | (string & {});

/** What goes into a model, or comes out of it. */
export type Modality = "TEXT" | "IMAGE" | "AUDIO" | "VIDEO" | "INVALID" | (string & {});

/** A model of a team, however many clusters serve it. `undefined` stands for what the API does not say. */
export interface Model {
    /** The name in requests and permissions. */
    name: string;
    /** What it is for. */
    kind: ModelKind;
    /** Its version, as the API writes it. */
    version: string | undefined;
    /** Other names that requests and permissions may use. */
    aliases: string[];
    /** The names of the clusters that serve it. */
    clusters: string[];
    /** What goes into it. */
    inputModalities: Modality[];
    /** What comes out of it. Empty for embedding models. */
    outputModalities: Modality[];
    /** The team's limits for the model, as the first of its clusters gives them. */
    limits: ModelLimits;
    /** The longest prompt, in tokens. Language models have it. */
    maxPromptLength: number | undefined;
    /**
     * The length of a prompt, in tokens, beyond which the prices of {@link ModelPrices.longContext} hold; `undefined` for a
     * model without a long context.
     */
    longContextThreshold: number | undefined;
    /** Language models have them. */
    features: ModelFeatures | undefined;
    /** The clients that may use the model. Audio models have them; empty for others. */
    supportedClients: string[];
    /** What it costs the team. */
    prices: ModelPrices;
    /** The discount for batch requests, in percent; `undefined` for none. */
    batchDiscountPercent: number | undefined;
    /** The permission for it, for a key's `acls`: `api-key:model:<name>`. */
    acl: string;
}

/** A team's limits for a model. `undefined`: no limit. */
export interface ModelLimits {
    /** Requests a second. */
    rps: number | undefined;
    /** Requests a minute. */
    rpm: number | undefined;
    /** Tokens a minute. */
    tpm: number | undefined;
    /** Requests an hour. */
    rph: number | undefined;
    /** Requests a day. */
    rpd: number | undefined;
}

/** What a language model can do. */
export interface ModelFeatures {
    /** Whether it calls functions. */
    functionCalling: boolean;
    /** Whether it answers in a given structure. */
    structuredOutputs: boolean;
    /** Whether it reasons before it answers. */
    reasoning: boolean;
    /** The values that a request may give as its reasoning effort; empty where there is no choice. */
    reasoningEffortOptions: string[];
}

/**
 * Prices in US dollars. `undefined` for what the model does not offer. The API writes "0" for that, too, so that 0 is a price
 * only where the model's modalities or its {@link Model.longContextThreshold} show that it offers the thing.
 */
export interface ModelPrices {
    /** A million tokens of text in the prompt. */
    promptText: number | undefined;
    /** A million tokens of images in the prompt. */
    promptImage: number | undefined;
    /** A million tokens of the prompt that come from the cache. */
    cachedPrompt: number | undefined;
    /** A million tokens of the answer. */
    completionText: number | undefined;
    /** The same three for a request beyond {@link Model.longContextThreshold}. */
    longContext: {
        /** A million tokens of text in the prompt. */
        promptText: number | undefined;
        /** A million tokens of the prompt that come from the cache. */
        cachedPrompt: number | undefined;
        /** A million tokens of the answer. */
        completionText: number | undefined;
    };
    /** A thousand searches. */
    search: number | undefined;
    /** A million tokens of the prompt of an audio model. */
    prompt: number | undefined;
    /** A million tokens of the answer of an audio model. */
    completion: number | undefined;
    /** An image that the model makes. The API deprecates this price: see {@link ModelPrices.resolutions}. */
    image: number | undefined;
    /** An image that a request of an image or video model contains. */
    inputImage: number | undefined;
    /** A second of video that a request of a video model contains. */
    inputVideoSecond: number | undefined;
    /** The prices of what an image or video model makes, for each resolution that it offers; empty for other models. */
    resolutions: ResolutionPrice[];
}

/** A price in US dollars of one resolution of an image or video model. */
export interface ResolutionPrice {
    /** The API's name, for example `IMAGE_RESOLUTION_2K` or `VIDEO_RESOLUTION_720P`. */
    resolution: string;
    /** An image of this resolution. */
    image: number | undefined;
    /** A second of video of this resolution. */
    second: number | undefined;
}

/** A model as one cluster serves it, with the API's own fields: limits and prices are integer strings there. */
export interface ClusterModel {
    readonly name: string;
    readonly version?: string | null | undefined;
    readonly aliases?: readonly string[] | null | undefined;
    readonly inputModalities?: readonly Modality[] | null | undefined;
    readonly outputModalities?: readonly Modality[] | null | undefined;
    readonly [field: string]: unknown;
}

/** One cluster and the models that it serves, as the API answers it. A list of a newer kind stands beside these. */
export interface ClusterConfig {
    readonly clusterName: string;
    readonly languageModels: readonly ClusterModel[];
    readonly embeddingModels: readonly ClusterModel[];
    readonly imageGenerationModels: readonly ClusterModel[];
    readonly audioModels: readonly ClusterModel[];
    readonly videoGenerationModels: readonly ClusterModel[];
    readonly [field: string]: unknown;
}

/** The arguments of {@link getModels}. */
export interface GetModelsArgs extends TeamArgs {
    /** Only models of this kind: a published one, or one that the team has. Default: all kinds. */
    kind?: ModelKind | null | undefined;
    /** A cluster's name: only the models that it serves, with its own limits and prices. Default: all clusters. */
    cluster?: string | null | undefined;
}

/** The arguments of {@link getModelsOutput}. */
export interface GetModelsOutputArgs extends TeamOutputArgs {
    /** Only models of this kind; see {@link GetModelsArgs.kind}. */
    kind?: pulumi.Input<ModelKind | null | undefined>;
    /** Only the models that this cluster serves; see {@link GetModelsArgs.cluster}. */
    cluster?: pulumi.Input<string | null | undefined>;
}

/** The result of {@link getModels}. */
export interface GetModelsResult {
    /** One entry a model, in the order of the API. */
    models: Model[];
    /** The API's own answer, cluster by cluster. It is complete, whatever the arguments choose. */
    clusterConfigs: ClusterConfig[];
}

/**
 * Lists the models that a team can use, with aliases, clusters, limits and prices. All functions of a deployment share one
 * request for a team's models.
 *
 * @throws pulumi.RunError where the team has no such kind or cluster, an argument or a setting is wrong, or the API refuses.
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
    return callFunction("getModels", args);
}

/** Like {@link getModels}, with inputs for arguments and an output for the result. */
export function getModelsOutput(args: GetModelsOutputArgs = {}): pulumi.Output<GetModelsResult> {
    return callFunctionOutput("getModels", args);
}

/** The arguments of {@link getModel} beside the name. */
export interface GetModelArgs extends TeamArgs {
    /** The kind, where models of several kinds have the same name. Default: any kind. */
    kind?: ModelKind | null | undefined;
}

/** The arguments of {@link getModelOutput} beside the name. */
export interface GetModelOutputArgs extends TeamOutputArgs {
    /** The kind; see {@link GetModelArgs.kind}. */
    kind?: pulumi.Input<ModelKind | null | undefined>;
}

/**
 * Looks up a team's model by its name or an alias. All functions of a deployment share one request for a team's models.
 *
 * @param name - A model's name or alias, for example `grok-4`. A name goes before an alias.
 * @throws pulumi.RunError where the team has no such model (the message suggests what was probably meant) or several, an
 * argument or a setting is wrong, or the API refuses.
 *
 * @example
 * ```ts
 * const grok = await xai.getModel("grok-4");
 * new xai.XaiApiKey("search", { acls: [grok.acl, xai.acl.endpoint("chat")], tpm: grok.limits.tpm });
 * export const dollarsPerMillionTokens = grok.prices.completionText;
 * ```
 */
export function getModel(name: string, args: GetModelArgs = {}): Promise<Model> {
    return callFunction("getModel", withName(name, args));
}

/** Like {@link getModel}, with inputs for arguments and an output for the result. */
export function getModelOutput(name: pulumi.Input<string>, args: GetModelOutputArgs = {}): pulumi.Output<Model> {
    return callFunctionOutput("getModel", withName(name, args));
}

/** The arguments of {@link getEndpoints}. */
export interface GetEndpointsArgs extends TeamArgs {}

/** The arguments of {@link getEndpointsOutput}. */
export interface GetEndpointsOutputArgs extends TeamOutputArgs {}

/** A permission for an endpoint. A field that the API leaves out is empty. */
export interface EndpointAcl {
    /** The permission, for a key's `acls`: for example `api-key:endpoint:chat`. */
    acl: string;
    /** The API's description, for people. */
    description: string;
    /** The first part of the permission: `api-key`. */
    namespace: string;
    /** The second part: `endpoint`. */
    key: string;
    /** The third part, the endpoint's name: for example `chat`. */
    value: string;
}

/** The result of {@link getEndpoints}. */
export interface GetEndpointsResult {
    /** The endpoint permissions that the team's keys can have. */
    acls: EndpointAcl[];
}

/**
 * Lists the endpoint permissions that a team's keys can have. A deployment sends one request for a team.
 *
 * @throws pulumi.RunError where an argument or a setting is wrong, or the API refuses.
 *
 * @example
 * ```ts
 * const { acls } = await xai.getEndpoints();
 * // [{ acl: "api-key:endpoint:chat", description: "...", namespace: "...", key: "...", value: "..." }, ...]
 * ```
 */
export function getEndpoints(args: GetEndpointsArgs = {}): Promise<GetEndpointsResult> {
    return callFunction("getEndpoints", args);
}

/** Like {@link getEndpoints}, with inputs for arguments and an output for the result. */
export function getEndpointsOutput(args: GetEndpointsOutputArgs = {}): pulumi.Output<GetEndpointsResult> {
    return callFunctionOutput("getEndpoints", args);
}
