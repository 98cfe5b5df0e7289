import * as xai from "pulumi-xai";
import { expect } from "vitest";
import { scenarios } from "../engine/scenario.js";
import { ACLS, flat, label, MODES, OTHER_TEAM, oneKey, SAME, UPDATE } from "./programs.js";

scenarios("the life of a key", (scenario) => {
    scenario("a create is one POST; its secret is a secret output, and nothing is left to do", {}, async (s) => {
        const preview = await s.preview(oneKey({ qps: 5, qpm: 100, tpm: 50_000 }));
        expect(preview.changes).toEqual({ create: 2 });
        expect(s.emulator.keys()).toEqual([]);
        s.emulator.clearRequests();

        const { outputs } = await s.up();
        const key = s.key("search");
        expect(outputs["secret"]).toEqual({ value: key.apiKey, secret: true });
        expect(outputs["id"]).toEqual({ value: key.apiKeyId, secret: false });
        expect(key).toMatchObject({ name: "shop-test-search", acls: ACLS, qps: 5, qpm: 100, tpm: "50000" });
        expect(s.emulator.countRequests()).toEqual({
            listApiKeys: 1,
            createApiKey: 1,
            checkApiKeyPropagation: 1,
            listModels: 1,
            listEndpoints: 1,
        });

        s.emulator.clearRequests();
        expect((await s.up()).changes).toEqual(SAME);
        expect(s.emulator.countRequests()).toEqual({ listModels: 1, listEndpoints: 1 });

        s.emulator.clearRequests();
        expect((await s.refresh()).changes).toEqual(SAME);
        expect(s.emulator.countRequests()).toEqual({ listApiKeys: 1 });

        const { type, id, inputs, outputs: stored } = await s.resource("search");
        expect([type, id]).toEqual(["pulumi-nodejs:dynamic/xai:ApiKey", key.apiKeyId]);
        expect(inputs["__provider"]).toBe('exports.handler=()=>require("pulumi-xai/provider").provider');
        expect(Object.keys({ ...inputs, ...stored })).not.toContain("__defaultName");
        expect(stored).not.toHaveProperty("pending");

        s.emulator.clearRequests();
        expect((await s.destroy()).changes).toEqual({ delete: 2 });
        expect(s.emulator.countRequests()).toEqual({ deleteApiKey: 1 });
        expect(s.emulator.keys()).toEqual([]);
    });

    scenario("one field or all, cleared or written another way: at most one masked update each", {}, async (s) => {
        const start = { qps: 5, qpm: 100, tpm: 50_000, expireTime: "2031-01-01T00:00:00Z" };
        await s.up(oneKey(start));
        const { apiKey } = s.key("search");
        s.emulator.clearRequests();
        expect((await s.up(oneKey({ ...start, qpm: 101 }))).changes).toEqual(UPDATE);
        const changed = {
            name: "renamed-search",
            acls: [xai.acl.allModels, xai.acl.allEndpoints],
            qps: 6,
            qpm: 102,
            tpm: "60000",
            expireTime: "2032-01-01T00:00:00Z",
            disabled: true,
        };
        expect((await s.up(oneKey(changed))).changes).toEqual(UPDATE);
        expect(s.key("search")).toMatchObject(changed);
        const cleared = { ...changed, qps: null, qpm: undefined, tpm: 60_000, expireTime: null };
        await s.up(oneKey(cleared));
        expect(s.masks()).toEqual(["qpm", "aclStrings,disabled,expireTime,name,qpm,qps,tpm", "expireTime,qpm,qps"]);
        expect(s.key("search")).toMatchObject({ qps: null, qpm: null, tpm: "60000", expireTime: null, apiKey });
        const noise = { ...cleared, acls: [...changed.acls, ...changed.acls].reverse(), tpm: "60000" };
        expect((await s.preview(oneKey(noise))).changes).toEqual(SAME);
    });

    scenario(
        "drift of any field is found by refresh and repaired by up; the secret stays",
        { clock: true },
        async (s) => {
            const args = { qps: 5, tpm: 50_000, expiresIn: "90d" };
            const before = await s.up(oneKey({ ...args, disabled: false }));
            const { apiKeyId, expireTime } = s.key("search");
            s.emulator.changeKey(apiKeyId, {
                qps: 500,
                tpm: null,
                acls: ["api-key:model:*", "api-key:endpoint:chat"],
                expireTime: s.clock.inDays(300),
                disabled: true,
            });
            s.clock.pass(1);
            expect((await s.refresh()).changes).toEqual(UPDATE);
            const { inputs } = await s.resource("search");
            expect(inputs).toMatchObject({
                qps: 500,
                disabled: true,
                expiresIn: "90d",
                expireTime: s.key("search").expireTime,
            });
            expect(inputs).not.toHaveProperty("tpm");
            expect((await s.refresh()).changes).toEqual(SAME);
            s.emulator.clearRequests();
            const after = await s.up();
            expect(s.masks()).toEqual(["aclStrings,disabled,expireTime,qps,tpm"]);
            // The instant that was counted at the creation, and no new one.
            expect(s.key("search")).toMatchObject({ qps: 5, tpm: "50000", acls: ACLS, disabled: false, expireTime });
            expect(after.outputs["secret"]).toEqual(before.outputs["secret"]);
            expect((await s.refresh()).changes).toEqual(SAME);
        },
    );

    scenario("a key that xAI switched off stays off, and is warned about by its name", {}, async (s) => {
        await s.up(oneKey());
        s.emulator.changeKey(s.key("search").apiKeyId, { disabled: true });
        const warning = `${label(s.key("search"))} is switched off, and stays off.`;
        const refresh = await s.refresh();
        expect(flat(refresh.output)).toContain(warning);
        expect((await s.resource("search")).inputs).not.toHaveProperty("disabled");
        const preview = await s.preview();
        expect(preview.changes).toEqual(SAME);
        expect(flat(preview.output)).toContain(warning);
        s.emulator.clearRequests();
        await s.up(oneKey({ qpm: 7 }));
        expect(s.masks()).toEqual(["qpm"]);
        expect(s.key("search")).toMatchObject({ disabled: true, qpm: 7 });
        expect(s.emulator.countRequests()).not.toHaveProperty("checkApiKeyPropagation");
        await s.up(oneKey({ qpm: 7, disabled: false }));
        expect(s.key("search").disabled).toBe(false);
    });

    for (const { mode, options, oneKey } of MODES) {
        scenario(
            `in ${mode} \`teamId\` alone replaces, create before delete, which may only switch off; a configured team warns and moves nothing`,
            { ...options, emulator: { otherTeams: [OTHER_TEAM] } },
            async (s) => {
                const first = await s.up(oneKey({ onDelete: "disable" }));
                const old = s.key("search");
                await s.stack.setConfig("xai:teamId", OTHER_TEAM);
                const preview = await s.preview();
                expect(preview.changes).toEqual(SAME);
                expect(flat(preview.output)).toContain(`${label(old)} stays in team ${old.teamId}`);
                s.emulator.clearRequests();
                const second = await s.up(oneKey({ onDelete: "disable", teamId: OTHER_TEAM }));
                expect(second.changes).toEqual({ replace: 1, same: 1 });
                const writes = s.emulator.requests.map(({ operation }) => operation);
                expect(writes.indexOf("createApiKey")).toBeLessThan(writes.indexOf("updateApiKey"));
                expect(s.emulator.key(old.apiKeyId)).toMatchObject({ disabled: true });
                expect(s.emulator.keys(OTHER_TEAM)).toMatchObject([{ disabled: false }]);
                expect(second.outputs["secret"]).not.toEqual(first.outputs["secret"]);
                s.emulator.clearRequests();
                expect((await s.destroy()).changes).toEqual({ delete: 2 });
                expect(s.emulator.countRequests()).toEqual({ updateApiKey: 1 });
                expect(s.masks()).toEqual(["disabled"]);
                expect(s.emulator.keys().map(({ disabled }) => disabled)).toEqual([true, true]);
            },
        );
    }
});
