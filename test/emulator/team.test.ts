import { describe, expect, test } from "vitest";
import { emulate } from "../servers.js";
import { create, keysOf, send, update } from "./client.js";

/** What a team has (models and endpoints), and what the validation of a management key says. */

describe("models", () => {
    test("stand in their lists on each cluster, with the published names of limits and prices", async () => {
        const emulator = await emulate();
        const { json } = await send(emulator, `GET /auth/teams/${emulator.teamId}/models`);
        const language = { name: "grok-4-0709", aliases: ["grok-4", "grok-4-latest"], rph: "0", rps: "8" };
        const image = { resolution: "IMAGE_RESOLUTION_1K", pricePerImage: "700000000" };
        const video = { resolution: "VIDEO_RESOLUTION_720P", pricePerSecond: "700000000" };
        const priced = (one: object) => [expect.objectContaining({ resolutionPricing: expect.arrayContaining([one]) })];
        expect(json).toMatchObject({
            clusterConfigs: ["us-east-1", "eu-west-1"].map((cluster) => ({
                clusterName: cluster,
                languageModels: expect.arrayContaining([expect.objectContaining({ ...language, cluster })]),
                imageGenerationModels: priced(image),
                audioModels: [],
                videoGenerationModels: priced(video),
            })),
        });
    });

    test("of a new kind are listed and permitted", async () => {
        const emulator = await emulate({
            clusters: ["a"],
            extraModels: { speechModels: [{ name: "grok-voice", voices: 5 }], audioModels: [{ name: "grok-ear" }] },
        });
        const { json } = await send(emulator, `GET /auth/teams/${emulator.teamId}/models`);
        expect(json).toMatchObject({
            clusterConfigs: [
                {
                    speechModels: [{ name: "grok-voice", aliases: [], cluster: "a", rps: "8", voices: 5 }],
                    audioModels: [{ name: "grok-ear" }],
                },
            ],
        });
        await create(emulator, { acls: ["api-key:model:grok-voice", "api-key:model:grok-ear"] });
    });

    test("are neither listed nor permitted once they are retired", async () => {
        const emulator = await emulate();
        const key = await create(emulator, { acls: ["api-key:model:grok-4"] });
        emulator.retireModel("grok-4");
        const { text } = await send(emulator, `GET /auth/teams/${emulator.teamId}/models`);
        expect(text).not.toContain("grok-4");
        expect(text).toContain("grok-3");
        const body = { name: "late", acls: ["api-key:model:grok-4-0709"] };
        expect((await send(emulator, `POST ${keysOf(emulator)}`, body)).status).toBe(400);
        expect((await update(emulator, key, { name: "still here" }, "name")).status).toBe(200);
        expect(() => emulator.retireModel("grok-4")).toThrow('There is no model "grok-4".');
    });
});

describe("validation", () => {
    test("describes the management key and its permissions", async () => {
        const emulator = await emulate({ ipRanges: ["10.0.0.0/8", "2001:db8::/32"] });
        const { json } = await send(emulator, "GET /auth/management-keys/validation");
        expect(json).toMatchObject({
            scope: "SCOPE_TEAM",
            scopeId: emulator.teamId,
            teamId: emulator.teamId,
            ownerUserId: expect.any(String),
            acls: expect.arrayContaining(["team-token:endpoint:ListApiKeys", "team-token:endpoint:ListModelsForTeam"]),
            redactedApiKey: `xai-...${emulator.managementKey.slice(-4)}`,
            ipRanges: {
                ipRanges: [
                    { address: { ipv4: "10.0.0.0" }, prefixLength: 8 },
                    { address: { ipv6: "2001:db8::" }, prefixLength: 32 },
                ],
            },
        });
    });

    test("lacks the fields that the dialect omits, and misspells one together with acl_strings", async () => {
        const emulator = await emulate({
            dialect: {
                answerSpelling: "acl_strings",
                redaction: "stars",
                validationOmits: ["scope", "scopeId", "teamId", "ownerUserId"],
            },
        });
        const { json } = await send(emulator, "GET /auth/management-keys/validation");
        expect(Object.keys(json ?? {}).sort()).toEqual(
            ["acls", "apiKeyId", "createTime", "ipRanges", "modifyTime", "name", "reactedApiKey"].sort(),
        );
        expect(json).toMatchObject({ reactedApiKey: expect.stringMatching(/^xai-t\*\*\w$/), ipRanges: null });
    });
});
