/**
 * A test of one's own stack, with nothing but npm: what a change would do, what the key ends up with, and that nothing
 * else changes.
 */
import { type Emulator, LocalStack, startEmulator } from "pulumi-xai/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { shopKeys } from "./keys.js";

let emulator: Emulator;
let stack: LocalStack;
let searchQpm = 100;

beforeAll(async () => {
    emulator = await startEmulator();
    stack = await LocalStack.createOrSelect(
        { stackName: "test", projectName: "shop", program: async () => shopKeys(searchQpm), workDir: __dirname },
        { envVars: emulator.env },
    );
    await stack.up();
});

afterAll(async () => {
    await stack.destroy();
    await stack.dispose();
    await emulator.close();
});

test("each service's key can do what the service does, and no more", () => {
    const permissions = Object.fromEntries(emulator.keys().map((key) => [key.name, [...key.acls].sort()]));
    expect(permissions).toEqual({
        "shop-test-search": ["api-key:endpoint:chat", "api-key:model:grok-4"],
        "shop-test-thumbnails": ["api-key:endpoint:image", "api-key:model:grok-2-image"],
    });
});

test("a changed limit updates that key alone, and keeps its secret", async () => {
    const before = await stack.outputs();
    searchQpm = 200;
    expect((await stack.preview()).changeSummary).toEqual({ same: 2, update: 1 });
    emulator.clearRequests();
    const { outputs } = await stack.up();
    expect(emulator.countRequests()).toMatchObject({ updateApiKey: 1 });
    expect(emulator.keys().map((key) => key.qpm)).toContain(200);
    expect(outputs["searchKey"]).toEqual(before["searchKey"]);
    expect(outputs["searchKey"]?.secret).toBe(true);
});
