import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Emulator, startEmulator } from "xai-management-emulator";
import { UNKNOWN } from "../../provider/unknown.js";
import { type Properties, secret, serveEngine } from "./engineSide.js";
import { type PluginProcess, pluginFor, settingsFor } from "./pluginProcess.js";
import { failureOf, urnOf } from "./providerProcess.js";

/** The native adapter through its process; what a key's life is like is shown in `test/apiKey`. */

const ACLS = ["api-key:model:grok-4", "api-key:endpoint:chat"];
const NAME = "shop-test-search";
let emulator: Emulator;
/** A process takes a while to start: most tests share one. */
let plugin: PluginProcess;

beforeAll(async () => {
    emulator = await startEmulator();
    plugin = await pluginFor(emulator);
});
beforeEach(async () => {
    emulator.setPropagation(0);
    emulator.clearRequests();
    for (const { apiKeyId } of emulator.keys()) {
        emulator.deleteKey(apiKeyId);
    }
    // As each run does: what the process knew of the team is forgotten.
    await plugin.configure(settingsFor(emulator));
    plugin.forget();
});
afterAll(() => emulator.close());

/** Checked inputs of a program's arguments. */
async function checked(args: Properties = {}, olds: Properties = {}): Promise<Properties> {
    const { inputs, failures } = await plugin.check({ acls: ACLS, ...args }, { olds });
    expect(failures).toEqual([]);
    return inputs;
}

/** A key that the stack holds. */
async function created(args: Properties = {}) {
    const inputs = await checked(args);
    return { inputs, ...(await plugin.create(inputs)) };
}

const idle = { changes: false, replaces: [], names: [], detailed: {} };

describe("The process", () => {
    test("says what it takes, its version and its schema", async () => {
        const own = await pluginFor(emulator);
        const handshake = await own.handshake("127.0.0.1:1");
        expect(handshake).toMatchObject({
            acceptSecrets: true,
            supportsAutonamingConfiguration: true,
            acceptOutputs: false,
            acceptResources: false,
        });
        const root = resolve(__dirname, "../..");
        expect(await plugin.version()).toBe(JSON.parse(readFileSync(`${root}/package.json`, "utf8")).version);
        expect(await plugin.schema()).toBe(readFileSync(`${root}/schema.json`, "utf8"));
    });

    test("ends on SIGINT, also without a configuration, and names an orphan then", async () => {
        const own = await pluginFor(emulator);
        emulator.addKey({ name: NAME, acls: ACLS });
        const { inputs } = await own.check({ acls: ACLS });
        await own.create(inputs);
        expect(own.warnings).toEqual([]);
        expect(await own.interrupt()).toBe(0);
        expect(own.warnings).toEqual([expect.stringContaining("has the default name of a new key")]);
    });

    test("works on after a Cancel with a new configuration, and speaks to the engine that attached", async () => {
        const own = await pluginFor(emulator);
        await own.cancel();
        const lines: Parameters<typeof serveEngine>[0] = [];
        const { engine, address } = await serveEngine(lines);
        await own.attach(address);
        await own.configure(settingsFor(emulator));
        emulator.setPropagation(300);
        const { inputs } = await own.check({ acls: ACLS });
        await own.create(inputs);
        expect(lines.some(({ ephemeral }) => ephemeral)).toBe(true);
        engine.forceShutdown();
    });
});

