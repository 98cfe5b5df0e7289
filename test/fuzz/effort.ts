import fc from "fast-check";
import { expect } from "vitest";

/**
 * How hard the fuzzing tries. `FUZZ=20 npx vitest run test/fuzz` makes each property run twenty times as often as in
 * `npm test`, where all of them together take well under a minute. A failure prints its seed and path; with
 * `FUZZ_SEED=<seed>` the same inputs come again.
 */
const factor = Number(process.env["FUZZ"] ?? "1");
const seed = process.env["FUZZ_SEED"];

/** The parameters of a property that runs so often in `npm test`. */
export function runs(inTest: number): fc.Parameters<unknown> {
    const numRuns = Math.max(1, Math.round(inTest * factor));
    return seed === undefined ? { numRuns } : { numRuns, seed: Number(seed) };
}

/** A function's value, or the error of ours that it throws; any other error fails the test. */
export function orOurs<T, E extends Error>(ours: abstract new (...parameters: never[]) => E, run: () => T): T | E {
    try {
        return run();
    } catch (error) {
        expect(error).toBeInstanceOf(ours);
        return error as E;
    }
}

/** How long a test may take, in milliseconds, whatever the effort. */
export const PATIENCE = 60_000 * Math.max(1, factor);

/** A text of anything that outside bytes may hold: NUL, lone surrogates, escapes, names that objects have by themselves. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.string({ maxLength: 20 }),
    fc.constantFrom(
        "",
        " ",
        "\u0000",
        "\ud800",
        "\udfff\ud800",
        "\u001b[2J",
        "\u2028",
        "__proto__",
        "constructor",
        "toString",
        ".",
        "..",
        "../..",
        "%2e%2e",
        "null",
        "NaN",
        "1e400",
        "-0",
        "9".repeat(400),
        "x".repeat(5000),
    ),
);

/** A number of any kind that JSON can hold. */
export const anyNumber: fc.Arbitrary<number> = fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(0, -0, -1, 1.5, 1e21, 2 ** 53, 2 ** 53 + 2, Number.MAX_VALUE, Number.MIN_VALUE),
);

/** A value of any kind and depth, as `JSON.parse` could give it. */
export const anyJson: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.constantFrom(null, true, false),
        anyText,
        anyNumber,
        fc.array(tie("value"), { maxLength: 4 }),
        fc.array(fc.tuple(anyText, tie("value")), { maxLength: 4 }).map(objectOf),
    ),
})).value;

/** An object with own properties of any name: `__proto__` is one, as `JSON.parse` makes it. */
function objectOf(entries: readonly (readonly [string, unknown])[]): unknown {
    return Object.fromEntries(entries);
}

/** Lists in lists: deeper than anything that is meant, and as deep as any parser of our inputs lets through. */
export function nested(depth: number): unknown {
    let value: unknown = [];
    for (let level = 0; level < depth; level += 1) {
        value = level % 2 === 0 ? [value] : { a: value };
    }
    return value;
}

/**
 * A valid value with up to three places of it changed: replaced by something of another kind, removed, renamed, repeated,
 * or put beside something unexpected. Finds more than noise, which most parsers refuse at its first byte.
 */
export function mutated(valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
    const change = fc.record({
        at: fc.nat(),
        how: fc.constantFrom("replace", "remove", "rename", "repeat", "add", "wrap") satisfies fc.Arbitrary<How>,
        value: fc.oneof({ weight: 30, arbitrary: anyJson }, { weight: 1, arbitrary: fc.constant(nested(2000)) }),
        name: anyText,
    });
    return fc
        .tuple(valid, fc.array(change, { maxLength: 3 }))
        .map(([value, changes]) => changes.reduce((now, one) => mutate(now, one), structuredClone(value)));
}

type How = "replace" | "remove" | "rename" | "repeat" | "add" | "wrap";

interface Change {
    readonly at: number;
    readonly how: How;
    readonly value: unknown;
    readonly name: string;
}

/** Changes one place of a value; the number chooses it among all places. */
function mutate(value: unknown, change: Change): unknown {
    const size = sizeOf(value);
    return mutateAt(value, change.at % size, change);
}

/** How many places a value has; what is very deep counts as one. */
function sizeOf(value: unknown, depth = 0): number {
    if (typeof value !== "object" || value === null || depth > 30) {
        return 1;
    }
    return Object.values(value).reduce<number>((sum, one) => sum + sizeOf(one, depth + 1), 1);
}

function mutateAt(value: unknown, at: number, change: Change, depth = 0): unknown {
    if (at === 0 || typeof value !== "object" || value === null) {
        return mutateHere(value, change);
    }
    let left = at - 1;
    const entries = Object.entries(value).map(([name, one]): [string, unknown] => {
        const size = sizeOf(one, depth + 1);
        const here = left >= 0 && left < size;
        const changed: [string, unknown] = [name, here ? mutateAt(one, left, change, depth + 1) : one];
        left -= size;
        return changed;
    });
    return Array.isArray(value) ? entries.map(([, one]) => one) : Object.fromEntries(entries);
}

function mutateHere(value: unknown, { how, value: other, name }: Change): unknown {
    if (how === "wrap") {
        return [value];
    }
    if (Array.isArray(value)) {
        switch (how) {
            case "remove":
                return value.slice(1);
            case "repeat":
                return [...value, ...value];
            case "add":
            case "rename":
                return [...value, other];
            default:
                return other;
        }
    }
    if (typeof value === "object" && value !== null) {
        const entries = Object.entries(value);
        switch (how) {
            case "remove":
                return Object.fromEntries(entries.slice(1));
            case "rename":
                return Object.fromEntries(entries.map(([key, one], index) => [index === 0 ? name : key, one]));
            case "add":
            case "repeat":
                return Object.fromEntries([...entries, [name, other]]);
            default:
                return other;
        }
    }
    return other;
}
