import * as xai from "pulumi-xai";
import { describe, expect, test } from "vitest";
import { startEmulator } from "xai-management-emulator";
import { NO_CLI, titleUnless } from "../engine/cli.js";
import { configFor } from "../engine/config.js";
import { everythingOf, expectNoLeak } from "../engine/leaks.js";
import { createStack } from "../engine/testStack.js";
import { exampleProgram } from "./exampleProgram.js";

describe.skipIf(NO_CLI)(titleUnless(NO_CLI, "the example of look-ups"), () => {
    test("says what a team has, asks each question once, and suggests a model for a misspelt one", async () => {
        const emulator = await startEmulator();
        const chat = [xai.acl.model("grok-4-0709"), xai.acl.endpoint("chat")];
        emulator.addKey({ name: "everything" });
        emulator.addKey({ name: "search", acls: chat, expireTime: "2099-01-01T00:00:00Z" });
        emulator.addKey({ name: "old", acls: chat, expireTime: "2020-01-01T00:00:00Z" });
        emulator.setManagementKeyAcls(["ListApiKeys", "ListModels"].map((name) => `team-token:endpoint:${name}`));
        const stack = await createStack({
            project: "xai-look-ups",
            program: exampleProgram("look-ups"),
            config: configFor(emulator),
        });
        try {
            const { outputs, changes, output } = await stack.up();
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
            expectNoLeak(emulator.secrets(), everythingOf("all of it", { outputs, output }));

            await stack.setConfig("xai-look-ups:model", "grok-44");
            const failure = await stack.preview().catch((error: unknown) => error);
            expect(String(failure)).toContain(
                `Team ${emulator.teamId} has no model with the name or alias "grok-44"; did you mean \`grok-4\`?`,
            );
        } finally {
            await stack.dispose();
            await emulator.close();
        }
    });
});
