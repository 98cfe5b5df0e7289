import * as pulumi from "@pulumi/pulumi";
import * as xai from "pulumi-xai";
import { expect } from "vitest";
import { scenarios } from "../engine/scenario.js";
import { ACLS } from "./programs.js";

scenarios("look-ups", (scenario) => {
    scenario("`get` reads a key of others, and twins of functions give outputs that are no secrets", {}, async (s) => {
        const shared = s.emulator.addKey({ name: "shared", qpm: 42, acls: ACLS });
        const { outputs } = await s.up(async () => {
            const read = xai.XaiApiKey.get("shared", shared.apiKeyId);
            return {
                read: pulumi.all([read.name, read.qpm]),
                key: await xai.getApiKey({ id: shared.apiKeyId }),
                all: xai.getApiKeysOutput().apiKeys.apply((keys) => keys.map((one) => one.name)),
                alias: xai.getModelOutput(pulumi.output("grok-2-image")).name,
            };
        });
        const key = { apiKeyId: shared.apiKeyId, name: "shared", qpm: 42, acls: ACLS, userId: shared.userId };
        expect(outputs).toMatchObject({
            read: { value: ["shared", 42], secret: false },
            key: { value: key, secret: false },
            all: { value: ["shared"], secret: false },
            alias: { value: "grok-2-image-1212", secret: false },
        });
        // The program and the provider's host are two processes.
        expect(s.emulator.countRequests()).toEqual({ listModels: 1, listApiKeys: 2 });
        await s.destroy();
        expect(s.emulator.keys()).toHaveLength(1);
    });
});
