import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Emulator, type Fault, type Operation, startEmulator } from "xai-management-emulator";
import { check } from "../../provider/apiKeyCheck.js";
import { create, diff, read, remove, update } from "../../provider/apiKeyLifecycle.js";
import { stateOutputs } from "../../provider/apiKeyState.js";
import { DynamicProvider } from "../../provider/dynamic.js";
import { Session } from "../../provider/session.js";
import { readSettings } from "../../provider/settings.js";
import { type Exposed, everythingOf, expectNoLeak, leaks } from "../engine/leaks.js";

/**
 * Whatever goes wrong, no message of ours holds a secret or the name of a key: a program may have made that a secret, so
 * that messages name keys by their id. Messages are errors, warnings and progress, at any verbosity.
 */

const NAME = `orca-${createHash("sha256").update("name").digest("hex").slice(0, 20)} "quoted"`;
const OTHER_NAME = `lynx-${createHash("sha256").update("other name").digest("hex").slice(0, 20)}`;
/** Whose key that is, is no secret of the program. */
const BY_HAND = "by hand";
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

/** The names that a server can know while something is done to a key, and may quote. */
interface Known {
    /** What the key is called. */
    readonly held: string;
    /** What a create or an update calls it. */
    readonly sent: string;
}

/** A key's whole life. `strike` is told what may be quoted from then on. */
async function life(strike: (known: Known) => void): Promise<void> {
    const around = surroundings();
    const inputs = { name: NAME, acls: ACLS, propagationTimeout: "20ms", teamId: emulator.teamId };
    const renamed = { ...inputs, name: OTHER_NAME };
    strike({ held: NAME, sent: NAME });
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
    await noting("rotation", () => update(around, { ...state, owed: ["secret"] }, inputs));
    await noting("delete of the key as it was made", () => remove(around, held.apiKeyId, state));
    if (emulator.key(held.apiKeyId) === undefined) emulator.addKey(held);
    diff(state, renamed);
    strike({ held: NAME, sent: OTHER_NAME });
    await noting("update", () => update(around, state, { ...renamed, qpm: 7 }));
    await noting("a second update", () => update(around, state, { ...renamed, expireTime: "2001-01-01T00:00:00Z" }));
    strike({ held: OTHER_NAME, sent: OTHER_NAME });
    const after = { ...state, name: OTHER_NAME };
    await noting("switching off", () => remove(around, held.apiKeyId, { ...after, onDelete: "disable" }));
    await noting("delete", () => remove(around, held.apiKeyId, after));
    strike({ held: BY_HAND, sent: OTHER_NAME });
    await takeOver(around, inputs);
    strike({ held: NAME, sent: OTHER_NAME });
    await noting("read of what is gone", () => read(around, held.apiKeyId, state));
    await noting("update of what is gone", () => update(around, state, renamed));
    for (const key of emulator.keys()) {
        emulator.deleteKey(key.apiKeyId);
    }
}

/** A key is taken over with its secret, with a wrong one, and with a new one. */
async function takeOver(around: ReturnType<typeof surroundings>, inputs: Record<string, unknown>): Promise<void> {
    const there = emulator.addKey({ name: BY_HAND, acls: ACLS });
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
/** The names that a server can know of the key that a request is about, and may quote; none for what is about no key. */
const QUOTED: Partial<Record<Operation, (known: Known) => string>> = {
    createApiKey: ({ sent }) => sent,
    updateApiKey: ({ held, sent }) => `${sent} in place of ${held}`,
    deleteApiKey: ({ held }) => held,
    rotateApiKey: ({ held }) => held,
    checkApiKeyPropagation: ({ held }) => held,
};
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
        const quoted = QUOTED[operation];
        for (const fault of FAULTS) {
            await life((known) => {
                const name = JSON.stringify(quoted?.(known) ?? "").slice(1, -1);
                const body = fault.body === undefined ? {} : { body: fault.body.replace("{name}", () => name) };
                emulator.clearFaults();
                emulator.inject({ ...fault, ...body, operation, times: Number.POSITIVE_INFINITY });
            });
        }
        expect(failures).toBeGreaterThan(FAULTS.length);
        expectQuiet();
        // What a server quotes is shown: without it nothing was hidden.
        const isQuoted = said.some(({ text }) => /no: \[name\]/.test(text));
        expect(isQuoted, "that the API's words are shown with the name hidden").toBe(quoted !== undefined);
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
