import * as pulumi from "@pulumi/pulumi";
import * as xai from "pulumi-xai";
import { expect } from "vitest";
import { scenarios } from "../engine/scenario.js";
import { ACLS, oneKey } from "./oneKey.js";

scenarios("propagation", (scenario) => {
    scenario(
        "create waits until the slowest cluster knows the key",
        { always: true, emulator: { propagation: { "us-east-1": 0, "eu-west-1": 700 } } },
        async (s) => {
            const { output } = await s.up(oneKey());
            expect(output).toContain("1 of 2 clusters, missing eu-west-1");
            expect(s.emulator.countRequests().checkApiKeyPropagation).toBeGreaterThan(1);
            expect((await s.resource("search")).outputs).not.toHaveProperty("owed");
        },
    );

    scenario("a wait that is not wanted is not made", { emulator: { propagation: "never" } }, async (s) => {
        await s.up(oneKey({ waitForPropagation: false }));
        expect(s.emulator.countRequests()).not.toHaveProperty("checkApiKeyPropagation");
        expect((await s.preview()).changes).toEqual({ same: 2 });
    });

    scenario(
        "a wait that never ends keeps the key, and the next up goes on, a refresh between or not",
        { always: true, emulator: { propagation: "never" } },
        async (s) => {
            const program = oneKey({ propagationTimeout: "600ms" });
            const first = await s.failure(s.up(program));
            const { apiKeyId, apiKey } = s.key("search");
            expect(first).toContain(
                `API key ${apiKeyId} exists, but after its \`propagationTimeout\` (default: 5m) it is not known everywhere`,
            );
            expect(first).toContain("missing us-east-1, eu-west-1");
            expect(await s.resource("search")).toMatchObject({ id: apiKeyId, outputs: { owed: ["propagation"] } });

            s.emulator.clearRequests();
            expect(await s.failure(s.up())).toContain("is not known everywhere");
            await s.refresh();
            expect((await s.preview()).changes).toEqual({ same: 1, update: 1 });
            expect(await s.failure(s.up())).toContain("is not known everywhere");

            s.emulator.setPropagation(0);
            const { outputs } = await s.up();
            expect(outputs["secret"]).toEqual({ value: apiKey, secret: true });
            expect(s.emulator.countRequests()).not.toHaveProperty("createApiKey");
            expect(s.emulator.countRequests()).not.toHaveProperty("updateApiKey");
            expect((await s.preview()).changes).toEqual({ same: 2 });
        },
    );
});

scenarios("replacement", (scenario) => {
    const other = "0b0a1f5e-6f0e-4b5a-9a53-2f0b7f3c9d11";

    scenario(
        "another team, and nothing else, replaces: create before delete",
        { always: true, emulator: { otherTeams: [other] } },
        async (s) => {
            const first = await s.up(oneKey());
            expect((await s.preview(oneKey({ teamId: other }))).changes).toEqual({ replace: 1, same: 1 });
            s.emulator.clearRequests();
            const second = await s.up();
            expect(second.changes).toEqual({ replace: 1, same: 1 });
            const kinds = s.emulator.requests.map(({ operation }) => operation);
            expect(kinds.indexOf("createApiKey")).toBeLessThan(kinds.indexOf("deleteApiKey"));
            expect(s.emulator.keys(s.emulator.teamId)).toEqual([]);
            expect(s.emulator.keys(other)).toHaveLength(1);
            expect(second.outputs["secret"]).not.toEqual(first.outputs["secret"]);
        },
    );

    scenario("a changed xai:teamId replaces as well", { emulator: { otherTeams: [other] } }, async (s) => {
        await s.up(oneKey());
        await s.stack.setConfig("xai:teamId", other);
        expect((await s.up()).changes).toEqual({ replace: 1, same: 1 });
        expect(s.emulator.keys(other)).toHaveLength(1);
    });
});

scenarios("what is stored and no longer accepted", (scenario) => {
    scenario(
        "an expired key and a retired model are warned about and do not stop the stack",
        { always: true, clock: true },
        async (s) => {
            const expireTime = s.clock.inDays(30);
            const program = (qpm: number) =>
                oneKey({ acls: [xai.acl.model("grok-3"), xai.acl.endpoint("chat")], expireTime, qpm });
            await s.up(program(10));
            s.emulator.retireModel("grok-3");
            s.clock.pass(31);
            const preview = await s.preview();
            expect(preview.changes).toEqual({ same: 2 });
            expect(preview.output).toContain(`\`expireTime\` ${expireTime} has expired`);
            expect(preview.output).toContain(`"api-key:model:grok-3" names no model of the team`);
            s.emulator.clearRequests();
            await s.up(program(11));
            expect(s.masks()).toEqual(["qpm"]);
        },
    );
});