test("A key's life: its secret is a secret, unset outputs are null, and no line shows a secret", async () => {
    emulator.setPropagation(300);
    const { id, inputs, outputs } = await created({ qpm: 100, rotation: { triggers: { a: secret(1) } } });
    const [key] = emulator.keys();
    expect(key).toMatchObject({ apiKeyId: id, name: NAME, qpm: 100 });
    expect(inputs).toMatchObject({ name: NAME, rotation: { triggers: { a: secret(1) } } });
    expect(outputs).toMatchObject({ apiKeyId: id, apiKey: secret(key?.apiKey), qpm: 100, tpm: null, rotatedAt: null });
    expect(outputs["__inputs"]).toEqual(secret(expect.objectContaining({ qpm: 100 })));
    const progress = plugin.log.filter(({ ephemeral }) => ephemeral);
    expect(progress).not.toEqual([]);
    expect(new Set(progress.map(({ urn }) => urn))).toEqual(new Set([urnOf("search")]));

    const read = await plugin.read(id, outputs, inputs);
    expect(read).toEqual({ id, outputs, inputs });
    expect(await plugin.diff(id, outputs, inputs, inputs)).toEqual(idle);
    expect(await plugin.diff(id, read.outputs, read.inputs, inputs)).toEqual(idle);

    const news = await checked({ rotation: { triggers: { a: secret(2) } }, qpm: 101 }, inputs);
    const after = await plugin.update(id, outputs, news);
    expect(after).toMatchObject({ qpm: 101, apiKey: secret(emulator.keys()[0]?.apiKey), tpm: null });
    await plugin.delete(id, after);
    expect((await plugin.read(id, after, news)).id).toBe("");
    const lines = JSON.stringify(plugin.log) + plugin.printed;
    expect(emulator.secrets().filter((one) => lines.includes(one))).toEqual([]);
});

describe("A preview", () => {
    test("of a create shows what is given, and the rest as unknown", async () => {
        const { id, outputs } = await plugin.create(await checked({ qpm: 100, expiresIn: "90d" }), { preview: true });
        expect([id, emulator.keys()]).toEqual(["", []]);
        expect(outputs).toEqual({
            name: NAME,
            acls: ACLS,
            qpm: 100,
            qps: null,
            tpm: null,
            disabled: false,
            rotatedAt: null,
            previousSecretExpiresAt: null,
            expireTime: UNKNOWN,
            apiKey: secret(UNKNOWN),
            apiKeyId: UNKNOWN,
            redactedApiKey: UNKNOWN,
            userId: UNKNOWN,
            teamId: UNKNOWN,
            createTime: UNKNOWN,
        });
    });

    test("shows the secret that a program gives for an imported key", async () => {
        const key = emulator.addKey({ name: NAME, acls: ACLS });
        const read = await plugin.read(key.apiKeyId);
        const news = await checked({ existingSecret: key.apiKey }, read.inputs);
        expect(news["existingSecret"]).toEqual(secret(key.apiKey));
        const planned = await plugin.update(key.apiKeyId, read.outputs, news, { preview: true });
        expect(planned["apiKey"]).toEqual(secret(key.apiKey));
    });
});

describe("A diff", () => {
    test("names what changed by its path, sets as sets", async () => {
        const { id, inputs, outputs } = await created({ acls: [...ACLS, "api-key:endpoint:embed"], qpm: 100 });
        const changed = await checked({ acls: ["api-key:endpoint:embed", ACLS[0], "api-key:endpoint:*"] }, inputs);
        expect(await plugin.diff(id, outputs, inputs, changed)).toEqual({
            changes: true,
            replaces: [],
            names: ["acls", "qpm"],
            detailed: { "acls[1]": "DELETE", "acls[2]": "ADD", qpm: "DELETE" },
        });
    });

    test("shows a due rotation with its reason, and the trigger behind it", async () => {
        const { id, inputs, outputs } = await created({ rotation: { triggers: { "a.b": 1 } } });
        const news = await checked({ rotation: { triggers: { "a.b": 2 } } }, inputs);
        expect(news["rotationDue"]).toBe("#1: changed triggers: a.b");
        const diff = await plugin.diff(id, outputs, inputs, news);
        expect(diff.detailed).toEqual({ 'rotation.triggers["a.b"]': "UPDATE", rotationDue: "ADD" });

        const after = await plugin.update(id, outputs, news);
        const next = await checked({ rotation: { triggers: { "a.b": 2 } } }, news);
        expect(await plugin.diff(id, after, news, next)).toEqual(idle);
        // A refresh compares what it has read with the stored inputs, which still hold the reason.
        const read = await plugin.read(id, after, news);
        expect(await plugin.diff(id, read.outputs, read.inputs, news)).toEqual(idle);
    });

    test("counts what only the run knows as a change", async () => {
        const { id, inputs, outputs } = await created({ qpm: 100, rotation: { triggers: { a: 1 } } });
        const news = await checked({ qpm: UNKNOWN, rotation: { triggers: { a: UNKNOWN } } }, inputs);
        const diff = await plugin.diff(id, outputs, inputs, news);
        expect(diff.detailed).toEqual({ qpm: "UPDATE", "rotation.triggers.a": "UPDATE", rotationDue: "ADD" });
    });

    test("replaces for another team alone", async () => {
        const { id, inputs, outputs } = await created();
        const news = { ...inputs, teamId: "other", qpm: 1 };
        expect(await plugin.diff(id, outputs, inputs, news)).toMatchObject({
            replaces: ["teamId"],
            detailed: { teamId: "ADD_REPLACE", qpm: "ADD" },
        });
        const unknown = await plugin.diff(id, outputs, inputs, { ...inputs, teamId: UNKNOWN });
        expect(unknown).toMatchObject({ changes: true, replaces: [], detailed: { teamId: "ADD" } });
        expect(plugin.warnings).toContainEqual(expect.stringContaining("is not known yet"));
    });

    test("compares the outputs where the program gives the same as before and the key has another value", async () => {
        const { id, inputs, outputs } = await created({ qpm: 100 });
        const held = { ...outputs, qpm: 7, __inputs: { ...inputs, qpm: 7 } };
        expect((await plugin.diff(id, held, inputs, inputs)).detailed).toEqual({ qpm: "UPDATE held" });
    });

    test("shows no property for a wait that goes on", async () => {
        const { id, inputs, outputs } = await created();
        const diff = await plugin.diff(id, { ...outputs, pending: ["propagation"] }, inputs, inputs);
        expect(diff).toEqual({ ...idle, changes: true });
    });
});

