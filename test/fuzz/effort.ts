import fc from "fast-check";

/**
 * How hard the fuzzing tries. `FUZZ=20 npx vitest run test/fuzz` makes each property run twenty times as often as `npm test`. A
 * failure prints its seed and path; with `FUZZ_SEED=<seed>` the same inputs come again.
 */
const factor = Number(process.env["FUZZ"] ?? "1");
const seed = process.env["FUZZ_SEED"];

/** The parameters of a property that runs so often in `npm test`. */
export function runs(inTest: number): fc.Parameters<unknown> {
    const numRuns = Math.max(1, Math.round(inTest * factor));
    return seed === undefined ? { numRuns } : { numRuns, seed: Number(seed) };
}

/** How long a test may take, in milliseconds. */
export const PATIENCE = 60_000 * Math.max(1, factor);

/** A text of anything that outside bytes may hold: NUL, lone surrogates, escapes, names that objects have by themselves. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.constantFrom("", " ", "\u0000", "\ud800", "\u001b[2J", "\u2028", "__proto__", "constructor", "toString"),
    fc.constantFrom("..", "%2e%2e", "null", "NaN", "1e400", "-0", "9".repeat(400), "x".repeat(5000)),
);

const anyNumber = fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(0, -0, -1, 1.5, 1e21, 2 ** 53, Number.MAX_VALUE, Number.MIN_VALUE),
);

/** A value of any kind and depth, as `JSON.parse` could give it: `__proto__` is a property of its own. */
export const anyJson: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.constantFrom(null, true, false),
        anyText,
        anyNumber,
        fc.array(tie("value"), { maxLength: 4 }),
        fc.array(fc.tuple(anyText, tie("value")), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    ),
})).value;

/** Lists and objects in one another, to a depth. */
export function nested(depth: number): unknown {
    return Array.from({ length: depth }).reduce<unknown>((inner, _, level) => (level % 2 ? { a: inner } : [inner]), []);
}

/** One change of a value, at one of its places. */
interface Change {
    readonly at: number;
    readonly how: "replace" | "remove" | "rename" | "add" | "wrap";
    readonly value: unknown;
    readonly name: string;
}

/**
 * A valid value with up to three of its places changed: replaced by another kind, removed, renamed, wrapped, or put beside
 * something unexpected. It finds more than noise, which most parsers refuse at its first byte.
 */
export function mutated(valid: unknown): fc.Arbitrary<unknown> {
    const change: fc.Arbitrary<Change> = fc.record({
        at: fc.nat(),
        how: fc.constantFrom("replace", "remove", "rename", "add", "wrap"),
        value: fc.oneof({ weight: 30, arbitrary: anyJson }, { weight: 1, arbitrary: fc.constant(nested(2000)) }),
        name: anyText,
    });
    return fc
        .array(change, { maxLength: 3 })
        .map((changes) => changes.reduce((value, one) => changeAt(value, one.at % sizeOf(value), one), valid));
}

/** How many places a value has; what is very deep counts as one. */
function sizeOf(value: unknown, depth = 0): number {
    const isDeep = typeof value === "object" && value !== null && depth < 30;
    return isDeep ? Object.values(value).reduce<number>((sum, one) => sum + sizeOf(one, depth + 1), 1) : 1;
}

function changeAt(value: unknown, at: number, change: Change, depth = 0): unknown {
    if (at === 0 || typeof value !== "object" || value === null) {
        return changeHere(value, change);
    }
    let left = at - 1;
    const entries = Object.entries(value).map(([name, one]): [string, unknown] => {
        const size = sizeOf(one, depth + 1);
        const isHere = left >= 0 && left < size;
        const changed = isHere ? changeAt(one, left, change, depth + 1) : one;
        left -= size;
        return [name, changed];
    });
    return Array.isArray(value) ? entries.map(([, one]) => one) : Object.fromEntries(entries);
}

function changeHere(value: unknown, { how, value: other, name }: Change): unknown {
    if (how === "wrap") {
        return [value];
    }
    if (how === "replace" || typeof value !== "object" || value === null) {
        return other;
    }
    if (Array.isArray(value)) {
        return how === "remove" ? value.slice(1) : [...value, other];
    }
    const [[first, held] = [name, other], ...rest] = Object.entries(value);
    const kept =
        how === "remove"
            ? []
            : how === "rename"
              ? [[name, held]]
              : [
                    [first, held],
                    [name, other],
                ];
    return Object.fromEntries([...kept, ...rest]);
}
