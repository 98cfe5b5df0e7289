import * as pulumi from "@pulumi/pulumi";
import * as xai from "pulumi-xai";
import { expect } from "vitest";
import { scenarios } from "../engine/scenario.js";
import { ACLS } from "./oneKey.js";

/** A program with one key. */
const oneKey =
    (args: Partial<xai.XaiApiKeyArgs> = {}) =>
    async () => {
        const key = new xai.XaiApiKey("search", { acls: ACLS, ...args });
        return { secret: key.apiKey, id: key.apiKeyId, acls: key.acls, qpm: key.qpm, tpm: key.tpm };
    };

scenarios("the life of a key", (scenario) => {
    scenario(
        "create: one POST, the secret as a secret output, and nothing to do afterwards",
        { always: true },
        async (s) => {
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
            expect((await s.preview()).changes).toEqual({ same: 2 });
            expect((await s.up()).changes).toEqual({ same: 2 });
            expect(s.emulator.countRequests()).toEqual({ listModels: 2, listEndpoints: 2 });

            s.emulator.clearRequests();
            expect((await s.refresh()).changes).toEqual({ same: 2 });
            expect(s.emulator.countRequests()).toEqual({ listApiKeys: 1 });

            const state = await s.resource("search");
            expect(state.type).toBe("pulumi-nodejs:dynamic/xai:ApiKey");
            expect(state.id).toBe(key.apiKeyId);
            expect(state.inputs["__provider"]).toBe('exports.handler=()=>require("pulumi-xai/provider").provider');

            s.emulator.clearRequests();
            expect((await s.destroy()).changes).toEqual({ delete: 2 });
            expect(s.emulator.countRequests()).toEqual({ deleteApiKey: 1 });
            expect(s.emulator.keys()).toEqual([]);
        },
    );

    scenario(
        "one field or many, cleared or written another way: at most one masked update each",
        { always: true },
        async (s) => {
            const start = { qps: 5, qpm: 100, tpm: 50_000, expireTime: "2031-01-01T00:00:00Z" };
            await s.up(oneKey(start));
            const { apiKey } = s.key("search");
            s.emulator.clearRequests();
            expect((await s.up(oneKey({ ...start, qpm: 101 }))).changes).toEqual({ same: 1, update: 1 });
            const changed = {
                name: "renamed-search",
                acls: [xai.acl.allModels, xai.acl.allEndpoints],
                qps: 6,
                qpm: 102,
                tpm: "60000",
                expireTime: "2032-01-01T00:00:00Z",
                disabled: true,
            };
            expect((await s.up(oneKey(changed))).changes).toEqual({ same: 1, update: 1 });
            expect(s.key("search")).toMatchObject(changed);
            const cleared = { ...changed, qps: null, qpm: undefined, tpm: 60_000, expireTime: null };
            await s.up(oneKey(cleared));
            expect(s.masks()).toEqual(["qpm", "aclStrings,disabled,expireTime,name,qpm,qps,tpm", "expireTime,qpm,qps"]);
            expect(s.key("search")).toMatchObject({ qps: null, qpm: null, tpm: "60000", expireTime: null, apiKey });
            const noise = { ...cleared, acls: [...changed.acls, ...changed.acls].reverse(), tpm: "60000" };
            expect((await s.preview(oneKey(noise))).changes).toEqual({ same: 2 });
        },
    );

    scenario("each field alone is one masked update, and all together are one, too", {}, async (s) => {
        const start = { qps: 5, qpm: 100, tpm: 50_000, expireTime: "2031-01-01T00:00:00Z" };
        await s.up(oneKey(start));
        const secret = s.key("search").apiKey;
        const changes: readonly [Partial<xai.XaiApiKeyArgs>, string, object][] = [
            [{ name: "renamed-search" }, "name", { name: "renamed-search" }],
            [
                { acls: [xai.acl.allModels, xai.acl.allEndpoints] },
                "aclStrings",
                { acls: ["api-key:model:*", "api-key:endpoint:*"] },
            ],
            [{ qps: 6 }, "qps", { qps: 6 }],
            [{ qpm: 101 }, "qpm", { qpm: 101 }],
            [{ tpm: "60000" }, "tpm", { tpm: "60000" }],
            [{ expireTime: "2032-01-01T00:00:00Z" }, "expireTime", { expireTime: "2032-01-01T00:00:00Z" }],
            [{ disabled: true }, "disabled", { disabled: true }],
        ];
        let args: Partial<xai.XaiApiKeyArgs> = start;
        for (const [change, mask, expected] of changes) {
            args = { ...args, ...change };
            s.emulator.clearRequests();
            expect((await s.up(oneKey(args))).changes, mask).toEqual({ same: 1, update: 1 });
            expect(s.masks()).toEqual([mask]);
            expect(s.key("search")).toMatchObject(expected);
        }
        s.emulator.clearRequests();
        await s.up(oneKey(start));
        expect(s.masks()).toEqual(["aclStrings,disabled,expireTime,name,qpm,qps,tpm"]);
        expect(s.key("search")).toMatchObject({ name: "shop-test-search", acls: ACLS, qps: 5, disabled: false });
        expect(s.key("search").apiKey).toBe(secret);
        expect((await s.preview()).changes).toEqual({ same: 2 });
    });

    scenario("a limit that is taken out of the program is cleared, by null or by absence", {}, async (s) => {
        const all = { qps: 5, qpm: 100, tpm: 50_000, expireTime: "2031-01-01T00:00:00Z" };
        await s.up(oneKey(all));
        s.emulator.clearRequests();
        await s.up(oneKey({ ...all, qps: null }));
        expect(s.masks()).toEqual(["qps"]);
        await s.up(oneKey({ tpm: 50_000 }));
        expect(s.masks()).toEqual(["qps", "expireTime,qpm"]);
        const { outputs } = await s.up(oneKey());
        expect(s.masks()).toEqual(["qps", "expireTime,qpm", "tpm"]);
        expect(s.key("search")).toMatchObject({ qps: null, qpm: null, tpm: null, expireTime: null });
        expect(outputs["qpm"]).toBeUndefined();
        expect((await s.preview()).changes).toEqual({ same: 2 });
    });

    scenario("another way to write the same is no change", {}, async (s) => {
        await s.up(oneKey({ tpm: 50_000, expireTime: "2031-01-01T00:00:00Z" }));
        const again = oneKey({ acls: [...ACLS].reverse(), tpm: "50000", expireTime: "2031-01-01T01:00:00+01:00" });
        expect((await s.preview(again)).changes).toEqual({ same: 2 });
        expect(
            (await s.preview(oneKey({ acls: [...ACLS, ...ACLS], tpm: 50_000, expireTime: "2031-01-01T00:00:00.000Z" })))
                .changes,
        ).toEqual({ same: 2 });
    });

    scenario("drift is found by refresh and put right by up; the secret stays", { always: true }, async (s) => {
        const before = await s.up(oneKey({ qps: 5, tpm: 50_000 }));
        const { apiKeyId } = s.key("search");
        s.emulator.changeKey(apiKeyId, {
            qps: 500,
            tpm: null,
            acls: ["api-key:model:*", "api-key:endpoint:chat"],
            disabled: true,
        });
        expect((await s.refresh()).changes).toEqual({ same: 1, update: 1 });
        const drifted = await s.resource("search");
        expect(drifted.inputs).toMatchObject({ qps: 500, disabled: true });
        expect(drifted.inputs).not.toHaveProperty("tpm");
        expect((await s.preview()).changes).toEqual({ same: 1, update: 1 });
        s.emulator.clearRequests();
        const after = await s.up();
        expect(s.masks()).toEqual(["aclStrings,disabled,qps,tpm"]);
        expect(s.key("search")).toMatchObject({ qps: 5, tpm: "50000", acls: ACLS, disabled: false });
        expect(after.outputs["secret"]).toEqual(before.outputs["secret"]);
        expect((await s.refresh()).changes).toEqual({ same: 2 });
    });

    scenario(
        "a key that was deleted outside is found gone by two listings and made anew",
        { always: true },
        async (s) => {
            await s.up(oneKey());
            const { apiKeyId } = s.key("search");
            s.emulator.deleteKey(apiKeyId);
            s.emulator.clearRequests();
            expect((await s.refresh()).changes).toEqual({ delete: 1, same: 1 });
            // No key is left that shows whose keys this management key is shown: it is asked for that.
            expect(s.emulator.countRequests()).toEqual({
                listApiKeys: 2,
                validateManagementKey: 1,
                checkApiKeyPropagation: 1,
            });
            expect((await s.up()).changes).toEqual({ create: 1, same: 1 });
            s.emulator.deleteKey(s.key("search").apiKeyId);
            expect((await s.destroy()).changes).toEqual({ delete: 2 });
        },
    );

    scenario("disabled at creation is a create and an update", {}, async (s) => {
        await s.up(oneKey({ disabled: true }));
        expect(s.key("search").disabled).toBe(true);
        expect(s.emulator.countRequests()).toMatchObject({ createApiKey: 1, updateApiKey: 1 });
        expect(s.masks()).toEqual(["disabled"]);
        expect((await s.preview()).changes).toEqual({ same: 2 });
    });

    scenario(
        "a name that comes from another key is unknown in the preview and known in the run",
        { always: true },
        async (s) => {
            const program = (qpm: number) => async () => {
                const first = new xai.XaiApiKey("first", { acls: ACLS, qpm });
                new xai.XaiApiKey("second", { acls: ACLS, name: pulumi.interpolate`after-${first.apiKeyId}-second` });
            };
            expect((await s.preview(program(1))).changes).toEqual({ create: 3 });
            await s.up();
            expect(s.key("second").name).toBe(`after-${s.key("first").apiKeyId}-second`);
            const { changes } = await s.preview(program(2));
            expect(changes).toEqual({ same: 2, update: 1 });
            expect((await s.up()).changes).toEqual({ same: 2, update: 1 });
        },
    );

    scenario("a name that is a secret stays one in every file", {}, async (s) => {
        const name = "cLaSsIfIeD-project-orca-search";
        await s.up(oneKey({ name: pulumi.secret(name) }));
        expect(s.key("search").name).toBe(name);
        s.emulator.changeKey(s.key("search").apiKeyId, { qpm: 7 });
        await s.refresh();
        const texts = s.stack
            .files()
            .map((file) => file.text)
            .join("\n");
        expect(texts).toContain("search");
        expect(texts).not.toContain("cLaSsIfIeD");
    });

    scenario(
        "durations and a team that are secrets stay so in every file, output and message",
        { clock: true, always: true },
        async (s) => {
            const { teamId } = s.emulator;
            await s.stack.setConfig("xai:teamId", teamId, { secret: true });
            const durations = ["86413m", "43211m", "613ms"];
            const [expiresIn, every, propagationTimeout] = durations.map((duration) => pulumi.secret(duration));
            const program = async () => {
                const args = { acls: ACLS, expiresIn, rotation: { every } };
                const { name, apiKeyId, teamId: team } = new xai.XaiApiKey("search", args);
                // However the program says its team, or does not.
                new xai.XaiApiKey("same", { acls: ACLS, teamId: xai.config.teamId });
                new xai.XaiApiKey("none", { acls: ACLS, teamId: pulumi.output<string | undefined>(undefined) });
                return { name, id: apiKeyId, team };
            };
            const withSlow = async () => {
                new xai.XaiApiKey("slow", { acls: ACLS, propagationTimeout });
                return program();
            };
            const withLookUp = async () => {
                const looked = xai.XaiApiKey.get("looked", s.key("search").apiKeyId);
                return { ...(await program()), looked: looked.teamId };
            };
            const shown = [(await s.up(program)).output];
            s.emulator.setPropagation("never");
            shown.push(await s.failure(s.up(withSlow)));
            expect((await s.resource("slow")).initErrors?.join()).toContain("not known everywhere");
            s.emulator.changeKey(s.key("search").apiKeyId, { qpm: 7 });
            shown.push((await s.refresh()).output);
            const repaired = await s.up(program);
            expect(repaired.changes).toEqual({ delete: 1, same: 3, update: 1 });
            const { output, outputs } = await s.up(withLookUp);
            expect(outputs["team"]).toEqual({ value: teamId, secret: true });
            expect(outputs["looked"]).toEqual({ value: teamId, secret: true });
            const files = s.stack.files();
            const texts = [...shown, repaired.output, output, ...files.map((file) => file.text)].join("\n");
            expect(texts).toContain(s.key("search").apiKeyId);
            for (const hidden of [teamId, ...durations]) {
                expect(texts).not.toContain(hidden);
            }
        },
    );
});
