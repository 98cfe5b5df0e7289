import { describe, expect, test } from "vitest";
import { check } from "../../provider/apiKey/check.js";
import { remove } from "../../provider/apiKey/delete.js";
import { CheckError, expectQuiet, Stack } from "./stack.js";
import { ACLS, DAY } from "./values.js";

/** A stack beside a key that it does not hold. */
async function withKey(key: Parameters<Stack["emulator"]["addKey"]>[0] = {}, options = {}) {
    const stack = await Stack.start(options);
    return { stack, there: stack.emulator.addKey({ name: "console", acls: ACLS, ...key }) };
}

describe("An adoption", () => {
    test("with the secret keeps it, and brings the settings to the program's in one update", async () => {
        const { stack, there } = await withKey({ qps: 9 });
        const args = { adoptKeyId: there.apiKeyId, existingSecret: there.apiKey, qpm: 5, waitForPropagation: true };
        expect(await stack.preview(args)).toBe("create");
        expect(stack.warnings).toEqual([
            expect.stringMatching(
                /"console" \(.*\) will be adopted with the secret of `existingSecret`\. The program changes its `name`, `qps`, `qpm`\./,
            ),
        ]);
        expect(stack.writes()).toEqual([]);
        await stack.up(args);
        const requests = stack.requests();
        expect(requests.filter(({ method }) => method !== "GET").map(({ body }) => Object(body).fieldMask)).toEqual([
            "name,qps,qpm",
        ]);
        expect(requests.some(({ operation }) => operation === "checkApiKeyPropagation")).toBe(false);
        expect(stack.outputs()).toMatchObject({
            apiKeyId: there.apiKeyId,
            apiKey: there.apiKey,
            name: "shop-test-search",
            qpm: 5,
        });
        expect(JSON.stringify(stack.applied())).not.toContain(there.apiKey);
        await expectQuiet(stack, args);
        // Both arguments may go.
        expect(await stack.up({ qpm: 5, waitForPropagation: true })).toBe("same");
    });

    test("without the secret gives it a new one; the old one works for the overlap", async () => {
        const { stack, there } = await withKey();
        const args = { adoptKeyId: there.apiKeyId, name: "console", waitForPropagation: true };
        await stack.preview(args);
        expect(stack.warnings).toEqual([
            expect.stringMatching(
                /with a new secret; the current one works until .*\. Its settings are those of the program already\./,
            ),
        ]);
        await stack.up(args);
        expect(stack.emulator.countRequests()).toMatchObject({ rotateApiKey: 1, checkApiKeyPropagation: 1 });
        expect(stack.outputs()["apiKey"]).toBe(stack.key.apiKey);
        expect(stack.key.previousApiKeys.map(({ apiKey }) => apiKey)).toEqual([there.apiKey]);
        await expectQuiet(stack, args);
    });

    test("says in the preview when the current secret ends: with its expiry, which may have passed", async () => {
        const soon = new Date(Date.now() + DAY / 2).toISOString();
        const past = new Date(Date.now() - DAY).toISOString();
        for (const [expireTime, words] of [
            [soon, "works until it expires at"],
            [past, "expired at"],
        ] as const) {
            const { stack, there } = await withKey({ expireTime });
            await stack.preview({ adoptKeyId: there.apiKeyId });
            expect(stack.warnings.join()).toContain(`the current one ${words} ${expireTime}`);
        }
    });

    test("counts the expiry of the program, and rotates no second time for its triggers", async () => {
        const { stack, there } = await withKey();
        const args = { adoptKeyId: there.apiKeyId, expiresIn: "90d", rotation: { triggers: { a: 1 }, every: "30d" } };
        await stack.up(args);
        expect(stack.writes()).toEqual(["rotateApiKey", "updateApiKey"]);
        expect(Date.parse(stack.key.expireTime ?? "") - stack.now()).toBeGreaterThan(89 * DAY);
        await expectQuiet(stack, args);
        stack.pass(31);
        expect(await stack.up(args)).toBe("rotate");
    });

    test("of a key by what the API makes of the program's values changes nothing", async () => {
        const { stack, there } = await withKey({ acls: ["api-key:endpoint:chat", "api-key:model:grok-4-0709"] });
        const acls = ["api-key:model:grok-4", "api-key:endpoint:chat"];
        await stack.up({ adoptKeyId: there.apiKeyId, existingSecret: there.apiKey, name: "console", acls });
        expect(stack.writes()).toEqual([]);
    });

    test("of a key that is off leaves it off, with a warning, unless the program says false", async () => {
        const { stack, there } = await withKey({ disabled: true });
        await stack.up({ adoptKeyId: there.apiKeyId, name: "console", waitForPropagation: true });
        expect(stack.key.disabled).toBe(true);
        expect(stack.warnings).toContainEqual(expect.stringContaining("is switched off, and stays off"));
        expect(stack.emulator.countRequests()).not.toHaveProperty("checkApiKeyPropagation");
        const other = await withKey({ disabled: true });
        await other.stack.up({ adoptKeyId: other.there.apiKeyId, name: "console", disabled: false });
        expect(other.stack.key.disabled).toBe(false);
    });

    test("that fails once the key is the stack's keeps it, and the next up goes on", async () => {
        const { stack, there } = await withKey();
        stack.emulator.inject({ operation: "updateApiKey", status: 403 });
        const args = { adoptKeyId: there.apiKeyId, qps: 5 };
        await expect(stack.up(args)).rejects.toThrow(/403.*The key is kept in the stack/);
        expect(stack.outputs()).toMatchObject({ apiKeyId: there.apiKeyId, apiKey: stack.key.apiKey });
        expect(await stack.up(args)).toBe("update");
        expect(stack.emulator.countRequests()).toMatchObject({ rotateApiKey: 1 });
        await expectQuiet(stack, args);
    });

    test("whose rotation is lost twice leaves the key out of the stack, and says so", async () => {
        const { stack, there } = await withKey();
        stack.emulator.inject({ operation: "rotateApiKey", cut: "after", times: 2 });
        await expect(stack.up({ adoptKeyId: there.apiKeyId })).rejects.toThrow(
            /may have a new secret.*The key is not in the stack yet/,
        );
        expect(stack.resources.size).toBe(0);
        await stack.up({ adoptKeyId: there.apiKeyId });
        expect(stack.outputs()["apiKey"]).toBe(stack.key.apiKey);
    });
});

