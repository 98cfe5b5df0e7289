import * as pulumi from "@pulumi/pulumi";
import * as xai from "pulumi-xai";
import { expect } from "vitest";
import { scenarios } from "../engine/scenario.js";
import { ACLS } from "./oneKey.js";

scenarios("a key that an interrupted update left behind", (scenario) => {
    scenario("is warned about by the next create under its default name", { always: true }, async (s) => {
        const left = s.emulator.addKey({ name: "shop-test-search", acls: ACLS });
        const { output } = await s.up(async () => void new xai.XaiApiKey("search", { acls: ACLS }));
        expect(output).toContain(`API key ${left.apiKeyId} of team`);
        expect(output).toContain("probably left behind");
        expect(s.emulator.keys()).toHaveLength(2);
    });

    scenario("is not seen in a replacement, nor in an equal name under another component", {}, async (s) => {
        class Service extends pulumi.ComponentResource {
            constructor(kind: string) {
                super(`shop:index:${kind}`, kind);
                new xai.XaiApiKey("search", { acls: ACLS }, { parent: this });
            }
        }
        await s.up(async () => void new Service("First"));
        const second = await s.up(async () => {
            new Service("Second");
            new Service("First");
        });
        expect(second.output).not.toContain("left behind");
        const replaced = await s.up(undefined, { replace: ["search"] });
        expect(replaced.changes).toMatchObject({ replace: 2 });
        expect(replaced.output).not.toContain("left behind");
        expect(s.emulator.keys()).toHaveLength(2);
    });
});
