import type { ClusterConfig, ClusterModel } from "../../api/models.js";
import { MODEL_ACL } from "../../fields.js";
import { isMap } from "../../isMap.js";

/** A team's models as programs want them: one entry a model, numbers as numbers, prices in US dollars. Pure. */

/** A model, however many clusters serve it. The SDK's interface of the same name documents the fields. */
export type Model = ReturnType<typeof modelOf>;

/** One entry a model, in the order of the API. Limits and prices are those of the first cluster. */
export function modelsOf(clusters: readonly ClusterConfig[]): Model[] {
    const models = new Map<string, Model>();
    for (const cluster of clusters) {
        for (const { kind, model } of cluster.models) {
            const key = JSON.stringify([kind, model.name]);
            const known = models.get(key);
            if (known === undefined) {
                models.set(key, modelOf(model, kind, cluster.clusterName));
            } else {
                known.clusters = [...new Set([...known.clusters, cluster.clusterName])];
                known.aliases = [...new Set([...known.aliases, ...(model.aliases ?? [])])];
            }
        }
    }
    return [...models.values()];
}

function modelOf(model: ClusterModel, kind: string, cluster: string) {
    const longContextThreshold = positive(model["longContextThreshold"]);
    return {
        name: model.name,
        kind,
        version: model.version ?? undefined,
        aliases: [...(model.aliases ?? [])],
        clusters: [cluster],
        inputModalities: [...(model.inputModalities ?? [])],
        outputModalities: [...(model.outputModalities ?? [])],
        limits: {
            rps: positive(model["rps"]),
            rpm: positive(model["rpm"]),
            tpm: positive(model["tpm"]),
            rph: positive(model["rph"]),
            rpd: positive(model["rpd"]),
        },
        maxPromptLength: positive(model["maxPromptLength"]),
        longContextThreshold,
        features: featuresOf(model["features"]),
        supportedClients: texts(model["supportedClients"]),
        prices: pricesOf(model, longContextThreshold !== undefined),
        batchDiscountPercent: positive(model["batchDiscountPercent"]),
        acl: MODEL_ACL + model.name,
    };
}

/** US cents for 100 million tokens, as a part of a US dollar for a million. */
const TOKENS = 10_000;
/** US cents, as a part of a US dollar. */
const CENTS = 100;
/** 1/100,000,000 of a US cent, as a part of a US dollar. */
const MEDIA = 10_000_000_000;

function pricesOf(model: ClusterModel, hasLongContext: boolean) {
    const takes = (modality: string) => model.inputModalities?.includes(modality) === true;
    const gives = (modality: string) => model.outputModalities?.includes(modality) === true;
    const price = (field: string, unit: number, isOffered = false) => priceOf(model[field], unit, isOffered);
    return {
        promptText: price("promptTextTokenPrice", TOKENS, takes("TEXT")),
        promptImage: price("promptImageTokenPrice", TOKENS, takes("IMAGE")),
        cachedPrompt: price("cachedPromptTokenPrice", TOKENS),
        completionText: price("completionTextTokenPrice", TOKENS, gives("TEXT")),
        longContext: {
            promptText: price("promptTextTokenPriceLongContext", TOKENS, hasLongContext),
            cachedPrompt: price("cachedPromptTokenPriceLongContext", TOKENS, hasLongContext),
            completionText: price("completionTokenPriceLongContext", TOKENS, hasLongContext),
        },
        search: price("searchPrice", CENTS),
        prompt: price("promptTokenPrice", TOKENS),
        completion: price("completionTokenPrice", TOKENS),
        image: price("imagePrice", MEDIA),
        inputImage: price("pricePerInputImage", MEDIA, takes("IMAGE")),
        inputVideoSecond: price("pricePerInputVideoSecond", MEDIA, takes("VIDEO")),
        resolutions: list(model["resolutionPricing"])
            .filter(isMap)
            .map((entry) => ({
                resolution: String(entry["resolution"]),
                image: priceOf(entry["pricePerImage"], MEDIA),
                second: priceOf(entry["pricePerSecond"], MEDIA),
            })),
    };
}

/** The API writes "0" for what a model does not offer, too: then 0 is a price only where something else shows the offer. */
function priceOf(value: unknown, unit: number, isOffered = false): number | undefined {
    const price = number(value);
    return price === undefined || (price === 0 && !isOffered) ? undefined : price / unit;
}

function featuresOf(value: unknown) {
    if (!isMap(value)) {
        return undefined;
    }
    return {
        functionCalling: value["functionCalling"] === true,
        structuredOutputs: value["structuredOutputs"] === true,
        reasoning: value["reasoning"] === true,
        reasoningEffortOptions: texts(value["reasoningEffortOptions"]),
    };
}

/** A limit or a length; the API writes "0" for none. */
function positive(value: unknown): number | undefined {
    return number(value) || undefined;
}

function number(value: unknown): number | undefined {
    const isNumber = typeof value === "number" || (typeof value === "string" && value.trim() !== "");
    const result = isNumber ? Number(value) : Number.NaN;
    return Number.isFinite(result) && result >= 0 ? result : undefined;
}

function list(value: unknown): readonly unknown[] {
    return Array.isArray(value) ? value : [];
}

function texts(value: unknown): string[] {
    return list(value).filter((entry) => typeof entry === "string");
}
