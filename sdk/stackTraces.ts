/** Stack traces that are not taken for now. */
export interface PausedStackTraces {
    /** Gives an error that was thrown meanwhile the trace of where this is called. */
    traced(error: unknown): unknown;
    /** Has them taken again. */
    resume(): void;
}

/**
 * Pauses the taking of stack traces while a resource is made. Pulumi takes four for each of its outputs, in case one is never
 * resolved: under ts-node, which looks every frame up in a source map, they are half of what a program with hundreds of keys
 * takes (`docs/speed.md`). Where the resource stands in the program Pulumi finds out without regard to this. Whoever looks for
 * promises that are never resolved, with `PULUMI_DEBUG_PROMISE_LEAKS`, gets the traces.
 *
 * @example
 * const traces = pauseStackTraces();
 * try {
 *     super(…);
 * } catch (error) {
 *     throw traces.traced(error);
 * } finally {
 *     traces.resume();
 * }
 */
export function pauseStackTraces(): PausedStackTraces {
    const limit = Error.stackTraceLimit;
    const resume = () => {
        Error.stackTraceLimit = limit;
    };
    if (!process.env["PULUMI_DEBUG_PROMISE_LEAKS"]) {
        Error.stackTraceLimit = 0;
    }
    return {
        traced(error) {
            const isPaused = Error.stackTraceLimit === 0;
            resume();
            if (isPaused && error instanceof Error) {
                Error.captureStackTrace(error, this.traced);
            }
            return error;
        },
        resume,
    };
}