describe("An import", () => {
    test.each([
        ["by the id", (id: string) => id, {}],
        ["by team and id", (id: string) => `${emulator.teamId}/${id}`, { teamId: true }],
    ])("%s answers the inputs that a program would have, after which nothing differs", async (_, idOf, team) => {
        const { apiKeyId } = emulator.addKey({ name: "console", acls: ACLS, qpm: 7 });
        const found = await plugin.read(idOf(apiKeyId));
        const teamId = "teamId" in team ? { teamId: emulator.teamId } : {};
        expect(found.id).toBe(apiKeyId);
        expect(found.inputs).toEqual({ name: "console", acls: ACLS, qpm: 7, ...teamId });
        expect(found.outputs).toMatchObject({ apiKeyId, apiKey: null, tpm: null });
        const news = await checked({ name: "console", qpm: 7, ...teamId }, found.inputs);
        expect(await plugin.diff(apiKeyId, found.outputs, found.inputs, news)).toEqual(idle);
        expect(plugin.warnings).toEqual([expect.stringContaining("does not hold the secret of API key")]);
    });

    test("of a key that is not there says so", async () => {
        expect((await failureOf(plugin.read("missing"))).message).toContain("There is no API key missing.");
    });
});

describe("A replacement of an adopted key, which `replaceOnChanges` asks for", () => {
    const propose = (proposedName: string) => ({ autonaming: { proposedName, mode: "PROPOSE" } as const });

    /** What the engine calls for a replacement, from the check of the old resource to its delete. */
    async function replaced(
        { inputs, id, outputs }: Awaited<ReturnType<typeof created>>,
        args: Properties,
        naming: Parameters<PluginProcess["check"]>[1][] = [],
    ) {
        const news = { acls: ACLS, ...args };
        await plugin.configure(settingsFor(emulator));
        const old = await plugin.check(news, { ...naming[0], olds: inputs });
        await plugin.diff(id, outputs, inputs, old.inputs);
        const made = await plugin.create((await plugin.check(news, naming[1])).inputs);
        emulator.clearRequests();
        await plugin.delete(id, outputs);
        return made.id;
    }

    test("leaves the key where the new resource adopts it again", async () => {
        const { apiKeyId } = emulator.addKey({ name: NAME, acls: ACLS });
        const held = await created({ adoptKeyId: apiKeyId });
        expect(await replaced(held, { adoptKeyId: apiKeyId, qpm: 5 })).toBe(apiKeyId);
        expect(emulator.countRequests()).toEqual({});
        expect(plugin.warnings).toContainEqual(expect.stringContaining("was left as it is"));
    });

    test.each([
        ["", []],
        [", also where autonaming proposes another name", [propose("search-1"), propose("search-2")]],
    ])("deletes it where the new resource is a key of its own%s", async (_, naming) => {
        const { apiKeyId } = emulator.addKey({ name: NAME, acls: ACLS });
        const made = await replaced(await created({ adoptKeyId: apiKeyId }), { qpm: 5 }, naming);
        expect(emulator.countRequests()).toEqual({ deleteApiKey: 1 });
        expect(emulator.keys().map((key) => key.apiKeyId)).toEqual([made]);
    });
});

