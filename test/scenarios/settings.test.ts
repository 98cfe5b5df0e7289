import * as pulumi from "@pulumi/pulumi";
import * as xai from "pulumi-xai";
import { expect } from "vitest";
import { type Scenario, scenarios } from "../engine/scenario.js";
import { ACLS, flat, MODES, OTHER_TEAM, oneKey } from "./programs.js";

/** Nothing half done: no key at the API, none in the state. */
async function expectNothingDone(s: Scenario): Promise<void> {
    expect(s.emulator.keys()).toEqual([]);
    const resources = await s.resources();
    expect(resources.filter((resource) => /:(Xai)?ApiKey$/.test(resource.type))).toEqual([]);
}

class OwnProvider extends pulumi.ProviderResource {
    constructor(name: string, settings: pulumi.Inputs) {
        super("pulumi-nodejs", name, settings);
    }
}

scenarios("arguments and settings", (scenario) => {
    scenario("every wrong argument is named at once, in the preview, with what is allowed", {}, async (s) => {
        const args: Record<string, unknown> = {
            acls: ["api-key:modle:grok-4", xai.acl.model("grok-5"), xai.acl.endpoint("chta")],
            qps: 0,
            rotation: { every: "monthly" },
            limit: 3,
        };
        // What a program without types could write.
        const program = async () => void Reflect.construct(xai.XaiApiKey, ["search", args]);
        const failure = flat(await s.failure(s.preview(program)));
        for (const line of [
            '"api-key:modle:grok-4" is not allowed: `api-key:model:<name or *>`',
            `"api-key:model:grok-5" names no model of team ${s.emulator.teamId}`,
            `"api-key:endpoint:chta" names no endpoint of team ${s.emulator.teamId}`,
            "0 is not allowed: a whole number, 1 or more",
            '"monthly" is not allowed: a duration such as "90d"',
            "is no argument of XaiApiKey",
        ]) {
            expect(failure).toContain(line);
        }
        await expectNothingDone(s);
    });

    for (const { mode, options, oneKey } of MODES) {
        scenario(
            `in ${mode} a preview works without a management key, and up says what to set; a wrong key is refused in one line`,
            { ...options, config: (emulator) => ({ "xai:baseUrl": emulator.url, "xai:teamId": emulator.teamId }) },
            async (s) => {
                const preview = await s.preview(oneKey());
                expect(preview.changes).toEqual({ create: 2 });
                expect(preview.output).toContain("ACLs were not validated: no management key is configured.");
                const failure = flat(await s.failure(s.up()));
                expect(failure).toContain(
                    "`pulumi config set --secret xai:managementKey` or in the environment variable XAI_MANAGEMENT_KEY",
                );
                await s.stack.setConfig("xai:managementKey", "not-a-management-key");
                const refused = await s.failure(s.preview());
                expect(refused).toContain("401");
                expect(refused).toContain("pulumi config set --secret xai:managementKey");
                expect(refused).not.toMatch(/\bat .*\.js:\d+/);
                await expectNothingDone(s);
            },
        );
    }

    scenario(
        "after the management key was rotated, destroy works with the environment's",
        {
            environment: (emulator) => ({
                XAI_MANAGEMENT_KEY: emulator.managementKey,
                XAI_MANAGEMENT_BASE_URL: emulator.url,
            }),
        },
        async (s) => {
            await s.up(oneKey());
            s.emulator.setManagementKey("xai-token-the-new-one-of-this-team-0123456789");
            s.stack.setEnvironment({ XAI_MANAGEMENT_KEY: "xai-token-the-new-one-of-this-team-0123456789" });
            const { output } = await s.destroy();
            expect(flat(output)).toMatch(/xai:managementKey.*401/);
            expect(s.emulator.keys()).toEqual([]);
        },
    );

    scenario(
        "an explicit provider has its own team and management key, beside the stack's",
        { emulator: { otherTeams: [OTHER_TEAM] } },
        async (s) => {
            const { managementKey, url, teamId } = s.emulator;
            const program = async () => {
                const provider = new OwnProvider("other-team", {
                    "xai:managementKey": pulumi.secret(managementKey),
                    "xai:teamId": OTHER_TEAM,
                    "xai:baseUrl": url,
                });
                const theirs = new xai.XaiApiKey("theirs", { acls: ACLS }, { provider });
                const ours = new xai.XaiApiKey("ours", { acls: ACLS });
                return { theirs: theirs.teamId, ours: ours.teamId };
            };
            const { outputs } = await s.up(program);
            expect(outputs).toMatchObject({ theirs: { value: OTHER_TEAM }, ours: { value: teamId } });
            expect([s.emulator.keys(OTHER_TEAM).length, s.emulator.keys(teamId).length]).toEqual([1, 1]);
            expect((await s.preview()).changes).toEqual({ same: 4 });
            await s.destroy();
            expect([...s.emulator.keys(OTHER_TEAM), ...s.emulator.keys(teamId)]).toEqual([]);
        },
    );
});
