/** The rows that take an engine: requests by kind, the size of the state, and the time of the first `up`. */
import type { PulumiCommand } from "@pulumi/pulumi/automation";
import { openAccount, total } from "./account.js";
import { empties, keys } from "./programs.js";
import { openStack } from "./stack.js";
import { median, type Row, spread } from "./table.js";

/** What these rows are measured with. */
export interface EngineOptions {
    /** Asked for once there is something to run. */
    readonly command: () => Promise<PulumiCommand>;
    readonly count: number;
    readonly rounds: number;
    /** Shows a line of progress. */
    readonly tell: (line: string) => void;
}

/** The requests of a life of keys, in a team that holds as many keys of others. */
export async function requestRows({ command, count, tell }: EngineOptions): Promise<Row[]> {
    const account = await openAccount({ otherKeys: count });
    let qpm = 100;
    const stack = await openStack(
        await command(),
        keys(count, () => qpm),
        account.env,
    );
    const pages = Math.ceil((2 * count) / 100);
    const life = [
        ["up, from nothing", "up", `${count} POSTs and their checks, 1 listing, 1 look-up of models and endpoints`],
        ["up, nothing to do", "up", "0 writes, at most 3 reads"],
        ["refresh", "refresh", `${pages} listApiKeys`],
        ["up, one limit changed on all", "up", `${count} updates, 1 look-up`],
        ["destroy", "destroy", `${count} deletes`],
    ] as const;
    const rows: Row[] = [];
    try {
        for (const [step, operation, budget] of life) {
            tell(`requests: ${step}`);
            qpm = step.includes("changed") ? 101 : qpm;
            await account.requests();
            await stack.run(operation);
            const requests = await account.requests();
            const kinds = Object.entries(requests).map(([kind, number]) => `${number} ${kind}`);
            rows.push([`requests, ${count} keys: ${step}`, `${total(requests)}: ${kinds.join(", ")}`, budget]);
        }
    } finally {
        stack.close();
        account.close();
    }
    return rows;
}

/** The bytes of state for each key. */
export async function stateRows(options: EngineOptions): Promise<Row[]> {
    const { keys: ours, empty } = await firstUps(options, 0);
    return [[`state, bytes a key (an empty resource: ${empty.stateBytes})`, String(ours.stateBytes), "2600"]];
}

/** The time of the first `up`, against the same program with an empty resource in place of each key. */
export async function timeRows(options: EngineOptions): Promise<Row[]> {
    options.tell("time: a first round, which loads files into memory and does not count");
    await firstUps({ ...options, count: 1 }, 0);
    const ratios: number[] = [];
    const seconds: number[] = [];
    for (let round = 0; round < options.rounds; round += 1) {
        const { keys: ours, empty } = await firstUps(options, round);
        options.tell(`time: round ${round + 1}, ${ours.seconds.toFixed(1)} s and ${empty.seconds.toFixed(1)} s`);
        ratios.push(ours.seconds / empty.seconds);
        seconds.push(ours.seconds);
    }
    const what = `time, up of ${options.count} keys, x empty resources (${median(seconds).toFixed(1)} s)`;
    return [[what, spread(ratios), "1.30"]];
}

interface FirstUp {
    readonly seconds: number;
    readonly stateBytes: number;
}

/** Creates both programs' resources. The two take turns in being first. */
async function firstUps(options: EngineOptions, round: number): Promise<Record<"keys" | "empty", FirstUp>> {
    const { command, count } = options;
    const up = async (program: () => void): Promise<FirstUp> => {
        const account = await openAccount({ otherKeys: 0 });
        const stack = await openStack(await command(), program, account.env);
        try {
            const seconds = await stack.run("up");
            return { seconds, stateBytes: Math.round(stack.stateBytes() / count) };
        } finally {
            stack.close();
            account.close();
        }
    };
    const programs = { keys: keys(count, () => 100), empty: empties(count) };
    if (round % 2 === 0) {
        const empty = await up(programs.empty);
        return { keys: await up(programs.keys), empty };
    }
    const ours = await up(programs.keys);
    return { keys: ours, empty: await up(programs.empty) };
}
