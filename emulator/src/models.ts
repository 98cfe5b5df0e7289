/** The models of the emulated team, each with every field that the API documents for its kind. */

/** The fields of every model. Limits are integer strings; "0" means that no limit applies. */
export interface Model {
    name: string;
    version: string;
    inputModalities: string[];
    aliases: string[];
    /** The name of the cluster that serves it. */
    cluster: string;
    rps: string;
    rpm: string;
    tpm: string;
    rph: string;
    rpd: string;
    tier: number;
    rateLimits: {
        queryOffset: string;
        queryBaseRate: string;
        queryMultiplier: string;
        tokenOffset: string;
        tokenBaseRate: string;
        tokenMultiplier: string;
    };
}

/** A model that a test adds. Its name is enough; more fields are answered as they are. */
export interface ExtraModel {
    name: string;
    aliases?: string[];
    [field: string]: unknown;
}

/** A model that turns text into vectors: the one kind without output modalities. */
export interface EmbeddingModel extends Model {
    promptTextTokenPrice: string;
    promptImageTokenPrice: string;
}

/** A model that answers in text. Prices are integer strings: US cents per 100 million tokens. */
export interface LanguageModel extends Model {
    outputModalities: string[];
    maxPromptLength: number;
    features: {
        functionCalling: boolean;
        structuredOutputs: boolean;
        reasoning: boolean;
        reasoningEffortOptions: string[];
    };
    /** "0" where the model has no long context. Its long-context prices are "0" then. */
    longContextThreshold: string;
    algorithm: string;
    batchDiscountPercent: number;
    promptTextTokenPrice: string;
    promptTextTokenPriceLongContext: string;
    promptImageTokenPrice: string;
    cachedPromptTokenPrice: string;
    cachedPromptTokenPriceLongContext: string;
    completionTextTokenPrice: string;
    /** Spelt without "Text", as the API does. */
    completionTokenPriceLongContext: string;
    /** US cents per 1000 searches. */
    searchPrice: string;
}

/** A model that draws. Prices are integer strings: US cents / 100,000,000. */
export interface ImageModel extends Model {
    outputModalities: string[];
    /** Deprecated in the API, but still answered. */
    imagePrice: string;
    resolutionPricing: { resolution: string; pricePerImage: string }[];
    pricePerInputImage: string;
}

/** A model that makes videos. Prices are integer strings: US cents / 100,000,000. */
export interface VideoModel extends Model {
    outputModalities: string[];
    resolutionPricing: { resolution: string; pricePerSecond: string }[];
    pricePerInputImage: string;
    pricePerInputVideoSecond: string;
}

/** What differs from one language model to the next. Prices are US dollars per million tokens, as price lists have them. */
interface LanguageModelFacts {
    name: string;
    aliases: string[];
    vision?: true;
    reasoning?: true;
    reasoningEfforts?: string[];
    maxPromptLength: number;
    dollars: { prompt: number; cached: number; completion: number };
    longContext?: { threshold: number; factor: number };
}

const LANGUAGE_MODELS: readonly LanguageModelFacts[] = [
    {
        name: "grok-4-0709",
        aliases: ["grok-4", "grok-4-latest"],
        vision: true,
        reasoning: true,
        maxPromptLength: 256_000,
        dollars: { prompt: 3, cached: 0.75, completion: 15 },
        longContext: { threshold: 128_000, factor: 2 },
    },
    {
        name: "grok-3",
        aliases: ["grok-3-latest", "grok-3-beta"],
        maxPromptLength: 131_072,
        dollars: { prompt: 3, cached: 0.75, completion: 15 },
    },
    {
        name: "grok-3-mini",
        aliases: ["grok-3-mini-latest", "grok-3-mini-beta"],
        reasoning: true,
        reasoningEfforts: ["low", "high"],
        maxPromptLength: 131_072,
        dollars: { prompt: 0.3, cached: 0.075, completion: 0.5 },
    },
    {
        name: "grok-code-fast-1",
        aliases: ["grok-code-fast", "grok-code-fast-1-0825"],
        reasoning: true,
        maxPromptLength: 256_000,
        dollars: { prompt: 0.2, cached: 0.02, completion: 1.5 },
    },
    {
        name: "grok-2-vision-1212",
        aliases: ["grok-2-vision", "grok-2-vision-latest"],
        vision: true,
        maxPromptLength: 32_768,
        dollars: { prompt: 2, cached: 2, completion: 10 },
    },
];

