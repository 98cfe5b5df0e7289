import { describe, expect, test } from "vitest";
import type { Dialect, Emulator, Fault } from "xai-management-emulator";
import { diff, remove, update } from "../../provider/apiKeyLifecycle.js";
import { stateOutputs } from "../../provider/apiKeyState.js";
import { MAX_KEYS } from "../../provider/keyCreation.js";
import { emulate, requestsOf } from "./emulators.js";
import { only } from "./stack.js";
import { BY_DEFAULT, BY_NAME, keptBy, type Process, processFor, up } from "./surroundings.js";

const LOST: Fault = { operation: "createApiKey", cut: "after" };

/** Checks that a state is that of a key that there is, with the secret that works. */
function expectWorking(emulator: Emulator, state: { apiKeyId: string; apiKey?: string | undefined }): void {
    expect(emulator.key(state.apiKeyId)?.apiKey).toBe(state.apiKey);
    expect(state).not.toHaveProperty("owed", expect.arrayContaining(["secret"]));
}

/** How many of the given operations went wrong, and with what. */
async function outcomes<T>(operations: Promise<T>[]): Promise<{ done: T[]; failed: string[] }> {
    const results = await Promise.allSettled(operations);
    return {
        done: results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : [])),
        failed: results.flatMap((result) => (result.status === "rejected" ? [String(result.reason)] : [])),
    };
}

