import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import * as dynamic from "pulumi-xai";
import type * as native from "pulumi-xai/native";
import { describe, expect, expectTypeOf, test } from "vitest";
import { startEmulator } from "xai-management-emulator";
import { scenarios } from "../engine/scenario.js";
import { hostFor } from "../hosts/dynamicHost.js";
import { ACLS, flat, nativeKey, oneKey, UPDATE } from "../scenarios/programs.js";
import { Consumer } from "./programs.js";

/** Where a test stands, and its title. */
type Proof = readonly [file: string, title: string];

const HERE = "native/differences.test.ts";
const PLUGIN = "hosts/plugin.test.ts";
const LIFE = "native/life.test.ts";
const PREVIEW: Proof = ["native/preview.test.ts", "tells which resources a run changes, and why"];
const DYNAMIC_PREVIEW: Proof = [HERE, "shows every argument of a changed key, and its consumers as changed"];

/** Each row of the table in `docs/native.md`: what the modes differ in, both cells, and the tests that show each of them. */
const ROWS: readonly (readonly [what: string, dynamic: string, native: string, ...proofs: Proof[]])[] = [
    ["set-up", "none", "four lines of `Pulumi.yaml`", [HERE, "finds no plugin, and names it"], DYNAMIC_PREVIEW],
    [
        "preview of a changed limit",
        "consumers of computed outputs look changed, too",
        "the key alone changes",
        DYNAMIC_PREVIEW,
        PREVIEW,
    ],
    [
        "preview of a rotation",
        "the key, its reason, and all those consumers",
        "the key, its reason, and what uses the secret",
        DYNAMIC_PREVIEW,
        PREVIEW,
    ],
    [
        "details of a change",
        "beside all other arguments",
        "what changes alone, sets as sets",
        DYNAMIC_PREVIEW,
        PREVIEW,
        [PLUGIN, "names what changed by its path, sets as sets"],
    ],
    [
        "`pulumi import`, and the option `import`",
        "no: `adoptKeyId`",
        "yes, with `existingSecret` in one `up`",
        ["sdk/apiKey.test.ts", "the option `import` ends in one line that names `adoptKeyId`"],
        [LIFE, "begins with an import, with its secret in one up"],
    ],
    [
        "`replaceOnChanges`",
        "does nothing",
        "yes",
        DYNAMIC_PREVIEW,
        [LIFE, "heeds the options that a dynamic provider never sees"],
    ],
    [
        "`customTimeouts`",
        "not heard: `propagationTimeout`",
        "end a wait for propagation",
        [HERE, "waits to the end, whatever Ctrl-C and `customTimeouts` say"],
        [PLUGIN, "is kept where the user cancels the wait, or `customTimeouts` end it"],
    ],
    [
        "one Ctrl-C during a wait",
        "the wait goes on to its limit",
        "the wait ends at once; the key is kept",
        [HERE, "waits to the end, whatever Ctrl-C and `customTimeouts` say"],
        [LIFE, "ends a wait at once on Ctrl-C, keeps the key, and goes on in the next up"],
    ],
    [
        "warnings and progress",
        "on the stack",
        "on the key's own row",
        [HERE, "A dynamic provider's warning is on no row"],
        [PLUGIN, "Bad input is named at its property, with warnings on the resource's row, each once"],
    ],
    [
        "a provider of its own",
        "a subclass of `pulumi.ProviderResource`",
        "`new xai.Provider(…)`",
        ["scenarios/settings.test.ts", "an explicit provider has its own team and management key, beside the stack's"],
        [LIFE, "keeps an explicit provider, whose management key then rotates"],
    ],
    [
        "names by Pulumi's autonaming",
        "no",
        "yes",
        DYNAMIC_PREVIEW,
        [PLUGIN, "that autonaming proposes is taken once, and stays"],
    ],
    [
        "functions with `provider` or Pulumi's mocks",
        "no",
        "yes",
        [HERE, "Only native functions take options"],
        ["native/sdk.test.ts", "is an invoke that mocks answer, and takes Pulumi's options"],
    ],
    [
        "programs in other languages",
        "no",
        "from the schema, see below",
        ["native/yaml.test.ts", "makes a key for a model that it looks up, changes it, and imports others"],
    ],
];