describe("Secrets", () => {
    test("come back from a check at their path, and mark the output of their name", async () => {
        const { id, inputs, outputs } = await created({ acls: [ACLS[0], secret(ACLS[1])], tpm: secret(5000) });
        expect(inputs).toMatchObject({ acls: [ACLS[0], secret(ACLS[1])], tpm: secret(5000) });
        expect(outputs).toMatchObject({ acls: secret(ACLS), tpm: secret("5000"), name: NAME });
        expect(await plugin.read(id, outputs, inputs)).toEqual({ id, outputs, inputs });
    });

    test("of a partly failed update stay secret in a refresh", async () => {
        const { id, inputs, outputs } = await created({ rotation: { triggers: { a: 1 } } });
        emulator.setPropagation("never");
        const args = { tpm: secret(9), rotation: { triggers: { a: secret("word") } }, propagationTimeout: "1ms" };
        const { kept } = await failureOf(plugin.update(id, outputs, await checked(args, inputs)));
        const read = await plugin.read(id, kept?.outputs, inputs);
        expect(read.inputs).toMatchObject({ tpm: secret(9), rotation: secret({ triggers: { a: "word" } }) });
    });

    test("among the arguments of a function are not in its messages", async () => {
        const { message } = await failureOf(plugin.invoke("getModel", { name: "grok-44", __secretArguments: true }));
        expect(message).toContain("has no model");
        expect(message).not.toContain("grok-44");
    });
});

describe("A name", () => {
    test("that the program does not give is made of project, stack and logical name, and follows them", async () => {
        const { inputs } = await plugin.check({ acls: ACLS }, { name: "a::b" });
        expect(inputs["name"]).toBe("shop-test-a::b");
        expect((await plugin.check({ acls: ACLS }, { olds: inputs })).inputs["name"]).toBe(NAME);
    });

    test("that autonaming proposes is taken once, and stays", async () => {
        const propose = (proposedName: string) => ({ autonaming: { proposedName, mode: "PROPOSE" } as const });
        const { inputs } = await plugin.check({ acls: ACLS }, propose("search-1"));
        expect(inputs["name"]).toBe("search-1");
        const again = await plugin.check({ acls: ACLS }, { olds: inputs, ...propose("search-2") });
        expect(again.inputs["name"]).toBe("search-1");
    });

    test("is required where autonaming is disabled", async () => {
        const autonaming = { proposedName: "", mode: "DISABLE" } as const;
        const { failures } = await plugin.check({ acls: ACLS }, { autonaming });
        expect(failures).toEqual([{ property: "name", reason: expect.stringContaining("is required") }]);
    });
});

describe("An unfinished key", () => {
    test("travels with the error, whose text holds no secret", async () => {
        emulator.setPropagation("never");
        const { kept, message } = await failureOf(plugin.create(await checked({ propagationTimeout: "1ms" })));
        const [key] = emulator.keys();
        expect(kept?.id).toBe(key?.apiKeyId);
        expect(kept?.outputs).toMatchObject({ apiKey: secret(key?.apiKey), pending: ["propagation"], tpm: null });
        expect(message + JSON.stringify([plugin.log, kept?.reasons]) + plugin.printed).not.toContain(key?.apiKey);
    });

    test("is kept where the user cancels the wait, or `customTimeouts` end it", async () => {
        emulator.setPropagation("never");
        const own = await pluginFor(emulator);
        const { inputs } = await own.check({ acls: ACLS });
        const waiting = failureOf(own.create(inputs));
        await expect
            .poll(() => emulator.countRequests().checkApiKeyPropagation ?? 0, { timeout: 60_000 })
            .toBeGreaterThan(0);
        await own.cancel();
        const { kept, message } = await waiting;
        expect(message).toContain("was cancelled");
        expect(kept?.id).toBe(emulator.keys()[0]?.apiKeyId);
        const limited = await failureOf(plugin.create(await checked(), { timeout: 1 }));
        expect(limited.message).toContain("after 1s (`customTimeouts`)");
    });
});

