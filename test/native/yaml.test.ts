import { expect } from "vitest";
import { NO_YAML } from "../engine/cli.js";
import { type Scenario, scenarios } from "../engine/scenario.js";
import { ACLS, flat, label } from "../scenarios/programs.js";

/**
 * A key for a model that the program looks up.
 *
 * @param more Other resources, indented by two.
 */
const program = (qpm: number, more = "") => `
variables:
  grok:
    fn::invoke: { function: xai:getModel, arguments: { name: grok-4 } }
outputs:
  secret: \${search.apiKey}
resources:
  search:
    type: xai:XaiApiKey
    properties:
      acls: ["api-key:model:\${grok.name}", "api-key:endpoint:chat"]
      qpm: ${qpm}
${more}`;

/** Runs `pulumi import`. @returns the resource that it generates, indented by two */
async function imported(s: Scenario, name: string, id: string): Promise<string> {
    const file = `${name}.yaml`;
    await s.stack.run(["import", "xai:index:XaiApiKey", name, id, "--yes", "--skip-preview", "--out", file]);
    const text = s.stack.files().find((one) => one.name.endsWith(file))?.text ?? "";
    return text.replace(/^resources:\n/, "");
}

scenarios("a program in YAML", (scenario) => {
    scenario(
        "makes a key for a model that it looks up, changes it, and imports others",
        { native: true, skipped: NO_YAML },
        async (s) => {
            const { outputs } = await s.up(program(5));
            const key = s.key("search");
            expect(key).toMatchObject({
                name: "shop-test-search",
                acls: ["api-key:model:grok-4-0709", ACLS[1]],
                qpm: 5,
            });
            expect(outputs["secret"]).toEqual({ value: key.apiKey, secret: true });

            const console = s.emulator.addKey({ name: "console", acls: ACLS, qpm: 7, tpm: "5000" });
            const others = s.emulator.addKey({ name: "of the team", acls: ACLS });
            const code = await imported(s, "imported", console.apiKeyId);
            expect(code).toMatch(/acls:\n\s+- api-key:model:grok-4\n\s+- api-key:endpoint:chat\n\s+name: console\n/);
            expect(code).not.toContain("teamId");
            const ofTeam = await imported(s, "ofTeam", `${others.teamId}/${others.apiKeyId}`);
            expect(ofTeam).toContain(`teamId: ${others.teamId}`);
            s.emulator.clearRequests();
            // Generated code protects what it imports; a destroy would fail.
            const all = (code + ofTeam).replaceAll("protect: true", "protect: false");
            const after = await s.up(program(5, all));
            expect(after.steps).toMatchObject({ search: "same", imported: "same", ofTeam: "same" });
            expect(flat(after.output)).toContain(`The stack does not hold the secret of ${label(console)}`);

            s.emulator.changeKey(key.apiKeyId, { qpm: 500 });
            expect((await s.refresh()).changes).toMatchObject({ update: 1 });
            expect((await s.up(program(6, all))).steps).toMatchObject({ search: "update", imported: "same" });
            expect(s.masks()).toEqual(["qpm"]);
            expect(s.key("search")).toMatchObject({ qpm: 6, apiKey: key.apiKey });
            await s.destroy();
            expect(s.emulator.keys()).toEqual([]);
        },
    );
});
