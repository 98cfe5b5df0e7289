import * as xai from "pulumi-xai";
import { expect } from "vitest";
import { scenarios } from "../engine/scenario.js";
import { exampleProgram } from "./exampleProgram.js";

scenarios("the example of look-ups", (scenario) => {
    scenario(
        "says what a team has, asks each question once, and suggests a model for a misspelt one",
        { project: "xai-look-ups" },
        async (s) => {
            const { emulator } = s;
            const chat = [xai.acl.model("grok-4-0709"), xai.acl.endpoint("chat")];
            emulator.addKey({ name: "everything" });
            emulator.addKey({ name: "search", acls: chat, expireTime: "2099-01-01T00:00:00Z" });
            emulator.addKey({ name: "old", acls: chat, expireTime: "2020-01-01T00:00:00Z" });
            emulator.setManagementKeyAcls(["ListApiKeys", "ListModels"].map((name) => `team-token:endpoint:${name}`));
            const { outputs, changes } = await s.up(exampleProgram("look-ups"));
            expect(Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]))).toEqual({
                neverExpire: ["everything"],
                mayUseEveryModel: ["everything"],
                mayUseModel: ["search"],
                dollarsPerMillionTokens: 15,
                managementKeyCannot: expect.arrayContaining(["create keys: team-token:endpoint:CreateApiKey"]),
            });
            expect(outputs["managementKeyCannot"]?.value).toHaveLength(6);
            expect(changes).toEqual({ create: 1 });
            expect(emulator.countRequests()).toEqual({ listApiKeys: 1, listModels: 1, validateManagementKey: 1 });

            await s.stack.setConfig("xai-look-ups:model", "grok-44");
            const failure = await s.failure(s.preview());
            expect(failure).toContain(
                `Team ${emulator.teamId} has no model with the name or alias "grok-44"; did you mean \`grok-4\`?`,
            );
            expect(failure).not.toMatch(/^\s+at /m);
        },
    );
});