describe("a create under the default name whose answer was lost", () => {
    test.each<Partial<Dialect>>([
        {},
        { values: "normalised" },
        { errorBody: "html", unsetAs: "null", disabledAs: "string", tpmAs: "number" },
    ])("is found and taken over by rotation, in the dialect %j", async (dialect) => {
        const emulator = await emulate({ dialect });
        const process = processFor(emulator);
        emulator.inject(LOST);
        const args = {
            ...BY_DEFAULT,
            acls: ["api-key:model:grok-4", "api-key:endpoint:chat"],
            tpm: 50_000,
            expireTime: "2999-01-01T02:00:00+02:00",
        };
        const state = await up(process, args);
        const key = only(emulator.keys());
        expectWorking(emulator, state);
        expect(emulator.countRequests()).toMatchObject({ createApiKey: 1, rotateApiKey: 1, listApiKeys: 2 });
        expect(emulator.countRequests()).not.toHaveProperty("updateApiKey");
        expect(process.warnings).toEqual([
            expect.stringMatching(new RegExp(`API key ${key.apiKeyId}, created at .* was taken over`)),
        ]);
    });

    test("leaves no working secret behind: the lost one expires at once", async () => {
        const emulator = await emulate();
        emulator.inject(LOST);
        await up(processFor(emulator), BY_DEFAULT);
        const [{ expireTime } = { expireTime: "" }] = only(emulator.keys()).previousApiKeys;
        expect(Date.parse(expireTime)).toBeLessThanOrEqual(Date.now());
    });

    test("is rotated with a time a minute ahead where the API refuses one that is past", async () => {
        const emulator = await emulate();
        emulator.inject(LOST);
        emulator.inject({ operation: "rotateApiKey", status: 422 });
        const state = await up(processFor(emulator), BY_DEFAULT);
        expectWorking(emulator, state);
        const times = requestsOf(emulator, "rotateApiKey").map(({ body }) =>
            Date.parse(String(Reflect.get(Object(body), "oldSecretExpireTime"))),
        );
        expect(times).toHaveLength(2);
        const [past = 0, ahead = 0] = times;
        expect(past).toBeLessThanOrEqual(Date.now());
        expect(ahead - past).toBeGreaterThanOrEqual(60_000);
        expect(ahead).toBeLessThan(Date.now() + 61_000);
    });

    test("is found by the server's clock, hours from this machine's in either direction", async () => {
        for (const hours of [-5, 5]) {
            const emulator = await emulate({ now: () => new Date(Date.now() + hours * 3_600_000) });
            emulator.addKey({ name: String(BY_DEFAULT["name"]), acls: ["api-key:model:grok-3"] });
            emulator.inject(LOST);
            const process = processFor(emulator);
            // Without the listing of before the clock alone tells.
            emulator.inject({ operation: "listApiKeys", status: 400, times: 2 });
            expectWorking(emulator, await up(process, BY_DEFAULT));
        }
    });

    test.each<Fault>([{ ...LOST }, { ...LOST, delayMs: 600 }])(
        "is found as well where the server acts late (%j)",
        async (fault) => {
            const emulator = await emulate();
            const process = processFor(emulator, { requestTimeout: "150ms" });
            emulator.inject(fault);
            expectWorking(emulator, await up(process, BY_DEFAULT));
            expect(emulator.keys()).toHaveLength(1);
        },
    );

    test("that cannot be rotated now keeps the key, and the next up gives it a secret", async () => {
        const emulator = await emulate();
        const process = processFor(emulator);
        emulator.inject(LOST);
        emulator.inject({ operation: "rotateApiKey", status: 403 });
        const { state, message } = await keptBy(up(process, { ...BY_DEFAULT, waitForPropagation: true }));
        expect(state).toMatchObject({ apiKeyId: only(emulator.keys()).apiKeyId, owed: ["propagation", "secret"] });
        expect(message).toContain("403");
        const next = await update(processFor(emulator), stateOutputs(state), { ...BY_DEFAULT, qpm: 7 });
        expectWorking(emulator, next);
        expect(next).toMatchObject({ qpm: 7 });
        expect(next.owed).toBeUndefined();
    });

    test.each([404, 405, 501] as const)(
        "is deleted and made again where the server has no rotation (%i)",
        async (missingRoute) => {
            const emulator = await emulate({ dialect: { rotation: false, missingRoute } });
            const process = processFor(emulator);
            emulator.inject(LOST);
            const state = await up(process, BY_DEFAULT);
            expect(only(emulator.keys()).apiKeyId).toBe(state.apiKeyId);
            expectWorking(emulator, state);
            expect(emulator.countRequests()).toMatchObject({ createApiKey: 2, deleteApiKey: 1 });
            expect(process.warnings).toEqual([expect.stringContaining(`API key ${state.apiKeyId} made in its place`)]);
        },
    );

    test("is deleted and made again there as often as the answer is lost, and leaves nothing where that does not end", async () => {
        const emulator = await emulate({ dialect: { rotation: false } });
        emulator.inject({ ...LOST, times: MAX_KEYS - 1 });
        const state = await up(processFor(emulator), BY_DEFAULT);
        expect(only(emulator.keys()).apiKeyId).toBe(state.apiKeyId);
        expectWorking(emulator, state);

        const other = await emulate({ dialect: { rotation: false } });
        other.inject({ ...LOST, times: MAX_KEYS });
        await expect(up(processFor(other), BY_DEFAULT)).rejects.toThrow(
            /cannot give it a new secret. It was deleted again, .* run `pulumi up` again/,
        );
        expect(other.keys()).toEqual([]);
        await up(processFor(other), BY_DEFAULT);
        expect(other.keys()).toHaveLength(1);
    });

    test("is kept where it can neither be rotated nor deleted, and replaced by the next run", async () => {
        const emulator = await emulate({ dialect: { rotation: false } });
        emulator.inject(LOST);
        emulator.inject({ operation: "deleteApiKey", status: 403 });
        const { state, message } = await keptBy(up(processFor(emulator), BY_DEFAULT));
        expect(state).toMatchObject({ apiKeyId: only(emulator.keys()).apiKeyId, owed: ["replacement"] });
        expect(message).toContain("The next `pulumi up` replaces it");
        expect(diff(stateOutputs(state), BY_DEFAULT)).toMatchObject({ changes: true, replaces: ["apiKey"] });
    });

    test("is replaced by the run after the next where only the update finds that there is no rotation", async () => {
        const emulator = await emulate({ dialect: { rotation: false } });
        emulator.inject(LOST);
        emulator.inject({ operation: "rotateApiKey", status: 403 });
        const { state } = await keptBy(up(processFor(emulator), BY_DEFAULT));
        expect(state.owed).toEqual(["secret"]);
        const { state: next, message } = await keptBy(update(processFor(emulator), stateOutputs(state), BY_DEFAULT));
        expect(message).toContain("the next `pulumi up` replaces it");
        expect(diff(stateOutputs(next), BY_DEFAULT)).toMatchObject({ changes: true, replaces: ["apiKey"] });
    });

    test("is disabled, and waited for, as any create is", async () => {
        const emulator = await emulate({ propagation: 300 });
        emulator.inject(LOST);
        const state = await up(processFor(emulator), { ...BY_DEFAULT, disabled: true, waitForPropagation: true });
        expect(only(emulator.keys()).disabled).toBe(true);
        expect(state).toMatchObject({ disabled: true, owed: undefined });
        expectWorking(emulator, state);
    });

    test("does not take a key for its own that others made meanwhile with other settings", async () => {
        const emulator = await emulate();
        const process = processFor(emulator);
        emulator.inject({ operation: "createApiKey", cut: "before" });
        const running = up(process, BY_DEFAULT);
        emulator.addKey({ name: String(BY_DEFAULT["name"]), acls: ["api-key:model:grok-3", "api-key:endpoint:embed"] });
        await expect(running).rejects.toThrow(
            "No key with this name and these settings has appeared in the team so far",
        );
        expect(only(emulator.keys()).previousApiKeys).toEqual([]);
    });
});

