import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Emulator, Operation } from "xai-management-emulator";
import { gone, killAll, killAllMarked, MARK } from "./processes.js";
import type { TestStack } from "./testStack.js";

/** Kills a process of a stack after the server has carried out a request, and before the answer has arrived: no clock decides when. */
export class Killer {
    readonly #mark = randomUUID();
    /** The environment of the stack, by which its processes are found. */
    readonly environment: Readonly<Record<string, string>> = { [MARK]: this.#mark };

    constructor(private readonly emulator: Emulator) {}

    /** Kills the provider's host. */
    async killHost(operation: Operation, run: () => Promise<unknown>): Promise<void> {
        const { failed } = await this.#begin(operation, run);
        await killAll(this.#mark, "provider host");
        await failed;
    }

    /** Kills the engine, then what it has started, and takes its lock away. */
    async killEngine(operation: Operation, stack: TestStack, run: () => Promise<unknown>): Promise<void> {
        const { failed } = await this.#begin(operation, run);
        await killAll(this.#mark, "engine");
        killAllMarked(this.#mark);
        await gone(this.#mark);
        await failed;
        await stack.cancel();
    }

    /** Kills what may be left. */
    close(): void {
        killAllMarked(this.#mark);
    }

    /** Starts a run, and settles while the answer to a request is on its way. */
    async #begin(operation: Operation, run: () => Promise<unknown>): Promise<{ readonly failed: Promise<void> }> {
        const { emulator } = this;
        const begun = emulator.requests.length;
        emulator.inject({ operation, stall: "after headers" });
        let hasEnded = false;
        const failed = run().then(
            () => {
                hasEnded = true;
                throw new Error("the run succeeded although a process of it was killed");
            },
            () => {
                hasEnded = true;
            },
        );
        failed.catch(() => undefined);
        while (!emulator.requests.slice(begun).some((one) => one.operation === operation && one.status === 200)) {
            if (hasEnded) {
                await failed;
                throw new Error(`the run ended before ${operation}`);
            }
            await sleep(5);
        }
        return { failed };
    }
}
