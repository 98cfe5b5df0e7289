import { inspect } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import * as xai from "pulumi-xai";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Emulator, startEmulator } from "xai-management-emulator";
import { XaiError } from "../../provider/api/errors.js";
import { DynamicProvider } from "../../provider/hosts/dynamic.js";
import { Account } from "../../provider/team/account.js";
import { readSettings } from "../../provider/team/settings.js";
import { NO_CLI, titleUnless } from "../engine/cli.js";
import { configFor } from "../engine/config.js";
import { everythingOf, expectNoLeak } from "../engine/leaks.js";
import { createStack } from "../engine/testStack.js";
import { serveEcho, type Told } from "./echoServer.js";

/**
 * What our code throws, returns or warns of shows no secret, however it is printed. Only outputs hold secrets, which the engine
 * encrypts; and the emulator, which is asked for them by name.
 */

const INPUTS = { name: "n", acls: ["api-key:model:*", "api-key:endpoint:*"], propagationTimeout: "50ms" };
const ENVIRONMENT_KEY = "xai-token-k8Wq3ZtR6mNv1XpJ5bLc";

let emulator: Emulator;
beforeEach(async () => {
    emulator = await startEmulator();
});
afterEach(() => emulator.close());

function settingsFor(config: Record<string, string> = {}) {
    const given: Record<string, string> = {
        managementKey: emulator.managementKey,
        teamId: emulator.teamId,
        maxRetries: "0",
        ...config,
    };
    const { baseUrl = emulator.url } = config;
    const environment = { XAI_MANAGEMENT_KEY: ENVIRONMENT_KEY, XAI_MANAGEMENT_BASE_URL: baseUrl };
    return readSettings((key) => given[key], environment);
}

/** A provider as the host loads it, and what it warns of. */
async function hosted(config: Record<string, string> = configFor(emulator)) {
    const said: string[] = [];
    const say = (line: string) => void said.push(line);
    const provider = new DynamicProvider(() => ({ warn: say, progress: say, settled: async () => undefined }));
    const get = (key: string) => config[key];
    await provider.configure({ config: { get, require: (key) => config[key] ?? "" } });
    return { provider, said };
}

function expectNothingShown(name: string, value: unknown, more: readonly string[] = []): void {
    expectNoLeak([...emulator.secrets(), ENVIRONMENT_KEY, ...more], everythingOf(name, value));
}

async function failureOf(call: Promise<unknown>): Promise<unknown> {
    return call.then(
        () => {
            throw new Error("It did not fail.");
        },
        (error: unknown) => error,
    );
}

describe("an object that knows a secret does not show it:", () => {
    test("a credential, the settings and the account, after use too", async () => {
        const settings = settingsFor();
        const account = new Account(settings, () => undefined);
        emulator.addKey();
        await account.listing(emulator.teamId).get();
        for (const one of [settings.credentials[0], settings, account.http, account, [account]]) {
            expect(one).toBeDefined();
            expectNothingShown("it", one);
        }
    });

    test("the provider that the host loads; the emulator, which holds them all, and its requests", async () => {
        const { provider } = await hosted();
        await provider.create(INPUTS);
        expect(emulator.keys()).toHaveLength(1);
        expectNothingShown("the provider", provider);
        expectNothingShown("the emulator", emulator);
        expectNothingShown("its requests", emulator.requests);
    });
});

describe.skipIf(NO_CLI)(titleUnless(NO_CLI, "a program's own objects show no secret:"), () => {
    test("a key, its outputs, and what the program looked up", async () => {
        const shown: unknown[] = [];
        const stack = await createStack({
            config: configFor(emulator),
            program: async () => {
                const key = new xai.XaiApiKey("search", { ...INPUTS, propagationTimeout: "1m" });
                shown.push(key, key.apiKey, pulumi.output(key), xai.config.managementKey);
                shown.push(await xai.getEndpoints());
            },
        });
        await stack.up();
        await stack.dispose();
        expect(emulator.keys()).toHaveLength(1);
        expect(shown).toHaveLength(5);
        // As they are logged. Deeper down Node shows the storage of a promise's context, where Pulumi keeps the configuration.
        for (const one of shown) {
            expectNoLeak(emulator.secrets(), [{ name: "a resource or an output", text: inspect(one) }]);
        }
    });
});

