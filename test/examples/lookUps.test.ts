import { resolve } from "node:path";
import * as xai from "pulumi-xai";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Emulator, startEmulator } from "xai-management-emulator";
import { LocalStack } from "../../sdk/testing/index.js";
import { everythingOf, expectNoLeak } from "../engine/leaks.js";

const PROGRAM = resolve(__dirname, "../../examples/look-ups");

let emulator: Emulator;
let stack: LocalStack;

beforeEach(async () => {
    emulator = await startEmulator();
    stack = await LocalStack.createOrSelect({ stackName: "test", workDir: PROGRAM }, { envVars: emulator.env });
});
afterEach(async () => {
    await stack.dispose();
    await emulator.close();
});

test("the example of look-ups says what a team has, and asks each question once", async () => {
    const chat = [xai.acl.model("grok-4-0709"), xai.acl.endpoint("chat")];
    emulator.addKey({ name: "everything" });
    emulator.addKey({ name: "search", acls: chat, expireTime: "2099-01-01T00:00:00Z" });
    emulator.addKey({ name: "old", acls: chat, expireTime: "2020-01-01T00:00:00Z" });
    emulator.setManagementKeyAcls(["ListApiKeys", "ListModels"].map((name) => `team-token:endpoint:${name}`));

    const { outputs, summary, stdout } = await stack.up();
    expect(Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]))).toEqual({
        neverExpire: ["everything"],
        mayUseEveryModel: ["everything"],
        mayUseModel: ["search"],
        dollarsPerMillionTokens: 15,
        managementKeyCannot: expect.arrayContaining(["create keys: team-token:endpoint:CreateApiKey"]),
    });
    expect(outputs["managementKeyCannot"]?.value).toHaveLength(6);
    expect(summary.resourceChanges).toEqual({ create: 1 });
    expect(emulator.countRequests()).toEqual({ listApiKeys: 1, listModels: 1, validateManagementKey: 1 });
    expectNoLeak(emulator.secrets(), everythingOf("all of it", { outputs, stdout }));
});

test("a model that is not there ends it in one line with the one that was meant", async () => {
    await stack.setConfig("xai-look-ups:model", { value: "grok-44" });
    const failure = await stack.preview().catch((error: unknown) => error);
    expect(String(failure)).toContain(
        `Team ${emulator.teamId} has no model with the name or alias "grok-44"; did you mean \`grok-4\`?`,
    );
    expect(String(failure)).not.toMatch(/^\s+at /m);
});
