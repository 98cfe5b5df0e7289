import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Emulator } from "xai-management-emulator";
import { TestClock } from "../engine/clock.js";
import { everythingOf, expectNoLeak } from "../engine/leaks.js";
import { configFor, type DynamicHost, PROVIDER_TEXT, type Properties, startHost, UNKNOWN } from "./dynamicHost.js";
import { emulate, requestsOf } from "./emulators.js";
import { shareHost } from "./sharedHost.js";
import { ARGS, create, failureOf, only, plan, type Resource, refresh, update } from "./stack.js";

const HOUR = 3_600_000;

/** Arguments that rotate when the release changes. */
const on = (release: unknown, more: Properties = {}): Properties => ({
    ...ARGS,
    rotation: { triggers: { release } },
    ...more,
});

/** What the provider said on the engine's channel of rotations that are due. */
const reasons = (host: DynamicHost) =>
    host.log.filter(({ message }) => message.includes("is due for a new secret")).map(({ message }) => message);

/** Asserts that the stack's secret is the one that works, that nothing is left to do, and that no secret was shown. */
async function expectSettled(host: DynamicHost, emulator: Emulator, resource: Resource, args: Properties) {
    expect(resource.outputs["apiKey"]).toBe(emulator.key(resource.id)?.apiKey);
    expect(await plan(host, resource, args)).toMatchObject({ changes: false });
    expect(await refresh(host, resource)).toEqual({ drift: false, resource });
    expectNoLeak(emulator.secrets(), [
        ...everythingOf("what was said", host.log),
        { name: "what was printed", text: host.printed },
    ]);
}

describe("a rotation that time makes due, through the host", () => {
    let clock: TestClock;
    let emulator: Emulator;
    const processOf = () => startHost({ config: configFor(emulator), env: clock.environment });
    beforeEach(async () => {
        clock = new TestClock();
        emulator = await emulate({ now: clock.now });
    });
    afterEach(() => clock.dispose());

    test("is counted by check, shown with its reason by diff, and made by update alone", async () => {
        const args = { ...ARGS, qpm: 7, rotation: { every: "30d", overlap: "48h" } };
        const host = await processOf();
        const first = await create(host, args);
        expect(first.inputs["schedule"]).toEqual({ generation: 0, since: expect.any(String) });
        clock.pass(29);
        expect(await plan(host, first, args)).toMatchObject({ changes: false });
        clock.pass(2);
        emulator.clearRequests();
        const planned = await plan(host, first, args);
        expect(planned).toMatchObject({ changes: true, replaces: [] });
        expect(reasons(host)).toEqual([
            expect.stringMatching(
                new RegExp(
                    `^API key ${first.id} is due for a new secret: \`rotation\\.every\` has passed since 2030-01-01T`,
                ),
            ),
        ]);
        expect(emulator.countRequests()).toEqual({});

        const before = emulator.key(first.id);
        // The run is another process than its preview, and finds the same.
        const run = await processOf();
        expect(await plan(run, first, args)).toEqual(planned);
        const outputs = await run.update(first.id, first.outputs, planned.inputs);
        expect(emulator.countRequests()).toMatchObject({ rotateApiKey: 1, checkApiKeyPropagation: 1 });
        expect(emulator.countRequests()).not.toHaveProperty("updateApiKey");
        const after = emulator.key(first.id);
        expect(after).toEqual({
            ...before,
            apiKey: outputs["apiKey"],
            previousApiKeys: [{ apiKey: before?.apiKey, expireTime: expect.any(String) }],
            modifyTime: expect.any(String),
        });
        const { rotatedAt, previousSecretExpiresAt, schedule, ...rest } = outputs;
        expect(Date.parse(String(rotatedAt)) - clock.now().getTime()).toBeGreaterThan(-HOUR);
        expect(Math.round((Date.parse(String(previousSecretExpiresAt)) - clock.now().getTime()) / HOUR)).toBe(48);
        expect(schedule).toEqual(planned.inputs["schedule"]);
        expect(schedule).toMatchObject({ generation: 1 });
        const { schedule: _, ...old } = first.outputs;
        expect(rest).toEqual({ ...old, apiKey: after?.apiKey, redactedApiKey: expect.any(String) });
        await expectSettled(run, emulator, { id: first.id, inputs: planned.inputs, outputs }, args);
    });

    test("is neither shown as drift nor made by a refresh, and is due as before after it", async () => {
        const args = { ...ARGS, expiresIn: "90d", rotation: { every: "30d", beforeExpiry: "7d" } };
        const resource = await create(await processOf(), args);
        clock.pass(85);
        const host = await processOf();
        emulator.clearRequests();
        expect(await refresh(host, resource)).toEqual({ drift: false, resource });
        expect(emulator.countRequests()).toEqual({ listApiKeys: 1 });
        expect(host.log).toEqual([]);
        // Drift beside it is shown for itself.
        emulator.changeKey(resource.id, { qpm: 9 });
        const drifted = await refresh(await processOf(), resource);
        expect(drifted).toMatchObject({ drift: true, resource: { inputs: { qpm: 9 } } });
        expect(emulator.countRequests()).not.toHaveProperty("rotateApiKey");
        const after = await update(await processOf(), drifted.resource ?? resource, args);
        expect(emulator.countRequests()).toMatchObject({ rotateApiKey: 1 });
        await expectSettled(await processOf(), emulator, after, args);
    });
});

