import * as pulumi from "@pulumi/pulumi";
import * as xai from "pulumi-xai";
import { expect } from "vitest";
import { expectNoLeak } from "../engine/leaks.js";
import { type Scenario, scenarios } from "../engine/scenario.js";
import { ACLS } from "./oneKey.js";

/** The one line with which a preview of a program ends that looks up something badly. No stack, no second line. */
async function lineOf(s: Scenario, program: () => Promise<unknown>): Promise<string> {
    const failure = await s.failure(s.preview(async () => void (await program())));
    expect(failure).not.toMatch(/^\s+at /m);
    const line = failure
        .split("\n")
        .map((one) => one.trim())
        .find((one) => /API key|model|cluster|asked|management key/.test(one));
    return line?.replace(/^.*error: /i, "") ?? failure;
}

scenarios("look-ups", (scenario) => {
    scenario(
        "models, keys and the management key come as data, each question asked once",
        { always: true },
        async (s) => {
            const shared = s.emulator.addKey({ name: "shared", qpm: 42, acls: ACLS });
            s.emulator.addKey({ name: "old", expireTime: "2020-01-01T00:00:00Z", acls: ACLS });
            s.emulator.addKey({ name: "off", disabled: true });
            const program = async () => {
                const [model, { models }, byId, byName, { apiKeys }, managementKey] = await Promise.all([
                    xai.getModel("grok-4"),
                    xai.getModels({ kind: "imageGeneration", cluster: "eu-west-1" }),
                    xai.getApiKey({ id: shared.apiKeyId }),
                    xai.getApiKey({ name: "shared" }),
                    xai.getApiKeys({ acl: xai.acl.model("grok-4-latest"), activeOnly: true }),
                    xai.getManagementKey(),
                ]);
                return {
                    model: model.name,
                    images: models.map((one) => one.name),
                    same: JSON.stringify(byId) === JSON.stringify(byName),
                    key: byId,
                    active: apiKeys.map((one) => one.name),
                    all: xai.getApiKeysOutput().apiKeys.apply((keys) => keys.map((one) => one.name)),
                    alias: xai.getModelOutput(pulumi.output("grok-2-image")).name,
                    team: managementKey.teamId,
                    missing: managementKey.missingAcls,
                    scope: xai.getManagementKeyOutput().scope,
                };
            };
            const { outputs } = await s.up(program);
            expect(Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]))).toMatchObject(
                {
                    model: "grok-4-0709",
                    images: ["grok-2-image-1212"],
                    same: true,
                    key: { apiKeyId: shared.apiKeyId, name: "shared", qpm: 42, acls: ACLS, userId: shared.userId },
                    active: ["shared"],
                    all: ["shared", "old", "off"],
                    alias: "grok-2-image-1212",
                    team: s.emulator.teamId,
                    missing: [],
                    scope: "SCOPE_TEAM",
                },
            );
            expect(Object.values(outputs).some(({ secret }) => secret)).toBe(false);
            expect(s.emulator.countRequests()).toEqual({ listModels: 1, listApiKeys: 1, validateManagementKey: 1 });
        },
    );

    scenario("each twin answers the same as its plain function, with every argument, and no secret", {}, async (s) => {
        const search = s.emulator.addKey({ name: "search", acls: ACLS, tpm: "9" });
        s.emulator.addKey({ name: "search", disabled: true, acls: ACLS });
        s.emulator.addKey({ name: "billing", acls: ACLS });
        const choice = { kind: "language", cluster: "us-east-1" } as const;
        const wanted = { name: "search", acl: xai.acl.model("grok-4-latest"), activeOnly: true };
        let answers = "";
        const { outputs } = await s.up(async () => {
            const plain = await Promise.all([
                xai.getModel("grok-4", { kind: "language" }),
                xai.getModels(choice),
                xai.getEndpoints(),
                xai.getApiKey({ id: search.apiKeyId }),
                xai.getApiKeys(wanted),
                xai.getManagementKey(),
            ]);
            const twins = pulumi.all([
                xai.getModelOutput("grok-4", { kind: pulumi.output("language" as const) }),
                xai.getModelsOutput(choice),
                xai.getEndpointsOutput(),
                xai.getApiKeyOutput({ id: pulumi.output(search.apiKeyId) }),
                xai.getApiKeysOutput({ ...wanted, name: pulumi.output("search") }),
                xai.getManagementKeyOutput(),
            ]);
            answers = JSON.stringify(plain);
            const [, , , , { apiKeys }] = plain;
            const ids = apiKeys.map((key) => key.apiKeyId);
            return { same: twins.apply((all) => JSON.stringify(all) === answers), ids };
        });
        expect(outputs["same"]?.value).toBe(true);
        expect(outputs["ids"]?.value).toEqual([search.apiKeyId]);
        expectNoLeak(s.emulator.secrets(), [{ name: "the answers", text: answers }]);
        expect(s.emulator.countRequests()).toEqual({
            listModels: 1,
            listEndpoints: 1,
            listApiKeys: 1,
            validateManagementKey: 1,
        });
    });

    scenario(
        "a new key of the stack is unknown in the preview, and found in the run though it was not listed before",
        {},
        async (s) => {
            s.emulator.addKey({ name: "shared", qpm: 42 });
            const program = async () => {
                const { qpm } = await xai.getApiKey({ name: "shared" });
                const key = new xai.XaiApiKey("search", { acls: ACLS, qpm });
                const found = xai.getApiKeyOutput({ id: key.apiKeyId });
                return { name: found.name, qpm: found.qpm };
            };
            expect((await s.preview(program)).changes).toEqual({ create: 2 });
            const { outputs } = await s.up();
            expect(outputs["name"]?.value).toBe("shop-test-search");
            expect(outputs["qpm"]?.value).toBe(42);
            expect((await s.preview()).changes).toEqual({ same: 2 });
            await s.destroy();
            expect(s.emulator.keys().map(({ name }) => name)).toEqual(["shared"]);
        },
    );

    scenario(
        "what is not there, not unique or not asked rightly ends in one line that says what was meant",
        {},
        async (s) => {
            const { teamId } = s.emulator;
            const [search] = [s.emulator.addKey({ name: "search" }), s.emulator.addKey({ name: "billing" })];
            expect(await lineOf(s, () => xai.getModel("grok-44"))).toBe(
                `Team ${teamId} has no model with the name or alias "grok-44"; did you mean \`grok-4\`?`,
            );
            expect(await lineOf(s, () => xai.getModels({ cluster: "eu-west" }))).toBe(
                `Team ${teamId} has no cluster "eu-west"; did you mean \`eu-west-1\`?`,
            );
            expect(await lineOf(s, () => xai.getApiKey({ name: "serch" }))).toBe(
                `Team ${teamId} has no API key with the name "serch"; did you mean \`search\`?`,
            );
            const id = "8a9f0c52-0000-4000-8000-000000000000";
            expect(await lineOf(s, () => xai.getApiKey({ id }))).toContain(
                `There is no API key ${id} in team ${teamId}.`,
            );
            expect(await lineOf(s, () => Reflect.apply(xai.getApiKeys, undefined, [{ onlyActive: true }]))).toBe(
                "getApiKeys was not asked: `onlyActive` is no argument of it.",
            );
            const twin = s.emulator.addKey({ name: "search" });
            expect(await lineOf(s, () => xai.getApiKey({ name: "search" }))).toBe(
                `2 API keys of team ${teamId} have the name "search": ${search.apiKeyId}, ${twin.apiKeyId}. Look it up by its \`id\`.`,
            );
        },
    );

    scenario(
        "a management key that may do little says what it lacks, and is told what it is not shown",
        {},
        async (s) => {
            const mine = s.emulator.addKey({ name: "mine" });
            s.emulator.addKey({ name: "theirs" });
            s.emulator.setManagementKey(s.emulator.managementKey, mine.userId);
            s.emulator.setOwnKeysOnly(true);
            s.emulator.setManagementKeyAcls(["team-token:endpoint:ListApiKeys"]);
            const { outputs } = await s.up(async () => {
                const { ownerUserId, missingAcls } = await xai.getManagementKey();
                const { apiKeys, mayLackOthers } = await xai.getApiKeys();
                const owners = apiKeys.map((key) => key.userId === ownerUserId);
                return { owners, mayLackOthers, lacks: missingAcls?.map(({ acl }) => acl.split(":").at(-1)).sort() };
            });
            expect(outputs["owners"]?.value).toEqual([true]);
            expect(outputs["mayLackOthers"]?.value).toBe(true);
            expect(outputs["lacks"]?.value).toEqual([
                "CheckApiKeyPropagation",
                "CreateApiKey",
                "DeleteApiKey",
                "ListModels",
                "ListPossibleEndpointAcls",
                "RotateApiKey",
                "UpdateApiKey",
            ]);
            expect(await lineOf(s, () => xai.getApiKey({ name: "theirs" }))).toContain("it may be another user's.");
            expect(await lineOf(s, () => xai.getModel("grok-4"))).toMatch(/403.*`team-token:endpoint:ListModels`/);
        },
    );

    scenario("a name that is a secret makes the answer one", {}, async (s) => {
        const name = "cLaSsIfIeD-project-orca";
        s.emulator.addKey({ name, qpm: 7 });
        const program = async () => {
            const key = xai.getApiKeyOutput({ name: pulumi.secret(name) });
            return { name: key.name, qpm: key.qpm };
        };
        const { outputs } = await s.up(program);
        expect(outputs).toEqual({ name: { value: name, secret: true }, qpm: { value: 7, secret: true } });
        const texts = s.stack
            .files()
            .map((file) => file.text)
            .join("\n");
        expect(texts).not.toContain("cLaSsIfIeD");
    });
});
