import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const DAY = 86_400_000;

/** When every scenario with a clock of its own begins. */
export const CLOCK_START = Date.parse("2030-01-01T00:00:00Z");

/** The clock of a scenario: the server's and that of the dynamic host. It runs, and tests put it forward. */
export class TestClock {
    /** The environment in which the host has this clock. */
    readonly environment: Readonly<Record<string, string>>;
    readonly #folder = mkdtempSync(join(tmpdir(), "scenario-clock-"));
    readonly #file = join(this.#folder, "offset");
    #offset = CLOCK_START - Date.now();

    constructor() {
        this.#write();
        this.environment = {
            HOST_CLOCK: this.#file,
            NODE_OPTIONS: `-r ${resolve(__dirname, "clock.cjs")}`,
        };
    }

    readonly now = (): Date => new Date(Date.now() + this.#offset);

    /** The instant so many days from now. */
    inDays(days: number): string {
        return new Date(this.now().getTime() + days * DAY).toISOString();
    }

    /** Puts the clock forward. */
    pass(days: number): void {
        this.#offset += days * DAY;
        this.#write();
    }

    dispose(): void {
        rmSync(this.#folder, { recursive: true, force: true });
    }

    #write(): void {
        writeFileSync(this.#file, String(this.#offset));
    }
}
