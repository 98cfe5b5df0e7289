import { describe, expect, test, vi } from "vitest";
import type { Fault } from "xai-management-emulator";
import { Stack } from "./stack.js";
import { ACLS } from "./values.js";

const LOST: Fault = { operation: "createApiKey", cut: "after" };
const NAME = "shop-test-search";

/** The stack holds the one key, with the secret that works. */
function expectTaken(stack: Stack): void {
    const { apiKeyId, apiKey } = stack.key;
    expect(stack.outputs()).toMatchObject({ apiKeyId, apiKey });
    expect(stack.outputs()).not.toHaveProperty("pending");
}

describe("A create whose answer was lost, under the default name,", () => {
    test.each<Fault>([
        LOST,
        { operation: "createApiKey", status: 504, acts: true },
        { operation: "createApiKey", status: 200, body: "{", acts: true },
    ])("takes the one key that it made, with a new secret and a warning: %j", async (fault) => {
        const stack = await Stack.start({ dialect: { values: "normalised" } });
        stack.emulator.addKey({ name: "other" });
        stack.emulator.inject(fault);
        const args = { acls: ["api-key:model:grok-4", "api-key:endpoint:chat"], tpm: 5, expiresIn: "90d" };
        await stack.up(args);
        expect(stack.writes()).toEqual(["createApiKey", "rotateApiKey"]);
        expect(stack.warnings).toEqual([
            expect.stringMatching(/The answer to the creation of API key "shop-test-search" \(.*\) was lost/),
        ]);
        const [, made] = stack.emulator.keys();
        expect(stack.outputs()).toMatchObject({ apiKeyId: made?.apiKeyId, apiKey: made?.apiKey });
        // Nobody has the first secret.
        expect(Date.parse(made?.previousApiKeys[0]?.expireTime ?? "")).toBeLessThanOrEqual(stack.now());
        expect(await stack.up(args)).toBe("same");
        expect(await stack.refresh()).toEqual([]);
    });

    test("is found by the server's clock, hours from this machine's in either direction", async () => {
        for (const hours of [-5, 5]) {
            const stack = await Stack.start({ now: () => new Date(Date.now() + hours * 3_600_000) });
            stack.emulator.addKey({ name: NAME, acls: ["api-key:model:*"] });
            // The first listing fails, so that the clock alone tells.
            stack.emulator.inject({ operation: "listApiKeys", status: 400, times: 2 });
            stack.emulator.inject(LOST);
            await stack.up();
            expect(stack.emulator.keys().map(({ apiKey }) => apiKey)).toContain(stack.outputs()["apiKey"]);
        }
    });

    test("whose rotation fails keeps the key without a secret, and the next up rotates", async () => {
        const stack = await Stack.start();
        stack.emulator.inject(LOST);
        stack.emulator.inject({ operation: "rotateApiKey", status: 403 });
        await expect(stack.up({ qps: 5 })).rejects.toThrow(/403.*The key is kept in the stack/);
        expect(stack.outputs()).toMatchObject({ pending: ["secret"] });
        expect(stack.outputs()).not.toHaveProperty("apiKey");
        expect(await stack.refresh()).toEqual(["search"]);
        expect(await stack.up({ qps: 5 })).toBe("update");
        expectTaken(stack);
    });

    test("takes none where two keys may be it: the error names both", async () => {
        const stack = await Stack.start();
        // Somebody makes its twin after the listing that the process began with.
        stack.emulator.inject({ operation: "createApiKey", status: 504, acts: true, delayMs: 200 });
        const running = stack.up();
        await vi.waitUntil(() => stack.emulator.countRequests().createApiKey === 1);
        stack.emulator.addKey({ name: NAME, acls: ACLS, createTime: new Date(stack.now() + 1000).toISOString() });
        const failure: unknown = await running.catch((error: unknown) => error);
        expect(String(failure)).toContain("so the create was not sent again");
        expect(stack.emulator.keys()).toHaveLength(2);
        for (const { apiKeyId } of stack.emulator.keys()) {
            expect(String(failure)).toContain(apiKeyId);
        }
        expect(stack.writes()).toEqual(["createApiKey"]);
    });

    test("takes none on a server without a rotate route: the error names the key to delete", async () => {
        const stack = await Stack.start({ dialect: { rotation: false } });
        stack.emulator.inject(LOST);
        await expect(stack.up()).rejects.toThrow(
            /It has made API key "shop-test-search" \(.*\), but this server cannot give a key a new secret .*Delete that key/,
        );
        expect(stack.resources.size).toBe(0);
        expect(stack.warnings).toEqual([]);
    });

    test("says so where no key was made, and none was", async () => {
        const stack = await Stack.start();
        stack.emulator.inject({ operation: "createApiKey", cut: "before" });
        await expect(stack.up()).rejects.toThrow(/shows no key that it made\. Run `pulumi up` again/);
        expect(stack.emulator.keys()).toEqual([]);
        expect(await stack.up()).toBe("create");
    });

    test("says where to look where the search for it fails", async () => {
        const stack = await Stack.start();
        stack.emulator.inject(LOST);
        stack.emulator.inject({ operation: "listApiKeys", after: 1, status: 403 });
        await expect(stack.up()).rejects.toThrow(
            /The search for it failed: .*ListApiKeys.*Look in the xAI Console for a key named "shop-test-search"/,
        );
        expect(stack.writes()).toEqual(["createApiKey"]);
    });
});

