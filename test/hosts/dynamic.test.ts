import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Emulator, startEmulator } from "xai-management-emulator";
import { ACLS } from "../apiKey/values.js";
import { type DynamicHost, hostFor, PROVIDER_TEXT } from "./dynamicHost.js";
import type { Properties } from "./engineSide.js";
import { failureOf } from "./providerProcess.js";

/** The adapter through the process of Pulumi's own host; what a key's life is like is shown in `test/apiKey`. */

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
let emulator: Emulator;
/** A host takes a while to start: most tests share one. */
let host: DynamicHost;

beforeAll(async () => {
    emulator = await startEmulator();
    host = await hostFor(emulator);
});
beforeEach(() => {
    emulator.setPropagation(0);
    emulator.keys().forEach(({ apiKeyId }) => {
        emulator.deleteKey(apiKeyId);
    });
    host.forget();
});
afterAll(async () => {
    await host.stop();
    await emulator.close();
});

/** What the class registers for a program's arguments. */
const register = (args: Properties = {}): Properties => ({
    name: "shop-test-search",
    __defaultName: "shop-test-search",
    __inputs: "",
    __provider: PROVIDER_TEXT,
    acls: ACLS,
    ...args,
});

async function checked(host: DynamicHost, args: Properties = {}, olds: Properties = {}): Promise<Properties> {
    const { inputs, failures } = await host.check(register(args), { olds });
    expect(failures).toEqual([]);
    return inputs;
}

test("A key's life keeps the mark and the provider's text, hides the default name, and shows no secret in any line", async () => {
    emulator.setPropagation(300);
    const inputs = await checked(host, { rotation: { triggers: { a: 1 } } });
    expect(inputs).toMatchObject({ __inputs: "", __provider: PROVIDER_TEXT });
    expect(inputs).not.toHaveProperty("__defaultName");
    const { id, outputs } = await host.create(inputs);
    const [key] = emulator.keys();
    expect(outputs).toMatchObject({ apiKeyId: id, apiKey: key?.apiKey, __provider: PROVIDER_TEXT });
    const progress = host.log.filter(({ ephemeral }) => ephemeral);
    expect(progress.map(({ message }) => message)).toContainEqual(
        expect.stringMatching(/^shop-test-search: on 0 of 2 clusters, us-east-1, eu-west-1 missing/),
    );

    const read = await host.read(id, outputs, inputs);
    expect(read.outputs).toEqual(outputs);
    expect(read.inputs).toEqual(inputs);
    expect(await host.diff(id, outputs, {}, inputs)).toMatchObject({ changes: false, replaces: [] });

    const changed = await checked(host, { rotation: { triggers: { a: 2 } }, qps: 5 }, inputs);
    expect(await host.diff(id, outputs, {}, changed)).toMatchObject({ changes: true, replaces: [] });
    const after = await host.update(id, outputs, changed);
    expect(after).toMatchObject({ qps: 5, apiKey: emulator.keys()[0]?.apiKey, __provider: PROVIDER_TEXT });
    expect(await host.diff(id, after, {}, await checked(host, { teamId: "other" }, changed))).toMatchObject({
        changes: true,
        replaces: ["teamId"],
    });

    await host.delete(id, after);
    expect(await host.read(id, after, changed)).toMatchObject({ id: "" });
    const lines = JSON.stringify(host.log) + host.printed;
    expect(emulator.secrets().filter((secret) => lines.includes(secret))).toEqual([]);
});

test("In a preview unknown values pass, and are no change", async () => {
    const unknown = { name: UNKNOWN, acls: [UNKNOWN], teamId: UNKNOWN, rotation: { triggers: { a: UNKNOWN } } };
    expect(await checked(host, unknown)).toMatchObject({ name: UNKNOWN, teamId: UNKNOWN });
    const inputs = await checked(host, { rotation: { triggers: { a: 1 } } });
    const { id, outputs } = await host.create(inputs);
    const news = await checked(host, unknown, inputs);
    expect(news).toMatchObject({ rotationDue: UNKNOWN });
    expect(await host.diff(id, outputs, {}, news)).toMatchObject({ changes: false, replaces: [] });
});

describe("An initialization error", () => {
    test("hands over id, every output and the provider's text, and its lines hold no secret", async () => {
        emulator.setPropagation("never");
        const inputs = await checked(host, { propagationTimeout: "1ms" });
        const { kept, message } = await failureOf(host.create(inputs));
        const [key] = emulator.keys();
        expect(kept?.id).toBe(key?.apiKeyId);
        expect(kept?.outputs).toMatchObject({
            apiKey: key?.apiKey,
            pending: ["propagation"],
            __provider: PROVIDER_TEXT,
        });
        expect(kept?.reasons).toEqual([expect.stringContaining("is not known everywhere after 1ms")]);
        const lines = message + JSON.stringify([host.log, kept?.reasons]) + host.printed;
        expect(lines).not.toContain(key?.apiKey);

        const again = await failureOf(host.update(String(kept?.id), kept?.outputs ?? {}, inputs));
        expect(again.kept?.outputs).toEqual(kept?.outputs);
    });
});

describe("A user's mistake", () => {
    test("is one line without a stack, whatever is called", async () => {
        const config = { "xai:requestTimeout": "30", "xai:maxRetries": "many" };
        const host = await hostFor(emulator, { config });
        const state = {
            apiKeyId: "id",
            teamId: emulator.teamId,
            name: "search",
            acls: ACLS,
            __provider: PROVIDER_TEXT,
        };
        const inputs = register();
        const calls = [
            () => host.check(register()),
            () => host.diff("id", state, {}, inputs),
            () => host.create(inputs),
            () => host.read("id", state, inputs),
            () => host.read("id", {}, { __provider: PROVIDER_TEXT }),
            () => host.update("id", state, inputs),
            () => host.delete("id", state),
        ];
        for (const call of calls) {
            const { message } = await failureOf(call());
            expect(message).toContain('`xai:requestTimeout` is "30"');
            expect(message).toContain('`xai:maxRetries` is "many"');
        }
        expect(host.printed).not.toMatch(/^\s+at /m);
    });

    test("in an argument is named at its property", async () => {
        const { failures } = await host.check(register({ qps: 0, qsp: 1 }));
        expect(failures.map(({ property }) => property)).toEqual(["qps", "qsp"]);
    });
});

describe("Warnings", () => {
    test("have arrived when the call is answered, each once, and from the diff too", async () => {
        await checked(host, { acls: ["api-key:model:*"] });
        await checked(host, { acls: ["api-key:model:*"] });
        expect(host.warnings).toEqual([expect.stringContaining("can call nothing")]);
        host.forget();
        const inputs = await checked(host);
        const { id, outputs } = await host.create(inputs);
        await host.diff(id, { ...outputs, disabled: true }, {}, inputs);
        expect(host.warnings).toEqual([expect.stringContaining("is switched off, and stays off")]);
    });

    test("of an engine that cannot be reached hold nothing up", async () => {
        const host = await hostFor(emulator, { engine: "127.0.0.1:1" });
        await checked(host, { acls: ["api-key:model:*"] });
    });
});
