import { inspect } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import * as xai from "pulumi-xai";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Emulator, startEmulator } from "xai-management-emulator";
import { errorFromAnswer, ManagementApiError } from "../../provider/api/errors.js";
import { Http } from "../../provider/api/http.js";
import { create } from "../../provider/apiKeyLifecycle.js";
import { Credential } from "../../provider/credential.js";
import { DynamicProvider } from "../../provider/dynamic.js";
import { InitializationError } from "../../provider/initializationError.js";
import { Session } from "../../provider/session.js";
import { readSettings, SettingsError } from "../../provider/settings.js";
import { NO_CLI, titleUnless } from "../engine/cli.js";
import { configFor } from "../engine/config.js";
import { everythingOf, expectNoLeak, leaks } from "../engine/leaks.js";
import { createStack } from "../engine/testStack.js";
import { serveEcho, type Told } from "./echoServer.js";

/**
 * What our code throws or returns shows no secret, however it is printed. By design these hold secrets, and nothing else
 * does: the outputs that a create, an update and a read give to the engine (which encrypts `apiKey`); the keys that the
 * emulator is asked for, with `secrets()` and `env`; `LocalStack.exportStack()`, which is `--show-secrets`.
 */

const INPUTS = { name: "n", acls: ["api-key:model:*", "api-key:endpoint:*"], propagationTimeout: "50ms" };

let emulator: Emulator;
beforeEach(async () => {
    emulator = await startEmulator();
});
afterEach(async () => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    await emulator.close();
});

function settingsFor(config: Record<string, string> = {}) {
    const given: Record<string, string> = {
        managementKey: emulator.managementKey,
        teamId: emulator.teamId,
        baseUrl: emulator.url,
        maxRetries: "0",
        ...config,
    };
    return readSettings((key) => given[key], { XAI_MANAGEMENT_KEY: "xai-token-k8Wq3ZtR6mNv1XpJ5bLc" });
}

