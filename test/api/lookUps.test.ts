import { describe, expect, test } from "vitest";
import { listEndpoints } from "../../provider/api/endpoints.js";
import { teamOf, validateManagementKey } from "../../provider/api/managementKeys.js";
import { listModels } from "../../provider/api/models.js";
import { answering, failureOf } from "./client.js";

describe("a team's models", () => {
    const clusters = async (config: object) =>
        listModels(await answering({ clusterConfigs: [{ clusterName: "us-east-1", ...config }] }), "t");

    test("are read whatever their kind is called, with the fields that are not known", async () => {
        const [cluster] = await clusters({
            languageModels: [{ name: "a", aliases: null, novel: 1 }],
            imageGenerationModels: [{ name: "b" }],
            speechModels: [{ name: "c" }],
            audioModels: null,
            regions: ["x"],
            zones: [],
            address: "us-east-1.api.x.ai",
        });
        expect(cluster?.models).toEqual([
            { kind: "language", model: { name: "a", aliases: null, novel: 1 } },
            { kind: "imageGeneration", model: { name: "b" } },
            { kind: "speech", model: { name: "c" } },
        ]);
        expect(Object.keys(cluster?.lists ?? {})).toEqual([
            "languageModels",
            "imageGenerationModels",
            "speechModels",
            "audioModels",
        ]);
        expect(cluster?.raw).toMatchObject({ regions: ["x"], address: "us-east-1.api.x.ai" });
    });

    test("of an unexpected shape are an error that names the field", async () => {
        const failure = await failureOf(clusters({ speechModels: [{ name: "a" }, { nome: "b" }] }));
        expect(failure.message).toContain("unexpected shape at clusterConfigs.0.speechModels.1.name");
    });
});

test("an answer without its list is empty; an object of another kind is none", async () => {
    expect(await listModels(await answering({}), "t")).toEqual([]);
    expect(await listEndpoints(await answering({ acls: null }), "t")).toEqual([]);
    const other = await answering({ message: "try later" });
    for (const call of [listModels(other, "t"), listEndpoints(other, "t"), validateManagementKey(other)]) {
        expect((await failureOf(call)).message).toContain("unexpected shape");
    }
});

describe("the management key", () => {
    test.each<[unknown, readonly string[] | undefined]>([
        [undefined, undefined],
        [null, undefined],
        ["everywhere", undefined],
        [{}, undefined],
        [["10.0.0.0/8"], ["10.0.0.0/8"]],
        [{ ipRanges: [] }, []],
        [
            {
                ipRanges: [
                    { address: { ipv4: "10.0.0.0" }, prefixLength: 8 },
                    { address: { ipv6: "fd00::" }, prefixLength: 64 },
                    { address: { ipv4: "10.0.0.1" } },
                ],
            },
            ["10.0.0.0/8", "fd00::/64", "10.0.0.1"],
        ],
    ])("with the ranges %j may be used from %j", async (ipRanges, read) => {
        const key = await validateManagementKey(await answering({ scope: "SCOPE_TEAM", scopeId: "t", ipRanges }));
        expect(key.ipRanges).toEqual(read);
        expect(teamOf(key)).toBe("t");
    });

    test("may be described with any field missing, or with an odd form", async () => {
        const key = await validateManagementKey(await answering({ scopeId: "t", acls: "all", name: 7 }));
        expect(key).toEqual({ scopeId: "t" });
    });

    test.each([
        [{ scope: "SCOPE_TEAM", scopeId: "t", teamId: "old" }, "t"],
        [{ scope: "SCOPE_TEAM", scopeId: "", teamId: "old" }, "old"],
        [{ scope: "SCOPE_TEAM", scopeId: undefined, teamId: undefined }, undefined],
        [{ scope: "SCOPE_ORGANIZATION", scopeId: "org", teamId: undefined }, undefined],
        [{ scope: undefined, scopeId: undefined, teamId: "old" }, "old"],
    ])("%j belongs to the team %s", (key, team) => {
        expect(teamOf(key)).toBe(team);
    });
});
