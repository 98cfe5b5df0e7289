import * as pulumi from "@pulumi/pulumi";
import * as xai from "pulumi-xai";
import { expect } from "vitest";
import type { StoredKey } from "xai-management-emulator";
import { type Scenario, scenarios } from "../engine/scenario.js";
import { adopts, flat, made } from "./adopting.js";
import { ACLS } from "./oneKey.js";

const OTHER_TEAM = "0b0a1f5e-6f0e-4b5a-9a53-2f0b7f3c9d11";
const DAY = 24 * 60 * 60_000;

scenarios("a key that was there before", (scenario) => {
    scenario(
        "is taken over with its secret, and what differs becomes the program's, in one update",
        { always: true },
        async (s) => {
            const key = made(s, { disabled: true });
            const program = adopts(key, { qps: 5, existingSecret: key.apiKey });
            const preview = await s.preview(program);
            expect(preview.changes).toEqual({ create: 2 });
            const said = `API key ${key.apiKeyId} of team ${key.teamId} is taken over with the secret that \`existingSecret\` gives. Its settings become the program's: \`name\`, \`qps\`, \`qpm\`, \`disabled\`.`;
            expect(flat(preview.output)).toContain(said);
            expect(s.emulator.key(key.apiKeyId)).toEqual(key);
            s.emulator.clearRequests();

            const { outputs, output } = await s.up();
            expect(flat(output)).toContain(said);
            expect(outputs).toEqual({
                secret: { value: key.apiKey, secret: true },
                id: { value: key.apiKeyId, secret: false },
            });
            expect(s.emulator.countRequests()).toEqual({
                listModels: 1,
                listEndpoints: 1,
                listApiKeys: 1,
                updateApiKey: 1,
            });
            expect(s.masks()).toEqual(["disabled,name,qpm,qps"]);
            expect(s.key("search")).toMatchObject({ apiKeyId: key.apiKeyId, qps: 5, qpm: null, disabled: false });

            s.emulator.clearRequests();
            expect((await s.up()).changes).toEqual({ same: 2 });
            expect((await s.refresh()).changes).toEqual({ same: 2 });
            expect((await s.preview()).changes).toEqual({ same: 2 });
            expect(s.emulator.countRequests()).toEqual({ listModels: 2, listEndpoints: 2, listApiKeys: 1 });
            await s.destroy();
            expect(s.emulator.keys()).toEqual([]);
        },
    );

    scenario("whose secret nobody has gets a new one, and the old one works for a day", { always: true }, async (s) => {
        const key = made(s);
        const { output, outputs } = await s.up(adopts(key, { name: "made by hand", qpm: 7 }));
        expect(flat(output)).toContain(
            "with a new secret; the one that it has goes on working for 24 hours. Its settings are the program's already.",
        );
        const after = s.emulator.key(key.apiKeyId);
        expect(outputs["secret"]).toEqual({ value: after?.apiKey, secret: true });
        expect(after?.previousApiKeys).toEqual([{ apiKey: key.apiKey, expireTime: expect.any(String) }]);
        const left = Date.parse(after?.previousApiKeys[0]?.expireTime ?? "") - Date.now();
        expect(Math.abs(left - DAY)).toBeLessThan(60_000);
        expect(s.emulator.countRequests()).toMatchObject({ rotateApiKey: 1, checkApiKeyPropagation: 1 });
        expect(s.emulator.countRequests()).not.toHaveProperty("updateApiKey");
        expect(s.emulator.countRequests()).not.toHaveProperty("createApiKey");
        expect((await s.preview()).changes).toEqual({ same: 2 });
    });

    scenario("stays what it is when its arguments are taken out of the program, in any order", {}, async (s) => {
        const key = made(s);
        await s.up(adopts(key, { existingSecret: key.apiKey }));
        const same = async (program: pulumi.automation.PulumiFn) => {
            s.emulator.clearRequests();
            const { changes, outputs } = await s.up(program);
            expect(changes).toEqual({ same: 2 });
            expect(outputs["secret"]).toEqual({ value: key.apiKey, secret: true });
            expect(s.emulator.countRequests()).toEqual({ listModels: 1, listEndpoints: 1 });
        };
        await same(adopts(key));
        await same(adopts(key, { adoptKeyId: undefined }));
        await same(adopts(key, { existingSecret: key.apiKey }));
        const changed = await s.up(adopts(key, { existingSecret: pulumi.secret("xai-another-one") }));
        expect(changed.changes).toEqual({ same: 2 });
        expect(flat(changed.output)).toContain("It is read only when a key is taken over, and changes nothing now");
        expect(changed.outputs["secret"]).toEqual({ value: key.apiKey, secret: true });
    });

    scenario("is quiet after a drift was refreshed and put right", {}, async (s) => {
        const key = made(s);
        await s.up(adopts(key, { existingSecret: key.apiKey }));
        s.emulator.changeKey(key.apiKeyId, { qpm: 99 });
        expect((await s.refresh()).changes).toEqual({ same: 1, update: 1 });
        s.emulator.changeKey(key.apiKeyId, { qpm: null });
        expect((await s.refresh()).changes).toEqual({ same: 1, update: 1 });
        expect((await s.preview()).changes).toEqual({ same: 2 });
        const { changes, output } = await s.up();
        expect(changes).toEqual({ same: 2 });
        expect(output).not.toContain("existingSecret");
        expect((await s.refresh()).changes).toEqual({ same: 2 });
    });

    scenario("is only switched off by destroy where the program says so", {}, async (s) => {
        const key = made(s);
        await s.up(adopts(key, { existingSecret: key.apiKey, onDelete: "disable" }));
        await s.destroy();
        expect(s.emulator.key(key.apiKeyId)).toMatchObject({ disabled: true });
        const { outputs } = await s.up(adopts(key, { existingSecret: key.apiKey, onDelete: "disable" }));
        expect(outputs["secret"]).toEqual({ value: key.apiKey, secret: true });
        expect(s.emulator.key(key.apiKeyId)).toMatchObject({ disabled: false });
    });

    scenario(
        "is known by what the API makes of the program's values",
        { emulator: { dialect: { values: "normalised", redaction: "stars" } } },
        async (s) => {
            const key = made(s, {
                name: "made by hand",
                acls: ["api-key:endpoint:chat", "api-key:model:grok-4-0709"],
                expireTime: "2031-01-01T00:00:00.000000Z",
            });
            const program = adopts(key, {
                name: "made by hand ",
                qpm: 7,
                expireTime: "2031-01-01T01:00:00+01:00",
                existingSecret: key.apiKey,
            });
            await s.up(program);
            expect(s.emulator.countRequests()).not.toHaveProperty("updateApiKey");
            expect((await s.preview()).changes).toEqual({ same: 2 });
            expect((await s.refresh()).changes).toEqual({ same: 2 });
        },
    );
});

