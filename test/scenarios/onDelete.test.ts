import * as xai from "pulumi-xai";
import { expect } from "vitest";
import { scenarios } from "../engine/scenario.js";
import { ACLS, oneKey } from "./oneKey.js";

const nothing = async () => undefined;

scenarios("a key that is switched off rather than deleted", (scenario) => {
    scenario("destroy sends one masked update and leaves the key, with its secret", { always: true }, async (s) => {
        await s.up(oneKey({ qpm: 7, onDelete: "disable" }));
        expect((await s.resource("search")).outputs["onDelete"]).toBe("disable");
        expect((await s.refresh()).changes).toEqual({ same: 2 });
        const before = s.key("search");
        s.emulator.clearRequests();
        expect((await s.destroy()).changes).toEqual({ delete: 2 });
        expect(s.emulator.countRequests()).toEqual({ updateApiKey: 1 });
        expect(s.masks()).toEqual(["disabled"]);
        expect(s.key("search")).toEqual({ ...before, disabled: true, modifyTime: expect.any(String) });
    });

    scenario("the argument alone is a change that sends nothing; what was recorded last counts", {}, async (s) => {
        await s.up(oneKey());
        s.emulator.clearRequests();
        expect((await s.up(oneKey({ onDelete: "disable" }))).changes).toEqual({ same: 1, update: 1 });
        expect((await s.preview()).changes).toEqual({ same: 2 });
        expect(s.emulator.countRequests()).toEqual({ listModels: 2, listEndpoints: 2 });
        await s.up(nothing);
        expect(s.key("search")).toMatchObject({ disabled: true });
    });

    scenario("back to the default deletes", {}, async (s) => {
        await s.up(oneKey({ onDelete: "disable" }));
        await s.up(oneKey({ onDelete: "delete" }));
        await s.up(nothing);
        expect(s.emulator.keys()).toEqual([]);
    });

    scenario("a drift between changes nothing about it", {}, async (s) => {
        await s.up(oneKey({ qpm: 7, onDelete: "disable" }));
        s.emulator.changeKey(s.key("search").apiKeyId, { qpm: 70 });
        expect((await s.refresh()).changes).toEqual({ same: 1, update: 1 });
        expect((await s.resource("search")).inputs).toMatchObject({ qpm: 70, onDelete: "disable" });
        await s.up(nothing);
        expect(s.key("search")).toMatchObject({ disabled: true, qpm: 70 });
    });

    const other = "0b0a1f5e-6f0e-4b5a-9a53-2f0b7f3c9d11";
    scenario(
        "a replacement switches the old one off, and what it leaves is no orphan to anyone",
        { emulator: { otherTeams: [other] } },
        async (s) => {
            await s.up(oneKey({ onDelete: "disable" }));
            const { apiKeyId } = s.key("search");
            await s.up(oneKey({ onDelete: "disable", teamId: other }));
            expect(s.emulator.key(apiKeyId)).toMatchObject({ disabled: true });
            expect(s.emulator.keys(other)).toMatchObject([{ disabled: false }]);
            await s.destroy();
            const again = await s.up(oneKey({ onDelete: "disable" }));
            expect(again.output).not.toContain("left behind");
            expect(s.emulator.keys().map((key) => key.disabled)).toEqual([true, true, false]);
        },
    );

    scenario("a key that is gone already, and a lost answer, count as done", {}, async (s) => {
        await s.up(oneKey({ onDelete: "disable" }));
        s.emulator.deleteKey(s.key("search").apiKeyId);
        await s.up(nothing);
        await s.up(oneKey({ onDelete: "disable" }));
        s.emulator.inject({ operation: "updateApiKey", cut: "after" });
        expect((await s.destroy()).changes).toEqual({ delete: 2 });
        expect(s.key("search")).toMatchObject({ disabled: true });
    });

    scenario("a refused update keeps it in the stack, and the next destroy does it", {}, async (s) => {
        await s.up(oneKey({ onDelete: "disable" }));
        const { apiKeyId } = s.key("search");
        s.emulator.inject({ operation: "updateApiKey", status: 403 });
        expect(await s.failure(s.destroy())).toContain(`update disabled of API key ${apiKeyId}`);
        expect(await s.resource("search")).toMatchObject({ id: apiKeyId });
        await s.destroy();
        expect(s.emulator.key(apiKeyId)).toMatchObject({ disabled: true });
    });
});

