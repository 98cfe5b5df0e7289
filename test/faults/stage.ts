import { expect } from "vitest";
import { type Emulator, startEmulator } from "xai-management-emulator";
import { configFor } from "../engine/config.js";
import { type InProcessResult, InProcessStack, type StoredResource } from "../model/inProcessEngine.js";
import { Front } from "./front.js";
import { SCENES, type Scene, type Script, scriptOf } from "./scenes.js";
import { type Cell, isMidway } from "./table.js";

/** Brings a stack to an operation, lets the trouble strike, and ends it. */

/** How often a call is sent again in these tests. */
export const MAX_RETRIES = 2;

/** A stack at the operation of a scene. */
export interface Stage {
    readonly emulator: Emulator;
    /** What stands before the emulator, where connections are to fail in the middle of a run. */
    readonly front: Front | undefined;
    readonly stack: InProcessStack;
    readonly script: Script;
    /** What the stack held then. */
    readonly before: readonly StoredResource[];
    /** The server's clock. */
    readonly now: () => Date;
}

/** Brings a stack to the operation of a cell. */
export async function setUp({ scene, trouble }: Cell): Promise<Stage> {
    const hours = trouble.clockHours ?? 0;
    const now = () => new Date(Date.now() + hours * 3_600_000);
    const emulator = await startEmulator({ dialect: { maxPageSize: 2 }, now });
    const { connection } = trouble;
    const front =
        connection !== undefined && isMidway(scene) ? await Front.before(emulator.url, connection.outage) : undefined;
    const { "xai:teamId": teamId = "", ...config } = configFor(emulator);
    // What is 100 MB takes its time.
    const slow = trouble.fault?.padding !== undefined;
    const stack = new InProcessStack({
        config: {
            ...config,
            ...(front === undefined ? {} : { "xai:baseUrl": front.url }),
            ...(scene === "validation" ? {} : { "xai:teamId": teamId }),
            "xai:maxRetries": String(MAX_RETRIES),
            "xai:operationTimeout": slow ? "2m" : "30s",
            "xai:requestTimeout": slow ? "1m" : `${trouble.requestTimeout ?? 15_000}ms`,
        },
    });
    const script = scriptOf(scene);
    if (script.before.length > 0) {
        expect((await stack.up(script.before)).ok).toBe(true);
    }
    if (script.there !== undefined) {
        emulator.addKey(script.there);
    }
    return { emulator, front, stack, script, before: stack.keys(), now };
}

/** The trouble begins. */
export async function begin({ scene, trouble, acts }: Cell, lasts: boolean, stage: Stage): Promise<void> {
    const { emulator, front, stack, script } = stage;
    const { operation, follows }: Scene = SCENES[scene];
    if (front !== undefined && follows !== undefined) {
        front.breakAfter(follows, lasts);
    } else if (trouble.connection !== undefined) {
        stack.config = { ...stack.config, "xai:baseUrl": trouble.connection.baseUrl(emulator.url) };
        if (script.run === "refresh") {
            // A refresh asks where the last update asked.
            await stack.up(script.before);
        }
    }
    const date = new Date(Date.now() + (trouble.clockHours ?? 0) * 3_600_000 + 1000).toUTCString();
    const dated = trouble.fault?.headers?.["retry-after"] === "" ? { headers: { "retry-after": date } } : {};
    if (trouble.fault !== undefined) {
        emulator.inject({
            operation,
            after: script.after,
            times: lasts ? Number.POSITIVE_INFINITY : 1,
            ...trouble.fault,
            ...(trouble.acts === "either" ? { acts } : {}),
            ...dated,
        });
    }
    emulator.clearRequests();
}

/** Runs what the trouble strikes. */
export function run({ stack, script }: Stage): Promise<InProcessResult> {
    return script.run === "refresh" ? stack.refresh() : stack[script.run](script.program);
}

/** The trouble is over, and what was still on its way has arrived. */
export async function end({ emulator, front, stack }: Stage, { trouble }: Cell): Promise<void> {
    emulator.clearFaults();
    await front?.mend();
    if (front === undefined && trouble.connection !== undefined) {
        stack.config = { ...stack.config, "xai:baseUrl": emulator.url };
    }
    await expect.poll(() => emulator.requests.filter(({ status }) => status === 0), { timeout: 10_000 }).toEqual([]);
}
