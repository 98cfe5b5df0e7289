import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { compileFunction, createContext, runInContext } from "node:vm";
import * as pulumi from "@pulumi/pulumi";
import * as xai from "pulumi-xai";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type Emulator, startEmulator } from "xai-management-emulator";
import { deploy, failureOf, resolved } from "../sdk/deployment.js";

/** The functions as a program calls them, from the built package. */

let emulator: Emulator;
beforeAll(async () => {
    emulator = await startEmulator();
    emulator.addKey({ name: "search" });
});
beforeEach(async () => {
    emulator.clearRequests();
    await deploy(emulator);
});
afterAll(() => emulator.close());

test("each twin gives what its function gives, and all share one request of a kind", async () => {
    const functions = await Promise.all([
        xai.getModels({ kind: "language", cluster: undefined, teamId: null }),
        xai.getModel("grok-4", { kind: "language" }),
        xai.getEndpoints(),
        xai.getApiKeys({ name: "search", acl: xai.acl.allModels, activeOnly: true }),
        xai.getApiKey({ name: "search" }),
        xai.getManagementKey(),
    ]);
    const twins = await Promise.all([
        resolved(xai.getModelsOutput({ kind: pulumi.output("language") })),
        resolved(xai.getModelOutput(pulumi.output("grok-4"), { kind: pulumi.output("language") })),
        resolved(xai.getEndpointsOutput()),
        resolved(xai.getApiKeysOutput({ name: pulumi.output("search"), acl: xai.acl.allModels, activeOnly: true })),
        resolved(xai.getApiKeyOutput({ name: pulumi.output("search") })),
        resolved(xai.getManagementKeyOutput()),
    ]);
    expect(twins).toEqual(functions);
    expect(functions[1].acl).toBe("api-key:model:grok-4-0709");
    expect(emulator.countRequests()).toEqual({
        listModels: 1,
        listEndpoints: 1,
        listApiKeys: 1,
        validateManagementKey: 1,
    });
});

test("another deployment asks again, with its own settings", async () => {
    await xai.getModels();
    await deploy(emulator, { "xai:teamId": "" });
    await xai.getModels();
    expect(emulator.countRequests()).toEqual({ listModels: 2, validateManagementKey: 1 });
});

test("a secret argument makes the result a secret, and no message shows it", async () => {
    const found = xai.getApiKeyOutput({ name: pulumi.secret("search") });
    expect(await pulumi.isSecret(found)).toBe(true);
    expect(await resolved(found)).toMatchObject({ name: "search" });
    expect(await pulumi.isSecret(xai.getApiKeyOutput({ name: "search" }))).toBe(false);
    expect(await failureOf(resolved(xai.getApiKeyOutput({ name: pulumi.secret("serach") })))).toMatch(
        /^Team \S+ has no API key with the name a secret value\./,
    );
});

test("warnings reach whoever runs Pulumi, once", async () => {
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
    const apiKeys = [{ apiKeyId: "odd", qps: {} }];
    emulator.inject({ operation: "listApiKeys", body: JSON.stringify({ apiKeys }) });
    await xai.getApiKeys();
    await xai.getApiKeys();
    expect(warn.mock.calls.map(([message]) => message)).toEqual([expect.stringContaining("unexpected shape: odd")]);
    warn.mockRestore();
});

describe("a mistake is one line without a stack:", () => {
    test.each<[string, Readonly<Record<string, string>>, RegExp]>([
        ["a missing management key", { "xai:managementKey": "" }, /No management key is configured/],
        ["a wrong management key", { "xai:managementKey": "xai-token-wrong-wrong" }, /401.*xai:managementKey/],
        ["a bad setting", { "xai:maxRetries": "x" }, /`xai:maxRetries` is "x"/],
        ["a closed port", { "xai:baseUrl": "http://127.0.0.1:1" }, /ECONNREFUSED/],
    ])("%s", async (_what, config, message) => {
        await deploy(emulator, config);
        const failure = await failureOf(xai.getModels());
        expect(failure).toMatch(message);
        expect(failure).not.toContain("xai-token-");
    });

    test.each<[() => Promise<unknown>, string]>([
        [() => Reflect.apply(xai.getModel, undefined, ["m", "language"]), 'they must be an object, not "language".'],
        [
            () => Reflect.apply(xai.getModel, undefined, [pulumi.output("grok-4")]),
            "`name` is an output, whose value comes later. Use getModelOutput.",
        ],
        [
            () => Reflect.apply(xai.getModels, undefined, [pulumi.output({})]),
            "Wrong arguments of getModels: the arguments are an output, whose value comes later. Use getModelsOutput.",
        ],
    ])("%s", async (call, message) => {
        expect(await failureOf(call())).toContain(message);
        expect(emulator.requests).toEqual([]);
    });
});

const SDK = createRequire(__filename).resolve("pulumi-xai");

describe("in a realm of its own, which has no import(), as in Jest,", () => {
    /** Loads the package as Jest does: our files in another realm, Node's modules from this one. */
    function loadInRealm(): typeof xai {
        const context = createContext({});
        const global: object = runInContext("globalThis", context);
        for (const name of Object.getOwnPropertyNames(globalThis).filter((one) => !(one in global))) {
            Reflect.set(global, name, Reflect.get(globalThis, name));
        }
        const modules = new Map<string, { exports: unknown }>();
        const load = (file: string): unknown => {
            const known = modules.get(file);
            if (known !== undefined) {
                return known.exports;
            }
            const module = { exports: {} };
            modules.set(file, module);
            const outside = createRequire(file);
            const inside = (name: string) =>
                name.startsWith(".") ? load(resolve(dirname(file), name)) : outside(name);
            const names = ["require", "module", "exports", "__filename", "__dirname"];
            const body = compileFunction(readFileSync(file, "utf8"), names, {
                parsingContext: context,
                filename: file,
            });
            body(Object.assign(inside, outside), module, module.exports, file, dirname(file));
            return module.exports;
        };
        return load(SDK) as typeof xai;
    }

    test("a function answers", async () => {
        expect((await loadInRealm().getModel("grok-4")).name).toBe("grok-4-0709");
    });

    test("an error of Node is the same one line", async () => {
        await deploy(emulator, { "xai:baseUrl": "http://127.0.0.1:1" });
        const expected = await failureOf(xai.getModels());
        expect(await failureOf(loadInRealm().getModels())).toBe(expected);
    });
});
