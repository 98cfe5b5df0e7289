import { expect, test } from "vitest";
import type { EmulatorOptions } from "xai-management-emulator";
import { configFor } from "../engine/config.js";
import { expectNoLeak } from "../engine/leaks.js";
import { type InProcessResult, InProcessStack, type KeyProgram } from "../model/inProcessEngine.js";
import { emulate } from "../provider/emulators.js";

/** Troubles that come together, of which each alone is met. */

const ACLS = ["api-key:model:grok-4", "api-key:endpoint:chat"];
const ALWAYS = Number.POSITIVE_INFINITY;

async function start(config: Readonly<Record<string, string>> = {}, options: EmulatorOptions = {}) {
    const emulator = await emulate(options);
    return { emulator, stack: new InProcessStack({ config: { ...configFor(emulator), ...config } }) };
}

const program = (args: KeyProgram["args"] = {}): KeyProgram[] => [{ name: "a", args: { acls: ACLS, ...args } }];

const said = ({ messages }: InProcessResult) => messages.map(({ message }) => message).join("\n");

test("a create that is refused for the rate, and then acts without an answer, may have made a key", async () => {
    // The second attempt has less time than an attempt may take.
    const limits = { "xai:operationTimeout": "3s", "xai:requestTimeout": "3s" };
    const { emulator, stack } = await start(limits);
    emulator.inject({ operation: "createApiKey", status: 429, headers: { "retry-after": "0" } });
    emulator.inject({ operation: "createApiKey", stall: "after headers" });
    const lost = await stack.up(program({ name: "given" }));
    const [made] = emulator.keys();
    expect(lost.ok).toBe(false);
    expect(said(lost)).toContain("The key may exist all the same");
    expect(said(lost)).toContain(`API key ${made?.apiKeyId} may be what it made`);
});

test("an update that acts without an answer, and is then refused for the rate, is made certain", async () => {
    const { emulator, stack } = await start({ "xai:maxRetries": "1" });
    await stack.up(program({ qps: 1 }));
    emulator.inject({ operation: "updateApiKey", cut: "after" });
    emulator.inject({ operation: "updateApiKey", status: 429, headers: { "retry-after": "0" } });
    expect(await stack.up(program({ qps: 2 }))).toMatchObject({ ok: true, changes: { update: 1 } });
    expect(stack.keys()[0]?.outputs["qps"]).toBe(2);
});

test.each([
    ["switched off", { disabled: true }],
    ["waited for", { propagationTimeout: "1s" }],
])("a key that its server does not know yet while it is %s is kept with its secret", async (_what, args) => {
    const { emulator, stack } = await start();
    emulator.inject({ operation: "updateApiKey", status: 404, times: ALWAYS });
    emulator.inject({ operation: "listApiKeys", status: 200, body: '{"apiKeys":[]}', times: ALWAYS });
    emulator.inject({ operation: "checkApiKeyPropagation", status: 404, times: ALWAYS });
    expect((await stack.up(program(args))).ok).toBe(false);
    const [made, ...others] = emulator.keys();
    expect(others).toEqual([]);
    expect(stack.keys().map(({ id, outputs }) => [id, outputs["apiKey"]])).toEqual([[made?.apiKeyId, made?.apiKey]]);

    emulator.clearFaults();
    expect((await stack.up(program(args))).ok).toBe(true);
    expect(emulator.keys().map(({ apiKeyId }) => apiKeyId)).toEqual([made?.apiKeyId]);
    expect((await stack.preview(program(args))).changes).toEqual({ same: 1 });
    expectNoLeak(emulator.secrets(), stack.exposed());
});

test.each([[{}], [{ name: "given" }]])(
    "a lost create whose key the API keeps in a form that nothing explains is told with its id: %o",
    async (args) => {
        const { emulator, stack } = await start({}, { dialect: { values: "normalised" } });
        emulator.inject({ operation: "listModels", status: 403, times: ALWAYS });
        emulator.inject({ operation: "createApiKey", cut: "after" });
        const lost = await stack.up(program(args));
        const [made] = emulator.keys();
        expect(lost.ok).toBe(false);
        expect(said(lost)).toContain(
            `API key ${made?.apiKeyId} has the same name, but not these settings in any form that is known here`,
        );
        expect(stack.keys()).toEqual([]);
    },
);
