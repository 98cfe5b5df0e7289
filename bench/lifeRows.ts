import type { ProgramName } from "./engine.js";
import { exponentOf, type Point } from "./growth.js";
import { type Measured, STEPS, type Step } from "./life.js";
import { ratioOf, spreadOf } from "./spread.js";
import { count, decimals, type Row, spreadText } from "./table.js";

/** The programs, in the order of the table's columns. */
export const COLUMNS: readonly ProgramName[] = ["ours", "laden", "tutorial", "floor"];

/** What is read off a measured operation; `undefined` where it has none. */
interface Figure {
    readonly label: string;
    readonly of: (measured: Measured) => number | undefined;
}

const COUNTED: readonly Figure[] = [
    { label: "requests", of: ({ seen }) => seen.total },
    { label: "KB on the wire", of: ({ seen }) => seen.bytes / 1000 },
    { label: "connections", of: ({ seen }) => seen.connections },
];

const HELD_AGAINST_FLOOR: readonly Figure[] = [
    { label: "time", of: ({ seconds }) => seconds },
    { label: "processor, provider's host", of: ({ usages }) => usages.host?.seconds },
    { label: "memory, provider's host", of: ({ usages }) => usages.host?.megabytes },
    { label: "processor, program", of: ({ usages }) => usages.program?.seconds },
    { label: "memory, program", of: ({ usages }) => usages.program?.megabytes },
];

const STATE: Figure = { label: "bytes of state a key", of: ({ stateBytes, keys }) => stateBytes / keys };

/** The whole life of keys as rows: what was counted as it is, what was timed over the floor's of the same round. */
export function lifeRows(all: readonly Measured[]): Row[] {
    const sizes = [...new Set(all.map(({ keys }) => keys))];
    return sizes.flatMap((keys) =>
        STEPS.flatMap(({ name }) =>
            stepRows(
                all.filter((one) => one.keys === keys && one.step === name),
                keys,
                name,
            ),
        ),
    );
}

function stepRows(measured: readonly Measured[], keys: number, step: Step): Row[] {
    const kinds = [...new Set(measured.flatMap(({ seen }) => Object.keys(seen.requests)))].sort();
    const byKind = kinds.map((kind) => ({
        label: `  ${kind}`,
        of: ({ seen }: Measured) => Object.entries(seen.requests).find(([name]) => name === kind)?.[1] ?? 0,
    }));
    const [requests, ...others] = COUNTED;
    const counted = [...(requests === undefined ? [] : [requests, ...byKind]), ...others];
    const rows: Row[] = [
        ...counted.map(
            (figure): Row => [`  ${figure.label}`, ...COLUMNS.map((name) => absolute(measured, name, figure))],
        ),
        ...HELD_AGAINST_FLOOR.map(
            (figure): Row => [
                `  ${figure.label}, x floor`,
                ...COLUMNS.map((name) => overFloor(measured, name, figure)),
            ],
        ),
        ...(step === "up from nothing"
            ? [[`  ${STATE.label}`, ...COLUMNS.map((name) => absolute(measured, name, STATE))] as const]
            : []),
    ];
    // A refresh and a destroy run no program.
    return [[`${keys} keys: ${step}`], ...rows.filter(hasCells)];
}

function hasCells([, ...cells]: Row): boolean {
    return cells.some((cell) => cell !== undefined);
}

function absolute(measured: readonly Measured[], program: ProgramName, { of }: Figure): string | undefined {
    const values = measured.filter((one) => one.program === program).flatMap((one) => of(one) ?? []);
    return values.length === 0 ? undefined : spreadText(spreadOf(values), count);
}

function overFloor(measured: readonly Measured[], program: ProgramName, { of }: Figure): string | undefined {
    const floors = measured.filter((one) => one.program === "floor");
    const rounds = measured
        .filter((one) => one.program === program)
        .flatMap((one) => {
            const [subject, floor] = [of(one), floors.find(({ round }) => round === one.round)];
            const base = floor && of(floor);
            return subject === undefined || base === undefined ? [] : [{ base, subject }];
        });
    return rounds.length === 0 ? undefined : spreadText(ratioOf(rounds), decimals);
}

/** Below that, what does not grow decides. */
const GROWS_FROM = 100;

/** How each figure of some operations grows: the exponent. No rows where fewer than two numbers of keys tell. */
export function growthRows(all: readonly Measured[]): Row[] {
    const figures = [...COUNTED.slice(0, 2), ...HELD_AGAINST_FLOOR];
    const grown = all.filter(({ keys }) => keys >= GROWS_FROM);
    const rows = STEPS.flatMap(({ name }) =>
        [...figures, ...(name === "up from nothing" ? [STATE] : [])].map((figure): Row => {
            const measured = grown.filter(({ step }) => step === name);
            return [`  ${name}: ${figure.label}`, ...COLUMNS.map((program) => exponent(measured, program, figure))];
        }),
    ).filter(hasCells);
    return rows.length === 0 ? [] : [[`growth from ${GROWS_FROM} keys on, as an exponent`], ...rows];
}

function exponent(measured: readonly Measured[], program: ProgramName, { of }: Figure): string | undefined {
    const points = measured
        .filter((one) => one.program === program)
        .flatMap((one): Point[] => {
            const value = of(one);
            return value === undefined ? [] : [{ keys: one.keys, value }];
        });
    const found = exponentOf(points);
    return found === undefined ? undefined : decimals(found);
}
