import { describe, expect, test } from "vitest";
import type { StoredKey } from "xai-management-emulator";
import { hostFor, type Properties, UNKNOWN } from "./dynamicHost.js";
import { shareHost } from "./sharedHost.js";
import { ACLS, ARGS, create, failureOf, only, outputsOf, plan, refresh } from "./stack.js";

const shared = shareHost();

/** A key that someone made by hand, with the arguments that take it over. */
function there(key: Partial<StoredKey> = {}): { key: StoredKey; args: Properties } {
    const made = shared.emulator.addKey({ name: "by hand", acls: ACLS, ...key });
    return { key: made, args: { ...ARGS, adoptKeyId: made.apiKeyId } };
}

// Each host is a process of its own, which remembers what was adopted in it: ids are never used again.
describe("a take-over through the host", () => {
    test("with the secret answers every output of a created key, and the secret under its own name alone", async () => {
        const { emulator, host } = shared;
        const { key, args } = there({ qpm: 7 });
        const resource = await create(host, { ...args, existingSecret: key.apiKey });
        expect(resource.id).toBe(key.apiKeyId);
        expect(resource.outputs).toEqual(outputsOf(emulator, key));
        expect(emulator.countRequests()).not.toHaveProperty("createApiKey");
        expect(await host.warnings(1)).toEqual([
            expect.stringContaining("Its settings become the program's: `name`, `qpm`."),
        ]);
        expect(host.printed).toBe("");
    });

    test("is followed by quiet: with and without its arguments, before and after a drift is refreshed", async () => {
        const { emulator, host } = shared;
        const { key, args } = there();
        const full = { ...args, existingSecret: key.apiKey };
        const first = await create(host, full);
        emulator.changeKey(key.apiKeyId, { qpm: 9 });
        const drifted = await refresh(host, first);
        expect(drifted).toMatchObject({ drift: true, resource: { inputs: { qpm: 9 } } });
        expect(drifted.resource?.inputs).not.toHaveProperty("existingSecret");
        // Another process: a check without old inputs is a new resource's.
        for (const resource of [first, drifted.resource ?? first]) {
            for (const news of [full, args, ARGS]) {
                const { changes } = await plan(await hostFor(emulator), resource, {
                    ...news,
                    qpm: resource === first ? null : 9,
                });
                expect(changes).toBe(false);
            }
        }
        const later = await hostFor(emulator);
        expect(await refresh(later, drifted.resource ?? first)).toMatchObject({ drift: false });
        expect(later.log).toEqual([]);
    });

    test("is planned with what is not known yet", async () => {
        const { host } = shared;
        const { key, args } = there();
        for (const unknown of [
            { existingSecret: UNKNOWN },
            { adoptKeyId: UNKNOWN },
            { name: UNKNOWN, acls: [UNKNOWN] },
        ]) {
            const other = await hostFor(shared.emulator);
            expect((await other.check({}, { ...args, ...unknown })).failures).toEqual([]);
        }
        expect((await host.check({}, { ...args, existingSecret: key.apiKey })).failures).toEqual([]);
    });

    test("is refused in a comparison with the words alone, for a resource that has another key", async () => {
        const { host } = shared;
        const own = await create(host);
        const { key, args } = there();
        const failure = await failureOf(plan(host, own, args));
        expect(failure.message).toContain(`names API key ${key.apiKeyId}, but this resource has API key ${own.id}`);
        expect(failure.message).not.toContain("    at ");
    });

    test("is refused for a key that another resource is seen to have", async () => {
        const { host } = shared;
        const own = await create(host);
        await plan(host, own, ARGS);
        const { failures } = await host.check({}, { ...ARGS, adoptKeyId: own.id });
        expect(only(failures)).toMatchObject({ property: "adoptKeyId", reason: expect.stringContaining("is held by") });
    });

    test("of a key whose secret does not fit names no property, for the engine would show its value", async () => {
        const { host } = shared;
        const { key, args } = there();
        const { failures } = await host.check({}, { ...args, existingSecret: `xai-${"0".repeat(79)}!` });
        expect(only(failures)).toMatchObject({ property: "", reason: expect.stringContaining(key.apiKeyId) });
        expect(only(failures).reason).not.toContain("0000");
    });

    test("that fails once the secret is new is kept with it, for the next update to go on", async () => {
        const { emulator, host } = shared;
        const { key, args } = there();
        const { inputs } = await host.check({}, args);
        emulator.inject({ operation: "updateApiKey", status: 403 });
        const { kept } = await failureOf(host.create(inputs));
        const { apiKey } = emulator.key(key.apiKeyId) ?? {};
        expect(apiKey).not.toBe(key.apiKey);
        expect(kept).toMatchObject({
            id: key.apiKeyId,
            outputs: { apiKey, name: "by hand", owed: ["propagation"], previousSecretExpiresAt: expect.any(String) },
        });
        const outputs = await host.update(key.apiKeyId, kept?.outputs ?? {}, inputs);
        expect(outputs).toMatchObject({ apiKey, name: "search" });
        expect(outputs).not.toHaveProperty("owed");
    });
});

/** Two resources that have one key: another process's word let the second one take it over. */
async function twice() {
    const first = await create(shared.host);
    const existingSecret = first.outputs["apiKey"];
    const args = { ...ARGS, name: "second", adoptKeyId: first.id, existingSecret };
    return [first, await create(await hostFor(shared.emulator), args)] as const;
}