/** The language models that a cluster serves. */
export function languageModels(cluster: string): LanguageModel[] {
    return LANGUAGE_MODELS.map((model) => {
        const factor = model.longContext?.factor ?? 0;
        const { prompt, cached, completion } = model.dollars;
        return {
            ...commonFields(model, cluster),
            inputModalities: model.vision ? ["TEXT", "IMAGE"] : ["TEXT"],
            outputModalities: ["TEXT"],
            maxPromptLength: model.maxPromptLength,
            features: {
                functionCalling: true,
                structuredOutputs: true,
                reasoning: model.reasoning ?? false,
                reasoningEffortOptions: [...(model.reasoningEfforts ?? [])],
            },
            longContextThreshold: String(model.longContext?.threshold ?? 0),
            algorithm: "default",
            batchDiscountPercent: 50,
            promptTextTokenPrice: tokenPrice(prompt),
            promptTextTokenPriceLongContext: tokenPrice(prompt * factor),
            promptImageTokenPrice: tokenPrice(model.vision ? prompt : 0),
            cachedPromptTokenPrice: tokenPrice(cached),
            cachedPromptTokenPriceLongContext: tokenPrice(cached * factor),
            completionTextTokenPrice: tokenPrice(completion),
            completionTokenPriceLongContext: tokenPrice(completion * factor),
            searchPrice: "2500",
        };
    });
}

/** The image models that a cluster serves. */
export function imageModels(cluster: string): ImageModel[] {
    return [
        {
            ...commonFields({ name: "grok-2-image-1212", aliases: ["grok-2-image"] }, cluster),
            tpm: "0",
            inputModalities: ["TEXT"],
            outputModalities: ["IMAGE"],
            imagePrice: mediaPrice(7),
            resolutionPricing: [
                { resolution: "IMAGE_RESOLUTION_1K", pricePerImage: mediaPrice(7) },
                { resolution: "IMAGE_RESOLUTION_2K", pricePerImage: mediaPrice(14) },
            ],
            pricePerInputImage: mediaPrice(0.2),
        },
    ];
}

/** The video models that a cluster serves. */
export function videoModels(cluster: string): VideoModel[] {
    return [
        {
            ...commonFields({ name: "grok-imagine-video", aliases: [] }, cluster),
            tpm: "0",
            inputModalities: ["TEXT", "IMAGE", "VIDEO"],
            outputModalities: ["VIDEO"],
            resolutionPricing: [
                { resolution: "VIDEO_RESOLUTION_480P", pricePerSecond: mediaPrice(5) },
                { resolution: "VIDEO_RESOLUTION_720P", pricePerSecond: mediaPrice(7) },
            ],
            pricePerInputImage: mediaPrice(0.2),
            pricePerInputVideoSecond: mediaPrice(1),
        },
    ];
}

/** The embedding models that a cluster serves. */
export function embeddingModels(cluster: string): EmbeddingModel[] {
    return [
        {
            ...commonFields({ name: "grok-embedding-small", aliases: ["grok-embedding"] }, cluster),
            inputModalities: ["TEXT"],
            promptTextTokenPrice: tokenPrice(0.02),
            promptImageTokenPrice: tokenPrice(0),
        },
    ];
}

/** A model that a test adds, on one cluster. */
export function extraModel(model: ExtraModel, cluster: string): Model {
    return {
        ...commonFields({ name: model.name, aliases: model.aliases ?? [] }, cluster),
        inputModalities: ["TEXT"],
        ...model,
    };
}

function commonFields(
    { name, aliases }: Pick<Model, "name" | "aliases">,
    cluster: string,
): Omit<Model, "inputModalities"> {
    return {
        name,
        version: "1.0",
        aliases: [...aliases],
        cluster,
        rps: "8",
        rpm: "480",
        tpm: "2000000",
        rph: "0",
        rpd: "0",
        tier: 1,
        rateLimits: {
            queryOffset: "0",
            queryBaseRate: "480",
            queryMultiplier: "1",
            tokenOffset: "0",
            tokenBaseRate: "2000000",
            tokenMultiplier: "1",
        },
    };
}

/** US dollars per million tokens, in the API's unit: cents per 100 million tokens. */
function tokenPrice(dollarsPerMillion: number): string {
    return String(Math.round(dollarsPerMillion * 100 * 100));
}

/** US cents, in the API's unit for media: cents / 100,000,000. */
function mediaPrice(cents: number): string {
    return String(Math.round(cents * 100_000_000));
}
