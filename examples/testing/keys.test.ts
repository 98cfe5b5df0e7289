/**
 * A test of a stack's keys with the Pulumi CLI on PATH and an emulator of the API: what each key can do, what the preview
 * of a change says, and what the change leaves alone.
 */
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation";
import { afterAll, beforeAll, expect, test } from "vitest"; // In Jest these are globals.
import { type Emulator, startEmulator } from "xai-management-emulator";
import { shopKeys } from "./keys.js";

// The state goes here, and the CLI finds the program's packages from here.
const folder = mkdtempSync(join(tmpdir(), "shop-test-"));
let emulator: Emulator;
let stack: Stack;
let searchModel = "grok-4";

beforeAll(async () => {
    emulator = await startEmulator();
    symlinkSync(resolve("node_modules"), join(folder, "node_modules"), "junction");
    // The CLI hands these on to the provider, and the program's look-ups read them here.
    Object.assign(process.env, emulator.env);
    const envVars = { PULUMI_BACKEND_URL: `file://${folder}`, PULUMI_CONFIG_PASSPHRASE: "test" };
    stack = await LocalWorkspace.createOrSelectStack(
        { stackName: "test", projectName: "shop", program: async () => shopKeys(searchModel) },
        { workDir: folder, envVars },
    );
    await stack.up();
}, 60_000);

// The keys go with the emulator, so nothing needs a `destroy`.
afterAll(async () => {
    await emulator.close();
    rmSync(folder, { recursive: true, force: true });
});

/** The team's keys by name. */
const keys = () => Object.fromEntries(emulator.keys().map((key) => [key.name, { ...key, acls: [...key.acls].sort() }]));

test("each service's key can do what the service does, and no more", () => {
    expect(Object.keys(keys())).toHaveLength(2);
    expect(keys()).toMatchObject({
        "shop-test-search": { acls: ["api-key:endpoint:chat", "api-key:model:grok-4"], qpm: 100 },
        "shop-test-thumbnails": { acls: ["api-key:endpoint:image", "api-key:model:grok-2-image"] },
    });
});

test("another model for the search changes its key in place, and no other key", async () => {
    const { "shop-test-search": search, ...others } = keys();
    searchModel = "grok-3";

    const { changeSummary } = await stack.preview();
    expect(changeSummary).toEqual({ update: 1, same: 2 });

    emulator.clearRequests();
    const { outputs } = await stack.up();
    expect(emulator.countRequests()).toMatchObject({ updateApiKey: 1 });
    const acls = ["api-key:endpoint:chat", "api-key:model:grok-3"];
    expect(keys()).toEqual({ ...others, "shop-test-search": { ...search, acls, modifyTime: expect.any(String) } });
    expect(outputs["searchKey"]).toEqual({ value: search?.apiKey, secret: true });
}, 60_000);