describe("one key for two resources, through the host", () => {
    test("is refused where the first has just created it, and changes nothing", async () => {
        const { emulator, host } = shared;
        const first = await create(host);
        const { failures } = await host.check({}, { ...ARGS, name: "second", adoptKeyId: first.id });
        expect(only(failures)).toMatchObject({ property: "adoptKeyId", reason: expect.stringContaining("is held by") });
        // A program that knows the id only now was checked with another host's word for it.
        const { inputs } = await (await hostFor(emulator)).check({}, { ...ARGS, name: "second", adoptKeyId: first.id });
        const { message } = await failureOf(host.create(inputs));
        expect(message).toContain(`API key ${first.id} is held by a resource of this stack already`);
        expect(only(emulator.keys())).toMatchObject({ name: "search", apiKey: first.outputs["apiKey"] });
    });

    test("is refused to the second where the stack has it twice, whichever is seen first", async () => {
        const { emulator } = shared;
        const [first, second] = await twice();
        for (const order of [
            [first, second],
            [second, first],
        ]) {
            const later = await hostFor(emulator);
            const plans = order.map((resource) => () => plan(later, resource, resource.inputs));
            await plans[0]?.();
            const { message } = await failureOf(plans[1]?.() ?? Promise.resolve());
            expect(message).toContain("a key has one");
        }
    });

    test("is not deleted with the one that leaves the stack", async () => {
        const { emulator } = shared;
        const [first, second] = await twice();
        const later = await hostFor(emulator);
        await plan(later, first, ARGS);
        await later.delete(second.id, second.outputs);
        expect(emulator.keys()).toHaveLength(1);
        expect(await later.warnings(1)).toEqual([expect.stringContaining("another one of the program holds it")]);
    });

    test("is no reason to keep that of a resource that is replaced, whoever asked for that", async () => {
        const { emulator, host } = shared;
        const old = await create(host);
        const later = await hostFor(emulator);
        await plan(later, old, ARGS);
        const { id } = await create(later);
        await later.delete(old.id, old.outputs);
        expect(only(emulator.keys()).apiKeyId).toBe(id);
    });
});

describe("a key that is to be taken over, and is not", () => {
    test("is neither deleted nor dropped with the resource that had it", async () => {
        const { emulator, host } = shared;
        const old = await create(host);
        const later = await hostFor(emulator);
        emulator.inject({ operation: "rotateApiKey", status: 403 });
        const { inputs } = await later.check({}, { ...ARGS, name: "renamed", adoptKeyId: old.id });
        await failureOf(later.create(inputs));
        // `--continue-on-error` goes on with the deletes.
        const { message } = await failureOf(later.delete(old.id, old.outputs));
        expect(message).toContain(`API key ${old.id} was neither deleted nor disabled, and its resource stays`);
        expect(only(emulator.keys())).toMatchObject({ apiKey: old.outputs["apiKey"], disabled: false });

        const next = await hostFor(emulator);
        await create(next, { ...ARGS, name: "renamed", adoptKeyId: old.id });
        await next.delete(old.id, old.outputs);
        expect(only(emulator.keys())).toMatchObject({ apiKeyId: old.id, name: "renamed", disabled: false });
    });

    test("is left to its adopter where that was kept unfinished", async () => {
        const { emulator, host } = shared;
        const old = await create(host);
        const later = await hostFor(emulator);
        emulator.inject({ operation: "updateApiKey", status: 403 });
        const { inputs } = await later.check({}, { ...ARGS, name: "renamed", adoptKeyId: old.id });
        expect((await failureOf(later.create(inputs))).kept).toMatchObject({ id: old.id });
        await later.delete(old.id, old.outputs);
        expect(emulator.keys()).toHaveLength(1);
    });
});

describe("a take-over after a refresh in the same process", () => {
    test("of the resource's own key is allowed to a replacement of it", async () => {
        const { key, args } = there();
        const full = { ...args, existingSecret: key.apiKey };
        const first = await create(shared.host, full);
        const later = await hostFor(shared.emulator);
        const { resource } = await refresh(later, first);
        const again = await create(later, full);
        await later.delete(first.id, resource?.outputs ?? {});
        expect(again.id).toBe(key.apiKeyId);
        expect(only(shared.emulator.keys()).apiKey).toBe(key.apiKey);
    });

    test("is allowed to the resource that comes in the place of another one", async () => {
        const old = await create(shared.host);
        const later = await hostFor(shared.emulator);
        await refresh(later, old);
        const args = { ...ARGS, name: "renamed", adoptKeyId: old.id, existingSecret: old.outputs["apiKey"] };
        await create(later, args);
        await later.delete(old.id, old.outputs);
        expect(only(shared.emulator.keys())).toMatchObject({ apiKeyId: old.id, name: "renamed" });
    });

    test("is refused as ever for a key that the program's own comparison shows to be held", async () => {
        const { host } = shared;
        const own = await create(host);
        await refresh(host, own);
        await plan(host, own, ARGS);
        const { failures } = await host.check({}, { ...ARGS, name: "second", adoptKeyId: own.id });
        expect(only(failures).reason).toContain("is held by");
    });
});
