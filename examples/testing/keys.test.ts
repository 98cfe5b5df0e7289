/**
 * A test of one's own stack, with nothing but npm: what its keys can do, what a preview of a change says, what the key
 * ends up with, and that nothing else changes.
 */

import { LocalStack } from "pulumi-xai/testing";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Emulator, startEmulator } from "xai-management-emulator";
import { shopKeys } from "./keys.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let emulator: Emulator;
let stack: LocalStack;
let searchModel = "grok-4";

beforeAll(async () => {
    emulator = await startEmulator();
    stack = await LocalStack.createOrSelect(
        { stackName: "test", projectName: "shop", program: async () => shopKeys(searchModel), workDir: __dirname },
        { envVars: emulator.env },
    );
    await stack.up();
});

// The keys go with the emulator: there is nothing to destroy.
afterAll(async () => {
    await stack.dispose();
    await emulator.close();
});

/** The keys that there are, by name. */
const keys = () => Object.fromEntries(emulator.keys().map((key) => [key.name, { ...key, acls: [...key.acls].sort() }]));

test("each service's key can do what the service does, and no more", () => {
    expect(keys()).toMatchObject({
        "shop-test-search": { acls: ["api-key:endpoint:chat", "api-key:model:grok-4"] },
        "shop-test-thumbnails": { acls: ["api-key:endpoint:image", "api-key:model:grok-2-image"] },
    });
    expect(emulator.keys()).toHaveLength(2);
});

test("another model for the search changes its key's permissions in place, and nothing else", async () => {
    const { "shop-test-search": search, ...others } = keys();
    searchModel = "grok-3";

    const { changeSummary, stdout } = await stack.preview();
    expect(changeSummary).toEqual({ update: 1, same: 2 });
    expect(stdout).toMatch(/search +update +\[diff: ~acls\]/);

    const { outputs } = await stack.up();
    expect(keys()).toEqual({
        ...others,
        "shop-test-search": {
            ...search,
            acls: ["api-key:endpoint:chat", "api-key:model:grok-3"],
            modifyTime: expect.any(String),
        },
    });
    expect(outputs["searchKey"]).toEqual({ value: search?.apiKey, secret: true });
});
