/**
 * `npm run soak`: keys created, changed, refreshed and destroyed under random faults and a rate limit, in rounds, each with a
 * stack of its own. Fails where a key is left over or memory grows. `SOAK_KEYS` says how many keys, default 2000.
 */
import { type Emulator, type Fault, startEmulator } from "xai-management-emulator";
import { configFor } from "../engines/engine.js";
import { type InProcessResult, InProcessStack, type KeyProgram } from "./inProcessEngine.js";

const KEYS = Number(process.env["SOAK_KEYS"] ?? 2000);
const ROUNDS = 8;
const FAULTY = 0.05;
const RATE_LIMIT = { perSecond: 200, retryAfter: "seconds" } as const;
/** How often an operation is repeated that faults made fail. */
const MAX_TRIES = 60;
/** How much memory may grow between the second round and the last, in MB: the first fills caches and compiles. */
const MAX_GROWTH = 8;

/** Faults of requests that may be sent again, and of creates, which may not: most of those act all the same. */
const FAULTS: readonly Fault[] = [
    { cut: "before" },
    { cut: "after" },
    { cut: "in body" },
    { status: 429, headers: { "retry-after": "0" } },
    { status: 500 },
    { status: 503, headers: { "retry-after": "0" } },
];
const CREATE_FAULTS: readonly Fault[] = [
    { cut: "after" },
    { cut: "in headers" },
    { cut: "in body" },
    { status: 504, acts: true },
    { status: 429, headers: { "retry-after": "0" } },
    { status: 500 },
];
const OTHERS = ["listApiKeys", "updateApiKey", "deleteApiKey", "checkApiKeyPropagation", "rotateApiKey"] as const;

interface Row {
    readonly round: number;
    readonly operation: string;
    readonly runs: number;
    readonly seconds: number;
    readonly requests: number;
    readonly failed: number;
    /** With 429, by the rate limit or by a fault. */
    readonly refused: number;
}

const say = (line: string) => process.stdout.write(`${line}\n`);

function program(size: number, round: number, qps: number): KeyProgram[] {
    const acls = ["api-key:model:*", "api-key:endpoint:*"];
    return Array.from({ length: size }, (_, index) => ({ name: `r${round}-${index}`, args: { acls, qps } }));
}

/** One request in twenty of each kind, wherever chance puts it. */
function injectFaults(emulator: Emulator, size: number): void {
    emulator.clearFaults();
    for (const operation of ["createApiKey", ...OTHERS] as const) {
        const kinds = operation === "createApiKey" ? CREATE_FAULTS : FAULTS;
        for (let after = 0; after < size; after += 1) {
            const kind = kinds[Math.floor(Math.random() * kinds.length)];
            if (Math.random() < FAULTY) emulator.inject({ operation, after, ...kind });
        }
    }
}

/** Runs an operation until it succeeds. */
async function persist(
    emulator: Emulator,
    round: number,
    size: number,
    operation: string,
    run: () => Promise<InProcessResult>,
): Promise<Row> {
    const begun = performance.now();
    emulator.clearRequests();
    injectFaults(emulator, size);
    for (let runs = 1; runs <= MAX_TRIES; runs += 1) {
        const { ok, messages } = await run();
        if (!ok) {
            const errors = messages.filter(({ severity }) => severity === "error");
            say(
                `  round ${round} ${operation}, run ${runs}: ${errors[0]?.message.replaceAll("\n", " ").slice(0, 160)}`,
            );
            continue;
        }
        const { requests } = emulator;
        return {
            round,
            operation,
            runs,
            seconds: Math.round((performance.now() - begun) / 100) / 10,
            requests: requests.length,
            failed: requests.filter(({ status }) => status !== 200 && status !== 429).length,
            refused: requests.filter(({ status }) => status === 429).length,
        };
    }
    throw new Error(`${operation} did not succeed in ${MAX_TRIES} runs`);
}

function memory(): number {
    if (global.gc === undefined) throw new Error("run with node --expose-gc");
    global.gc();
    return Math.round((process.memoryUsage().heapUsed / 2 ** 20) * 10) / 10;
}

async function main(): Promise<void> {
    const emulator = await startEmulator({ rateLimit: RATE_LIMIT });
    const size = Math.ceil(KEYS / ROUNDS);
    const rows: Row[] = [];
    const sizes: number[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
        const stack = new InProcessStack({
            config: { ...configFor(emulator), "xai:operationTimeout": "20s" },
            parallel: 32,
        });
        const made = program(size, round, 1);
        const changed = program(size, round, 2);
        const step = async (operation: string, run: () => Promise<InProcessResult>) => {
            const row = await persist(emulator, round, size, operation, run);
            rows.push(row);
            say(
                `round ${round}/${ROUNDS} ${operation}: ${row.seconds} s, ${emulator.keys().length} keys on the server`,
            );
        };
        await step("create", () => stack.up(made));
        await step("change", () => stack.up(changed));
        const wrong = emulator.keys().filter(({ qps }) => qps !== 2).length;
        if (emulator.keys().length !== size || wrong > 0) {
            throw new Error(`${emulator.keys().length} keys of ${size}, ${wrong} of them not changed`);
        }
        await step("refresh", () => stack.refresh());
        await step("destroy", () => stack.destroy());
        if (emulator.keys().length > 0) throw new Error(`${emulator.keys().length} keys are left over`);
        emulator.clearRequests();
        emulator.clearFaults();
        sizes.push(memory());
    }
    await emulator.close();
    report(rows, sizes);
}

function report(rows: readonly Row[], sizes: readonly number[]): void {
    say(`\n${KEYS} keys, ${FAULTY * 100} % faults, ${RATE_LIMIT.perSecond} requests/s`);
    say("operation  runs  seconds  requests  failed  refused");
    for (const operation of ["create", "change", "refresh", "destroy"]) {
        const own = rows.filter((row) => row.operation === operation);
        const sum = (pick: (row: Row) => number) => String(Math.round(own.reduce((all, row) => all + pick(row), 0)));
        const cells = [
            sum((row) => row.runs).padStart(4),
            sum((row) => row.seconds).padStart(7),
            sum((row) => row.requests).padStart(8),
            sum((row) => row.failed).padStart(6),
            sum((row) => row.refused).padStart(7),
        ];
        say(`${operation.padEnd(9)}  ${cells.join("  ")}`);
    }
    say(`heap after each round, MB: ${sizes.join(" ")}`);
    const growth = (sizes.at(-1) ?? 0) - (sizes[1] ?? 0);
    say(`orphans: 0; growth since the second round: ${growth.toFixed(1)} MB`);
    if (growth > MAX_GROWTH) throw new Error("memory grows");
}

main().catch((error: unknown) => {
    say(String(error));
    process.exit(1);
});
