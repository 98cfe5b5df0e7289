import { randomUUID } from "node:crypto";
import type { Operation } from "xai-management-emulator";
import { Gate, type Side } from "./gate.js";
import { gone, killAll, killAllMarked, MARK } from "./processes.js";
import type { TestStack } from "./testStack.js";

/** A point in a request at which a process is killed. */
export interface Point {
    readonly operation: Operation;
    readonly side: Side;
}

/** Kills a process of a stack at a point of a request. */
export class Killer {
    readonly #mark = randomUUID();

    private constructor(private readonly gate: Gate) {}

    /** @param url the base URL of the server that the requests go to */
    static async before(url: string): Promise<Killer> {
        return new Killer(await Gate.before(url));
    }

    /** The base URL for the provider. */
    get url(): string {
        return this.gate.url;
    }

    /** The environment of the stack, by which its processes are found. */
    get environment(): Record<string, string> {
        return { [MARK]: this.#mark };
    }

    /** Runs an operation, kills the provider's host at a point of it, and returns the text with which the operation fails. */
    async killHost(point: Point, run: () => Promise<unknown>): Promise<string> {
        const failure = await this.#until(point, run);
        await killAll(this.#mark, "provider host");
        this.gate.drop();
        return failure();
    }

    /** The same with the engine. Then its hosts are killed as well, and its lock is taken away. */
    async killEngine(point: Point, stack: TestStack, run: () => Promise<unknown>): Promise<string> {
        const failure = await this.#until(point, run);
        await killAll(this.#mark, "engine");
        await this.gate.release();
        const text = await failure();
        killAllMarked(this.#mark);
        await gone(this.#mark);
        await stack.cancel();
        return text;
    }

    /** Kills what may be left, and closes the gate. */
    async close(): Promise<void> {
        killAllMarked(this.#mark);
        await this.gate.close();
    }

    /** Starts an operation, and settles at the point. Returns what gives the text with which the operation fails. */
    async #until({ operation, side }: Point, run: () => Promise<unknown>): Promise<() => Promise<string>> {
        const stopped = this.gate.stop(operation, side);
        const outcome = run().then(
            () => undefined,
            (error: unknown) => String(error),
        );
        const early = outcome.then((text) => {
            throw new Error(`the operation ended before ${operation}: ${text ?? "it succeeded"}`);
        });
        await Promise.race([stopped, early]);
        early.catch(() => undefined);
        return async () => {
            const text = await outcome;
            if (text === undefined) {
                throw new Error("the operation succeeded although a process of it was killed");
            }
            return text;
        };
    }
}