scenarios("a key that is disabled at creation", (scenario) => {
    const program = oneKey({ disabled: true });

    scenario("is kept where the second call is refused, and the next up switches it off", {}, async (s) => {
        s.emulator.inject({ operation: "updateApiKey", status: 403, times: 2 });
        const failure = await s.failure(s.up(program));
        const { apiKeyId, apiKey } = s.key("search");
        expect(failure).toContain(`update disabled of API key ${apiKeyId}`);
        expect(failure.replaceAll(/\s+/g, " ")).toContain(
            "exists and is kept in the stack, with the settings that it has",
        );
        expect(await s.resource("search")).toMatchObject({ id: apiKeyId, outputs: { disabled: false } });
        expect(await s.failure(s.up())).toContain(`update disabled of API key ${apiKeyId}`);
        expect((await s.preview()).changes).toEqual({ same: 1, update: 1 });
        const { outputs } = await s.up();
        expect(outputs["secret"]).toEqual({ value: apiKey, secret: true });
        expect(s.key("search")).toMatchObject({ apiKeyId, disabled: true });
        expect(s.emulator.countRequests()).toMatchObject({ createApiKey: 1, updateApiKey: 3 });
        expect((await s.preview()).changes).toEqual({ same: 2 });
    });

    scenario("is kept through a refresh, which shows that it is still on", {}, async (s) => {
        s.emulator.inject({ operation: "updateApiKey", status: 403 });
        await s.failure(s.up(program));
        await s.refresh();
        expect((await s.preview()).changes).toEqual({ same: 1, update: 1 });
        await s.up();
        expect(s.key("search")).toMatchObject({ disabled: true });
        expect(s.emulator.countRequests()).toMatchObject({ createApiKey: 1 });
    });

    scenario("is off although the second call's answer was lost", {}, async (s) => {
        s.emulator.inject({ operation: "updateApiKey", cut: "after" });
        await s.up(program);
        expect(s.key("search")).toMatchObject({ disabled: true });
        expect((await s.preview()).changes).toEqual({ same: 2 });
    });
});

scenarios("a key that is protected", (scenario) => {
    const other = "0b0a1f5e-6f0e-4b5a-9a53-2f0b7f3c9d11";
    const production =
        (args: Partial<xai.XaiApiKeyArgs> = {}, protect = true) =>
        async () =>
            void new xai.XaiApiKey("search", { acls: ACLS, onDelete: "disable", ...args }, { protect });

    scenario(
        "outlives destroy, a lost line of code and a replacement, and changes in place all the same",
        { emulator: { otherTeams: [other] } },
        async (s) => {
            await s.up(production());
            const key = s.key("search");
            s.emulator.clearRequests();
            await s.failure(s.destroy());
            await s.failure(s.up(nothing));
            await s.failure(s.up(production({ teamId: other })));
            expect(s.emulator.keys()).toEqual([key]);
            expect(s.emulator.countRequests()).not.toHaveProperty("updateApiKey");
            expect((await s.up(production({ qpm: 7 }))).changes).toEqual({ same: 1, update: 1 });
            expect(s.key("search")).toMatchObject({ apiKey: key.apiKey, qpm: 7 });
        },
    );

    scenario("is given up on purpose once the option is gone: switched off, and left", {}, async (s) => {
        await s.up(production());
        await s.up(production({}, false));
        await s.destroy();
        expect(s.key("search")).toMatchObject({ disabled: true });
    });
});
