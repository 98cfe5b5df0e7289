import * as xai from "pulumi-xai";
import { expect } from "vitest";
import { scenarios } from "../engine/scenario.js";
import { exampleProgram } from "./exampleProgram.js";

const HOUR = 3_600_000;
const CHAT = xai.acl.endpoint("chat");

scenarios("the example of adoption", (scenario) => {
    scenario(
        "adopts both keys, one with its secret and one with a new one, creates none, and protects both",
        { project: "xai-adoption" },
        async (s) => {
            const { emulator, stack } = s;
            const billing = emulator.addKey({ name: "billing", acls: [xai.acl.model("grok-4"), CHAT], qpm: 50 });
            const reports = emulator.addKey({ name: "Bob's key", acls: [xai.acl.model("grok-3"), CHAT] });
            await stack.setConfig("xai-adoption:billingKeyId", billing.apiKeyId);
            await stack.setConfig("xai-adoption:reportsKeyId", reports.apiKeyId);
            await stack.setConfig("xai-adoption:billingKey", billing.apiKey, { secret: true });
            expect((await s.preview(exampleProgram("adoption"))).changes).toEqual({ create: 3 });
            expect(emulator.keys()).toEqual([billing, reports]);

            const { outputs } = await s.up();
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
            expect((await s.preview()).changes).toEqual({ same: 3 });

            const kept = emulator.keys();
            await s.failure(s.destroy());
            expect(emulator.keys()).toEqual(kept);
        },
    );
});
