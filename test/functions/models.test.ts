import { describe, expect, test } from "vitest";
import { OTHER_TEAM, useTeam } from "./team.js";

const team = useTeam();

/** The one model that the API answers with, as a program sees it. */
async function modelOf(model: object, list = "languageModels") {
    team.answer("listModels", { clusterConfigs: [{ clusterName: "us", [list]: [{ name: "m", ...model }] }] });
    const { models } = await team.call("getModels");
    expect(models).toHaveLength(1);
    return models[0];
}

/** The prices that a model has, without those that are absent. */
async function pricesOf(model: object, list?: string) {
    const prices = (await modelOf(model, list))?.prices;
    return JSON.parse(JSON.stringify(prices));
}

const NO_PRICES = { longContext: {}, resolutions: [] };
const TEXT = { inputModalities: ["TEXT"], outputModalities: ["TEXT"] };

describe("prices are US dollars, and absent for what a model does not offer", () => {
    test.each<[string, object, object, string?]>([
        ["none without fields", {}, {}],
        ["a million tokens from cents for 100 million", { promptTextTokenPrice: "30000" }, { promptText: 3 }],
        ["numbers as well as strings", { completionTextTokenPrice: 200 }, { completionText: 0.02 }],
        ["cached tokens", { cachedPromptTokenPrice: "7500" }, { cachedPrompt: 0.75 }],
        ["a thousand searches from cents", { searchPrice: "2500" }, { search: 25 }],
        ["no cache and no search for 0", { cachedPromptTokenPrice: "0", searchPrice: "0" }, {}],
        [
            "text for nothing, but no images of a model of text",
            { ...TEXT, promptTextTokenPrice: "0", completionTextTokenPrice: "0", promptImageTokenPrice: "0" },
            { promptText: 0, completionText: 0 },
        ],
        [
            "images for nothing of a model that takes images",
            { inputModalities: ["TEXT", "IMAGE"], promptImageTokenPrice: "0" },
            { promptImage: 0 },
        ],
        [
            "a long context",
            {
                longContextThreshold: "128000",
                promptTextTokenPriceLongContext: "60000",
                cachedPromptTokenPriceLongContext: "0",
                completionTokenPriceLongContext: "300000",
            },
            { longContext: { promptText: 6, cachedPrompt: 0, completionText: 30 } },
        ],
        [
            "no long context for a threshold of 0",
            { longContextThreshold: "0", promptTextTokenPriceLongContext: "0" },
            {},
        ],
        ["no long context without a threshold", { completionTokenPriceLongContext: "0" }, {}],
        [
            "images by resolution, from 1/100,000,000 of a cent",
            {
                inputModalities: ["TEXT", "IMAGE"],
                imagePrice: "0",
                pricePerInputImage: "20000000",
                resolutionPricing: [
                    { resolution: "IMAGE_RESOLUTION_1K", pricePerImage: "200000000" },
                    { resolution: "IMAGE_RESOLUTION_2K", pricePerImage: "700000000" },
                ],
            },
            {
                inputImage: 0.002,
                resolutions: [
                    { resolution: "IMAGE_RESOLUTION_1K", image: 0.02 },
                    { resolution: "IMAGE_RESOLUTION_2K", image: 0.07 },
                ],
            },
            "imageGenerationModels",
        ],
        ["no input images of a model of text", { ...TEXT, pricePerInputImage: "0" }, {}, "imageGenerationModels"],
        ["the deprecated price of an image", { imagePrice: "700000000" }, { image: 0.07 }, "imageGenerationModels"],
        [
            "video by resolution and second",
            {
                pricePerInputVideoSecond: "100000000",
                resolutionPricing: [{ resolution: "VIDEO_RESOLUTION_720P", pricePerSecond: "500000000" }],
            },
            { inputVideoSecond: 0.01, resolutions: [{ resolution: "VIDEO_RESOLUTION_720P", second: 0.05 }] },
            "videoGenerationModels",
        ],
        [
            "tokens of audio models",
            { promptTokenPrice: "1000", completionTokenPrice: "2000" },
            { prompt: 0.1, completion: 0.2 },
            "audioModels",
        ],
    ])("%s", async (_what, model, prices, list) => {
        expect(await pricesOf(model, list)).toEqual({ ...NO_PRICES, ...prices });
    });

    test.each([null, "", " ", "free", {}, true, "Infinity", "NaN", "-1"])("and absent for %j", async (price) => {
        expect(await pricesOf({ ...TEXT, promptTextTokenPrice: price, searchPrice: price })).toEqual(NO_PRICES);
    });
});