describe("a rotation whose answer was lost", () => {
    test.each<Fault>([
        { cut: "after" },
        { cut: "before" },
        { status: 500 },
        { status: 200, body: "{" },
        { cut: "after", times: 2 },
    ])("is made certain by another one (%j)", async (fault) => {
        const emulator = await emulate();
        emulator.inject(LOST);
        emulator.inject({ operation: "rotateApiKey", ...fault });
        expectWorking(emulator, await up(processFor(emulator), BY_DEFAULT));
    });

    test("and that acts after the next one is found out, for the listing shows another secret", async () => {
        const emulator = await emulate();
        const process = processFor(emulator, { requestTimeout: "300ms" });
        emulator.inject(LOST);
        emulator.inject({ operation: "rotateApiKey", delayMs: 700 });
        emulator.inject({ operation: "listApiKeys", after: 2, delayMs: 250 });
        expectWorking(emulator, await up(process, BY_DEFAULT));
        expect(requestsOf(emulator, "rotateApiKey").length).toBe(3);
    });

    test("ends at some time, and keeps the key", async () => {
        const emulator = await emulate();
        emulator.inject(LOST);
        emulator.inject({ operation: "rotateApiKey", status: 503, times: Number.POSITIVE_INFINITY });
        const { state, message } = await keptBy(up(processFor(emulator), BY_DEFAULT));
        expect(state).toMatchObject({ apiKeyId: only(emulator.keys()).apiKeyId, owed: ["secret"] });
        expect(message).toContain("503");
        expect(requestsOf(emulator, "rotateApiKey")).toHaveLength(3);
    });
});

describe("a create under a given name whose answer was lost", () => {
    test("is reported with the key's id, and the key is not touched", async () => {
        const emulator = await emulate();
        emulator.inject(LOST);
        const { failed } = await outcomes([up(processFor(emulator), BY_NAME)]);
        const key = only(emulator.keys());
        expect(only(failed)).toContain(`API key ${key.apiKeyId} may be what it made`);
        expect(only(failed)).toContain("the program gave the name");
        expect(key.previousApiKeys).toEqual([]);
    });

    test("says where it is that nothing could be found out", async () => {
        const emulator = await emulate();
        const process = processFor(emulator);
        await process.session.keysBefore(emulator.teamId);
        emulator.inject(LOST);
        emulator.inject({ operation: "listApiKeys", status: 403 });
        const { failed } = await outcomes([up(process, BY_NAME)]);
        expect(only(failed)).toContain("Whether it does could not be found out");
        expect(only(failed)).toContain("Look in the xAI Console");
    });

    test("is not taken for the default one of another resource", async () => {
        const emulator = await emulate();
        const process = processFor(emulator);
        await up(process, BY_DEFAULT);
        emulator.inject(LOST);
        const { failed } = await outcomes([up(process, { ...BY_NAME, name: BY_DEFAULT["name"] })]);
        expect(only(failed)).toContain("may be what it made");
    });
});

