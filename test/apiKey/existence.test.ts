import { describe, expect, test } from "vitest";
import type { Fault } from "xai-management-emulator";
import { remove } from "../../provider/apiKey/delete.js";
import { Stack } from "./stack.js";

const KEYS = { a: {}, b: {}, c: {} };
const kinds = (stack: Stack) => {
    const counts = stack.emulator.countRequests();
    stack.requests();
    return counts;
};

async function created(program: object = { search: {} }, options = {}): Promise<Stack> {
    const stack = await Stack.start(options);
    await stack.upAll({ ...program });
    stack.requests();
    return stack;
}

/** The key goes, as somebody in the console would delete it. */
function deleteOutside(stack: Stack, name = "search"): void {
    stack.emulator.deleteKey(stack.resource(name).id);
}

describe("A refresh", () => {
    test("looks the models up once, where permissions differ from the state's", async () => {
        const stack = await created(KEYS);
        for (const { id } of stack.resources.values()) {
            stack.emulator.changeKey(id, { acls: ["api-key:model:*"] });
        }
        await stack.refresh();
        expect(kinds(stack)).toEqual({ listApiKeys: 1, listModels: 1 });
    });

    test("of keys that are gone needs a second listing, and one question by id for each", async () => {
        const stack = await created(KEYS);
        deleteOutside(stack, "a");
        deleteOutside(stack, "b");
        expect(await stack.refresh()).toEqual(["a", "b"]);
        expect([...stack.resources.keys()]).toEqual(["c"]);
        expect(kinds(stack)).toEqual({ listApiKeys: 2, checkApiKeyPropagation: 2 });
        expect(stack.warnings).toEqual([]);
    });

    test("finds a key that only the first listing lacked", async () => {
        const stack = await created();
        stack.emulator.inject({ operation: "listApiKeys", page: "skips a key" });
        expect(await stack.refresh()).toEqual([]);
        expect(kinds(stack)).toEqual({ listApiKeys: 2 });
    });

    test.each<[string, Fault, RegExp]>([
        ["403", { status: 403 }, /CheckApiKeyPropagation/],
        [
            "a web page",
            { status: 404, body: "<html><title>Gone</title></html>", contentType: "text/html" },
            /This server cannot be asked/,
        ],
        ["a 404 of a route", { status: 404, body: '{"message":"no such route"}' }, /This server cannot be asked/],
        ["a 5xx", { status: 503, times: 2 }, /503/],
    ])(
        "keeps a key that the listings lack where the question by id ends in %s, and warns by name",
        async (_what, fault, reason) => {
            const stack = await created();
            const before = stack.resource();
            deleteOutside(stack);
            stack.emulator.inject({ operation: "checkApiKeyPropagation", ...fault });
            expect(await stack.refresh()).toEqual([]);
            expect(stack.resource()).toEqual(before);
            expect(stack.warnings).toEqual([
                expect.stringMatching(/"shop-test-search" \(.*\) is not in the listing of team .*was kept as it is/),
            ]);
            expect(stack.warnings[0]).toMatch(reason);
        },
    );

    test("keeps a key that the API knows by its id, though the listings hide it; an update goes on", async () => {
        const stack = await created();
        stack.emulator.changeKey(stack.key.apiKeyId, { qps: 7 });
        stack.emulator.setManagementKey("xai-token-another-user-0000", "another-user");
        stack.emulator.setOwnKeysOnly(true);
        expect(await stack.refresh()).toEqual([]);
        expect(stack.warnings).toEqual([expect.stringContaining("The API knows the key")]);
        expect(await stack.up({ qpm: 5 })).toBe("update");
        expect(stack.key.qpm).toBe(5);
    });

    test("of a key whose fields cannot be read names it, and hides no other", async () => {
        const stack = await created();
        const { apiKeyId } = stack.key;
        const body = JSON.stringify({ apiKeys: [{ apiKeyId, name: "n", qps: { a: 1 } }] });
        stack.emulator.inject({ operation: "listApiKeys", status: 200, body });
        await stack.refresh();
        expect(stack.resources.size).toBe(1);
        expect(stack.warnings).toEqual([
            expect.stringMatching(/"shop-test-search" \(.*\) is in the team's listing, but its `qps`/),
        ]);
    });
});

describe("A delete", () => {
    test("whose answer was lost is tried again, and the 404 then needs no proof", async () => {
        const stack = await created();
        stack.emulator.inject({ operation: "deleteApiKey", cut: "after" });
        await stack.destroy();
        expect(kinds(stack)).toEqual({ deleteApiKey: 2 });
    });

    test("of a key that is gone is success with the proof that a refresh needs", async () => {
        const stack = await created();
        deleteOutside(stack);
        await stack.destroy();
        expect(kinds(stack)).toEqual({ deleteApiKey: 1, listApiKeys: 2, checkApiKeyPropagation: 1 });
        expect(stack.resources.size).toBe(0);
    });

    test("whose answers were all lost is proved as well", async () => {
        const stack = await created();
        stack.emulator.inject({ operation: "deleteApiKey", cut: "after" });
        stack.emulator.inject({ operation: "deleteApiKey", cut: "before" });
        await stack.destroy();
        expect(stack.resources.size).toBe(0);
    });

    test("that cannot be proved names the permission that is missing, and the next destroy settles it", async () => {
        const stack = await created();
        deleteOutside(stack);
        stack.emulator.inject({ operation: "checkApiKeyPropagation", status: 403 });
        const failure = stack.destroy();
        await expect(failure).rejects.toThrow(
            /Could not check whether API key "shop-test-search" \(.*\) still exists.*CheckApiKeyPropagation/,
        );
        await stack.destroy();
        expect(stack.resources.size).toBe(0);
    });

    test("of a key that is still listed fails with what the API answered", async () => {
        const stack = await created();
        stack.emulator.inject({ operation: "deleteApiKey", status: 404 });
        await expect(stack.destroy()).rejects.toThrow(/delete API key "shop-test-search" \(.*\).*404/);
        expect(stack.resources.size).toBe(1);
    });

    test("of a state without a team asks the management key's", async () => {
        const stack = await created();
        await remove(stack.process(), stack.key.apiKeyId, {});
        expect(stack.emulator.keys()).toEqual([]);
    });
});

describe('With `onDelete: "disable"` a delete', () => {
    const args = { onDelete: "disable" };

    test("is one masked update, and leaves the key with its secret", async () => {
        const stack = await created({ search: args });
        const { apiKey } = stack.key;
        await stack.destroy();
        const [{ body } = { body: undefined }, ...others] = stack.requests();
        expect(others).toEqual([]);
        expect(body).toMatchObject({ fieldMask: "disabled", apiKey: { disabled: true } });
        expect(stack.key).toMatchObject({ disabled: true, apiKey });
    });

    test("switches off a key that somebody has switched on since", async () => {
        const stack = await created({ search: { ...args, disabled: true } });
        stack.emulator.changeKey(stack.key.apiKeyId, { disabled: false });
        await stack.destroy();
        expect(stack.key.disabled).toBe(true);
    });

    test("counts for a replaced key too, and with what the last up gave", async () => {
        const stack = await created({ search: args }, { otherTeams: ["other"] });
        const old = stack.key.apiKeyId;
        await stack.up({ teamId: "other" });
        expect(stack.emulator.key(old)).toMatchObject({ disabled: true });
        await stack.destroy();
        expect(stack.emulator.keys()).toHaveLength(1);
    });

    test("of a key that is gone is done with proof, and fails without", async () => {
        const stack = await created({ search: args });
        deleteOutside(stack);
        stack.emulator.inject({ operation: "checkApiKeyPropagation", status: 403 });
        await expect(stack.destroy()).rejects.toThrow(
            /404.*Could not check whether .* still exists.*CheckApiKeyPropagation/,
        );
        await stack.destroy();
        expect(stack.resources.size).toBe(0);
    });
});
