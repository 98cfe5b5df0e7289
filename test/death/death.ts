import { describe, expect, it } from "vitest";
import { expectNoLeak } from "../engines/leaks.js";
import { textsBelow } from "../engines/texts.js";
import { type Cell, type Part, passesOf, programsOf } from "./cells.js";
import { noDisk } from "./disk.js";
import type { MortalEngine, MortalStack, Outcome, Running } from "./engine.js";
import { Place, type WantedKey } from "./place.js";
import { gone, killAll, NO_PROCESSES, processesOf } from "./processes.js";

/** Set to anything, it runs every death there is instead of those that differ most. */
export const EVERY_DEATH = "PULUMI_XAI_EVERY_DEATH";

/** How long one may take, in milliseconds, on a machine that has more to do. */
const LIMIT = 300_000;

/** How the system itself puts it, whichever way it came about. */
const SAID_OF_A_FULL_DISK = /no space left on device|ENOSPC|EFBIG|not a directory/;

/** Defines the deaths of a part of the table on an engine. */
export function defineDeaths(
    engine: MortalEngine | { readonly name: string; readonly missing: string },
    part: Part,
): void {
    const title = `death in the middle of a ${part} on ${engine.name}`;
    const missing = "missing" in engine ? engine.missing : NO_PROCESSES;
    if (missing !== undefined || "missing" in engine) {
        describe.skip(`${title} (skipped: ${missing})`, () => {
            it("converges", () => undefined);
        });
        return;
    }
    const cells = process.env[EVERY_DEATH] === undefined ? engine.chosen(part) : engine.all(part);
    const substitute = cells.some(({ victim }) => victim === "disk") ? noDisk() : undefined;
    if (substitute !== undefined) {
        process.stdout.write(
            `${title}: no disk is filled, the writing of the state is refused instead: ${substitute}\n`,
        );
    }
    describe(title, () => {
        // Each is mostly waiting for processes to start.
        it.concurrent.each(cells.map((cell) => [titleOf(cell), cell] as const))(
            "%s",
            async (_, cell) => {
                const place = await Place.open({ hasDisk: cell.victim === "disk" && substitute === undefined });
                try {
                    await new Death(engine, place, await engine.open(place), cell).run();
                } finally {
                    await place.close();
                }
            },
            LIMIT,
        );
    });
}

function titleOf({ victim, point, count, recovery }: Cell): string {
    const keys = count === 1 ? "1 key" : `${count} keys`;
    return `the ${victim} ${victim === "disk" ? "fills up" : "dies"} ${point.name}, with ${keys} in flight; then ${recovery}`;
}

/** One death and what comes after it. */
class Death {
    readonly #printed: { readonly name: string; readonly text: string }[] = [];

    constructor(
        private readonly engine: MortalEngine,
        private readonly place: Place,
        private readonly stack: MortalStack,
        private readonly cell: Cell,
    ) {}

