import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Emulator, startEmulator } from "xai-management-emulator";
import {
    getEndpoints,
    getEndpointsOutput,
    getModel,
    getModelOutput,
    getModels,
    getModelsOutput,
} from "../../sdk/index.js";
import { deploy, failureOf, resolved } from "./deployment.js";

const OTHER_TEAM = "6e1f4b8e-7d64-43b5-9f4b-2f4b2f6c3a10";
let emulator: Emulator;

beforeEach(async () => {
    emulator = await startEmulator({ otherTeams: [OTHER_TEAM] });
    await deploy(emulator);
});

afterEach(() => emulator.close());

describe("getModels", () => {
    test("gives one entry a model, and the API's own answer", async () => {
        const { models, clusterConfigs } = await getModels();
        expect(clusterConfigs.map(({ clusterName }) => clusterName)).toEqual(["us-east-1", "eu-west-1"]);
        const names = models.map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
        expect(models.find(({ name }) => name === "grok-4-0709")).toMatchObject({
            kind: "language",
            aliases: ["grok-4", "grok-4-latest"],
            clusters: ["us-east-1", "eu-west-1"],
            prices: { promptText: 3, cachedPrompt: 0.75, completionText: 15 },
            limits: { rps: 8, rpm: 480, tpm: 2_000_000 },
            acl: "api-key:model:grok-4-0709",
        });
        expect(clusterConfigs[0]?.languageModels[0]?.["promptTextTokenPrice"]).toBe("30000");
    });

    test("asks once a deployment and team, whoever asks and how often", async () => {
        await Promise.all([
            getModels(),
            getModels({}),
            resolved(getModelsOutput()),
            getModels({ teamId: emulator.teamId }),
        ]);
        await getModels();
        expect(emulator.countRequests()).toEqual({ listModels: 1 });
        await resolved(getModelsOutput({ teamId: pulumi.output(OTHER_TEAM) }));
        expect(emulator.countRequests()).toEqual({ listModels: 2 });
    });

    test("asks again in the next deployment, with its own settings", async () => {
        await getModels();
        await deploy(emulator, { "xai:teamId": OTHER_TEAM });
        await getModels();
        expect(emulator.requests.map(({ path }) => path)).toEqual([
            `/auth/teams/${emulator.teamId}/models`,
            `/auth/teams/${OTHER_TEAM}/models`,
        ]);
    });

    test("does not keep a failure, and says it in one line without a stack", async () => {
        emulator.inject({ operation: "listModels", status: 403 });
        const failure = await getModels().catch((error: unknown) => error);
        expect(pulumi.RunError.isInstance(failure)).toBe(true);
        expect(failure).toMatchObject({ message: expect.stringMatching(/^Could not list the models of team .* 403/) });
        expect(failure instanceof Error && failure.stack).toBe(failure instanceof Error && failure.message);
        expect((await getModels()).models).not.toEqual([]);
    });

    test("is not changed for others by who changes its answer", async () => {
        const first = await getModels();
        first.models.splice(0);
        expect((await getModels()).models).not.toEqual([]);
    });
});

describe("getModels of a kind and a cluster", () => {
    test("gives those alone, with all their clusters, and the API's own answer whole", async () => {
        const { models, clusterConfigs } = await getModels({ kind: "imageGeneration", cluster: "eu-west-1" });
        expect(models.map(({ name, clusters }) => [name, clusters])).toEqual([
            ["grok-2-image-1212", ["us-east-1", "eu-west-1"]],
        ]);
        expect(clusterConfigs).toEqual((await getModels()).clusterConfigs);
        const later = await resolved(getModelsOutput({ kind: pulumi.output("imageGeneration" as const) }));
        expect(later.models).toEqual(models);
        expect((await getModels({ kind: "audio" })).models).toEqual([]);
        expect(emulator.countRequests()).toEqual({ listModels: 1 });
    });

    test("of a cluster that is not there is an error with what was meant", async () => {
        expect(await failureOf(getModels({ cluster: "eu-west1" }))).toBe(
            `Team ${emulator.teamId} has no cluster "eu-west1"; did you mean \`eu-west-1\`?`,
        );
    });
});

