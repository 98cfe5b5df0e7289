import * as pulumi from "@pulumi/pulumi";
import * as xai from "pulumi-xai";
import { expect } from "vitest";
import { scenarios } from "../engine/scenario.js";
import { ACLS } from "./programs.js";

scenarios("look-ups", (scenario) => {
    scenario(
        "models, keys and the management key come as data, each question asked once; `get` reads a key of others",
        {},
        async (s) => {
            const shared = s.emulator.addKey({ name: "shared", qpm: 42, acls: ACLS });
            s.emulator.addKey({ name: "old", expireTime: "2020-01-01T00:00:00Z", acls: ACLS });
            s.emulator.addKey({ name: "off", disabled: true });
            const program = async () => {
                const read = xai.XaiApiKey.get("shared", shared.apiKeyId);
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
                    read: pulumi.all([read.name, read.qpm]),
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
                    read: ["shared", 42],
                    active: ["shared"],
                    all: ["shared", "old", "off"],
                    alias: "grok-2-image-1212",
                    team: s.emulator.teamId,
                    missing: [],
                    scope: "SCOPE_TEAM",
                },
            );
            expect(Object.values(outputs).some(({ secret }) => secret)).toBe(false);
            // The program and the provider's host are two processes.
            expect(s.emulator.countRequests()).toEqual({ listModels: 1, listApiKeys: 2, validateManagementKey: 1 });
            await s.destroy();
            expect(s.emulator.keys()).toHaveLength(3);

            const failure = await s.failure(s.preview(async () => void (await xai.getModel("grok-44"))));
            expect(failure).toContain(
                `Team ${s.emulator.teamId} has no model with the name or alias "grok-44"; did you mean \`grok-4\`?`,
            );
            expect(failure).not.toMatch(/^\s+at /m);
        },
    );
});