/** Injects lost answers for some of the coming creates. */
function loseSome(emulator: Emulator, which: readonly number[]): void {
    for (const after of which) {
        emulator.inject({ ...LOST, after });
    }
}

describe("many creates with equal names and settings, some answers lost", () => {
    async function expectEachItsOwn(emulator: Emulator, processes: [Process, number][], args: typeof BY_NAME) {
        const all = processes.flatMap(([process, count]) => Array.from({ length: count }, () => up(process, args)));
        const { done, failed } = await outcomes(all);
        expect(new Set(done.map(({ apiKeyId }) => apiKeyId)).size).toBe(done.length);
        for (const state of done) {
            expectWorking(emulator, state);
        }
        const kept = new Set(done.map(({ apiKeyId }) => apiKeyId));
        const orphans = emulator.keys().filter((key) => !kept.has(key.apiKeyId));
        for (const message of failed) {
            expect(orphans.some(({ apiKeyId }) => message.includes(apiKeyId))).toBe(true);
        }
        return { done, failed, orphans };
    }

    test("twenty in one program never take each other's keys", async () => {
        const emulator = await emulate();
        loseSome(emulator, [2, 7, 13]);
        const { done, failed, orphans } = await expectEachItsOwn(emulator, [[processFor(emulator), 20]], BY_NAME);
        expect([done.length, failed.length, orphans.length]).toEqual([17, 3, 3]);
        // Each error names every key that nobody has, and none that somebody has.
        for (const message of failed) {
            expect(orphans.filter(({ apiKeyId }) => !message.includes(apiKeyId))).toEqual([]);
            expect(done.filter(({ apiKeyId }) => message.includes(apiKeyId))).toEqual([]);
        }
        expect(emulator.countRequests()).toMatchObject({ createApiKey: 20 });
        expect(emulator.countRequests()).not.toHaveProperty("rotateApiKey");
    });

    test("two stacks at the same moment never take each other's keys", async () => {
        const emulator = await emulate();
        loseSome(emulator, [1, 4]);
        const stacks: [Process, number][] = [
            [processFor(emulator), 4],
            [processFor(emulator), 4],
        ];
        const { done, orphans } = await expectEachItsOwn(emulator, stacks, BY_NAME);
        expect([done.length, orphans.length]).toEqual([6, 2]);
        expect(emulator.countRequests()).not.toHaveProperty("rotateApiKey");
        expect(emulator.keys().every((key) => key.previousApiKeys.length === 0)).toBe(true);
    });

    test("under one default name several losses are reported, and one alone is taken over", async () => {
        const emulator = await emulate();
        loseSome(emulator, [0, 3]);
        const both = await expectEachItsOwn(emulator, [[processFor(emulator), 5]], BY_DEFAULT);
        expect([both.done.length, both.failed.length]).toEqual([3, 2]);
        expect(emulator.countRequests()).not.toHaveProperty("rotateApiKey");

        loseSome(emulator, [2]);
        const one = await expectEachItsOwn(emulator, [[processFor(emulator), 5]], BY_DEFAULT);
        expect([one.done.length, one.failed.length]).toEqual([5, 0]);
    });
});

test("the one listing before the first create is shared by all, and its failure fails none", async () => {
    const emulator = await emulate();
    emulator.inject({ operation: "listApiKeys", status: 403 });
    const process = processFor(emulator);
    const states = await Promise.all([1, 2, 3].map(() => up(process, BY_NAME)));
    await up(process, BY_NAME);
    expect(states).toHaveLength(3);
    expect(emulator.countRequests()).toMatchObject({ createApiKey: 4, listApiKeys: 1 });
    expect(process.warnings).toEqual([]);
    await Promise.all(states.map((state) => remove(process, state.apiKeyId, stateOutputs(state))));
    expect(emulator.keys()).toHaveLength(1);
});