describe("getModel", () => {
    test.each(["grok-4-0709", "grok-4", "grok-4-latest"])("finds %s, by name or alias", async (name) => {
        const model = (await getModels()).models.find((one) => one.name === "grok-4-0709");
        expect(await getModel(name)).toEqual(model);
        expect(await resolved(getModelOutput(pulumi.output(name), { teamId: pulumi.output(emulator.teamId) }))).toEqual(
            model,
        );
        expect(emulator.countRequests()).toEqual({ listModels: 1 });
    });

    test("asks another team where it is told to", async () => {
        await getModel("grok-4", { teamId: OTHER_TEAM });
        expect(emulator.requests[0]?.path).toBe(`/auth/teams/${OTHER_TEAM}/models`);
    });

    test("of a name that is not there is an error with what was meant, never nothing", async () => {
        expect(await failureOf(getModel("grok-44"))).toBe(
            `Team ${emulator.teamId} has no model with the name or alias "grok-44"; did you mean \`grok-4\`?`,
        );
        expect(await failureOf(getModel("grok-4", { kind: "embedding" }))).toContain(
            'has no model of kind "embedding" with the name or alias "grok-4"; it has ',
        );
        emulator.retireModel("grok-3");
        await deploy(emulator);
        expect(await failureOf(getModel("grok-3"))).toContain('has no model with the name or alias "grok-3"');
    });
});

describe("getEndpoints", () => {
    test("gives the endpoint permissions, asked for once a deployment", async () => {
        const [{ acls }, again] = await Promise.all([getEndpoints(), resolved(getEndpointsOutput())]);
        expect(acls[0]).toEqual({
            acl: "api-key:endpoint:chat",
            description: "Chat and vision models",
            namespace: "api-key",
            key: "endpoint",
            value: "chat",
        });
        expect(again.acls).toEqual(acls);
        expect(emulator.countRequests()).toEqual({ listEndpoints: 1 });
    });

    test("and models share the team that the management key is for, asked for once", async () => {
        await deploy(emulator, { "xai:teamId": "" });
        await Promise.all([getEndpoints(), getModels(), getEndpoints()]);
        expect(emulator.countRequests()).toEqual({ validateManagementKey: 1, listEndpoints: 1, listModels: 1 });
    });
});

test.each([
    ["a missing management key", { "xai:managementKey": "" }, /`xai:managementKey` is not set.*XAI_MANAGEMENT_KEY/],
    ["a wrong management key", { "xai:managementKey": "xai-token-wrong-wrong" }, /401.*xai:managementKey/],
    ["a bad setting", { "xai:maxRetries": "x" }, /`xai:maxRetries` is "x"/],
    ["a closed port", { "xai:baseUrl": "http://127.0.0.1:1" }, /ECONNREFUSED.*xai:baseUrl/],
])("%s is a clear error of the program", async (_what, config, message) => {
    await deploy(emulator, config);
    const failure = await getModels().catch((error: unknown) => error);
    expect(pulumi.RunError.isInstance(failure)).toBe(true);
    expect(failure).toMatchObject({ message: expect.stringMatching(message) });
    expect(String(failure)).not.toContain("xai-token-");
    // It is not kept for a deployment whose settings are good.
    await deploy(emulator);
    expect((await getModels()).models).not.toEqual([]);
});

test("arguments that there are not, and values that are none, are refused before anything is asked", async () => {
    const badly: readonly [() => Promise<unknown>, string][] = [
        [
            () => Reflect.apply(getModels, undefined, [{ klind: "language" }]),
            "`klind` is no argument of it; did you mean `kind`?",
        ],
        [() => Reflect.apply(getModels, undefined, [{ kind: "langauge" }]), "did you mean `language`?"],
        [() => Reflect.apply(getModels, undefined, ["language"]), 'its arguments must be an object, not "language"'],
        [() => Reflect.apply(getEndpoints, undefined, [{ teamID: "x" }]), "did you mean `teamId`?"],
        [() => Reflect.apply(getModel, undefined, []), "`name` is required: a model's name or alias"],
        [() => Reflect.apply(getModel, undefined, [pulumi.output("grok-4")]), "it is an output: use getModelOutput"],
    ];
    for (const [ask, message] of badly) {
        expect(await failureOf(ask())).toContain(message);
    }
    expect(emulator.requests).toEqual([]);
});