function expectNothingShown(name: string, value: unknown, more: readonly string[] = []): void {
    expectNoLeak([...emulator.secrets(), "xai-token-k8Wq3ZtR6mNv1XpJ5bLc", ...more], everythingOf(name, value));
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
    test("a credential, the settings, the connection and the session, after use too", async () => {
        const settings = settingsFor();
        const session = new Session(settings, () => undefined);
        const state = await create({ session, progress: () => undefined }, INPUTS);
        expect(emulator.secrets()).toContain(state.apiKey);
        await session.listings(emulator.teamId).find(state.apiKeyId);
        const http = new Http({ ...settings, warn: () => undefined });
        for (const one of [settings.credentials[0], settings, http, session, [session], { session }]) {
            expect(one).toBeDefined();
            expectNothingShown("it", one);
        }
        expect(`${settings.credentials[0]}`).toBe("[secret]");
    });

    test("the provider that the host loads", async () => {
        const provider = new DynamicProvider();
        const config: Record<string, string> = {
            "xai:managementKey": emulator.managementKey,
            "xai:teamId": emulator.teamId,
            "xai:baseUrl": emulator.url,
        };
        await provider.configure({ config: { get: (key) => config[key], require: (key) => config[key] ?? "" } });
        await provider.create(INPUTS);
        expectNothingShown("the provider", provider);
    });

    test("the emulator, which holds them all, and its requests", async () => {
        await create({ session: new Session(settingsFor(), () => undefined), progress: () => undefined }, INPUTS);
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
        [
            "its end alone",
            ({ authorization }) => JSON.stringify({ error: { message: `no key …${authorization.slice(-20)}` } }),
        ],
        ["its middle alone", ({ authorization }) => `no key ${authorization.slice(20, -6)} here`],
        ["cut off", ({ authorization }) => `${"x".repeat(285)} ${authorization}`],
        [
            "with the whole request",
            ({ authorization, url, body }) => JSON.stringify({ message: `${url} ${body} ${authorization}` }),
        ],
    ];
    const STATUSES = [200, 201, 302, 400, 401, 403, 404, 405, 409, 429, 500, 503];

    test.each(ECHOES)("whatever the status, where the server echoes the management key %s", async (_, echo) => {
        let count = 0;
        for (const status of STATUSES) {
            for (const key of [emulator.managementKey, "Zr8Qk2Wn5Xt9Lp3V-no-prefix-7Yb4Jd"]) {
                const baseUrl = await serveEcho(status, echo);
                const warnings: string[] = [];
                const settings = settingsFor({ baseUrl, managementKey: key, operationTimeout: "1s" });
                const session = new Session(settings, (message) => warnings.push(message));
                const calls = [
                    create({ session, progress: (line) => warnings.push(line) }, INPUTS),
                    session.listings("t").find("id"),
                    session.catalogue("t"),
                    session.team(),
                ];
                for (const call of await Promise.allSettled(calls)) {
                    const value = call.status === "rejected" ? call.reason : undefined;
                    count += call.status === "rejected" ? 1 : 0;
                    expectNothingShown(`the error of ${status}`, value, [key]);
                }
                expectNothingShown("the warnings", warnings, [key]);
            }
        }
        expect(count).toBeGreaterThan(STATUSES.length * 2);
    });

    test("no class of the API's errors has a cause, or anything of a request", async () => {
        const action = { endpoint: "E", description: "do it" };
        for (let status = 300; status < 600; status += 1) {
            const error = errorFromAnswer(
                action,
                { status, body: `{"message":"${emulator.managementKey}"}` },
                emulator.url,
            );
            expect(error).toBeInstanceOf(ManagementApiError);
            expect(error.cause).toBeUndefined();
            expectNothingShown(String(status), error);
        }
        const refused = await failureOf(
            new Session(settingsFor({ baseUrl: "http://127.0.0.1:9" }), () => undefined).catalogue("t"),
        );
        expectNothingShown("no connection", refused);
    });

    test("a key that is kept though it is not finished, within our code and at the host", async () => {
        emulator.setPropagation("never");
        const session = new Session(settingsFor(), () => undefined);
        const within = await failureOf(create({ session, progress: () => undefined }, INPUTS));
        expect(within).toBeInstanceOf(InitializationError);
        expect(within instanceof InitializationError && emulator.secrets().includes(within.state.apiKey ?? "")).toBe(
            true,
        );
        expectNothingShown("the error within", within);

        const provider = new DynamicProvider();
        vi.stubEnv("XAI_MANAGEMENT_KEY", emulator.managementKey);
        vi.stubEnv("XAI_TEAM_ID", emulator.teamId);
        vi.stubEnv("XAI_MANAGEMENT_BASE_URL", emulator.url);
        const atHost = await failureOf(provider.create({ ...INPUTS, __provider: "text" }));
        expect(atHost).toMatchObject({
            id: expect.any(String),
            reasons: [expect.stringContaining("not known everywhere")],
        });
        // What the host passes on, and the engine encrypts.
        expect(Reflect.get(Object(atHost), "properties")).toMatchObject({
            apiKey: emulator.keys()[1]?.apiKey,
            __provider: "text",
        });
        expectNothingShown("the error at the host", atHost);
    });

    test("a key whose answer can be read in part only", async () => {
        const secret = "xai-1aQ8zWs2XeD3cRf4V";
        emulator.inject({ operation: "createApiKey", body: `{"apiKeyId": "x", "apiKey": "${secret}", "qps": {}}` });
        const session = new Session(settingsFor(), () => undefined);
        const failure = await failureOf(create({ session, progress: () => undefined }, INPUTS));
        expect(String(failure)).toContain("API key x was created, but the rest of the answer could not be read");
        expectNothingShown("the error", failure, [secret]);
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
            expect(failure).toBeInstanceOf(SettingsError);
            expectNothingShown(name, failure, [key]);
        }
    });

    test("and a bug of ours, whose stack the host prints", async () => {
        const provider = new DynamicProvider();
        const thrown = new TypeError(`cannot read ${emulator.managementKey}`);
        await provider.configure({
            config: {
                get: () => {
                    throw thrown;
                },
                require: () => "",
            },
        });
        const failure = await failureOf(provider.create(INPUTS));
        expect(String(Reflect.get(Object(failure), "stack"))).toContain("TypeError: cannot read [secret]");
        expectNothingShown("the bug", failure);
    });
});

test("the helper would see what these hide", () => {
    const credential = new Credential("xai-token-k8Wq3ZtR6mNv1XpJ5bLc", "here");
    expect(leaks(["xai-token-k8Wq3ZtR6mNv1XpJ5bLc"], everythingOf("it", { shown: credential.reveal() }))).toHaveLength(
        1,
    );
});