describe("An adoption is refused in the preview, and nothing is changed,", () => {
    const refuse = async (stack: Stack, args: object, words: RegExp) => {
        await expect(stack.preview({ ...args })).rejects.toThrow(CheckError);
        await expect(stack.up({ ...args })).rejects.toThrow(words);
        expect(stack.writes()).toEqual([]);
        expect(stack.resources.size).toBe(0);
    };

    test("where the secret is another one, which no message shows", async () => {
        const { stack, there } = await withKey();
        const existingSecret = "xai-another-secret-of-another-key";
        await refuse(
            stack,
            { adoptKeyId: there.apiKeyId, existingSecret },
            /^(?!.*another-secret).*is not the secret of API key "console" \(/,
        );
    });

    test("where there is no such key", async () => {
        const { stack } = await withKey();
        await refuse(stack, { adoptKeyId: "missing" }, /There is no API key missing\. .*`adoptKeyId`/);
    });

    test("where the team's listing lacks the key, which the API knows", async () => {
        const { stack, there } = await withKey({ teamId: "other" }, { otherTeams: ["other"] });
        await refuse(
            stack,
            { adoptKeyId: there.apiKeyId },
            /is not in the listing of team .*The API knows the key.*cannot be adopted: check `adoptKeyId` and `teamId`/,
        );
    });
});

test("Without a rotate route an adoption asks for `existingSecret`, and changes nothing", async () => {
    const { stack, there } = await withKey({}, { dialect: { rotation: false } });
    await expect(stack.up({ adoptKeyId: there.apiKeyId })).rejects.toThrow(
        /"console" \(.*\) was not adopted.*Give its secret: `existingSecret/,
    );
    expect(stack.resources.size).toBe(0);
    await stack.up({ adoptKeyId: there.apiKeyId, existingSecret: there.apiKey });
    expect(stack.key.apiKey).toBe(there.apiKey);
});

test("An adoption that cannot be looked at in the preview is not refused: the preview says why", async () => {
    const { stack, there } = await withKey();
    stack.emulator.inject({ operation: "listApiKeys", status: 403, times: 2 });
    expect(await stack.preview({ adoptKeyId: there.apiKeyId })).toBe("create");
    expect(stack.warnings).toEqual([
        expect.stringMatching(/Could not check whether API key .* can be adopted\. .*ListApiKeys/),
    ]);
});

describe("The old holder's delete of a key that another resource adopts", () => {
    const adopter = (apiKeyId: string) => ({ adopter: { adoptKeyId: apiKeyId } });
    const left = expect.stringMatching(/was left as it is, because the program adopts it with `adoptKeyId`/);

    test("in the same run leaves the key, and says so", async () => {
        const stack = await Stack.start();
        await stack.up();
        const { apiKeyId } = stack.key;
        expect(await stack.upAll(adopter(apiKeyId))).toEqual({ adopter: "create", search: "delete" });
        expect(stack.key.apiKeyId).toBe(apiKeyId);
        expect(stack.warnings).toContainEqual(left);
        await stack.destroy();
        expect(stack.emulator.keys()).toEqual([]);
    });

    test.each([true, false])(
        "in a later run leaves it too, the argument still there (%s) or taken out in that run",
        async (stays) => {
            const stack = await Stack.start();
            await stack.up();
            const { apiKeyId } = stack.key;
            await stack.upAll({ search: {}, ...adopter(apiKeyId) });
            await stack.upAll(stays ? adopter(apiKeyId) : { adopter: {} });
            expect(stack.key.apiKeyId).toBe(apiKeyId);
            expect(stack.warnings).toContainEqual(left);
            expect(stack.outputs("adopter")["apiKey"]).toBe(stack.key.apiKey);
        },
    );

    test("which is its own replacement leaves it", async () => {
        const { stack, there } = await withKey();
        const program = { search: { adoptKeyId: there.apiKeyId } };
        await stack.upAll(program);
        await stack.upAll(program, [], ["search"]);
        expect(stack.outputs()).toMatchObject({ apiKeyId: there.apiKeyId, apiKey: stack.key.apiKey });
        expect(stack.warnings).toContainEqual(left);
    });

    test("which moves the adopter to another team deletes it", async () => {
        const { stack, there } = await withKey({}, { otherTeams: ["other"] });
        await stack.up({ adoptKeyId: there.apiKeyId });
        expect(await stack.up({ teamId: "other" })).toBe("replace");
        expect(stack.key.teamId).toBe("other");
    });

    test("before the adopter is created fails and names it, and the next up goes on", async () => {
        const stack = await Stack.start();
        await stack.up();
        const { id, outputs } = stack.resource();
        const context = stack.process();
        const news = { name: "shop-test-adopter", acls: ACLS, adoptKeyId: id };
        await check(context, { olds: {}, news, now: stack.now() });
        stack.requests();
        await expect(remove(context, id, outputs)).rejects.toThrow(
            /"shop-test-adopter" will adopt it.*run `pulumi up` again/,
        );
        expect(stack.writes()).toEqual([]);
        await stack.upAll(adopter(id));
        expect(stack.key.apiKeyId).toBe(id);
    });
});
