import { describe, expect, test } from "vitest";
import type { DynamicHost } from "./dynamicHost.js";
import { shareHost } from "./sharedHost.js";
import { ARGS, create, failureOf, only, outputsOf, plan, type Resource, refresh, update } from "./stack.js";

const IMPATIENT = { ...ARGS, propagationTimeout: "150ms" };

/** A create whose wait fails: the resource as the engine keeps it. */
async function createUnfinished(host: DynamicHost): Promise<Resource> {
    const { inputs } = await host.check({}, IMPATIENT);
    const { kept } = await failureOf(host.create(inputs));
    if (kept === undefined) {
        throw new Error("Nothing is kept.");
    }
    return { id: kept.id, inputs, outputs: kept.outputs };
}

const shared = shareHost({}, { "xai:maxRetries": "0" });

describe("the wait until a new key is known everywhere", () => {
    test("ends when every cluster says so, and shows which are missing while it lasts", async () => {
        const { emulator, host } = shared;
        emulator.setPropagation({ "eu-west-1": 400 });
        const resource = await create(host);
        expect(resource.outputs).not.toHaveProperty("owed");
        expect(emulator.countRequests()).toMatchObject({ createApiKey: 1 });
        expect(emulator.countRequests().checkApiKeyPropagation).toBeGreaterThanOrEqual(3);
        expect(host.log.length).toBeGreaterThan(0);
        for (const line of host.log) {
            expect(line).toMatchObject({ severity: "info", ephemeral: true });
            expect(line.message).toContain(`API key ${resource.id}`);
            expect(line.message).toContain("1 of 2 clusters, missing eu-west-1");
        }
        expect(host.printed).toBe("");
    });

    test("is not made where the program does not want it", async () => {
        const { emulator, host } = shared;
        emulator.setPropagation("never");
        const resource = await create(host, { ...ARGS, waitForPropagation: false });
        expect(resource.outputs).toMatchObject({ waitForPropagation: false });
        expect(resource.outputs).not.toHaveProperty("owed");
        expect(emulator.countRequests()).not.toHaveProperty("checkApiKeyPropagation");
    });

    test("that never ends keeps the key with id, every output and the provider's text", async () => {
        const { emulator, host } = shared;
        emulator.setPropagation({ "eu-west-1": "never" });
        const { inputs } = await host.check({}, IMPATIENT);
        const failure = await failureOf(host.create(inputs));
        const key = only(emulator.keys());
        expect(failure.message).toContain(
            `API key ${key.apiKeyId} exists, but after its \`propagationTimeout\` (default: 5m) it is not known everywhere`,
        );
        expect(failure.message).toContain("missing eu-west-1");
        expect(failure.kept).toEqual({
            id: key.apiKeyId,
            reasons: [failure.message],
            outputs: {
                ...outputsOf(emulator, key),
                propagationTimeout: "150ms",
                owed: ["propagation"],
            },
        });
        expect(failure.message).not.toContain(key.apiKey);
        expect(host.printed).not.toContain(key.apiKey);
    });

    test.each([
        ["an answer of 403", { status: 403 }],
        ["an answer that makes no sense", { status: 200, body: "<html></html>" }],
    ])("that ends with %s keeps the key as well", async (_what, fault) => {
        const { emulator, host } = shared;
        emulator.inject({ operation: "checkApiKeyPropagation", ...fault });
        const resource = await createUnfinished(host);
        expect(resource).toMatchObject({ id: only(emulator.keys()).apiKeyId, outputs: { owed: ["propagation"] } });
    });

    test.each([
        ["answers of 500", { status: 500 }],
        ["answers of 404", { status: 404 }],
        ["cut connections", { cut: "before" as const }],
    ])("sits %s out up to its limit, and keeps the key", async (_what, fault) => {
        const { emulator, host } = shared;
        emulator.inject({ operation: "checkApiKeyPropagation", times: 2, ...fault });
        await create(host, { ...ARGS, propagationTimeout: "20s" });
        emulator.inject({ operation: "checkApiKeyPropagation", times: Number.POSITIVE_INFINITY, ...fault });
        const { message } = await failureOf(host.create((await host.check({}, IMPATIENT)).inputs));
        emulator.clearFaults();
        expect(message).toContain("is not known everywhere");
        expect(message).toContain("The last check failed:");
    });

    test("goes on at the next up, also after a refresh in between, with no second key and no empty mask", async () => {
        const { emulator, host } = shared;
        emulator.setPropagation("never");
        const created = await createUnfinished(host);
        // Still not known: the update fails, and the key is kept again.
        const again = await plan(host, created, IMPATIENT);
        expect(again).toMatchObject({ changes: true, replaces: [] });
        const { kept } = await failureOf(host.update(created.id, created.outputs, again.inputs));
        expect(kept).toMatchObject({ id: created.id, outputs: created.outputs });
        // The refresh sees no drift but what is owed, and keeps that.
        const { resource } = await refresh(host, created);
        expect(resource?.outputs).toEqual(created.outputs);
        emulator.setPropagation(0);
        emulator.clearRequests();
        const finished = await update(host, resource ?? created, IMPATIENT);
        const { owed: _, ...outputs } = created.outputs;
        expect(finished.outputs).toEqual(outputs);
        expect(emulator.countRequests()).toEqual({ checkApiKeyPropagation: 1 });
        expect(await plan(host, finished, IMPATIENT)).toMatchObject({ changes: false });
    });

    test("is taken off by a program that no longer wants it", async () => {
        const { emulator, host } = shared;
        emulator.setPropagation("never");
        const created = await createUnfinished(host);
        emulator.clearRequests();
        const args = { ...IMPATIENT, waitForPropagation: false };
        const finished = await update(host, created, args);
        expect(finished.outputs).not.toHaveProperty("owed");
        expect(emulator.countRequests()).toEqual({});
        expect(await plan(host, finished, args)).toMatchObject({ changes: false });
    });

    test("goes on together with a change, which is kept when the wait fails again", async () => {
        const { emulator, host } = shared;
        emulator.setPropagation("never");
        const created = await createUnfinished(host);
        const args = { ...IMPATIENT, qpm: 7 };
        const { inputs } = await plan(host, created, args);
        const { kept } = await failureOf(host.update(created.id, created.outputs, inputs));
        expect(kept?.outputs).toEqual({ ...created.outputs, qpm: 7 });
        emulator.setPropagation(0);
        emulator.clearRequests();
        const finished = await update(host, { id: created.id, inputs, outputs: kept?.outputs ?? {} }, args);
        expect(finished.outputs).toMatchObject({ qpm: 7, apiKey: created.outputs["apiKey"] });
        expect(emulator.countRequests()).toEqual({ checkApiKeyPropagation: 1 });
    });

    test("a key that is not known to the server of the check yet is waited for", async () => {
        const { emulator, host } = shared;
        emulator.inject({ operation: "checkApiKeyPropagation", status: 404 });
        emulator.inject({ operation: "checkApiKeyPropagation", status: 200, body: '{"icPropagation":{}}' });
        await create(host);
        expect(emulator.countRequests()).toMatchObject({ createApiKey: 1, checkApiKeyPropagation: 3 });
    });
});
