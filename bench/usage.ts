import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

/** What a process used from its start to its end. */
export interface Usage {
    /** Of a processor, in user and system mode. */
    readonly seconds: number;
    /** The most memory that it held. */
    readonly megabytes: number;
}

/** What an operation's processes used. */
export interface Usages {
    readonly host: Usage | undefined;
    readonly program: Usage | undefined;
}

const usageSchema = z.object({ kind: z.enum(["run", "dynamic-provider"]), seconds: z.number(), megabytes: z.number() });

/** How long a process that is no longer needed may take to end, in milliseconds. */
const PATIENCE = 2000;
const EVERY = 20;

/** The environment in which Node processes write what they used into a folder. */
export function usageEnvironment(folder: string): Record<string, string> {
    return { NODE_OPTIONS: `--require ${join(__dirname, "usage.cjs")}`, BENCH_USAGE: folder };
}

/** Reads what processes wrote into the folder, and empties it. Every operation has a host, some have a program. */
export async function takeUsages(folder: string): Promise<Usages> {
    const deadline = performance.now() + PATIENCE;
    for (;;) {
        const found = readdirSync(folder).flatMap((name) => {
            const parsed = usageSchema.safeParse(json(readFileSync(join(folder, name), "utf8")));
            return parsed.success ? [{ name, ...parsed.data }] : [];
        });
        const host = found.find(({ kind }) => kind === "dynamic-provider");
        if (host !== undefined || performance.now() > deadline) {
            for (const { name } of found) {
                rmSync(join(folder, name));
            }
            return { host, program: found.find(({ kind }) => kind === "run") };
        }
        await sleep(EVERY);
    }
}

/** A file's JSON; `undefined` for one that is only half written. */
function json(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}
