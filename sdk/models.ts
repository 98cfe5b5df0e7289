import { type ClusterConfig, type ClusterModel, MODEL_LISTS, type ModelKind } from "../provider/api/models.js";

/**
 * A team's models as programs want them: one entry a model, numbers as numbers, prices in US dollars. Pure.
 */

/** A model, whatever the number of clusters that serve it. */
export interface Model {
    /** What ACLs and requests call it. */
    name: string;
    kind: ModelKind;
    version: string | undefined;
    /** Other names that requests and ACLs may use. */
    aliases: string[];
    /** The clusters that serve it. */
    clusters: string[];
    /** `TEXT`, `IMAGE`, `AUDIO`, `VIDEO`. */
    inputModalities: string[];
    /** The same; empty for embedding models. */
    outputModalities: string[];
    /** The team's own limits for the model, as its first cluster says them. */
    limits: ModelLimits;
    /** The longest prompt, in tokens. Language models. */
    maxPromptLength: number | undefined;
    /** Language models. */
    features: ModelFeatures | undefined;
    prices: ModelPrices;
    /** The permission for it, for a key's `acls`: `api-key:model:<name>`. */
    acl: string;
}

/** Limits of a model: requests and tokens a second, minute, hour, day. `undefined` where the API says none. */
export interface ModelLimits {
    rps: number | undefined;
    rpm: number | undefined;
    tpm: number | undefined;
    rph: number | undefined;
    rpd: number | undefined;
}

/** What a language model can do. */
export interface ModelFeatures {
    functionCalling: boolean;
    structuredOutputs: boolean;
    reasoning: boolean;
}

/** Prices in US dollars. `undefined` where the API says none. */
export interface ModelPrices {
    /** A million tokens of text in the prompt. */
    promptText: number | undefined;
    /** A million tokens of images in the prompt. */
    promptImage: number | undefined;
    /** A million tokens of prompt that were cached. */
    cachedPrompt: number | undefined;
    /** A million tokens of answer. */
    completionText: number | undefined;
    /** The same beyond the long-context threshold. */
    longContext: {
        promptText: number | undefined;
        cachedPrompt: number | undefined;
        completionText: number | undefined;
    };
    /** A thousand searches. */
    search: number | undefined;
}

/** One entry a model, in the order of the API. */
export function modelsOf(clusters: readonly ClusterConfig[]): Model[] {
    const models = new Map<string, Model>();
    for (const cluster of clusters) {
        for (const [list, kind] of MODEL_LISTS) {
            for (const model of cluster[list]) {
                const key = `${kind} ${model.name}`;
                const known = models.get(key);
                if (known === undefined) {
                    models.set(key, toModel(model, kind, cluster.clusterName));
                } else {
                    known.clusters.push(cluster.clusterName);
                    known.aliases = [...new Set([...known.aliases, ...(model.aliases ?? [])])];
                }
            }
        }
    }
    return [...models.values()];
}

function toModel(model: ClusterModel, kind: ModelKind, cluster: string): Model {
    return {
        name: model.name,
        kind,
        version: model.version ?? undefined,
        aliases: [...(model.aliases ?? [])],
        clusters: [cluster],
        inputModalities: [...(model.inputModalities ?? [])],
        outputModalities: [...(model.outputModalities ?? [])],
        limits: {
            rps: number(model["rps"]),
            rpm: number(model["rpm"]),
            tpm: number(model["tpm"]),
            rph: number(model["rph"]),
            rpd: number(model["rpd"]),
        },
        maxPromptLength: number(model["maxPromptLength"]),
        features: features(model["features"]),
        prices: {
            promptText: dollarsPerMillion(model["promptTextTokenPrice"]),
            promptImage: dollarsPerMillion(model["promptImageTokenPrice"]),
            cachedPrompt: dollarsPerMillion(model["cachedPromptTokenPrice"]),
            completionText: dollarsPerMillion(model["completionTextTokenPrice"]),
            longContext: {
                promptText: dollarsPerMillion(model["promptTextTokenPriceLongContext"]),
                cachedPrompt: dollarsPerMillion(model["cachedPromptTokenPriceLongContext"]),
                completionText: dollarsPerMillion(model["completionTextTokenPriceLongContext"]),
            },
            search: cents(model["searchPrice"]),
        },
        acl: `api-key:model:${model.name}`,
    };
}

/** The API gives US cents for 100 million tokens: 10,000 of them are a dollar for a million. */
function dollarsPerMillion(price: unknown): number | undefined {
    const value = number(price);
    return value === undefined ? undefined : value / 10_000;
}

function cents(price: unknown): number | undefined {
    const value = number(price);
    return value === undefined ? undefined : value / 100;
}

function number(value: unknown): number | undefined {
    if (typeof value !== "number" && (typeof value !== "string" || value.trim() === "")) {
        return undefined;
    }
    const result = Number(value);
    return Number.isFinite(result) ? result : undefined;
}

function features(value: unknown): ModelFeatures | undefined {
    if (typeof value !== "object" || value === null) {
        return undefined;
    }
    const has = (name: string) => Reflect.get(value, name) === true;
    return {
        functionCalling: has("functionCalling"),
        structuredOutputs: has("structuredOutputs"),
        reasoning: has("reasoning"),
    };
}
