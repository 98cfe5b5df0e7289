import * as pulumi from "@pulumi/pulumi";
import * as xai from "pulumi-xai";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Emulator, startEmulator } from "xai-management-emulator";
import { type Exposed, everythingOf, expectNoLeak } from "../engine/leaks.js";
import { deploy } from "../sdk/deployment.js";

/** No look-up gives or says a secret: no key's, no management key's, and none that was given to it by mistake. */

let emulator: Emulator;
beforeEach(async () => {
    emulator = await startEmulator();
    await deploy(emulator);
});
afterEach(() => emulator.close());

/** What look-ups give and say. */
async function seenOf(...lookUps: readonly (() => Promise<unknown>)[]): Promise<Exposed[]> {
    const seen: Exposed[] = [];
    for (const lookUp of lookUps) {
        seen.push(...everythingOf(`number ${seen.length}`, await lookUp().catch((error: unknown) => error)));
    }
    return seen;
}

test("what they give holds none", async () => {
    const { apiKeyId, apiKey } = emulator.addKey({ name: "search" });
    emulator.changeKey(apiKeyId, { apiKey: `${apiKey.slice(0, -6)}ROTATE` });
    const seen = await seenOf(
        () => xai.getApiKey({ id: apiKeyId }),
        () => xai.getApiKeys(),
        () => xai.getManagementKey(),
        () => xai.getModel("grok-4"),
        () => xai.getModels(),
        () => xai.getEndpoints(),
    );
    expect(seen.map(({ text }) => text).join()).toContain("ROTATE".slice(-4));
    expectNoLeak(emulator.secrets(), seen);
});

test("nor where the server forgets to leave it out, or to redact it", async () => {
    const { apiKeyId, apiKey } = emulator.addKey();
    const entry = { apiKeyId, name: "n", apiKey, redactedApiKey: apiKey, secret: apiKey };
    const times = Number.POSITIVE_INFINITY;
    emulator.inject({ operation: "listApiKeys", body: JSON.stringify({ apiKeys: [entry] }), times });
    const { managementKey } = emulator;
    const whose = { scope: "SCOPE_TEAM", scopeId: "t", redactedApiKey: managementKey, apiKey: managementKey };
    emulator.inject({ operation: "validateManagementKey", body: JSON.stringify(whose), times });
    const seen = await seenOf(
        () => xai.getApiKey({ id: apiKeyId }),
        () => xai.getApiKeys(),
        () => xai.getManagementKey(),
    );
    expect(seen.map(({ text }) => text).join()).toContain(apiKeyId);
    expectNoLeak(emulator.secrets(), seen);
});

test("what they say holds none that was given to them by mistake, and nothing of it is sent", async () => {
    const { apiKey } = emulator.addKey();
    const { managementKey } = emulator;
    const given: readonly unknown[] = [apiKey, managementKey, { [apiKey]: 1, name: apiKey }];
    const seen: Exposed[] = [];
    for (const one of given) {
        const asked = [
            [xai.getModel, one],
            [xai.getModel, "grok-4", { kind: one }],
            [xai.getModel, "grok-4", { teamId: one }],
            [xai.getModels, one],
            [xai.getModels, { cluster: one, kind: one, teamId: one }],
            [xai.getApiKey, { id: one }],
            [xai.getApiKey, { name: one }],
            [xai.getApiKey, { id: "a", teamId: one }],
            [xai.getApiKeys, { name: one, acl: one, activeOnly: one }],
            [xai.getManagementKey, { key: one }],
        ] as const;
        seen.push(
            ...(await seenOf(
                ...asked.map(
                    ([ask, ...args]) =>
                        () =>
                            Reflect.apply(ask, undefined, args),
                ),
            )),
        );
    }
    expectNoLeak([apiKey, managementKey], seen);
    const sent = JSON.stringify(emulator.requests);
    expect([sent.includes(apiKey), sent.includes(managementKey)]).toEqual([false, false]);
});

test("nor do they while everything fails, as the API quotes what it was sent", async () => {
    const { apiKeyId, apiKey } = emulator.addKey();
    const lookUps = [
        () => xai.getApiKey({ id: apiKeyId }),
        () => xai.getApiKeys({ acl: xai.acl.model("grok-4") }),
        () => xai.getManagementKey(),
        () => xai.getModel("grok-4"),
        () => xai.getEndpoints(),
    ];
    const body = JSON.stringify({ message: `Bearer ${emulator.managementKey} may not see ${apiKey}` });
    for (const status of [200, 400, 401, 403, 404, 429, 500]) {
        emulator.inject({ status, body, times: Number.POSITIVE_INFINITY });
        const failures = await Promise.all(lookUps.map((ask) => ask().catch((error: unknown) => error)));
        expect(failures.every((failure) => pulumi.RunError.isInstance(failure))).toBe(true);
        expectNoLeak(
            emulator.secrets(),
            failures.flatMap((failure) => everythingOf("a failure", failure)),
        );
        emulator.clearFaults();
    }
});