scenarios("a take-over that cannot be", (scenario) => {
    /** Asserts that nothing came into the stack and nothing was changed. */
    const expectUntouched = async (s: Scenario, key: StoredKey) => {
        expect(s.emulator.key(key.apiKeyId)).toEqual(key);
        const resources = await s.resources();
        expect(resources.filter(({ type, id }) => type.includes("xai") && id === key.apiKeyId)).toEqual([]);
        expect(Object.keys(s.emulator.countRequests())).not.toContain("updateApiKey");
    };

    scenario(
        "is refused in the preview: not there, another team's, another secret, a secret for an id",
        { emulator: { otherTeams: [OTHER_TEAM] } },
        async (s) => {
            const key = made(s);
            const lost = "8a9f0c52-0000-4000-8000-000000000000";
            const failure = async (program: pulumi.automation.PulumiFn) => flat(await s.failure(s.preview(program)));
            expect(await failure(adopts({ apiKeyId: lost }))).toContain(
                `There is no API key ${lost} in team ${s.emulator.teamId} to take over`,
            );
            expect(await failure(adopts(key, { teamId: OTHER_TEAM }))).toContain(
                `API key ${key.apiKeyId} belongs to team ${s.emulator.teamId}, and cannot be taken over in team ${OTHER_TEAM}`,
            );
            const elsewhere = made(s, { teamId: OTHER_TEAM });
            expect(await failure(adopts(elsewhere))).toContain(
                `API key ${elsewhere.apiKeyId} is not in the listing of team ${s.emulator.teamId}, but the API knows it`,
            );
            expect(await failure(adopts(key, { existingSecret: elsewhere.apiKey }))).toContain(
                `\`existingSecret\` is not the secret of API key ${key.apiKeyId}`,
            );
            expect(await failure(adopts({ apiKeyId: key.apiKey }))).toContain(
                "the text that is given is not allowed: the id of an API key, as the xAI Console shows it; not its secret",
            );
            expect(await failure(adopts(key, { existingSecret: `${key.apiKey}\n` }))).toContain(
                "the secret of the key that `adoptKeyId` names, without anything around it",
            );
            expect(await failure(adopts(key, { existingSecret: key.apiKey, adoptKeyId: undefined }))).toContain(
                "it needs `adoptKeyId`, the key's id",
            );
            await expectUntouched(s, key);
        },
    );

    scenario("is refused for two resources of one program, in the preview", {}, async (s) => {
        const key = made(s);
        const failure = await s.failure(
            s.preview(async () => {
                const first = new xai.XaiApiKey("first", { acls: ACLS, adoptKeyId: key.apiKeyId });
                new xai.XaiApiKey("second", { acls: ACLS, adoptKeyId: key.apiKeyId }, { dependsOn: first });
            }),
        );
        expect(flat(failure)).toContain(`API key ${key.apiKeyId} is held by a resource of this stack already`);
        await expectUntouched(s, key);
    });

    scenario("is refused for a key that another resource of the stack has, in the preview", {}, async (s) => {
        const created = async () => void new xai.XaiApiKey("search", { acls: ACLS });
        await s.up(created);
        const key = s.key("search");
        const failure = await s.failure(
            s.preview(async () => {
                const first = new xai.XaiApiKey("search", { acls: ACLS });
                new xai.XaiApiKey("second", { acls: ACLS, adoptKeyId: key.apiKeyId }, { dependsOn: first });
            }),
        );
        expect(flat(failure)).toContain(`API key ${key.apiKeyId} is held by a resource of this stack already`);
        expect(s.emulator.key(key.apiKeyId)).toEqual(key);
    });

    scenario("is refused for a key that the same program creates, when it runs", {}, async (s) => {
        const program = async () => {
            const first = new xai.XaiApiKey("search", { acls: ACLS });
            new xai.XaiApiKey("second", { acls: ACLS, adoptKeyId: first.apiKeyId });
        };
        expect((await s.preview(program)).changes).toEqual({ create: 3 });
        const failure = flat(await s.failure(s.up()));
        const key = s.key("search");
        expect(failure).toContain(`API key ${key.apiKeyId} is held by a resource of this stack already`);
        expect(s.emulator.keys()).toEqual([key]);
        expect(s.emulator.countRequests()).not.toHaveProperty("rotateApiKey");
        expect((await s.resource("search")).id).toBe(key.apiKeyId);
        expect((await s.resources()).filter(({ urn }) => urn.endsWith("::second"))).toEqual([]);
    });

    scenario("is refused for a resource that has another key, in the preview", {}, async (s) => {
        await s.up(adopts({ apiKeyId: "" }, { adoptKeyId: undefined }));
        const own = s.key("search");
        const key = made(s);
        expect(flat(await s.failure(s.preview(adopts(key))))).toContain(
            `\`adoptKeyId\` names API key ${key.apiKeyId}, but this resource has API key ${own.apiKeyId}, and keeps it`,
        );
        expect((await s.up(adopts(own))).changes).toEqual({ same: 2 });
        expect(flat(await s.failure(s.up(adopts(key))))).toContain("and keeps it");
        expect((await s.refresh()).changes).toEqual({ same: 2 });
        await expectUntouched(s, key);
    });

    scenario(
        "is refused in a move to another team, and that of a key that is there is not",
        { emulator: { otherTeams: [OTHER_TEAM] } },
        async (s) => {
            const key = made(s);
            await s.up(adopts(key, { existingSecret: key.apiKey }));
            expect(flat(await s.failure(s.preview(adopts(key, { teamId: OTHER_TEAM }))))).toContain(
                `API key ${key.apiKeyId} belongs to team ${s.emulator.teamId}, and cannot be taken over in team ${OTHER_TEAM}`,
            );
            expect(s.emulator.key(key.apiKeyId)).toBeDefined();
            const there = made(s, { teamId: OTHER_TEAM });
            const { changes, outputs } = await s.up(
                adopts(there, { teamId: OTHER_TEAM, existingSecret: there.apiKey }),
            );
            expect(changes).toEqual({ replace: 1, same: 1 });
            expect(outputs["id"]?.value).toBe(there.apiKeyId);
            expect(s.emulator.keys().map(({ apiKeyId }) => apiKeyId)).toEqual([there.apiKeyId]);
        },
    );

    scenario(
        "without a secret on a server that cannot give a new one asks for it, and changes nothing",
        { emulator: { dialect: { rotation: false } } },
        async (s) => {
            const key = made(s);
            const failure = flat(await s.failure(s.up(adopts(key))));
            expect(failure).toContain(
                `API key ${key.apiKeyId} was not taken over: its secret is not known, and this server cannot give it a new one (the API answered 404`,
            );
            expect(failure).toContain("Nothing was changed. Give its secret: `existingSecret: ");
            await expectUntouched(s, key);
            await s.up(adopts(key, { existingSecret: key.apiKey }));
            expect(s.key("search")).toMatchObject({ apiKeyId: key.apiKeyId });
        },
    );
});
