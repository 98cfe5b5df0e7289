/** The budgets that are counts. `npm run bench` measures what takes time or an engine. */
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Emulator, startEmulator } from "xai-management-emulator";
import { ProviderAlone } from "../../bench/providerAlone.js";

const KEYS = 25;
const OTHERS = 175;
const PAGES = Math.ceil((KEYS + OTHERS) / 100);
const LOOK_UPS = { listModels: 1, listEndpoints: 1 };

let emulator: Emulator;
let provider: ProviderAlone;

beforeEach(async () => {
    emulator = await startEmulator();
    for (let key = 0; key < OTHERS; key += 1) {
        emulator.addKey();
    }
    provider = new ProviderAlone({ ...connection(), "xai:teamId": emulator.teamId }, KEYS);
});

afterEach(() => emulator.close());

const connection = () => ({ "xai:managementKey": emulator.managementKey, "xai:baseUrl": emulator.url });

/** The requests of one operation by kind. Each operation has a process of its own. */
async function requestsOf(operation: "up" | "refresh" | "destroy", qpm = 100) {
    emulator.clearRequests();
    await provider.run(operation, qpm);
    return emulator.countRequests();
}

describe(`${KEYS} keys in a team of ${KEYS + OTHERS}`, () => {
    test("take one create and one check of propagation a key, one listing and one look-up a process", async () => {
        expect(await requestsOf("up")).toEqual({
            ...LOOK_UPS,
            listApiKeys: Math.ceil(OTHERS / 100),
            createApiKey: KEYS,
            checkApiKeyPropagation: KEYS,
        });
    });

    test("take one look-up where nothing changes, and one update a key where a limit changes", async () => {
        await provider.run("up", 100);
        expect(await requestsOf("up", 100)).toEqual(LOOK_UPS);
        expect(await requestsOf("up", 101)).toEqual({ ...LOOK_UPS, updateApiKey: KEYS });
    });

    test("take at most one more read where the management key names the team", async () => {
        provider = new ProviderAlone(connection(), KEYS);
        expect(await requestsOf("up")).toMatchObject({ ...LOOK_UPS, validateManagementKey: 1 });
        const { validateManagementKey = 0, ...others } = await requestsOf("up");
        expect(others).toEqual(LOOK_UPS);
        expect(validateManagementKey).toBeLessThanOrEqual(1);
    });

    test("take one listing in a refresh, a second one where keys are gone, and one delete a key", async () => {
        await provider.run("up", 100);
        expect(await requestsOf("refresh")).toEqual({ listApiKeys: PAGES });
        const gone = emulator.keys().filter(({ name }) => /^bench-[12]$/.test(name));
        for (const { apiKeyId } of gone) {
            emulator.deleteKey(apiKeyId);
        }
        const { listApiKeys, ...perKey } = await requestsOf("refresh");
        expect(listApiKeys).toBe(2 * PAGES);
        expect(Object.values(perKey).reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(gone.length);
        expect(await requestsOf("destroy")).toEqual({ deleteApiKey: KEYS - gone.length });
    });
});

test("a program that imports the package loads none of the provider's dependencies", () => {
    const list = `
        require("@pulumi/pulumi");
        const before = new Set(Object.keys(require.cache));
        require("pulumi-xai");
        const loaded = Object.keys(require.cache).filter((file) => !before.has(file));
        console.log(JSON.stringify(loaded));
    `;
    const root = resolve(__dirname, "../..");
    const loaded: string[] = JSON.parse(execFileSync(process.execPath, ["-e", list], { cwd: root, encoding: "utf8" }));
    const names = loaded.map((file) => file.slice(root.length + 1));
    expect(names).toContain("dist/sdk/apiKey.js");
    expect(names.filter((name) => !name.startsWith("dist/"))).toEqual([]);
});