const read = (file: string) => readFileSync(resolve(__dirname, "..", file), "utf8");

describe("The table of differences in docs/native.md", () => {
    test("has these rows", () => {
        const [, page = ""] = read("../docs/native.md").split("## Which mode to choose\n");
        const [section = ""] = page.split("\n## ");
        const [, ...rows] = section
            .split("\n")
            .filter((line) => line.startsWith("|") && !line.startsWith("| --"))
            .map((line) =>
                line
                    .split("|")
                    .slice(1, -1)
                    .map((cell) => cell.trim()),
            );
        expect(rows).toEqual(ROWS.map(([what, one, other]) => [what, one, other]));
    });

    test.each(ROWS.map(([what, , , ...proofs]) => [what, proofs] as const))(
        "is tested where it says: %s",
        (_, proofs) => {
            const missing = proofs.filter(([file, title]) => {
                const quoted = title.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
                return !new RegExp(`(?:test|scenario)\\(\\s*"${quoted}"`).test(read(file));
            });
            expect([proofs.length > 0, missing]).toEqual([true, []]);
        },
    );
});

test("Only native functions take options", () => {
    expectTypeOf<Parameters<typeof dynamic.getModels>["length"]>().toEqualTypeOf<0 | 1>();
    expectTypeOf<Parameters<typeof native.getModels>["length"]>().toEqualTypeOf<0 | 1 | 2>();
});

test("A dynamic provider's warning is on no row", async () => {
    const emulator = await startEmulator();
    try {
        const host = await hostFor(emulator);
        await host.check({}, { name: "search", acls: ["api-key:model:*"] });
        expect(host.log.map(({ severity, urn }) => [severity, urn])).toEqual([["warning", ""]]);
    } finally {
        await emulator.close();
    }
});

scenarios("a dynamic provider", (scenario) => {
    scenario("shows every argument of a changed key, and its consumers as changed", {}, async (s) => {
        const program = (qpm: number, trigger: number) => async () => {
            const args = { acls: ACLS, qpm, rotation: { triggers: { trigger } } };
            const key = new dynamic.XaiApiKey("search", args, { replaceOnChanges: ["qpm"] });
            new Consumer("ofSecret", key.apiKey);
            new Consumer("ofId", key.apiKeyId);
        };
        await s.stack.run(["config", "set", "--path", "pulumi:autonaming.mode", "verbatim"]);
        await s.up(program(1, 1));
        expect(s.key("search").name).toBe("shop-test-search");
        const changed = { search: "update", ofSecret: "update", ofId: "update" };
        const limit = await s.preview(program(2, 1));
        expect(limit.steps).toMatchObject(changed);
        expect(limit.output).toContain(ACLS[0]);
        const rotated = await s.preview(program(1, 2));
        expect(rotated.steps).toMatchObject(changed);
        expect(rotated.output).toContain("#1: changed triggers: trigger");
    });

    scenario(
        "waits to the end, whatever Ctrl-C and `customTimeouts` say",
        { emulator: { propagation: "never" } },
        async (s) => {
            const ctrlC = new AbortController();
            const program = oneKey({ propagationTimeout: "3s" }, { customTimeouts: { create: "1s" } });
            const failure = s.failure(s.up(program, { signal: ctrlC.signal }));
            await expect
                .poll(() => s.emulator.countRequests().checkApiKeyPropagation ?? 0, { timeout: 60_000 })
                .toBeGreaterThan(0);
            ctrlC.abort();
            expect(flat(await failure)).toContain("is not known everywhere after 3s (`propagationTimeout`)");
            s.emulator.setPropagation(0);
            expect((await s.up()).changes).toEqual(UPDATE);
        },
    );
});

scenarios("native mode without the stanza", (scenario) => {
    scenario("finds no plugin, and names it", {}, async (s) => {
        expect(await s.failure(s.preview(nativeKey()))).toMatch(/plugin.*xai/);
    });
});
