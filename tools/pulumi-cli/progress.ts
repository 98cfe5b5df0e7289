/** Takes one line for people. */
export type Say = (line: string) => void;

const EVERY_MS = 15_000;

/** Says each quarter of a minute how long the work has taken. */
export async function withProgress<T>(what: string, say: Say, work: Promise<T>): Promise<T> {
    const start = performance.now();
    const timer = setInterval(() => say(`  ${what}: ${elapsed(performance.now() - start)}`), EVERY_MS);
    try {
        return await work;
    } finally {
        clearInterval(timer);
    }
}

/** A duration in minutes and seconds: `1:15`. */
export function elapsed(ms: number): string {
    const seconds = Math.round(ms / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
