import * as xai from "pulumi-xai";
import { expect } from "vitest";
import { scenarios } from "../engine/scenario.js";
import { adopts, flat, made } from "./adopting.js";
import { ACLS } from "./oneKey.js";

scenarios("a take-over in trouble", (scenario) => {
    scenario("whose rotation was lost is made certain: the stored secret is the one that works", {}, async (s) => {
        const key = made(s);
        s.emulator.inject({ operation: "rotateApiKey", cut: "after" });
        const { outputs } = await s.up(adopts(key));
        const after = s.key("search");
        expect(outputs["secret"]).toEqual({ value: after.apiKey, secret: true });
        expect(after.previousApiKeys.map(({ apiKey }) => apiKey)).toContain(key.apiKey);
        expect((await s.preview()).changes).toEqual({ same: 2 });
    });

    scenario("that fails once the key has its new secret keeps it, and the next up goes on", {}, async (s) => {
        const key = made(s);
        s.emulator.inject({ operation: "updateApiKey", status: 403 });
        expect(await s.failure(s.up(adopts(key)))).toContain(`of API key ${key.apiKeyId}`);
        expect(await s.resource("search")).toMatchObject({
            id: key.apiKeyId,
            outputs: { name: "made by hand", owed: ["propagation"] },
        });
        const { outputs } = await s.up();
        expect(outputs["secret"]).toEqual({ value: s.key("search").apiKey, secret: true });
        expect(s.emulator.countRequests()).toMatchObject({ rotateApiKey: 1, checkApiKeyPropagation: 1 });
        expect((await s.preview()).changes).toEqual({ same: 2 });
    });

    scenario(
        "that fails with the secret that the program gives keeps the key, and the next up goes on",
        {},
        async (s) => {
            const key = made(s);
            const program = adopts(key, { existingSecret: key.apiKey, qpm: 9 });
            s.emulator.inject({ operation: "updateApiKey", status: 403 });
            expect(await s.failure(s.up(program))).toContain(`of API key ${key.apiKeyId}`);
            expect(s.emulator.key(key.apiKeyId)).toEqual(key);
            expect(await s.resource("search")).toMatchObject({
                id: key.apiKeyId,
                outputs: { name: "made by hand", qpm: 7, apiKey: expect.anything() },
            });
            const { outputs } = await s.up();
            expect(outputs["secret"]).toEqual({ value: key.apiKey, secret: true });
            expect(s.key("search")).toMatchObject({ apiKeyId: key.apiKeyId, apiKey: key.apiKey, qpm: 9 });
            expect(s.emulator.countRequests()).not.toHaveProperty("createApiKey");
            expect((await s.preview()).changes).toEqual({ same: 2 });
        },
    );

    scenario("whose rotation is refused leaves nothing in the stack", {}, async (s) => {
        const key = made(s);
        s.emulator.inject({ operation: "rotateApiKey", status: 403 });
        expect(await s.failure(s.up(adopts(key)))).toContain("team-token:endpoint:RotateApiKey");
        expect(s.emulator.key(key.apiKeyId)).toEqual(key);
        expect((await s.resources()).filter(({ type }) => type.includes("xai"))).toEqual([]);
    });

    scenario("by --replace is one of the same key again, which nothing deletes", {}, async (s) => {
        const key = made(s);
        const first = await s.up(adopts(key));
        const { output, outputs } = await s.up(undefined, { replace: ["search"] });
        expect(flat(output)).toContain(`API key ${key.apiKeyId} was neither deleted nor disabled`);
        expect(outputs["secret"]).toEqual({ value: s.key("search").apiKey, secret: true });
        expect(s.key("search").previousApiKeys.map(({ apiKey }) => apiKey)).toEqual([
            key.apiKey,
            first.outputs["secret"]?.value,
        ]);
        expect((await s.preview()).changes).toEqual({ same: 2 });
    });

    scenario("by a resource with a new name leaves the key to it", { always: true }, async (s) => {
        const key = made(s);
        await s.up(adopts(key, { existingSecret: key.apiKey }));
        const { changes, output, outputs } = await s.up(async () => {
            const again = new xai.XaiApiKey("renamed", {
                acls: ACLS,
                adoptKeyId: key.apiKeyId,
                existingSecret: key.apiKey,
            });
            return { secret: again.apiKey };
        });
        expect(changes).toEqual({ create: 1, delete: 1, same: 1 });
        expect(flat(output)).toContain(`API key ${key.apiKeyId} was neither deleted nor disabled`);
        expect(outputs["secret"]).toEqual({ value: key.apiKey, secret: true });
        expect(s.key("renamed")).toMatchObject({ apiKeyId: key.apiKeyId });
        expect((await s.preview()).changes).toEqual({ same: 2 });
    });
});
