import { describe, expect, test } from "vitest";
import { listEndpoints } from "../../provider/api/endpoints.js";
import { listModels } from "../../provider/api/models.js";
import { type Catalogue, catalogueOf, namesSomething, unknownAcl } from "../../provider/catalogue.js";
import { httpFor } from "./apiClient.js";
import { emulate } from "./emulators.js";

async function emulatedCatalogue(): Promise<Catalogue> {
    const emulator = await emulate();
    const { http } = httpFor(emulator);
    const clusters = await listModels(http, emulator.teamId);
    return catalogueOf(clusters, (await listEndpoints(http, emulator.teamId)).acls);
}

describe("a permission is held against what the team has", () => {
    test.each([
        ["api-key:model:grok-3", undefined],
        ["api-key:model:grok-4", undefined],
        ["api-key:model:grok-4-0709", undefined],
        ["api-key:model:grok-2-image", undefined],
        ["api-key:endpoint:chat", undefined],
        ["api-key:model:grok-33", "names no model of the team; did you mean `api-key:model:grok-3`?"],
        ["api-key:model:Grok-3", "did you mean `api-key:model:grok-3`?"],
        ["api-key:endpoint:chatt", "names no endpoint of the team; did you mean `api-key:endpoint:chat`?"],
        ["api-key:endpoint:wholly-different", "; it has chat, embed, image, models, sample, tokenize, documents"],
    ])("%s: %s", async (acl, reason) => {
        const found = unknownAcl(acl, await emulatedCatalogue());
        if (reason === undefined) {
            expect(found).toBeUndefined();
        } else {
            expect(found).toContain(reason);
            expect(found).toContain(`"${acl}"`);
        }
    });

    test("with nothing to compare it says only that", () => {
        expect(unknownAcl("api-key:model:x", catalogueOf([], []))).toBe('"api-key:model:x" names no model of the team');
    });

    test("with many models it lists a few and counts the rest", () => {
        const names = Array.from({ length: 30 }, (_, index) => `model-number-${index}`);
        const catalogue = { modelNames: new Map(names.map((name) => [name, name])), endpointAcls: new Set<string>() };
        expect(unknownAcl("api-key:model:zzz", catalogue)).toMatch(/; it has model-number-0, .*, and 18 more$/);
    });
});

test.each([
    ["api-key:model:grok-3", true],
    ["api-key:endpoint:chat", true],
    ["api-key:model:*", false],
    ["api-key:endpoint:*", false],
    ["api-key:model:grok-*", true],
    ["api-key:modle:grok-3", false],
    ["04da6b54-80e4-46f7-96ec-b56ff0331ba9", false],
    [7, false],
])("%j has to be looked up: %s", (acl, looked) => {
    expect(namesSomething(acl)).toBe(looked);
});
