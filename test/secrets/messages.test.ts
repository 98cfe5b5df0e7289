import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { check } from "../../provider/apiKeyCheck.js";
import { create, diff, read, remove, update } from "../../provider/apiKeyLifecycle.js";
import { stateOutputs } from "../../provider/apiKeyState.js";
import { DynamicProvider } from "../../provider/dynamic.js";
import { Session } from "../../provider/session.js";
import { readSettings } from "../../provider/settings.js";
import { type Emulator, type Fault, type Operation, startEmulator } from "../../sdk/testing/index.js";
import { type Exposed, everythingOf, expectNoLeak, leaks } from "../engines/leaks.js";

/**
 * Whatever goes wrong, no message of ours holds a secret or the name of a key: a program may have made that a secret, so
 * that messages name keys by their id. Messages are errors, warnings and progress, at any verbosity.
 */

const NAME = `orca-${createHash("sha256").update("name").digest("hex").slice(0, 20)} "quoted"`;
const OTHER_NAME = `lynx-${createHash("sha256").update("other name").digest("hex").slice(0, 20)}`;
const ACLS = ["api-key:model:grok-4", "api-key:endpoint:chat"];

let emulator: Emulator;
let said: Exposed[];
/** How many errors there were: a test in which nothing fails proves nothing. */
let failures: number;

beforeEach(async () => {
    emulator = await startEmulator({ propagation: "never" });
    said = [];
    failures = 0;
});
afterEach(async () => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    await emulator.close();
});

function surroundings() {
    const config: Record<string, string> = {
        managementKey: emulator.managementKey,
        teamId: emulator.teamId,
        baseUrl: emulator.url,
        maxRetries: "0",
        operationTimeout: "600ms",
    };
    const say = (text: string) => void said.push({ name: "a line", text });
    return {
        session: new Session(
            readSettings((name) => config[name], {}),
            say,
        ),
        progress: say,
    };
}

async function noting<T>(name: string, call: () => Promise<T>): Promise<T | undefined> {
    try {
        return await call();
    } catch (error) {
        failures += 1;
        said.push(...everythingOf(name, error));
        return undefined;
    }
}

/** A key's whole life, in which a fault strikes one kind of request. */
async function life(): Promise<void> {
    const around = surroundings();
    const inputs = { name: NAME, acls: ACLS, propagationTimeout: "20ms", teamId: emulator.teamId };
    const { failures: refused } = (await noting("check", () => check(around, {}, inputs, Date.now()))) ?? {
        failures: [],
    };
    said.push(...refused.map(({ reason }) => ({ name: "a refusal", text: reason })));
    await noting("create", () => create(around, inputs));
    const held = emulator.keys()[0] ?? emulator.addKey({ name: NAME, acls: ACLS });
    const state = {
        ...stateOutputs({ ...held, qps: undefined, qpm: undefined, tpm: undefined, expireTime: undefined }),
    };
    await noting("read", () => read(around, held.apiKeyId, state));
    diff(state, { ...inputs, name: OTHER_NAME });
    await noting("update", () => update(around, state, { ...inputs, name: OTHER_NAME, qpm: 7 }));
    await noting("a second update", () =>
        update(around, state, { ...inputs, name: OTHER_NAME, expireTime: "2001-01-01T00:00:00Z" }),
    );
    await noting("delete", () => remove(around, held.apiKeyId, state));
    await takeOver(around, inputs);
    await noting("read of what is gone", () => read(around, held.apiKeyId, state));
    await noting("update of what is gone", () => update(around, state, { ...inputs, name: OTHER_NAME }));
    for (const key of emulator.keys()) {
        emulator.deleteKey(key.apiKeyId);
    }
}

/** A key is taken over with its secret, with a wrong one, and with a new one. */
async function takeOver(around: ReturnType<typeof surroundings>, inputs: Record<string, unknown>): Promise<void> {
    const there = emulator.addKey({ name: "by hand", acls: ACLS });
    const another = emulator.addKey().apiKey;
    for (const existingSecret of [there.apiKey, another, undefined, `${another}\n`]) {
        const given = { ...inputs, name: OTHER_NAME, adoptKeyId: there.apiKeyId, existingSecret };
        const found = await noting("check of a take-over", () => check(around, {}, given, Date.now()));
        said.push(...(found?.failures ?? []).map(({ reason }) => ({ name: "a refusal", text: reason })));
        await noting("take-over", () => create(around, given));
    }
}