describe("a model", () => {
    test.each<[string, object, object]>([
        [
            "has no limit where the API says 0",
            { rps: "8", rpm: "0", tpm: "2000000", rph: 0 },
            { limits: { rps: 8, rpm: undefined, tpm: 2_000_000, rph: undefined, rpd: undefined } },
        ],
        ["has lengths in tokens", { maxPromptLength: "256000" }, { maxPromptLength: 256_000 }],
        ["has no long context for 0", { longContextThreshold: "0" }, { longContextThreshold: undefined }],
        ["has a discount for batches", { batchDiscountPercent: 50 }, { batchDiscountPercent: 50 }],
        ["has none where the API says 0", { batchDiscountPercent: "0" }, { batchDiscountPercent: undefined }],
        [
            "has features",
            { features: { functionCalling: true, reasoningEffortOptions: ["low", "high"] } },
            { features: { functionCalling: true, reasoning: false, reasoningEffortOptions: ["low", "high"] } },
        ],
        ["has none of them where the API says nothing", { features: null }, { features: undefined }],
        ["has clients", { supportedClients: ["ios", "web"] }, { supportedClients: ["ios", "web"] }],
        [
            "has empty lists where the API says nothing",
            { aliases: null },
            { aliases: [], inputModalities: [], outputModalities: [], supportedClients: [], version: undefined },
        ],
        ["has the permission for itself", {}, { acl: "api-key:model:m", kind: "language", clusters: ["us"] }],
    ])("%s", async (_what, model, expected) => {
        expect(await modelOf(model)).toMatchObject(expected);
    });
});

const CLUSTERS = {
    clusterConfigs: [
        {
            clusterName: "us",
            languageModels: [
                { name: "grok-4-0709", aliases: ["grok-4"], rpm: "480", promptTextTokenPrice: "30000" },
                { name: "grok-3", aliases: ["grok-4-0709", "shared"] },
                { name: "vision", aliases: ["shared"] },
            ],
            imageGenerationModels: [{ name: "vision" }],
            videoGenerationModels: null,
            speechModels: [{ name: "grok-voice-1" }],
            region: "new",
        },
        {
            clusterName: "eu",
            languageModels: [
                { name: "grok-4-0709", aliases: ["grok-4-latest"], rpm: "10", promptTextTokenPrice: "40000" },
                { name: "only-eu" },
            ],
        },
    ],
};

describe("getModels", () => {
    test.each<[object, [string, string, string[]][]]>([
        [
            {},
            [
                ["grok-4-0709", "language", ["us", "eu"]],
                ["grok-3", "language", ["us"]],
                ["vision", "language", ["us"]],
                ["vision", "imageGeneration", ["us"]],
                ["grok-voice-1", "speech", ["us"]],
                ["only-eu", "language", ["eu"]],
            ],
        ],
        [{ kind: "imageGeneration" }, [["vision", "imageGeneration", ["us"]]]],
        [{ kind: "speech" }, [["grok-voice-1", "speech", ["us"]]]],
        [{ kind: "audio" }, []],
        [
            { cluster: "eu", kind: null },
            [
                ["grok-4-0709", "language", ["us", "eu"]],
                ["only-eu", "language", ["eu"]],
            ],
        ],
    ])("of %j", async (choice, expected) => {
        team.answer("listModels", CLUSTERS);
        const { models } = await team.call("getModels", choice);
        expect(models.map(({ name, kind, clusters }) => [name, kind, clusters])).toEqual(expected);
    });

    test("of a cluster gives that cluster's limits and prices, and all aliases", async () => {
        team.answer("listModels", CLUSTERS);
        const { models } = await team.call("getModels", { cluster: "eu" });
        expect(models[0]).toMatchObject({
            aliases: ["grok-4", "grok-4-latest"],
            limits: { rpm: 10 },
            prices: { promptText: 4 },
        });
    });

    test("gives the API's own answer whole, in a copy, with every published list", async () => {
        team.answer("listModels", CLUSTERS);
        const { clusterConfigs } = await team.call("getModels", { kind: "speech" });
        const none = { embeddingModels: [], imageGenerationModels: [], audioModels: [], videoGenerationModels: [] };
        const [us, eu] = CLUSTERS.clusterConfigs;
        expect(clusterConfigs).toEqual([
            { ...none, ...us, videoGenerationModels: [] },
            { ...none, ...eu },
        ]);
        clusterConfigs.splice(0);
        expect((await team.call("getModels")).clusterConfigs).toHaveLength(2);
    });
});

