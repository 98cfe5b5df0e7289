import * as xai from "pulumi-xai";
import { expect } from "vitest";
import { scenarios } from "../engine/scenario.js";
import { ACLS, flat, label, oneKey, SAME } from "./programs.js";

scenarios("a key that exists", (scenario) => {
    scenario(
        "is adopted with its secret and gets the program's settings in one update; the arguments may go",
        {},
        async (s) => {
            const key = s.emulator.addKey({ name: "made by hand", acls: ACLS, qpm: 7, disabled: true });
            const program = (args: Partial<xai.XaiApiKeyArgs>) => oneKey({ qps: 5, disabled: false, ...args });
            const adopting = program({ adoptKeyId: key.apiKeyId, existingSecret: key.apiKey });
            const preview = await s.preview(adopting);
            expect(preview.changes).toEqual({ create: 2 });
            expect(flat(preview.output)).toContain(
                `${label(key)} will be adopted with the secret of \`existingSecret\`. The program changes its \`name\`, \`qps\`, \`qpm\`, \`disabled\`.`,
            );
            expect(s.emulator.key(key.apiKeyId)).toEqual(key);
            s.emulator.clearRequests();

            const { outputs } = await s.up();
            expect(outputs).toMatchObject({ secret: { value: key.apiKey, secret: true }, id: { value: key.apiKeyId } });
            expect(s.emulator.countRequests()).toMatchObject({ listModels: 1, listEndpoints: 1, listApiKeys: 1 });
            expect(s.emulator.countRequests()).not.toHaveProperty("createApiKey");
            expect(s.emulator.countRequests()).not.toHaveProperty("rotateApiKey");
            expect(s.masks()).toEqual(["disabled,name,qpm,qps"]);
            expect(s.key("search")).toMatchObject({ apiKeyId: key.apiKeyId, qps: 5, qpm: null, disabled: false });

            expect((await s.up(program({}))).changes).toEqual(SAME);
            expect((await s.refresh()).changes).toEqual(SAME);
            s.expectHidden(key.apiKey);
            await s.destroy();
            expect(s.emulator.keys()).toEqual([]);
        },
    );

    scenario("stays where its old holder goes in a later run than the one that adopted it", {}, async (s) => {
        await s.up(oneKey());
        const { apiKeyId } = s.key("search");
        const renamed = () => new xai.XaiApiKey("renamed", { acls: ACLS, adoptKeyId: apiKeyId });
        await s.up(async () => {
            new xai.XaiApiKey("search", { acls: ACLS });
            renamed();
        });
        const { changes, output, outputs } = await s.up(async () => ({ secret: renamed().apiKey }));
        expect(changes).toEqual({ delete: 1, same: 2 });
        expect(flat(output)).toContain("was left as it is, because the program adopts it");
        expect(outputs["secret"]).toEqual({ value: s.key("renamed").apiKey, secret: true });
        expect(s.emulator.keys().map((key) => key.apiKeyId)).toEqual([apiKeyId]);
        expect((await s.refresh()).changes).toEqual(SAME);
    });
});
