import * as xai from "pulumi-xai";
import { expect } from "vitest";
import { scenarios } from "../engine/scenario.js";
import { exampleProgram } from "./exampleProgram.js";

const DAY = 86_400_000;

scenarios("the example of rotation", (scenario) => {
    scenario(
        "renews its key's secret each month, after a leak and before the expiry, keeps the key, and protects it",
        { project: "xai-rotation", clock: true },
        async (s) => {
            const { emulator, clock, stack } = s;
            const inDays = (text: string | undefined | null) => (Date.parse(text ?? "") - clock.now().getTime()) / DAY;
            const first = await s.up(exampleProgram("rotation"));
            const made = s.key("search");
            expect(made).toMatchObject({
                name: "xai-rotation-test-search",
                acls: [xai.acl.model("grok-4"), xai.acl.endpoint("chat")],
                qpm: 600,
            });
            expect(inDays(made.expireTime)).toBeCloseTo(90, 2);
            expect(first.outputs["searchKey"]).toEqual({ value: made.apiKey, secret: true });

            clock.pass(31);
            const monthly = await s.up();
            const renewed = s.key("search");
            expect(renewed).toMatchObject({ apiKeyId: made.apiKeyId, name: made.name, acls: made.acls, qpm: 600 });
            expect(renewed.previousApiKeys).toMatchObject([{ apiKey: made.apiKey }]);
            expect(inDays(renewed.previousApiKeys[0]?.expireTime)).toBeCloseTo(2, 2);
            expect(inDays(renewed.expireTime)).toBeCloseTo(90, 2);
            expect(monthly.outputs["searchKey"]).toEqual({ value: renewed.apiKey, secret: true });
            expect(inDays(monthly.outputs["oldSearchKeyWorksUntil"]?.value)).toBeCloseTo(2, 2);

            await stack.setConfig("xai-rotation:incident", "leak-1");
            await stack.setConfig("xai-rotation:overlap", "0s");
            expect((await s.preview()).changes).toEqual({ same: 1, update: 1 });
            expect(s.key("search")).toEqual(renewed);
            await s.up();
            const safe = s.key("search");
            expect(safe.previousApiKeys).toMatchObject([{ apiKey: made.apiKey }, { apiKey: renewed.apiKey }]);
            expect(inDays(safe.previousApiKeys[1]?.expireTime)).toBeLessThanOrEqual(0);

            clock.pass(85);
            await s.up();
            const last = s.key("search");
            expect(inDays(last.expireTime)).toBeCloseTo(90, 2);
            expect(emulator.countRequests()).toMatchObject({ createApiKey: 1, rotateApiKey: 3 });
            expect(emulator.countRequests()).not.toHaveProperty("updateApiKey");

            await s.failure(s.destroy());
            expect(emulator.keys()).toEqual([last]);
        },
    );
});
