import * as xai from "pulumi-xai";
import { describe, expect, test } from "vitest";
import { type StoredKey, startEmulator } from "xai-management-emulator";
import { NO_CLI, titleUnless } from "../engine/cli.js";
import { TestClock } from "../engine/clock.js";
import { configFor } from "../engine/config.js";
import { everythingOf, expectNoLeak } from "../engine/leaks.js";
import { createStack } from "../engine/testStack.js";
import { exampleProgram } from "./exampleProgram.js";

const DAY = 86_400_000;

describe.skipIf(NO_CLI)(titleUnless(NO_CLI, "the example of rotation"), () => {
    test("renews its key's secret each month, after a leak and before the expiry, keeps the key, and protects it", async () => {
        const clock = new TestClock();
        const emulator = await startEmulator({ now: clock.now });
        const stack = await createStack({
            project: "xai-rotation",
            program: exampleProgram("rotation"),
            environment: clock.environment,
            config: configFor(emulator),
        });
        /** The key that the server holds: the only one, whatever was done. */
        const theKey = (): StoredKey => {
            const [key, ...others] = emulator.keys();
            if (key === undefined || others.length > 0) {
                throw new Error(`the server holds ${emulator.keys().length} keys`);
            }
            return key;
        };
        const inDays = (text: string | null) => (Date.parse(text ?? "") - clock.now().getTime()) / DAY;
        try {
            const first = await stack.up();
            const made = theKey();
            expect(made).toMatchObject({
                name: "xai-rotation-test-search",
                acls: [xai.acl.model("grok-4"), xai.acl.endpoint("chat")],
                qpm: 600,
            });
            expect(inDays(made.expireTime)).toBeCloseTo(90, 2);
            expect(first.outputs["searchKey"]).toEqual({ value: made.apiKey, secret: true });

            clock.pass(31);
            const monthly = await stack.up();
            const renewed = theKey();
            expect(renewed).toMatchObject({ apiKeyId: made.apiKeyId, name: made.name, acls: made.acls, qpm: 600 });
            expect(renewed.previousApiKeys).toMatchObject([{ apiKey: made.apiKey }]);
            expect(inDays(renewed.previousApiKeys[0]?.expireTime ?? null)).toBeCloseTo(2, 2);
            expect(inDays(renewed.expireTime)).toBeCloseTo(90, 2);
            expect(monthly.outputs["searchKey"]).toEqual({ value: renewed.apiKey, secret: true });
            expect(inDays(monthly.outputs["oldSearchKeyWorksUntil"]?.value)).toBeCloseTo(2, 2);

            await stack.setConfig("xai-rotation:incident", "leak-1");
            await stack.setConfig("xai-rotation:overlap", "0s");
            const leak = await stack.preview();
            expect(leak.changes).toEqual({ same: 1, update: 1 });
            expect(theKey()).toEqual(renewed);
            await stack.up();
            const safe = theKey();
            expect(safe.previousApiKeys).toMatchObject([{ apiKey: made.apiKey }, { apiKey: renewed.apiKey }]);
            expect(inDays(safe.previousApiKeys[1]?.expireTime ?? null)).toBeLessThanOrEqual(0);

            clock.pass(85);
            const late = await stack.up();
            const last = theKey();
            expect(inDays(last.expireTime)).toBeCloseTo(90, 2);
            expect(emulator.countRequests()).toMatchObject({ createApiKey: 1, rotateApiKey: 3 });
            expect(emulator.countRequests()).not.toHaveProperty("updateApiKey");

            const refused = await stack.destroy().catch((error: unknown) => error);
            expect(refused).toBeInstanceOf(Error);
            expect(emulator.keys()).toEqual([last]);
            const texts = [first, monthly, leak, late].map(({ output }) => output);
            expectNoLeak(emulator.secrets(), everythingOf("what was printed", [...texts, refused]));
        } finally {
            await stack.dispose();
            await emulator.close();
            clock.dispose();
        }
    });
});