describe("The provider's configuration", () => {
    test("keeps the management key as a secret", async () => {
        const config = { managementKey: "m", maxRetries: "3" };
        expect(await plugin.checkConfig(config)).toEqual({ managementKey: secret("m"), maxRetries: "3" });
        expect(await plugin.checkConfig({ teamId: "t" })).toEqual({ teamId: "t" });
    });

    test("never replaces, whatever changes, and whichever mode the old one was of", async () => {
        const change = { changes: true, replaces: [], detailed: {} };
        expect(await plugin.diffConfig({ managementKey: "old" }, { managementKey: "new" })).toMatchObject(change);
        expect(await plugin.diffConfig({ teamId: "a" }, { teamId: "b", baseUrl: "https://x" })).toMatchObject(change);
        const dynamic = { "xai:managementKey": "m", "xai:teamId": "t" };
        expect(await plugin.diffConfig(dynamic, { managementKey: "m", teamId: "t" })).toMatchObject(change);
        expect((await plugin.diffConfig({ teamId: "a" }, { teamId: "a" })).changes).toBe(false);
    });

    test("that cannot be read is one line without a stack, whatever is called", async () => {
        const own = await pluginFor(emulator, { maxRetries: "many" });
        const outputs = { apiKeyId: "id", teamId: emulator.teamId, name: "search", acls: ACLS };
        const calls = [
            () => own.check({ acls: ACLS }),
            () => own.diff("id", outputs, {}, outputs),
            () => own.create(outputs),
            () => own.read("id", outputs),
            () => own.update("id", outputs, outputs),
            () => own.delete("id", outputs),
            () => own.invoke("getModels", {}),
        ];
        for (const call of calls) {
            const { message } = await failureOf(call());
            expect(message).toMatch(/^Settings that cannot be read: `xai:maxRetries` is "many".*$/);
        }
    });
});

test("Bad input is named at its property, with warnings on the resource's row, each once", async () => {
    const bad = { acls: ["api-key:model:*"], qps: 0, qsp: 1 };
    const { failures } = await plugin.check(bad);
    expect(failures.map(({ property }) => property)).toEqual(["qps", "qsp"]);
    await plugin.check(bad);
    const warnings = plugin.log.filter(({ severity }) => severity === "warning");
    expect(warnings).toEqual([expect.objectContaining({ urn: urnOf("search") })]);
});

test("An asset among the arguments is refused at its path", async () => {
    const asset = { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", text: "hello" };
    const { message } = await failureOf(plugin.check({ acls: ACLS, rotation: { triggers: { file: asset } } }));
    expect(message).toMatch(/^`rotation.triggers.file` is an asset or an archive, which no argument takes\..*hash/);
});

test("The hidden inputs of a stack that was in dynamic mode are no difference, and are not handed back", async () => {
    const { id, inputs, outputs } = await created({ qpm: 5 });
    const dynamic = { ...inputs, __provider: "text", __inputs: secret("") };
    const news = await checked({ qpm: 5 }, dynamic);
    expect(news).toEqual(inputs);
    expect(await plugin.diff(id, { ...outputs, __provider: "text" }, dynamic, news)).toEqual(idle);
});

test("Every function answers by its token, without what is undefined", async () => {
    const { apiKeyId } = emulator.addKey({ name: "console", acls: ACLS });
    expect(await plugin.invoke("getModel", { name: "grok-4" })).toMatchObject({ name: "grok-4-0709" });
    expect(await plugin.invoke("getModels", {})).toMatchObject({ models: expect.any(Array) });
    expect(await plugin.invoke("getEndpoints", {})).toMatchObject({ acls: expect.any(Array) });
    expect(await plugin.invoke("getApiKey", { name: "console" })).toMatchObject({ apiKeyId });
    expect(await plugin.invoke("getApiKeys", {})).toMatchObject({ apiKeys: [{ apiKeyId }] });
    expect(await plugin.invoke("getManagementKey", {})).toMatchObject({ teamId: emulator.teamId });
    expect((await failureOf(plugin.invoke("getNothing", {}))).message).toContain("There is no function");
});