    async run(): Promise<void> {
        const { place, stack, cell } = this;
        const programs = programsOf(cell);
        await this.#prepare(programs.before);
        place.wanted = programs.after;
        await this.#die();
        const before = this.#printed.length;

        if (cell.recovery === "refresh and up") {
            this.#mustSucceed("refresh", await stack.refresh());
        }
        this.#mustSucceed("up", await stack.up());
        this.#mustSucceed("preview", await stack.previewNothing());

        const orphans = await this.#convergedBut();
        const lost = this.#lost();
        expect(orphans.length, "keys of which the stack does not know").toBeGreaterThanOrEqual(lost);
        // What got through first may have been under way still.
        expect(orphans.length).toBeLessThanOrEqual(lost === 0 ? 0 : lost + passesOf(cell));
        const alarms = alarmsIn(this.#printed.slice(before).map(({ text }) => text));
        const ids = orphans.map(({ apiKeyId }) => apiKeyId);
        const untold = ids.filter((id) => !alarms.some((alarm) => alarm.includes(id)));
        expect(untold, "keys that nobody was told of").toEqual([]);
        const needless = alarms.filter((alarm) => !ids.some((id) => alarm.includes(id)));
        expect(needless, "false alarms").toEqual([]);
        await gone(place.mark);
        expectNoLeak(place.emulator.secrets(), [...this.#printed, ...stack.files()]);
        expect(
            textsBelow(place.temporaryFolder).map(({ name }) => name),
            "temporary files",
        ).toEqual([]);
    }

    /** Brings the stack to where the run that is hit begins. */
    async #prepare(before: readonly WantedKey[]): Promise<void> {
        const { place, stack, cell } = this;
        if (before.length === 0) {
            return;
        }
        place.wanted = before;
        if (cell.point.part !== "recovery") {
            this.#mustSucceed("the first up", await stack.up());
            return;
        }
        // Keys whose state owes the secret: the answers came without it, and no other was to be had.
        place.gate.alter("createApiKey", ({ apiKey: _, ...rest }) => rest);
        place.emulator.inject({ operation: "rotateApiKey", status: 403, times: Number.POSITIVE_INFINITY });
        const outcome = await stack.up();
        place.gate.alter("createApiKey", undefined);
        place.emulator.clearFaults();
        this.#note("the first up", outcome);
        expect(outcome.ok, "a creation without a secret was taken for complete").toBe(false);
    }

    /** Runs an update until all that is to be in flight is, kills, and waits for the end of it. */
    async #die(): Promise<void> {
        const { place, stack, cell } = this;
        const { gate, mark } = place;
        const { victim, point, count } = cell;
        if (point.part === "takeover") {
            place.emulator.inject({ operation: "createApiKey", cut: "after", times: count });
        }
        gate.stop(point.operation, point.side, passesOf(cell));
        const running = await stack.start();
        const early = running.ended.then(({ output }) => {
            throw new Error(`the run ended before ${count} requests were under way (${gate.held} are):\n${output}`);
        });
        await Promise.race([gate.holds(count), early]);
        early.catch(() => undefined);
        const recover = await this.#strike(running);
        const outcome = await running.ended;
        recover();
        this.#note(`the run whose ${victim} died`, outcome);
        expect(outcome.ok, "a run that was hit passed for a success").toBe(false);
        if (victim === "disk") {
            expect(outcome.output, "what is said of a full disk").toMatch(SAID_OF_A_FULL_DISK);
        }
        if (victim === "engine") {
            await stack.clearAfterEngine();
        }
        await gone(mark);
        expect(processesOf(mark)).toEqual([]);
    }

    /** Does it, and lets what is in flight end as it can. Returns what makes the stack usable again. */
    async #strike(running: Running): Promise<() => void> {
        const { engine, place, stack, cell } = this;
        const { victim } = cell;
        let recover = (): void => undefined;
        if (victim === "engine") {
            process.kill(running.pid, "SIGKILL");
        } else if (victim === "disk") {
            recover = fullDisk(place, stack, running);
        } else {
            await killAll(place.mark, victim);
        }
        const hostDies = victim === "provider host" || (victim === "engine" && engine.takesHostsAlong);
        if (hostDies) {
            await gone(place.mark, ({ role }) => role === "provider host");
            place.gate.drop();
        } else {
            await place.gate.release();
        }
        return recover;
    }

    /** How many keys the death has lost: those made in a creation whose news did not reach the engine. */
    #lost(): number {
        const { victim, point, count } = this.cell;
        if (victim === "program") {
            return 0;
        }
        const hostLives = victim === "disk" || (victim === "engine" && !this.engine.takesHostsAlong);
        const actedAfterwards = hostLives && point.operation === "createApiKey";
        return point.madeUnknownKeys || actedAfterwards ? count : 0;
    }

    /** Asserts that the state and the server hold what the program says. Returns what else the server holds. */
    async #convergedBut() {
        const { place, stack } = this;
        const stored = await stack.keys();
        const held = stored.map(({ urn, id, apiKey }) => {
            const key = place.emulator.key(id);
            const secret = key?.apiKey === apiKey ? "the server's" : "another";
            return { name: urn.slice(urn.lastIndexOf("::") + 2), qpm: key?.qpm, disabled: key?.disabled, secret };
        });
        const wanted = place.wanted.map(({ name, qpm, disabled = false }) => {
            return { name, qpm, disabled, secret: "the server's" };
        });
        const byName = (one: { name: string }, other: { name: string }) => one.name.localeCompare(other.name);
        expect(held.sort(byName)).toEqual(wanted.sort(byName));
        return place.emulator.keys().filter(({ apiKeyId }) => !stored.some(({ id }) => id === apiKeyId));
    }

    #mustSucceed(name: string, outcome: Outcome): void {
        this.#note(name, outcome);
        if (!outcome.ok) {
            throw new Error(`${name} failed:\n${outcome.output}`);
        }
    }

    #note(name: string, { output }: Outcome): void {
        this.#printed.push({ name: `the output of ${name}`, text: output });
    }
}

/** Fills the disk that the state is on, or has the writing of it refused. Returns what makes room again. */
function fullDisk({ disk }: Place, stack: MortalStack, running: Running): () => void {
    if (disk === undefined) {
        return stack.refuseWriting(running);
    }
    stack.removeBackups();
    disk.fill();
    return () => disk.makeRoom();
}

/** The warnings of keys that an interrupted run has left behind. */
export function alarmsIn(texts: readonly string[]): string[] {
    return texts
        .flatMap((text) => text.split("\n"))
        .filter((line) => line.includes("probably left behind by an update"));
}
