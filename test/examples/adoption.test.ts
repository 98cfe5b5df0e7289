import * as xai from "pulumi-xai";
import { describe, expect, test } from "vitest";
import { startEmulator } from "xai-management-emulator";
import { NO_CLI, titleUnless } from "../engine/cli.js";
import { configFor } from "../engine/config.js";
import { everythingOf, expectNoLeak } from "../engine/leaks.js";
import { createStack } from "../engine/testStack.js";
import { exampleProgram } from "./exampleProgram.js";

const HOUR = 3_600_000;
const CHAT = xai.acl.endpoint("chat");

/** What the CLI printed, its line breaks taken out. */
const flat = (text: string) => text.replaceAll(/\s+/g, " ");

describe.skipIf(NO_CLI)(titleUnless(NO_CLI, "the example of adoption"), () => {
    test("adopts both keys, one with its secret and one with a new one, creates none, and protects both", async () => {
        const emulator = await startEmulator();
        const billing = emulator.addKey({ name: "billing", acls: [xai.acl.model("grok-4"), CHAT], qpm: 50 });
        const reports = emulator.addKey({ name: "Bob's key", acls: [xai.acl.model("grok-3"), CHAT] });
        const stack = await createStack({
            project: "xai-adoption",
            program: exampleProgram("adoption"),
            config: {
                ...configFor(emulator),
                "xai-adoption:billingKeyId": billing.apiKeyId,
                "xai-adoption:reportsKeyId": reports.apiKeyId,
            },
        });
        try {
            await stack.setConfig("xai-adoption:billingKey", reports.apiKey, { secret: true });
            const refused = await stack.preview().catch((error: unknown) => error);
            expect(flat(String(refused))).toContain(
                `\`existingSecret\` is not the secret of API key "billing" (${billing.apiKeyId})`,
            );

            await stack.setConfig("xai-adoption:billingKey", billing.apiKey, { secret: true });
            const preview = await stack.preview();
            expect(preview.changes).toEqual({ create: 3 });
            expect(flat(preview.output)).toContain(
                `API key "billing" (${billing.apiKeyId}) will be adopted with the secret of \`existingSecret\`. The program changes its \`qpm\`.`,
            );
            expect(flat(preview.output)).toContain(
                `API key "Bob's key" (${reports.apiKeyId}) will be adopted with a new secret; the current one works until `,
            );
            expect(emulator.keys()).toEqual([billing, reports]);

            const { outputs, output } = await stack.up();
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

            const kept = emulator.keys();
            const protectedKeys = await stack.destroy().catch((error: unknown) => error);
            expect(protectedKeys).toBeInstanceOf(Error);
            expect(emulator.keys()).toEqual(kept);
            expectNoLeak(
                emulator.secrets(),
                everythingOf("what was printed", [refused, preview, output, protectedKeys]),
            );
        } finally {
            await stack.dispose();
            await emulator.close();
        }
    });
});
