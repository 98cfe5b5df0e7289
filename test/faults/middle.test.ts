import { expect, test } from "vitest";
import type { Emulator, EmulatorOptions } from "xai-management-emulator";
import { configFor } from "../engine/config.js";
import { expectNoLeak } from "../engine/leaks.js";
import { InProcessStack, type KeyProgram } from "../model/inProcessEngine.js";
import { emulate } from "../provider/emulators.js";

/** Troubles that are no single request's: a management key that ends in the middle of a run, and clocks that differ. */

async function start(options: EmulatorOptions = {}): Promise<{ emulator: Emulator; stack: InProcessStack }> {
    const emulator = await emulate(options);
    const config = { ...configFor(emulator), "xai:maxRetries": "1", "xai:operationTimeout": "30s" };
    return { emulator, stack: new InProcessStack({ config, parallel: 1 }) };
}

const program = (qps: number): KeyProgram[] =>
    ["a", "b", "c"].map((name) => ({ name, args: { acls: ["api-key:model:grok-4", "api-key:endpoint:chat"], qps } }));

/** The server has exactly the program's keys, with its settings and the state's secrets, and nothing is left to do. */
async function expectConverged({ emulator, stack }: { emulator: Emulator; stack: InProcessStack }, keys: KeyProgram[]) {
    expect((await stack.refresh()).ok).toBe(true);
    expect((await stack.up(keys)).ok).toBe(true);
    expect(emulator.keys()).toHaveLength(keys.length);
    for (const { id, outputs } of stack.keys()) {
        expect(emulator.key(id)).toMatchObject({ qps: keys[0]?.args["qps"], apiKey: outputs["apiKey"] });
    }
    expect((await stack.preview(keys)).changes).toEqual({ same: keys.length });
    expectNoLeak(emulator.secrets(), stack.exposed());
}

test("a management key that is revoked at any request of a run loses and orphans nothing", async () => {
    const runs = [
        { before: [], run: (stack: InProcessStack) => stack.up(program(1)) },
        { before: program(1), run: (stack: InProcessStack) => stack.up(program(2)) },
        { before: program(1), run: (stack: InProcessStack) => stack.destroy() },
        { before: program(1), run: (stack: InProcessStack) => stack.refresh() },
    ];
    let revoked = 0;
    for (const { before, run } of runs) {
        for (let passes = 0; ; passes += 1) {
            const stage = await start();
            const { emulator, stack } = stage;
            if (before.length > 0) {
                await stack.up(before);
            }
            emulator.clearRequests();
            emulator.inject({ status: 401, after: passes, times: Number.POSITIVE_INFINITY });
            const { ok } = await run(stack);
            if (emulator.requests.length <= passes) {
                expect(ok).toBe(true);
                break;
            }
            revoked += 1;
            expect(ok).toBe(false);
            // Whatever was made is in the state.
            expect(new Set(stack.keys().map(({ id }) => id))).toEqual(
                new Set([...stack.keys().map(({ id }) => id), ...emulator.keys().map((key) => key.apiKeyId)]),
            );
            emulator.clearFaults();
            await expectConverged(stage, program(2));
        }
    }
    expect(revoked).toBeGreaterThan(15);
});

test.each([-30, -5, 5, 30])(
    "clocks %i hours apart change nothing, nor does a create that is lost then",
    async (hours) => {
        const stage = await start({ now: () => new Date(Date.now() + hours * 3_600_000) });
        const { emulator, stack } = stage;
        emulator.inject({ operation: "createApiKey", cut: "after", after: 1 });
        emulator.inject({ operation: "listModels", status: 503 });
        expect((await stack.up(program(1))).ok).toBe(true);
        expect(emulator.keys()).toHaveLength(3);
        emulator.inject({ operation: "updateApiKey", cut: "after" });
        expect((await stack.up(program(2))).ok).toBe(true);
        await expectConverged(stage, program(2));
        expect((await stack.destroy()).ok).toBe(true);
        expect(emulator.keys()).toEqual([]);
    },
);