describe("A create whose answer was lost, under a name that the program gives,", () => {
    test("takes no key: the error names the candidate, and it can be adopted", async () => {
        const stack = await Stack.start();
        stack.emulator.inject(LOST);
        await expect(stack.up({ name: "search" })).rejects.toThrow(/It may have made API key "search" \(/);
        expect(stack.writes()).toEqual(["createApiKey"]);
        await stack.up({ name: "search", adoptKeyId: stack.key.apiKeyId });
        expectTaken(stack);
    });
});

test("An answer without a secret, or of another shape, keeps the key; the next up rotates", async () => {
    for (const more of [{}, { apiKey: "xai-secret-secret", qps: { a: 1 } }]) {
        const stack = await Stack.start();
        const { apiKeyId } = stack.emulator.addKey({ name: NAME, acls: ACLS });
        stack.emulator.inject({ operation: "createApiKey", status: 200, body: JSON.stringify({ apiKeyId, ...more }) });
        if ("apiKey" in more) {
            await stack.up();
            expect(stack.warnings).toContainEqual(expect.stringContaining("could not be read in full"));
            expect(stack.outputs()).toMatchObject({ apiKeyId, apiKey: more.apiKey, name: NAME });
        } else {
            await stack.up().catch(() => undefined);
            expect(stack.outputs()).toMatchObject({ apiKeyId });
            await stack.up();
            expectTaken(stack);
        }
    }
});

describe("A key that an earlier up may have left behind", () => {
    const orphan = expect.stringMatching(
        /shop-test-search.* of team .* has the default name of a new key, and no resource/,
    );

    test("is warned about at the end of a run that creates another under that default name, failed or not", async () => {
        for (const status of [201, 403]) {
            const stack = await Stack.start();
            stack.emulator.addKey({ name: ` ${NAME} ` });
            stack.emulator.inject({ operation: "createApiKey", status, acts: status === 201 });
            await stack.up().catch(() => undefined);
            expect(stack.warnings).toEqual([orphan]);
        }
    });

    test.each<[string, object, object]>([
        ["the program gives the name", { name: "given" }, { name: "given" }],
        ["it has another name", { name: "other" }, {}],
        ["it is off, as `onDelete` leaves keys", { disabled: true }, {}],
    ])("is not warned about where %s", async (_what, key, args) => {
        const stack = await Stack.start();
        stack.emulator.addKey({ name: NAME, ...key });
        await stack.up({ ...args });
        expect(stack.warnings).toEqual([]);
    });

    test("is not the key that the run replaces", async () => {
        const stack = await Stack.start();
        await stack.up();
        expect(await stack.upAll({ search: {} }, [], ["search"])).toEqual({ search: "replace" });
        expect(stack.warnings).toEqual([]);
        expectTaken(stack);
    });
});
