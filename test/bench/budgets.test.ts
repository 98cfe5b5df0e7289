import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as xai from "pulumi-xai";
import { afterEach, describe, expect, test } from "vitest";
import { type Emulator, type EmulatorOptions, startEmulator } from "xai-management-emulator";
import { configFor, type TestStack } from "../engines/engine.js";
import { localEngine } from "../engines/localEngine.js";

/** The budgets that are counts. What takes time is measured by `npm run bench` and asserted nowhere. */

const KEYS = 25;
const OTHERS = 175;
const PAGES = Math.ceil((KEYS + OTHERS) / 100);

const ROOT = resolve(__dirname, "../..");
const open: { dispose?: () => Promise<void>; close?: () => Promise<void> }[] = [];

afterEach(async () => {
    for (const one of open.splice(0).reverse()) {
        await (one.dispose ?? one.close)?.call(one);
    }
});

/** A team that holds keys of others, and a stack of a program on the local engine. */
async function stackOf(
    program: () => Promise<void>,
    options: EmulatorOptions = {},
    config: (emulator: Emulator) => Record<string, string> = configFor,
): Promise<{ emulator: Emulator; stack: TestStack }> {
    const emulator = await startEmulator(options);
    open.push(emulator);
    for (let key = 0; key < OTHERS; key += 1) {
        emulator.addKey();
    }
    const stack = await localEngine.createStack({
        project: "budgets",
        stack: "test",
        program,
        environment: {},
        config: config(emulator),
        onEvent: () => undefined,
    });
    open.push(stack);
    return { emulator, stack };
}

const keys = (qpm: number) => async () => {
    for (let index = 0; index < KEYS; index += 1) {
        new xai.XaiApiKey(`key-${index}`, { acls: [xai.acl.model("grok-4"), xai.acl.endpoint("chat")], qpm });
    }
};

/** What an operation asks for, by kind. */
async function requestsOf(emulator: Emulator, operation: () => Promise<unknown>) {
    emulator.clearRequests();
    await operation();
    return emulator.countRequests();
}

const LOOK_UPS = { listModels: 1, listEndpoints: 1 };

describe(`the requests of ${KEYS} keys in a team of ${KEYS + OTHERS}`, () => {
    test("are one create and one check of its propagation a key, one listing and one look-up a process", async () => {
        const { emulator, stack } = await stackOf(keys(100));
        const requests = await requestsOf(emulator, () => stack.up());
        expect(requests).toEqual({
            ...LOOK_UPS,
            listApiKeys: Math.ceil(OTHERS / 100),
            createApiKey: KEYS,
            checkApiKeyPropagation: KEYS,
        });
    });

    test("are the look-up alone where nothing changes, one update a key where a limit does", async () => {
        const { emulator, stack } = await stackOf(keys(100));
        await stack.up();
        expect(await requestsOf(emulator, () => stack.preview())).toEqual(LOOK_UPS);
        expect(await requestsOf(emulator, () => stack.up())).toEqual(LOOK_UPS);
        stack.program = keys(101);
        expect(await requestsOf(emulator, () => stack.up())).toEqual({ ...LOOK_UPS, updateApiKey: KEYS });
    });

    test("are three reads where nothing changes and the management key says which team is its own", async () => {
        const { emulator, stack } = await stackOf(keys(100), {}, (account) => {
            const { "xai:teamId": _, ...config } = configFor(account);
            return config;
        });
        await stack.up();
        // Keys that exist know their team: it is asked for with new ones alone.
        expect(await requestsOf(emulator, () => stack.up())).toEqual(LOOK_UPS);
        stack.program = async () => {
            await keys(100)();
            new xai.XaiApiKey("late", { acls: [xai.acl.allModels, xai.acl.allEndpoints] });
        };
        expect(await requestsOf(emulator, () => stack.preview())).toEqual({ ...LOOK_UPS, validateManagementKey: 1 });
    });

    test("are one listing in a refresh, a second one where keys are gone, and one delete a key", async () => {
        const { emulator, stack } = await stackOf(keys(100));
        await stack.up();
        expect(await requestsOf(emulator, () => stack.refresh())).toEqual({ listApiKeys: PAGES });
        for (const { apiKeyId, name } of emulator.keys()) {
            if (/^budgets-test-key-[12]$/.test(name)) {
                emulator.deleteKey(apiKeyId);
            }
        }
        expect(await requestsOf(emulator, () => stack.refresh())).toMatchObject({ listApiKeys: 2 * PAGES });
        expect(await requestsOf(emulator, () => stack.destroy())).toEqual({ deleteApiKey: KEYS - 2 });
    });
});

class Empty extends pulumi.CustomResource {
    constructor(name: string) {
        const create = "create:async outs=>({id:require('crypto').randomUUID(),outs})";
        super("pulumi-nodejs:dynamic:Resource", name, { __provider: `exports.handler=()=>({${create}})` });
    }
}

async function empties(): Promise<void> {
    for (let index = 0; index < KEYS; index += 1) {
        new Empty(`key-${index}`);
    }
}

/** How many bytes of the state's file there are for each resource of a program. */
async function stateBytes(program: () => Promise<void>): Promise<number> {
    const { stack } = await stackOf(program);
    const size = async () => (await stack.files()).reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    await stack.up();
    const full = await size();
    await stack.destroy();
    return (full - (await size())) / KEYS;
}

test("a key's state has at most 2.6 KB, of which the engine's own is 1.1", async () => {
    const [ours, floor] = [await stateBytes(keys(100)), await stateBytes(empties)];
    expect(floor).toBeLessThanOrEqual(1100);
    expect(ours).toBeLessThanOrEqual(2600);
    expect(ours - floor).toBeLessThanOrEqual(1500);
});

test("the program's half loads nothing but itself: no HTTP client, no retries, no schemas, no emulator", () => {
    const list = `
        require("@pulumi/pulumi");
        const before = new Set(Object.keys(require.cache));
        require("pulumi-xai");
        const loaded = Object.keys(require.cache).filter((file) => !before.has(file));
        console.log(JSON.stringify(loaded));
    `;
    const loaded: string[] = JSON.parse(execFileSync(process.execPath, ["-e", list], { cwd: ROOT, encoding: "utf8" }));
    const names = loaded.map((file) => file.slice(ROOT.length + 1));
    expect(names).toContain("dist/sdk/apiKey.js");
    // What both halves have to agree on.
    const shared = ["dist/provider/configuredTeam.js", "dist/provider/defaultName.js"];
    expect(names.filter((name) => !shared.includes(name) && !/^dist\/sdk\/\w+\.js$/.test(name))).toEqual([]);
});
