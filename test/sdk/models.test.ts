import { describe, expect, test } from "vitest";
import type { ClusterModel } from "../../provider/api/models.js";
import { modelsOf } from "../../sdk/models.js";
import { cluster } from "./clusters.js";

function one(model: Partial<ClusterModel>) {
    const [found] = modelsOf([cluster("c", { languageModels: [{ name: "m", ...model }] })]);
    if (found === undefined) {
        throw new Error("There is no model.");
    }
    return found;
}

test("a model that several clusters serve is one entry, with all of them and all aliases", () => {
    const models = modelsOf([
        cluster("us", { languageModels: [{ name: "a", aliases: ["x"], rpm: "480" }, { name: "b" }] }),
        cluster("eu", { languageModels: [{ name: "b" }, { name: "a", aliases: ["x", "y"], rpm: "10" }] }),
    ]);
    expect(models.map(({ name, clusters, aliases }) => ({ name, clusters, aliases }))).toEqual([
        { name: "a", clusters: ["us", "eu"], aliases: ["x", "y"] },
        { name: "b", clusters: ["us", "eu"], aliases: [] },
    ]);
    expect(models[0]?.limits.rpm).toBe(480);
});

test("each list gives its kind, and a name in two of them is two models", () => {
    const models = modelsOf([
        cluster("c", {
            languageModels: [{ name: "m" }],
            embeddingModels: [{ name: "e" }],
            imageGenerationModels: [{ name: "m" }],
            audioModels: [{ name: "au" }],
            videoGenerationModels: [{ name: "v" }],
        }),
    ]);
    expect(models.map(({ name, kind, acl }) => [name, kind, acl])).toEqual([
        ["m", "language", "api-key:model:m"],
        ["e", "embedding", "api-key:model:e"],
        ["m", "imageGeneration", "api-key:model:m"],
        ["au", "audio", "api-key:model:au"],
        ["v", "videoGeneration", "api-key:model:v"],
    ]);
});

describe("prices are US dollars", () => {
    test("a million tokens, out of cents for 100 million", () => {
        const { prices } = one({
            promptTextTokenPrice: "30000",
            promptImageTokenPrice: "0",
            cachedPromptTokenPrice: "7500",
            completionTextTokenPrice: "150000",
            promptTextTokenPriceLongContext: "60000",
            cachedPromptTokenPriceLongContext: "15000",
            completionTextTokenPriceLongContext: "300000",
            searchPrice: "2500",
        });
        expect(prices).toEqual({
            promptText: 3,
            promptImage: 0,
            cachedPrompt: 0.75,
            completionText: 15,
            longContext: { promptText: 6, cachedPrompt: 1.5, completionText: 30 },
            search: 25,
        });
    });

    test.each([undefined, null, "", " ", "free", {}, true, "Infinity", "NaN"])(
        "and none where the API says %j",
        (price) => {
            expect(one({ promptTextTokenPrice: price, searchPrice: price }).prices).toMatchObject({
                promptText: undefined,
                search: undefined,
            });
        },
    );

    test("given as numbers too", () => {
        expect(one({ promptTextTokenPrice: 200 }).prices.promptText).toBe(0.02);
    });
});

test("limits and features are numbers and booleans, and undefined where there are none", () => {
    const features = { functionCalling: true, structuredOutputs: false };
    const model = one({ rps: "8", tpm: "2000000", maxPromptLength: 256_000, features, version: "1.0" });
    expect(model).toMatchObject({
        limits: { rps: 8, rpm: undefined, tpm: 2_000_000, rph: undefined, rpd: undefined },
        maxPromptLength: 256_000,
        features: { functionCalling: true, structuredOutputs: false, reasoning: false },
        version: "1.0",
        inputModalities: [],
        outputModalities: [],
    });
    expect(one({ features: null }).features).toBeUndefined();
});

test("there is nothing without clusters", () => {
    expect(modelsOf([])).toEqual([]);
});
