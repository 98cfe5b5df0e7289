/** The models of the emulated team, each with every field that the API page documents for its kind. */

/** What every model has. All limits are integer strings. */
export interface Model {
    name: string;
    version: string;
    inputModalities: string[];
    aliases: string[];
    /** The address of the cluster that serves it. */
    cluster: string;
    rps: string;
    rpm: string;
    tpm: string;
    rph: string;
    rpd: string;
    rateLimits: { tier: string; rps: string; rpm: string; tpm: string }[];
    tier: string;
}

/** A model that turns text into vectors: the one kind without output modalities. */
export interface EmbeddingModel extends Model {
    promptTextTokenPrice: string;
    promptImageTokenPrice: string;
}

/** A model that answers in text. Prices are integer strings: US dollar cents per 100 million tokens. */
export interface LanguageModel extends Model {
    outputModalities: string[];
    maxPromptLength: number;
    features: { functionCalling: boolean; structuredOutputs: boolean; reasoning: boolean };
    longContextThreshold: string;
    algorithm: string;
    promptTextTokenPrice: string;
    promptTextTokenPriceLongContext: string;
    promptImageTokenPrice: string;
    cachedPromptTokenPrice: string;
    cachedPromptTokenPriceLongContext: string;
    completionTextTokenPrice: string;
    completionTextTokenPriceLongContext: string;
    /** US dollar cents per 1000 searches. */
    searchPrice: string;
}

/** A model that draws. */
export interface ImageModel extends Model {
    outputModalities: string[];
    imagePrice: string;
    resolutionPricing: { resolution: string; pricePerImage: string }[];
    pricePerInputImage: string;
}

/** What differs from one language model to the next; prices in US dollars per million tokens, as price lists have them. */
interface Language {
    name: string;
    version: string;
    aliases: string[];
    vision?: true;
    reasoning?: true;
    maxPromptLength: number;
    dollars: { prompt: number; cached: number; completion: number };
    longContext?: { threshold: number; factor: number };
}

const LANGUAGE: readonly Language[] = [
    {
        name: "grok-4-0709",
        version: "1.0",
        aliases: ["grok-4", "grok-4-latest"],
        vision: true,
        reasoning: true,
        maxPromptLength: 256_000,
        dollars: { prompt: 3, cached: 0.75, completion: 15 },
        longContext: { threshold: 128_000, factor: 2 },
    },
    {
        name: "grok-3",
        version: "1.0",
        aliases: ["grok-3-latest", "grok-3-beta"],
        maxPromptLength: 131_072,
        dollars: { prompt: 3, cached: 0.75, completion: 15 },
    },
    {
        name: "grok-3-mini",
        version: "1.0",
        aliases: ["grok-3-mini-latest", "grok-3-mini-beta"],
        reasoning: true,
        maxPromptLength: 131_072,
        dollars: { prompt: 0.3, cached: 0.075, completion: 0.5 },
    },
    {
        name: "grok-code-fast-1",
        version: "1.0",
        aliases: ["grok-code-fast", "grok-code-fast-1-0825"],
        reasoning: true,
        maxPromptLength: 256_000,
        dollars: { prompt: 0.2, cached: 0.02, completion: 1.5 },
    },
    {
        name: "grok-2-vision-1212",
        version: "1.0",
        aliases: ["grok-2-vision", "grok-2-vision-latest"],
        vision: true,
        maxPromptLength: 32_768,
        dollars: { prompt: 2, cached: 2, completion: 10 },
    },
];

/** The language models that a cluster serves. */
export function languageModels(cluster: string): LanguageModel[] {
    return LANGUAGE.map((model) => {
        const factor = model.longContext?.factor ?? 1;
        const { prompt, cached, completion } = model.dollars;
        return {
            ...common(model, cluster),
            inputModalities: model.vision ? ["TEXT", "IMAGE"] : ["TEXT"],
            outputModalities: ["TEXT"],
            maxPromptLength: model.maxPromptLength,
            features: { functionCalling: true, structuredOutputs: true, reasoning: model.reasoning ?? false },
            longContextThreshold: String(model.longContext?.threshold ?? 0),
            algorithm: "default",
            promptTextTokenPrice: tokenPrice(prompt),
            promptTextTokenPriceLongContext: tokenPrice(prompt * factor),
            promptImageTokenPrice: tokenPrice(model.vision ? prompt : 0),
            cachedPromptTokenPrice: tokenPrice(cached),
            cachedPromptTokenPriceLongContext: tokenPrice(cached * factor),
            completionTextTokenPrice: tokenPrice(completion),
            completionTextTokenPriceLongContext: tokenPrice(completion * factor),
            searchPrice: "2500",
        };
    });
}

/** The image models that a cluster serves. */
export function imageModels(cluster: string): ImageModel[] {
    return [
        {
            ...common({ name: "grok-2-image-1212", version: "1.0", aliases: ["grok-2-image"] }, cluster),
            inputModalities: ["TEXT"],
            outputModalities: ["IMAGE"],
            imagePrice: "7",
            resolutionPricing: [
                { resolution: "1024x768", pricePerImage: "7" },
                { resolution: "2048x1536", pricePerImage: "14" },
            ],
            pricePerInputImage: "0",
        },
    ];
}

/** The embedding models that a cluster serves. */
export function embeddingModels(cluster: string): EmbeddingModel[] {
    return [
        {
            ...common({ name: "grok-embedding-small", version: "1.0", aliases: ["grok-embedding"] }, cluster),
            inputModalities: ["TEXT"],
            promptTextTokenPrice: tokenPrice(0.02),
            promptImageTokenPrice: tokenPrice(0),
        },
    ];
}

type Identity = Pick<Model, "name" | "version" | "aliases">;

function common({ name, version, aliases }: Identity, cluster: string): Omit<Model, "inputModalities"> {
    const limits = { rps: "8", rpm: "480", tpm: "2000000" };
    return {
        name,
        version,
        aliases: [...aliases],
        cluster,
        ...limits,
        rph: "0",
        rpd: "0",
        rateLimits: [{ tier: "TIER_1", ...limits }],
        tier: "TIER_1",
    };
}

/** US dollars per million tokens, in the API's unit of cents per 100 million tokens. */
function tokenPrice(dollarsPerMillion: number): string {
    return String(Math.round(dollarsPerMillion * 100 * 100));
}