function expectQuiet(): void {
    const secrets = [...emulator.secrets(), NAME, OTHER_NAME];
    expect(said.length).toBeGreaterThan(0);
    expectNoLeak(secrets, said);
}

const OPERATIONS: readonly Operation[] = [
    "createApiKey",
    "listApiKeys",
    "updateApiKey",
    "deleteApiKey",
    "checkApiKeyPropagation",
    "listModels",
    "listEndpoints",
    "rotateApiKey",
];
/** What each kind of request holds of a name, which a server may quote. */
const SENT: Partial<Record<Operation, string>> = { createApiKey: NAME, updateApiKey: OTHER_NAME };
const ECHO = '{"message": "no: {name} there"}';
const FAULTS: readonly Fault[] = [
    { status: 400, body: ECHO },
    { status: 409, body: '{"error": {"message": "there is a {name} already"}}' },
    { status: 422, body: "<html><title>{name} x</title></html>" },
    { status: 401 },
    { status: 403 },
    { status: 404 },
    { status: 405 },
    { status: 429, headers: { "retry-after": "0" } },
    { status: 500, body: ECHO },
    { status: 200, body: "{}" },
    { status: 200, body: ECHO },
    { status: 200, body: "<html>" },
    { status: 302, headers: { location: "http://127.0.0.1:9/" } },
    { cut: "before" },
    { cut: "after" },
];

test.each(OPERATIONS)(
    "through a whole life in which %s fails in every way",
    async (operation) => {
        const name = JSON.stringify(SENT[operation] ?? "").slice(1, -1);
        for (const fault of FAULTS) {
            emulator.clearFaults();
            const body = fault.body === undefined ? {} : { body: fault.body.replace("{name}", () => name) };
            emulator.inject({ ...fault, ...body, operation, times: Number.POSITIVE_INFINITY });
            await life();
        }
        expect(failures).toBeGreaterThan(FAULTS.length);
        expectQuiet();
    },
    120_000,
);

test("through the host's adapter, whose warnings go to stderr where there is no engine", async () => {
    vi.stubEnv("XAI_MANAGEMENT_KEY", emulator.managementKey);
    vi.stubEnv("XAI_TEAM_ID", emulator.teamId);
    vi.stubEnv("XAI_MANAGEMENT_BASE_URL", emulator.url);
    vi.spyOn(process.stderr, "write").mockImplementation((text) => {
        said.push({ name: "stderr", text: String(text) });
        return true;
    });
    const provider = new DynamicProvider();
    const inputs = { name: NAME, acls: ["api-key:model:grok-4"], propagationTimeout: "20ms" };
    await provider.check({}, inputs);
    await noting("create", () => provider.create(inputs));
    const [key] = emulator.keys();
    const outputs = { ...key, propagationTimeout: "20ms", owed: ["propagation"] };
    await noting("update", () =>
        provider.update(key?.apiKeyId ?? "", outputs, { ...inputs, name: OTHER_NAME, teamId: emulator.teamId }),
    );
    emulator.deleteKey(key?.apiKeyId ?? "");
    await noting("update of what is gone", () =>
        provider.update(key?.apiKeyId ?? "", outputs, { ...inputs, teamId: emulator.teamId }),
    );
    expect(failures).toBe(3);
    expect(said.some(({ name, text }) => name === "stderr" && text.includes("warning: An API key with acls"))).toBe(
        true,
    );
    expectQuiet();
});

test("a check refuses a name without saying it", async () => {
    const { failures: refused } = await check(surroundings(), {}, { name: [NAME], acls: ACLS }, Date.now());
    expect(refused.map(({ property }) => property)).toEqual(["name"]);
    expect(
        leaks(
            [NAME],
            refused.map(({ reason }) => ({ name: "it", text: reason })),
        ),
    ).toEqual([]);
});