const shared = shareHost();

describe("what is not known in a preview", () => {
    test("makes no rotation due, wherever it stands, and the run decides", async () => {
        const { emulator, host } = shared;
        expect((await host.check({}, on(UNKNOWN))).failures).toEqual([]);
        const resource = await create(host, on(1));
        const unknown = [
            on(UNKNOWN),
            on({ deep: [1, UNKNOWN] }),
            on(1, { rotation: { triggers: UNKNOWN } }),
            on(1, { rotation: UNKNOWN }),
            on(1, { rotation: { triggers: { release: 1 }, overlap: UNKNOWN } }),
        ];
        for (const args of unknown) {
            const planned = await plan(host, resource, args);
            expect(planned, JSON.stringify(args)).toMatchObject({ changes: false });
            expect(planned.inputs["schedule"]).toEqual(resource.inputs["schedule"]);
        }
        expect(await plan(host, resource, on(UNKNOWN, { qpm: 3 }))).toMatchObject({ changes: true });
        expect(reasons(host)).toEqual([]);
        expect(await plan(host, resource, on(1))).toMatchObject({ changes: false });
        const after = await update(host, resource, on(2));
        expect(reasons(host)).toEqual([
            `API key ${resource.id} is due for a new secret: \`rotation.triggers\` has changed.`,
        ]);
        expect(emulator.countRequests()).toMatchObject({ rotateApiKey: 1 });
        await expectSettled(host, emulator, after, on(2));
    });
});

describe("a rotation whose answer was lost, through the host", () => {
    test("is made certain: what update answers is the secret that works", async () => {
        const { emulator, host } = shared;
        const resource = await create(host, on(1));
        const { apiKey } = only(emulator.keys());
        emulator.inject({ operation: "rotateApiKey", cut: "after" });
        const after = await update(host, resource, on(2));
        expect(requestsOf(emulator, "rotateApiKey")).toHaveLength(2);
        expect(only(emulator.keys()).previousApiKeys[0]).toMatchObject({ apiKey });
        await expectSettled(host, emulator, after, on(2));
    });

    test("each time keeps the key with what is owed, which a refresh carries on and the next update makes", async () => {
        const { emulator, host } = shared;
        const resource = await create(host, on(1));
        emulator.inject({ operation: "rotateApiKey", cut: "after", times: 3 });
        const { inputs } = await plan(host, resource, on(2));
        const { kept, message } = await failureOf(host.update(resource.id, resource.outputs, inputs));
        expect(message).toContain("may have a new secret that no answer held: run `pulumi up` again");
        expect(kept).toMatchObject({
            id: resource.id,
            outputs: { __provider: PROVIDER_TEXT, apiKey: resource.outputs["apiKey"], owed: ["secret"] },
        });
        const stuck = { id: resource.id, inputs, outputs: kept?.outputs ?? {} };
        const { resource: read } = await refresh(host, stuck);
        expect(read?.outputs).toMatchObject({ owed: ["secret"] });
        expect(requestsOf(emulator, "rotateApiKey")).toHaveLength(3);
        const after = await update(host, read ?? stuck, on(2));
        expect(after.outputs).not.toHaveProperty("owed");
        expect(requestsOf(emulator, "rotateApiKey")).toHaveLength(4);
        await expectSettled(host, emulator, after, on(2));
    });

    test("by a server that acts and refuses is not taken for one that did nothing", async () => {
        const { emulator, host } = shared;
        const resource = await create(host, on(1));
        emulator.inject({ operation: "rotateApiKey", status: 502, acts: true });
        const after = await update(host, resource, on(2));
        expect(only(emulator.keys()).previousApiKeys).toHaveLength(2);
        await expectSettled(host, emulator, after, on(2));
    });
});
