import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { getEndpoints, getEndpointsOutput, getModels, getModelsOutput } from "../../sdk/index.js";
import { type Emulator, startEmulator } from "../../sdk/testing/index.js";

const OTHER_TEAM = "6e1f4b8e-7d64-43b5-9f4b-2f4b2f6c3a10";
let emulator: Emulator;

beforeEach(async () => {
    emulator = await startEmulator({ otherTeams: [OTHER_TEAM] });
    await deploy();
});

afterEach(() => emulator.close());

/** A new deployment: another engine, with its own configuration. */
async function deploy(config: Record<string, string> = {}): Promise<void> {
    await pulumi.runtime.setMocks({
        newResource: ({ inputs }) => ({ id: "id", state: inputs }),
        call: () => ({}),
    });
    pulumi.runtime.setAllConfig({
        "xai:managementKey": emulator.managementKey,
        "xai:teamId": emulator.teamId,
        "xai:baseUrl": emulator.url,
        "xai:maxRetries": "0",
        ...config,
    });
}

function resolved<T>(output: pulumi.Output<T>): Promise<T> {
    return new Promise((done) => {
        output.apply(done);
    });
}

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
        await deploy({ "xai:teamId": OTHER_TEAM });
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
        await deploy({ "xai:teamId": "" });
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
    await deploy(config);
    const failure = await getModels().catch((error: unknown) => error);
    expect(pulumi.RunError.isInstance(failure)).toBe(true);
    expect(failure).toMatchObject({ message: expect.stringMatching(message) });
    expect(String(failure)).not.toContain("xai-token-");
    // It is not kept for a deployment whose settings are good.
    await deploy();
    expect((await getModels()).models).not.toEqual([]);
});
