/** Runs tasks side by side, up to a limit. */
export class Workers {
    private running = 0;
    private readonly waiting: (() => void)[] = [];
    private readonly idle: (() => void)[] = [];

    /** @param limit how many tasks may run at once; at least 1 */
    constructor(private readonly limit: number) {}

    /** Starts a task as soon as there is room, and returns then: not when it has ended. */
    async launch(task: () => Promise<void>): Promise<void> {
        while (this.running >= this.limit) await new Promise<void>((resolve) => this.waiting.push(resolve));
        this.running++;
        // Not at once: whoever launches gets to see what else has come, which may be a reason not to begin.
        setImmediate(() => void task().finally(() => this.end()));
    }

    private end(): void {
        this.running--;
        this.waiting.shift()?.();
        if (this.running === 0) for (const resolve of this.idle.splice(0)) resolve();
    }

    /** Runs tasks and waits for all of them. */
    async all(tasks: readonly (() => Promise<void>)[]): Promise<void> {
        const ends: Promise<void>[] = [];
        for (const task of tasks) {
            let end: () => void;
            ends.push(new Promise((resolve) => (end = resolve)));
            await this.launch(() => task().finally(() => end()));
        }
        await Promise.all(ends);
    }

    /** Waits until nothing runs. */
    async settled(): Promise<void> {
        if (this.running > 0) await new Promise<void>((resolve) => this.idle.push(resolve));
    }
}