describe("getModel", () => {
    test.each([
        [{ name: "grok-4" }, "grok-4-0709 language"],
        [{ name: "grok-4-latest" }, "grok-4-0709 language"],
        [{ name: "grok-4-0709" }, "grok-4-0709 language"],
        [{ name: "vision", kind: "imageGeneration" }, "vision imageGeneration"],
        [{ name: "grok-voice-1" }, "grok-voice-1 speech"],
    ])("finds %j", async (given, found) => {
        team.answer("listModels", CLUSTERS);
        const { name, kind } = await team.call("getModel", given);
        expect(`${name} ${kind}`).toBe(found);
    });
});

test.each<["getModel" | "getModels", object, string, boolean?]>([
    ["getModels", { cluster: "uss" }, 'has no cluster "uss"; did you mean `us`?'],
    ["getModels", { cluster: "elsewhere" }, 'has no cluster "elsewhere"; it has us, eu.'],
    ["getModels", { cluster: "uss" }, "has no cluster a secret value.", true],
    ["getModels", { kind: "speach" }, 'has no models of kind "speach"; did you mean `speech`?'],
    ["getModels", { kind: "Language" }, "did you mean `language`?"],
    ["getModel", { name: "grok-4", kind: "image" }, "; it has language, embedding, imageGeneration, audio, "],
    ["getModel", { name: "Grok-4" }, "; did you mean `grok-4`?"],
    ["getModel", { name: "claude" }, "; it has grok-4-0709, grok-4, grok-4-latest, grok-3, "],
    ["getModel", { name: "grok-4", kind: "audio" }, 'has no model of kind "audio" with the name or alias "grok-4".'],
    ["getModel", { name: "grok-44" }, "has no model with the name or alias a secret value.", true],
    ["getModel", { name: "shared" }, '"shared" is the name or alias of 2 models of team '],
    ["getModel", { name: "vision" }, "vision (language), vision (imageGeneration). Give the name of one of them, and "],
])("%s(%j) fails: %s", async (name, given, message, isSecret) => {
    team.answer("listModels", CLUSTERS);
    expect(await team.failure(name, given, isSecret)).toContain(message);
});

test("models and endpoints take one request each for a team, whoever asks", async () => {
    const endpoints = await team.call("getEndpoints");
    expect(endpoints.acls[0]).toMatchObject({ acl: "api-key:endpoint:chat", namespace: "api-key", value: "chat" });
    endpoints.acls.splice(0);
    expect((await team.call("getEndpoints", { teamId: team.emulator.teamId })).acls).not.toEqual([]);
    await Promise.all([team.call("getModels"), team.call("getModel", { name: "grok-4" }), team.call("getModels")]);
    expect(team.emulator.countRequests()).toEqual({ listEndpoints: 1, listModels: 1 });
    await team.call("getModels", { teamId: OTHER_TEAM });
    expect(team.emulator.requests.at(-1)?.path).toBe(`/auth/teams/${OTHER_TEAM}/models`);
});
