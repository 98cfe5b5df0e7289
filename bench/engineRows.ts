/** The rows that take an engine: requests by kind, the size of the state, and the time of the first `up`. */
import type { PulumiCommand } from "@pulumi/pulumi/automation";
import { openAccount, total } from "./account.js";
import { empties, equals, keys, nativeKeys } from "./programs.js";
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
    const { dynamic, native, empty, equal } = await firstUps(options, 0);
    const what = `state, bytes a key (resources that do nothing: ${empty.stateBytes}, ${equal.stateBytes})`;
    return [
        [what, String(dynamic.stateBytes), "2600"],
        ["state, bytes a key, native mode", String(native.stateBytes), "2600"],
    ];
}

/** The time of the first `up`, against the same program with resources in place of the keys that do nothing. */
export async function timeRows(options: EngineOptions): Promise<Row[]> {
    options.tell("time: a first round, which loads files into memory and does not count");
    await firstUps({ ...options, count: 1 }, 0);
    const rounds: Record<Program, FirstUp>[] = [];
    for (let round = 0; round < options.rounds; round += 1) {
        const ups = await firstUps(options, round);
        const seconds = PROGRAMS.map((program) => `${program} ${ups[program].seconds.toFixed(1)} s`);
        options.tell(`time: round ${round + 1}, ${seconds.join(", ")}`);
        rounds.push(ups);
    }
    return (["dynamic", "native"] as const).flatMap((mode): Row[] => {
        const seconds = median(rounds.map((ups) => ups[mode].seconds)).toFixed(1);
        const times = (floor: Program) => spread(rounds.map((ups) => ups[mode].seconds / ups[floor].seconds));
        const what = `time, up of ${options.count} keys, ${mode} (${seconds} s)`;
        return [
            [`${what}, x empty resources`, times("empty"), "1.30"],
            [`${what}, x resources of the same state`, times("equal"), "1.30"],
        ];
    });
}

const PROGRAMS = ["dynamic", "native", "empty", "equal"] as const;
type Program = (typeof PROGRAMS)[number];

interface FirstUp {
    readonly seconds: number;
    readonly stateBytes: number;
}

const NONE: FirstUp = { seconds: 0, stateBytes: 0 };

/** Creates the resources of each program. They take turns in being first. */
async function firstUps({ command, count }: EngineOptions, round: number): Promise<Record<Program, FirstUp>> {
    const programs: Record<Program, () => void> = {
        dynamic: keys(count, () => 100),
        native: nativeKeys(count, () => 100),
        empty: empties(count),
        equal: equals(count),
    };
    const up = async (program: Program): Promise<FirstUp> => {
        const account = await openAccount({ otherKeys: 0 });
        const stack = await openStack(await command(), programs[program], account.env);
        try {
            const seconds = await stack.run("up");
            return { seconds, stateBytes: Math.round(stack.stateBytes() / count) };
        } finally {
            stack.close();
            account.close();
        }
    };
    const first = round % PROGRAMS.length;
    const ups = { dynamic: NONE, native: NONE, empty: NONE, equal: NONE };
    for (const program of [...PROGRAMS.slice(first), ...PROGRAMS.slice(0, first)]) {
        ups[program] = await up(program);
    }
    return ups;
}