describe("an error shows no secret:", () => {
    /** Ways in which a server, or a proxy before it, may give away what it was sent. */
    const ECHOES: readonly [string, (told: Told) => string][] = [
        ["as it came", ({ authorization }) => authorization],
        ["in a message", ({ authorization }) => JSON.stringify({ message: `bad header "${authorization}"` })],
        [
            "as the key of an object",
            ({ authorization }) => JSON.stringify({ [authorization]: 1, icPropagation: { [authorization]: 1 } }),
        ],
        ["in the title of a page", ({ authorization }) => `<html><head><title>${authorization}</title></head></html>`],
        ["without its scheme", ({ authorization }) => JSON.stringify({ error: authorization.replace("Bearer ", "") })],
        ["cut off", ({ authorization }) => `${"x".repeat(285)} ${authorization}`],
        [
            "with the whole request",
            ({ authorization, url, body }) => JSON.stringify({ message: `${url} ${body} ${authorization}` }),
        ],
    ];

    test.each(ECHOES)("whatever the status, where the server echoes the management key %s", async (_, echo) => {
        for (const status of [200, 302, 400, 401, 404, 429, 500]) {
            for (const key of [emulator.managementKey, "Zr8Qk2Wn5Xt9Lp3V-no-prefix-7Yb4Jd"]) {
                const baseUrl = await serveEcho(status, echo);
                const { provider, said } = await hosted({
                    "xai:managementKey": key,
                    "xai:teamId": "t",
                    "xai:baseUrl": baseUrl,
                    "xai:maxRetries": "0",
                });
                const checked = await provider.check({}, { ...INPUTS, acls: ["api-key:model:grok-4"] });
                const failures = [
                    await failureOf(provider.create(INPUTS)),
                    await failureOf(provider.read("id", {})),
                    await failureOf(provider.delete("id", { apiKeyId: "id", teamId: "t" })),
                ];
                expectNothingShown(`what ${status} leads to`, [checked, said, ...failures], [key]);
                for (const failure of failures) {
                    expectNothingShown(`the error of ${status}`, failure, [key]);
                }
            }
        }
    });

    test("a setting that cannot be read, though a key stands in it", () => {
        const key = "xai-token-q9Wm3ZtR6mNv1XpJ5bLc";
        for (const [name, value] of [
            ["managementKey", `${key} ${key}`],
            ["baseUrl", key],
            ["baseUrl", `https://user:${key}@example.com`],
            ["baseUrl", `https:user:${key.slice(10)}@example.com`],
            ["baseUrl", `https:\\\\user:${key.slice(10)}/x@example.com`],
            ["baseUrl", `https://example.com?token=${key}`],
            ["maxRetries", key],
            ["validateAcls", `Bearer ${key}`],
        ] as const) {
            const failure = (() => {
                try {
                    return settingsFor({ [name]: value });
                } catch (error) {
                    return error;
                }
            })();
            expect(failure).toBeInstanceOf(XaiError);
            expectNothingShown(name, failure, [key]);
        }
    });

    test("a bug of ours, whose stack the host prints", async () => {
        const { provider } = await hosted();
        const thrown = new TypeError(`cannot read ${emulator.managementKey}`);
        const get = () => {
            throw thrown;
        };
        await provider.configure({ config: { get, require: () => "" } });
        const failure = await failureOf(provider.create(INPUTS));
        expect(String(Reflect.get(Object(failure), "stack"))).toContain("TypeError: cannot read [secret]");
        expectNothingShown("the bug", failure);
    });
});
