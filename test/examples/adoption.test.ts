import { resolve } from "node:path";
import * as xai from "pulumi-xai";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Emulator, type StoredKey, startEmulator } from "xai-management-emulator";
import { LocalStack } from "../../sdk/testing/index.js";
import { everythingOf, expectNoLeak } from "../engine/leaks.js";

const PROGRAM = resolve(__dirname, "../../examples/adoption");
const HOUR = 3_600_000;
const CHAT = xai.acl.endpoint("chat");

let emulator: Emulator;
let stack: LocalStack;
let billing: StoredKey;
let reports: StoredKey;

beforeEach(async () => {
    emulator = await startEmulator();
    billing = emulator.addKey({ name: "billing", acls: [xai.acl.model("grok-4"), CHAT], qpm: 50 });
    reports = emulator.addKey({ name: "Bob's key", acls: [xai.acl.model("grok-3"), CHAT] });
    stack = await LocalStack.createOrSelect({ stackName: "test", workDir: PROGRAM }, { envVars: emulator.env });
    await stack.setAllConfig({
        billingKeyId: { value: billing.apiKeyId },
        billingKey: { value: billing.apiKey, secret: true },
        reportsKeyId: { value: reports.apiKeyId },
    });
});
afterEach(async () => {
    await stack.dispose();
    await emulator.close();
});

/** What the engine printed, its line breaks taken out. */
const flat = (text: string) => text.replaceAll(/\s+/g, " ");

test("the example of adoption takes both keys over, one with its secret and one with a new one, and creates none", async () => {
    const preview = await stack.preview();
    expect(preview.changeSummary).toEqual({ create: 3 });
    expect(flat(preview.stdout)).toContain(
        `API key ${billing.apiKeyId} of team ${emulator.teamId} is taken over with the secret that \`existingSecret\` gives. Its settings become the program's: \`qpm\`.`,
    );
    expect(flat(preview.stdout)).toContain(
        `API key ${reports.apiKeyId} of team ${emulator.teamId} is taken over with a new secret; the one that it has goes on working for 24 hours. Its settings become the program's: \`name\`.`,
    );
    expect(emulator.keys()).toEqual([billing, reports]);

    const { outputs, stdout, stderr } = await stack.up();
    const [first, second, ...others] = emulator.keys();
    expect(others).toEqual([]);
    expect(first).toEqual({ ...billing, qpm: 300, modifyTime: expect.any(String) });
    expect(second).toEqual({
        ...reports,
        name: "reports",
        apiKey: expect.not.stringContaining(reports.apiKey),
        previousApiKeys: [{ apiKey: reports.apiKey, expireTime: expect.any(String) }],
        modifyTime: expect.any(String),
    });
    const left = Date.parse(second?.previousApiKeys[0]?.expireTime ?? "") - Date.now();
    expect(Math.round(left / HOUR)).toBe(24);
    expect(outputs["billingKey"]).toEqual({ value: billing.apiKey, secret: true });
    expect(outputs["reportsKey"]).toEqual({ value: second?.apiKey, secret: true });
    expect(emulator.countRequests()).toMatchObject({ rotateApiKey: 1, updateApiKey: 2 });
    expect(emulator.countRequests()).not.toHaveProperty("createApiKey");
    expectNoLeak(emulator.secrets(), everythingOf("what was printed", [preview, stdout, stderr]));

    expect((await stack.up()).summary.resourceChanges).toEqual({ same: 3 });
    expect((await stack.refresh()).summary.resourceChanges).toEqual({ same: 3 });
});

test("the example of adoption protects both keys from destroy", async () => {
    await stack.up();
    const keys = emulator.keys();
    const failure = await stack.destroy().catch((error: unknown) => error);
    expect(String(failure)).toContain("it is protected");
    expect(emulator.keys()).toEqual(keys);
});

test("another key's secret is refused with its key as it was, and not shown", async () => {
    await stack.setConfig("billingKey", { value: reports.apiKey, secret: true });
    const failure = await stack.up().catch((error: unknown) => error);
    expect(flat(String(failure))).toContain(`\`existingSecret\` is not the secret of API key ${billing.apiKeyId}`);
    expect(emulator.key(billing.apiKeyId)).toEqual(billing);
    expectNoLeak(emulator.secrets(), everythingOf("the failure", failure));
});
