/**
 * `npm run soak`: creates, changes, refreshes and destroys keys under random faults and a rate limit, in rounds, each with a stack
 * of its own. It fails where a key is left over or memory grows. `SOAK_KEYS` says how many keys; default 2000.
 */
import { type Emulator, type Fault, startEmulator } from "xai-management-emulator";
import { configFor } from "../engine/config.js";
import type { KeyProgram, ModelOperation } from "./modelStack.js";
import { Stack } from "./stack.js";

const KEYS = Number(process.env["SOAK_KEYS"] ?? 2000);
const ROUNDS = 8;
/** Of each kind of request, whether or not it happens. */
const FAULTY = 0.05;
const RATE_LIMIT = { perSecond: 200, retryAfter: "seconds" } as const;
/** How often an operation is repeated that faults made fail. */
const MAX_TRIES = 60;
/** How much memory may grow between the second round and the last, in MB: the first one fills caches and compiles. */
const MAX_GROWTH = 8;

const FAULTS: readonly Fault[] = [
    { cut: "before" },
    { cut: "after" },
    { cut: "in body" },
    { status: 429, headers: { "retry-after": "0" } },
    { status: 500 },
    { status: 504, acts: true },
];
const OPERATIONS = [
    "createApiKey",
    "listApiKeys",
    "updateApiKey",
    "deleteApiKey",
    "checkApiKeyPropagation",
    "rotateApiKey",
] as const;

const say = (line: string) => process.stdout.write(`${line}\n`);

function program(size: number, round: number, qps: number): KeyProgram[] {
    const acls = ["api-key:model:*", "api-key:endpoint:*"];
    return Array.from({ length: size }, (_, index) => ({ name: `r${round}-${index}`, args: { acls, qps } }));
}

function injectFaults(emulator: Emulator, size: number): void {
    emulator.clearFaults();
    for (const operation of OPERATIONS) {
        for (let after = 0; after < size; after += 1) {
            const fault = FAULTS[Math.floor(Math.random() * FAULTS.length)];
            if (Math.random() < FAULTY) emulator.inject({ operation, after, ...fault });
        }
    }
}

/** Runs an operation until it succeeds. */
async function persist(emulator: Emulator, stack: Stack, operation: ModelOperation, keys: KeyProgram[], what: string) {
    const begun = performance.now();
    emulator.clearRequests();
    injectFaults(emulator, keys.length);
    for (let runs = 1; runs <= MAX_TRIES; runs += 1) {
        const { ok } = await stack.run(operation, keys);
        await stack.exposed();
        if (!ok) continue;
        const seconds = ((performance.now() - begun) / 1000).toFixed(1);
        const failed = emulator.requests.filter(({ status }) => status !== 200).length;
        say(`${what}: ${runs} runs, ${seconds} s, ${emulator.requests.length} requests, ${failed} of them failed`);
        return;
    }
    throw new Error(`${what} did not succeed in ${MAX_TRIES} runs`);
}

function memory(): number {
    if (global.gc === undefined) throw new Error("run with node --expose-gc");
    global.gc();
    return process.memoryUsage().heapUsed / 2 ** 20;
}

async function main(): Promise<void> {
    const emulator = await startEmulator({ rateLimit: RATE_LIMIT });
    const size = Math.ceil(KEYS / ROUNDS);
    const sizes: number[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
        const config = { ...configFor(emulator), "xai:operationTimeout": "20s" };
        const stack = new Stack({ config, parallel: 32 });
        const changed = program(size, round, 2);
        const step = (operation: ModelOperation, keys: KeyProgram[], what: string) =>
            persist(emulator, stack, operation, keys, `round ${round}/${ROUNDS}, ${what}`);
        await step("up", program(size, round, 1), "create");
        await step("up", changed, "change");
        const wrong = emulator.keys().filter(({ qps }) => qps !== 2).length;
        if (emulator.keys().length !== size || wrong > 0) {
            throw new Error(`${emulator.keys().length} keys of ${size}, ${wrong} of them not changed`);
        }
        await step("refresh", changed, "refresh");
        await step("destroy", changed, "destroy");
        if (emulator.keys().length > 0) throw new Error(`${emulator.keys().length} keys are left over`);
        emulator.clearRequests();
        emulator.clearFaults();
        sizes.push(memory());
    }
    await emulator.close();
    const growth = (sizes.at(-1) ?? 0) - (sizes[1] ?? 0);
    say(`heap after each round, MB: ${sizes.map((one) => one.toFixed(1)).join(" ")}`);
    if (growth > MAX_GROWTH) throw new Error(`memory grew by ${growth.toFixed(1)} MB since the second round`);
}

main().catch((error: unknown) => {
    say(String(error));
    process.exit(1);
});
