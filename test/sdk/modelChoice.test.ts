import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ClusterModel } from "../../provider/api/models.js";
import { ModelChoiceError, modelsChosen, theModel } from "../../sdk/modelChoice.js";
import { modelsOf } from "../../sdk/models.js";
import { cluster } from "./clusters.js";

const ASKER = { teamId: "team", isSecret: false };

const US = cluster("us", {
    languageModels: [
        { name: "grok-4-0709", aliases: ["grok-4"], rpm: "480", promptTextTokenPrice: "30000" },
        { name: "grok-3", aliases: ["grok-4-0709", "shared"] },
        { name: "vision", aliases: ["shared"] },
    ],
    imageGenerationModels: [{ name: "vision" }],
});
const EU = cluster("eu", {
    languageModels: [
        { name: "grok-4-0709", aliases: ["grok-4-latest"], rpm: "10", promptTextTokenPrice: "40000" },
        { name: "only-eu" },
    ],
});
const MODELS = modelsOf([US, EU]);

describe("the model", () => {
    test.each([
        [{ name: "grok-4" }, "grok-4-0709"],
        [{ name: "grok-4-latest" }, "grok-4-0709"],
        [{ name: "grok-3" }, "grok-3"],
        [{ name: "only-eu", kind: "language" as const }, "only-eu"],
    ])("of %j is %s", (asked, name) => {
        expect(theModel(MODELS, asked, ASKER).name).toBe(name);
    });

    test("of a name that is another's alias, too, is that of the name", () => {
        expect(theModel(MODELS, { name: "grok-4-0709" }, ASKER).name).toBe("grok-4-0709");
    });

    test("of a name in two kinds has to be told by its kind", () => {
        expect(() => theModel(MODELS, { name: "vision" }, ASKER)).toThrow(
            '"vision" is the name or alias of 2 models of team team: vision (language), vision (imageGeneration). Give the name of one of them, and its `kind` where the names are the same.',
        );
        expect(theModel(MODELS, { name: "vision", kind: "imageGeneration" }, ASKER).kind).toBe("imageGeneration");
    });

    test("of an alias of two has to be told by its name", () => {
        expect(() => theModel(MODELS, { name: "shared" }, ASKER)).toThrow("2 models of team team: grok-3 (language)");
    });

    test.each([
        [{ name: "Grok-4" }, "; did you mean `grok-4`?"],
        [{ name: "claude" }, "; it has grok-4-0709, grok-4, grok-4-latest, grok-3, "],
        [{ name: "grok-4", kind: "audio" as const }, 'has no model of kind "audio" with the name or alias "grok-4".'],
    ])("of %j is not there: %s", (asked, message) => {
        expect(() => theModel(MODELS, asked, ASKER)).toThrow(message);
    });

    test("of a secret name that is not there is an error without it, and without what is near it", () => {
        expect(() => theModel(MODELS, { name: "grok-44" }, { ...ASKER, isSecret: true })).toThrow(
            /^Team team has no model with the name or alias a secret value\.$/,
        );
    });

    test("is always one that has the name or alias, or an error that names the team", () => {
        const word = fc.constantFrom("a", "b", "c", "d");
        const model = fc.record({ name: word, aliases: fc.array(word) }) satisfies fc.Arbitrary<ClusterModel>;
        const list = fc.array(model);
        fc.assert(
            fc.property(list, list, word, (languageModels, audioModels, name) => {
                const models = modelsOf([cluster("c", { languageModels, audioModels })]);
                try {
                    const found = theModel(models, { name }, ASKER);
                    expect([found.name, ...found.aliases]).toContain(name);
                    const others = models.filter((one) => one !== found && one.name === name);
                    expect(others).toEqual([]);
                } catch (error) {
                    expect(error).toBeInstanceOf(ModelChoiceError);
                    const bearers = models.filter((one) => [one.name, ...one.aliases].includes(name));
                    expect(bearers.length).not.toBe(1);
                    expect(String(error)).toMatch(/team team/i);
                }
            }),
        );
    });
});

describe("the models of a choice", () => {
    test("are all of them where nothing is chosen", () => {
        expect(modelsChosen([US, EU], {}, ASKER)).toEqual(MODELS);
    });

    test("of a cluster have its limits and prices, and all aliases and clusters", () => {
        expect(modelsChosen([US, EU], { cluster: "eu", kind: "language" }, ASKER)).toMatchObject([
            {
                name: "grok-4-0709",
                aliases: ["grok-4", "grok-4-latest"],
                clusters: ["us", "eu"],
                limits: { rpm: 10 },
                prices: { promptText: 4 },
            },
            { name: "only-eu", clusters: ["eu"] },
        ]);
    });

    test("of a kind are those alone", () => {
        expect(modelsChosen([US, EU], { kind: "imageGeneration" }, ASKER).map(({ name }) => name)).toEqual(["vision"]);
        expect(modelsChosen([US, EU], { kind: "audio" }, ASKER)).toEqual([]);
    });

    test.each([
        [[US, EU], "uss", false, 'Team team has no cluster "uss"; did you mean `us`?'],
        [[US, EU], "elsewhere", false, 'Team team has no cluster "elsewhere"; it has us, eu.'],
        [[], "us", false, 'Team team has no cluster "us".'],
        [[US, EU], "uss", true, "Team team has no cluster a secret value."],
    ])("of a cluster that is not there are an error: %#", (configs, name, isSecret, message) => {
        expect(() => modelsChosen(configs, { cluster: name }, { teamId: "team", isSecret })).toThrow(message);
    });
});
