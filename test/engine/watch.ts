import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { Exposed } from "./leaks.js";

/** How often the watch looks, in milliseconds. */
const EVERY = 100;
/** The largest file that is read, in bytes: an engine's own caches may hold far larger ones. */
const LARGEST = 8 * 1024 * 1024;

/**
 * The Automation API itself hands over what its `setConfig` is given on a command line. It is the tests that call it, and
 * not what is tested.
 */
const SET_CONFIG = /^(\S*sh )?\S*pulumi config set(-all)? /;

/**
 * Looks, while a stack is at work, at what others on this machine could see of it: the command lines (which are the titles,
 * too) of this process and of all that it started, and every temporary file, also one that is gone a moment later.
 *
 * Command lines are read from `/proc`; where there is none, {@link commandLines} is empty.
 */
export class Watch {
    readonly #folder: string;
    readonly #before: string | undefined;
    readonly #timer: NodeJS.Timeout;
    readonly #files = new Map<string, Exposed>();
    readonly #commandLines = new Map<string, Exposed>();
    readonly #events: Exposed[] = [];
    /** The processes that were seen, and which one started each. */
    readonly #parents = new Map<number, number>();

    /** Begins to look; all temporary files of this process and of its children go to a folder that is looked at. */
    constructor() {
        this.#before = process.env["TMPDIR"];
        this.#folder = mkdtempSync(join(tmpdir(), "watched-"));
        process.env["TMPDIR"] = this.#folder;
        this.#timer = setInterval(() => this.#look(), EVERY);
    }

    /** Takes an event of the engine. Those for debugging show inputs and outputs as they are: the README warns of them. */
    hear(event: EngineEvent): void {
        // The type leaves out one that the CLI sends.
        const severity: string | undefined = event.diagnosticEvent?.severity;
        if (severity !== "debug") {
            this.#events.push({ name: `event ${this.#events.length}`, text: JSON.stringify(event) });
        }
    }

    /** What was seen and heard so far. */
    seen(): readonly Exposed[] {
        this.#look();
        return [...this.#commandLines.values(), ...this.#files.values(), ...this.#events];
    }

    /** The command lines that were seen so far, with the process of each. */
    get commandLines(): readonly Exposed[] {
        return [...this.#commandLines.values()];
    }

    /** Ends it, and removes the temporary files that others have left. */
    end(): void {
        clearInterval(this.#timer);
        if (this.#before === undefined) {
            delete process.env["TMPDIR"];
        } else {
            process.env["TMPDIR"] = this.#before;
        }
        rmSync(this.#folder, { recursive: true, force: true });
    }

    #look(): void {
        for (const pid of this.#family()) {
            const text = read(`/proc/${pid}/cmdline`)?.replaceAll("\0", " ");
            if (text !== undefined && text !== "" && !SET_CONFIG.test(text)) {
                this.#commandLines.set(`${pid} ${text}`, { name: `the command line of process ${pid}`, text });
            }
        }
        this.#lookInto(this.#folder);
    }

    /** This process and all that it has started, at any remove. */
    #family(): ReadonlySet<number> {
        const all = existsSync("/proc") ? readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : [];
        for (const name of all.filter((one) => !this.#parents.has(Number(one)))) {
            // The second field is the name in brackets, which may hold anything.
            const fields = read(`/proc/${name}/stat`)?.replace(/^.*\) /s, "");
            this.#parents.set(Number(name), Number(fields?.split(" ")[1]));
        }
        const family = new Set([process.pid]);
        for (const one of family) {
            for (const [child, parent] of this.#parents) {
                if (parent === one) {
                    family.add(child);
                }
            }
        }
        return family;
    }

    #lookInto(folder: string): void {
        for (const entry of entriesOf(folder)) {
            const path = join(folder, entry.name);
            if (entry.isDirectory()) {
                this.#lookInto(path);
            } else if (entry.isFile()) {
                this.#lookAt(path);
            }
        }
    }

    #lookAt(path: string): void {
        const facts = lstatSync(path, { throwIfNoEntry: false });
        const version = `${path} ${facts?.size} ${facts?.mtimeMs}`;
        if (facts === undefined || facts.size > LARGEST || this.#files.has(version)) {
            return;
        }
        const text = read(path);
        if (text !== undefined) {
            this.#files.set(version, { name: `the temporary file ${path}`, text });
        }
    }
}

function entriesOf(folder: string) {
    try {
        return readdirSync(folder, { withFileTypes: true });
    } catch {
        // Gone since it was listed.
        return [];
    }
}

/** A file's text; `undefined` for one that is gone or may not be read. */
function read(path: string): string | undefined {
    try {
        return readFileSync(path, "utf8");
    } catch {
        return undefined;
    }
}
