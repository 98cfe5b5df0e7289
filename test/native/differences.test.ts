import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import * as dynamic from "pulumi-xai";
import type * as native from "pulumi-xai/native";
import { describe, expect, expectTypeOf, test } from "vitest";
import { startEmulator } from "xai-management-emulator";
import { scenarios } from "../engine/scenario.js";
import { hostFor, PROVIDER_TEXT } from "../hosts/dynamicHost.js";
import { ACLS, flat, nativeKey, oneKey, UPDATE } from "../scenarios/programs.js";
import { Consumer } from "./programs.js";

/** Where a test stands, and its title. */
type Proof = readonly [file: string, title: string];

const HERE = "native/differences.test.ts";
const PLUGIN = "hosts/plugin.test.ts";
const LIFE = "native/life.test.ts";
const PREVIEW: Proof = ["native/preview.test.ts", "tells which resources a run changes, and why"];
const DYNAMIC_PREVIEW: Proof = [HERE, "shows every argument of a changed key, and its consumers as changed"];
const DYNAMIC_WAIT: Proof = [HERE, "waits to the end, whatever Ctrl-C and `customTimeouts` say"];

/** What the modes differ in, as each row of the table in `docs/native.md` begins, and the tests that show it. */
const ROWS: Readonly<Record<string, readonly Proof[]>> = {
    "set-up": [[HERE, "finds no plugin, and names it"], DYNAMIC_PREVIEW],
    "preview of a changed limit": [DYNAMIC_PREVIEW, PREVIEW],
    "preview of a rotation": [DYNAMIC_PREVIEW, PREVIEW],
    "details of a change": [DYNAMIC_PREVIEW, PREVIEW, [PLUGIN, "names what changed by its path, sets as sets"]],
    "`pulumi import`, and the option `import`": [
        ["sdk/apiKey.test.ts", "the option `import` ends in one line that names `adoptKeyId`"],
        [LIFE, "begins with an import, with its secret in one up"],
    ],
    "`replaceOnChanges`": [DYNAMIC_PREVIEW, [LIFE, "heeds the options that a dynamic provider never sees"]],
    "`customTimeouts`": [DYNAMIC_WAIT, [PLUGIN, "is kept where the user cancels the wait, or `customTimeouts` end it"]],
    "one Ctrl-C during a wait": [
        DYNAMIC_WAIT,
        [LIFE, "ends a wait at once on Ctrl-C, keeps the key, and goes on in the next up"],
    ],
    "warnings and progress": [
        [HERE, "A dynamic provider's warning is on no row"],
        [PLUGIN, "Bad input is named at its property, with warnings on the resource's row, each once"],
    ],
    "a provider of its own": [
        ["scenarios/settings.test.ts", "an explicit provider has its own team and management key, beside the stack's"],
        [LIFE, "keeps an explicit provider, whose management key then rotates"],
    ],
    "names by Pulumi's autonaming": [DYNAMIC_PREVIEW, [PLUGIN, "that autonaming proposes is taken once, and stays"]],
    "functions with `provider` or Pulumi's mocks": [
        [HERE, "Only native functions take options"],
        ["native/sdk.test.ts", "is an invoke that mocks answer, and takes Pulumi's options"],
    ],
    "programs in other languages": [
        ["native/yaml.test.ts", "makes a key for a model that it looks up, changes it, and imports others"],
    ],
};

const read = (file: string) => readFileSync(resolve(__dirname, "..", file), "utf8");

describe("The table of differences in docs/native.md", () => {
    test("has these rows", () => {
        const [, page = ""] = read("../docs/native.md").split("## Which mode to choose\n");
        const [section = ""] = page.split("\n## ");
        const [, , ...rows] = section.split("\n").filter((line) => line.startsWith("|"));
        expect(rows.map((row) => row.split("|")[1]?.trim())).toEqual(Object.keys(ROWS));
    });

    test.each(Object.entries(ROWS))("is tested where it says: %s", (_, proofs) => {
        const missing = proofs.filter(([file, title]) => {
            const quoted = title.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
            return !new RegExp(`(?:test|scenario)\\(\\s*"${quoted}"`).test(read(file));
        });
        expect([proofs.length > 0, missing]).toEqual([true, []]);
    });
});

test("Only native functions take options", () => {
    expectTypeOf<Parameters<typeof dynamic.getModels>["length"]>().toEqualTypeOf<0 | 1>();
    expectTypeOf<Parameters<typeof native.getModels>["length"]>().toEqualTypeOf<0 | 1 | 2>();
});

test("A dynamic provider's warning is on no row", async () => {
    const emulator = await startEmulator();
    try {
        const host = await hostFor(emulator);
        await host.check({ __provider: PROVIDER_TEXT, name: "search", acls: ["api-key:model:*"] });
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
