import * as pulumi from "@pulumi/pulumi";
import * as dynamic from "pulumi-xai";
import * as xai from "pulumi-xai/native";
import { expect } from "vitest";
import { scenarios } from "../engine/scenario.js";
import { ACLS, nativeKey, SAME, UPDATE } from "../scenarios/programs.js";

scenarios("the life of a key in native mode", (scenario) => {
    scenario("costs the same requests as in dynamic mode, and keeps its secret", { native: true }, async (s) => {
        // A transform that gives the options anew loses what the class says of secrets. The provider says it, too.
        const opts = { transforms: [({ props }: pulumi.ResourceTransformArgs) => ({ props, opts: {} })] };
        expect((await s.preview(nativeKey({ qps: 5, tpm: 50_000 }, opts))).changes).toEqual({ create: 2 });
        s.emulator.clearRequests();
        const { outputs } = await s.up();
        const key = s.key("search");
        expect(key).toMatchObject({ name: "shop-test-search", acls: ACLS, qps: 5, tpm: "50000" });
        expect(outputs["secret"]).toEqual({ value: key.apiKey, secret: true });
        expect(s.emulator.countRequests()).toEqual({
            listApiKeys: 1,
            createApiKey: 1,
            checkApiKeyPropagation: 1,
            listModels: 1,
            listEndpoints: 1,
        });
        s.emulator.changeKey(key.apiKeyId, { qps: 500, tpm: null });
        expect((await s.refresh()).changes).toEqual(UPDATE);
        s.emulator.clearRequests();
        expect((await s.up()).changes).toEqual(UPDATE);
        expect(s.masks()).toEqual(["qps,tpm"]);
        expect(s.key("search")).toMatchObject({ qps: 5, tpm: "50000", apiKey: key.apiKey });
        expect((await s.refresh()).changes).toEqual(SAME);
        s.emulator.deleteKey(key.apiKeyId);
        s.emulator.clearRequests();
        expect((await s.refresh()).changes).toEqual({ delete: 1, same: 1 });
        // The plan of a refresh and its run are one process.
        expect(s.emulator.countRequests()).toEqual({ listApiKeys: 2, checkApiKeyPropagation: 1 });
        await s.up();
        expect((await s.destroy()).changes).toEqual({ delete: 2 });
        expect(s.emulator.keys()).toEqual([]);
    });

    scenario("heeds the options that a dynamic provider never sees", { native: true }, async (s) => {
        await s.up(nativeKey({ qpm: 1 }));
        const { apiKeyId } = s.key("search");
        expect((await s.preview(nativeKey({ qpm: 2 }, { ignoreChanges: ["qpm"] }))).changes).toEqual(SAME);
        const replaced = nativeKey({ qpm: 2 }, { replaceOnChanges: ["qpm"], deleteBeforeReplace: true });
        expect((await s.up(replaced)).changes).toEqual({ same: 1, replace: 1 });
        expect(s.key("search").apiKeyId).not.toBe(apiKeyId);
    });

    scenario(
        "ends a wait at once on Ctrl-C, keeps the key, and goes on in the next up",
        { native: true },
        async (s) => {
            s.emulator.setPropagation("never");
            const ctrlC = new AbortController();
            const failure = s.failure(s.up(nativeKey(), { signal: ctrlC.signal }));
            await expect
                .poll(() => s.emulator.countRequests().checkApiKeyPropagation ?? 0, { timeout: 60_000 })
                .toBeGreaterThan(0);
            ctrlC.abort();
            expect(await failure).toContain("was cancelled");
            const { id, outputs } = await s.resource("search");
            expect(id).toBe(s.key("search").apiKeyId);
            expect(outputs["pending"]).toEqual(["propagation"]);
            s.emulator.setPropagation(0);
            const after = await s.up();
            expect(after.changes).toEqual(UPDATE);
            expect(after.outputs["secret"]).toEqual({ value: s.key("search").apiKey, secret: true });
        },
    );

    scenario("begins with an import, with its secret in one up", { native: true }, async (s) => {
        const made = s.emulator.addKey({ name: "console-search", acls: ACLS, qpm: 7 });
        const args = { name: made.name, qpm: 7, existingSecret: made.apiKey };
        const imported = await s.up(nativeKey(args, { import: made.apiKeyId }));
        expect(imported.outputs["secret"]).toEqual({ value: made.apiKey, secret: true });
        expect(s.emulator.countRequests()).not.toHaveProperty("rotateApiKey");
        expect((await s.up(nativeKey({ name: made.name, qpm: 7 }))).changes).toEqual(SAME);
        expect((await s.refresh()).changes).toEqual(SAME);
    });
});

/** An explicit provider, as dynamic mode has it. */
class DynamicProvider extends pulumi.ProviderResource {}

scenarios("a stack that changes its mode", (scenario) => {
    const rotation = { triggers: { a: pulumi.secret("word-1") } };

    scenario("keeps its keys, secrets and ids there and back", { native: true }, async (s) => {
        const inDynamic = async () => {
            const key = new dynamic.XaiApiKey("search", { acls: ACLS, qpm: 5, rotation });
            return { secret: key.apiKey };
        };
        const before = await s.up(inDynamic);
        s.emulator.clearRequests();
        expect((await s.up(nativeKey({ qpm: 5, rotation }))).changes).toEqual(SAME);
        expect((await s.refresh()).changes).toEqual(SAME);
        const there = await s.up();
        expect([there.changes, there.outputs["secret"]]).toEqual([SAME, before.outputs["secret"]]);
        expect((await s.resource("search")).type).toBe("xai:index:XaiApiKey");
        s.expectHidden("word-1");

        const back = await s.up(inDynamic);
        expect([back.changes, back.outputs["secret"]]).toEqual([UPDATE, before.outputs["secret"]]);
        expect((await s.refresh()).changes).toEqual(SAME);
        expect((await s.up()).changes).toEqual(SAME);
        s.expectHidden("word-1");
        const writes = Object.keys(s.emulator.countRequests()).filter((name) =>
            /create|update|rotate|delete/.test(name),
        );
        expect(writes).toEqual([]);
        await s.destroy();
        expect(s.emulator.keys()).toEqual([]);
    });

    scenario("keeps an explicit provider, whose management key then rotates", { native: true }, async (s) => {
        const { emulator } = s;
        const settings = { teamId: emulator.teamId, baseUrl: emulator.url };
        await s.up(async () => {
            const provider = new DynamicProvider("pulumi-nodejs", "team", {
                "xai:managementKey": pulumi.secret(emulator.managementKey),
                "xai:teamId": settings.teamId,
                "xai:baseUrl": settings.baseUrl,
            });
            new dynamic.XaiApiKey("search", { acls: ACLS }, { provider });
        });
        const { apiKeyId } = s.key("search");
        const inNative = async () => {
            const { managementKey } = emulator;
            const provider = new xai.Provider("team", { ...settings, managementKey, maxRetries: 3 });
            new xai.XaiApiKey("search", { acls: ACLS }, { provider });
            return { model: xai.getModelOutput("grok-4", {}, { provider }).name };
        };
        const moved = await s.up(inNative);
        expect(moved.steps).toMatchObject({ team: "update", search: "same" });
        expect(moved.outputs["model"]?.value).toBe("grok-4-0709");

        emulator.setManagementKey("xai-token-rotated-rotated-rotated");
        expect((await s.up()).steps).toMatchObject({ team: "update", search: "same" });
        s.expectHidden(emulator.managementKey);
        expect((await s.destroy()).changes).toEqual({ delete: 3 });
        expect(emulator.keys()).toEqual([]);
        expect(apiKeyId).not.toBe("");
    });
});
