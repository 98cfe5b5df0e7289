import { describe, expect, test } from "vitest";
import { apiKeySchema } from "../../provider/api/apiKeys.js";
import { heldValues, withoutNull } from "../../provider/apiKey/state.js";
import { Stack } from "./stack.js";
import { ACLS } from "./values.js";

const json = (body: object) => ({ status: 200, body: JSON.stringify(body) });

describe("An answer that shows a part of the key", () => {
    test("changes what it shows, and leaves everything else as it was", async () => {
        const stack = await Stack.start();
        await stack.up({ qps: 5, qpm: 100 });
        const { apiKeyId } = stack.key;
        stack.emulator.inject({ operation: "updateApiKey", acts: true, ...json({ apiKeyId, qpm: 200 }) });
        expect(await stack.up({ qps: 5, qpm: 200 })).toBe("update");
        expect(stack.outputs()).toMatchObject({ name: "shop-test-search", qps: 5, qpm: 200 });
        expect(await stack.up({ qps: 5, qpm: 200 })).toBe("same");
        expect(await stack.refresh()).toEqual([]);
    });

    test("keeps the expiry of a rotation whose answer holds the secret alone", async () => {
        const stack = await Stack.start();
        const expireTime = "2031-01-01T00:00:00.000Z";
        await stack.up({ expireTime });
        const apiKey = "xai-given-by-the-answer-alone";
        stack.emulator.inject({ operation: "rotateApiKey", ...json({ apiKey }) });
        await stack.up({ expireTime, rotation: { triggers: { a: 1 } } });
        expect(stack.outputs()).toMatchObject({ apiKey, expireTime, disabled: false });
    });

    test.each([
        ["nothing but its id", {}, { name: "n", acls: ACLS, qps: 5, disabled: false }],
        ["one limit", { qpm: 7 }, { name: "n", acls: ACLS, qps: 5, qpm: 7, disabled: false }],
        ["that it is off", { disabled: true }, { name: "n", acls: ACLS, qps: 5, disabled: true }],
        ["a name, so that it is whole", { name: "m" }, { name: "m", acls: ACLS, disabled: false }],
    ])("of %s", (_what, shown, expected) => {
        const before = { name: "n", acls: ACLS, qps: 5, disabled: false };
        const held = heldValues(apiKeySchema.parse({ apiKeyId: "id", ...shown }), before);
        expect(withoutNull(held)).toEqual(expected);
    });
});

describe("An alias", () => {
    const args = { acls: ["api-key:model:grok-4", "api-key:endpoint:chat"] };

    test("that became the model's name is taken for applied where the models cannot be read, with a warning", async () => {
        const stack = await Stack.start({ dialect: { values: "normalised" } });
        stack.emulator.inject({ operation: "listModels", status: 403, times: Number.POSITIVE_INFINITY });
        expect(await stack.up(args)).toBe("create");
        expect(new Set(stack.key.acls)).toEqual(new Set(["api-key:model:grok-4-0709", "api-key:endpoint:chat"]));
        expect(stack.warnings.join("\n")).toContain("permissions for other models");
        expect(await stack.up(args)).toBe("same");
    });
});