scenarios("looking up", (scenario) => {
    scenario("get reads a key that the stack does not manage, and never deletes it", { always: true }, async (s) => {
        const shared = s.emulator.addKey({ name: "shared", qpm: 42 });
        const program = async () => {
            const key = xai.XaiApiKey.get("shared", shared.apiKeyId);
            return { qpm: key.qpm, name: key.name };
        };
        const { outputs } = await s.up(program);
        expect(outputs).toMatchObject({ qpm: { value: 42 }, name: { value: "shared" } });
        await s.destroy();
        expect(s.emulator.key(shared.apiKeyId)).toBeDefined();
    });

    scenario("get of a key that is not there is an error", {}, async (s) => {
        const failure = await s.failure(
            s.up(async () => void xai.XaiApiKey.get("lost", "8a9f0c52-0000-4000-8000-000000000000")),
        );
        expect(failure).toContain("There is no API key 8a9f0c52-0000-4000-8000-000000000000 in team");
    });

    scenario("models and endpoints come as data, asked for once", {}, async (s) => {
        const { outputs } = await s.up(async () => {
            const [{ models, clusterConfigs }, { acls }] = await Promise.all([xai.getModels(), xai.getEndpoints()]);
            await xai.getModels();
            const grok = models.find((model) => model.aliases.includes("grok-4"));
            return {
                name: grok?.name,
                clusters: grok?.clusters,
                raw: clusterConfigs.length,
                acls: acls.map((one) => one.acl),
                later: xai.getModelsOutput().models.length,
            };
        });
        expect(outputs["name"]?.value).toBe("grok-4-0709");
        expect(outputs["clusters"]?.value).toEqual(["us-east-1", "eu-west-1"]);
        expect(outputs["raw"]?.value).toBe(2);
        expect(outputs["acls"]?.value).toContain("api-key:endpoint:chat");
        expect(s.emulator.countRequests()).toEqual({ listModels: 1, listEndpoints: 1 });
    });
});

class OwnProvider extends pulumi.ProviderResource {
    constructor(name: string, settings: pulumi.Inputs) {
        super("pulumi-nodejs", name, settings);
    }
}

scenarios("a provider of its own", (scenario) => {
    const other = "0b0a1f5e-6f0e-4b5a-9a53-2f0b7f3c9d11";

    scenario(
        "has its own team and management key, beside the stack's",
        { always: true, emulator: { otherTeams: [other] } },
        async (s) => {
            const { managementKey, url, teamId } = s.emulator;
            const program = async () => {
                const provider = new OwnProvider("other-team", {
                    "xai:managementKey": pulumi.secret(managementKey),
                    "xai:teamId": other,
                    "xai:baseUrl": url,
                });
                const theirs = new xai.XaiApiKey("theirs", { acls: ACLS }, { provider });
                const ours = new xai.XaiApiKey("ours", { acls: ACLS });
                return { theirs: theirs.teamId, ours: ours.teamId };
            };
            const { outputs } = await s.up(program);
            expect(outputs).toMatchObject({ theirs: { value: other }, ours: { value: teamId } });
            expect(s.emulator.keys(other)).toHaveLength(1);
            expect(s.emulator.keys(teamId)).toHaveLength(1);
            expect((await s.preview()).changes).toEqual({ same: 4 });
            await s.destroy();
            expect([...s.emulator.keys(other), ...s.emulator.keys(teamId)]).toEqual([]);
        },
    );
});

scenarios("the environment", (scenario) => {
    scenario(
        "everything can come from it; another team there later warns and moves nothing",
        {
            config: (emulator) => ({ "xai:baseUrl": emulator.url }),
            environment: (emulator) => ({ XAI_MANAGEMENT_KEY: emulator.managementKey, XAI_TEAM_ID: emulator.teamId }),
        },
        async (s) => {
            await s.up(oneKey());
            s.stack.setEnvironment({ XAI_TEAM_ID: "someone-elses-team" });
            const { changes, output } = await s.preview();
            expect(changes).toEqual({ same: 2 });
            expect(output).toContain("XAI_TEAM_ID says team someone-elses-team, but keys of this stack are in team");
            await s.destroy();
            expect(s.emulator.keys()).toEqual([]);
        },
    );

    scenario(
        "the team can come from the management key itself",
        {
            config: (emulator) => ({ "xai:baseUrl": emulator.url, "xai:managementKey": emulator.managementKey }),
        },
        async (s) => {
            await s.up(oneKey());
            expect((await s.resource("search")).outputs["teamId"]).toBe(s.emulator.teamId);
            s.emulator.clearRequests();
            expect((await s.up()).changes).toEqual({ same: 2 });
            expect(s.emulator.countRequests()).toEqual({ listModels: 1, listEndpoints: 1 });
        },
    );

    scenario(
        "after the management key was rotated, destroy works with the environment's",
        {
            always: true,
            environment: (emulator) => ({ XAI_MANAGEMENT_KEY: emulator.managementKey }),
        },
        async (s) => {
            await s.up(oneKey());
            s.emulator.setManagementKey("xai-token-the-new-one-of-this-team-0123456789");
            s.stack.setEnvironment({ XAI_MANAGEMENT_KEY: "xai-token-the-new-one-of-this-team-0123456789" });
            const { output } = await s.destroy();
            expect(output).toContain("The management key of xai:managementKey was refused (401)");
            expect(s.emulator.keys()).toEqual([]);
        },
    );
});
