import { type Frequency, KINDS, type Kind, type KindName } from "./kinds.js";
import { STAGES, type StageName } from "./stages.js";

/** What a fault comes to, in the words of the page. */
export const OUTCOMES = {
    done: "goes on",
    repeated: "goes on after another try",
    warned: "warns, and goes on",
    taken: "takes the key that the create made, with a new secret, and warns",
    left: "warns, and leaves the key in the stack as it is",
    believed: "counts as done, and the next create names the key that is left",
    failed: "fails, and nothing changed",
    redone: "fails, and the next `up` makes the change again",
    kept: "fails, keeps the key, and the next `up` goes on",
} as const;

export type Outcome = (typeof OUTCOMES)[keyof typeof OUTCOMES];

/** Some stages and what a fault comes to there: once, and always where that differs. */
export type Row = readonly [stages: readonly StageName[] | "others", once: Outcome, always?: Outcome];

const { done, repeated, warned, taken, left, believed, failed, redone, kept } = OUTCOMES;

/** A fault that may pass: the client tries again. */
const RETRIED: readonly Row[] = [
    [["check"], repeated, warned],
    [["listing"], repeated, done],
    [["wait"], repeated, kept],
    [["refreshProof"], repeated, left],
];
/** An answer that another try would not change. */
const FINAL: readonly Row[] = [
    [["check"], warned],
    [["listing"], done],
    [["refreshProof"], left],
    [["adoptListing"], warned, failed],
];
/** A create or a rotation may have acted, and has not. */
const UNCLEAR: readonly Row[] = [
    ...RETRIED,
    [["create"], failed],
    [["rotate"], repeated, kept],
    ["others", repeated, failed],
];
/** The API has acted, and its answer is lost. */
const LOST: readonly Row[] = [
    ...RETRIED,
    [["create"], taken],
    [["update", "adoptRotate"], repeated, redone],
    [["rotate"], repeated, kept],
    [["delete"], repeated, done],
    ["others", repeated, failed],
];

/** What each kind of fault comes to at each stage. */
export const TABLE: Readonly<Record<KindName, readonly Row[]>> = {
    unreachable: [["others", failed]],
    cutBefore: UNCLEAR,
    cutAfter: LOST,
    silent: LOST,
    unauthorized: [
        [["listing"], done],
        [["wait"], kept],
        [["refreshProof"], left],
        ["others", failed],
    ],
    forbidden: [...FINAL, [["wait"], kept], ["others", failed]],
    notFound: [...FINAL, [["wait"], repeated, kept], [["update"], repeated, failed], ["others", failed]],
    noSuchKey: [
        [["check"], warned],
        [["listing", "deleteProof", "refreshProof"], done],
        [["wait"], repeated, kept],
        [["adoptListing"], warned, failed],
        ["others", failed],
    ],
    refused: [
        [["check"], warned],
        [["listing"], repeated, done],
        [["wait"], kept],
        [["refreshProof"], left],
        // The client asks for a listing without a page size.
        [["refresh", "adoptListing"], repeated, failed],
        ["others", failed],
    ],
    tooMany: [...RETRIED, ["others", repeated, failed]],
    broken: UNCLEAR,
    page: [
        ...FINAL,
        [["wait"], kept],
        [["rotate"], repeated, kept],
        [["adoptRotate"], repeated, failed],
        ["others", failed],
    ],
    shape: [
        ...FINAL,
        [["create"], taken],
        [["wait"], kept],
        [["update"], redone],
        [["rotate"], repeated, kept],
        [["adoptRotate"], repeated, redone],
        [["delete"], done],
        ["others", failed],
    ],
    withoutResult: [
        [["listing"], done],
        [["wait"], repeated, kept],
        [["rotate"], kept],
        [["delete"], believed],
        [["refresh"], repeated, left],
        [["refreshProof"], left],
        [["adoptListing"], repeated, failed],
        [["adoptRotate"], redone],
        ["others", failed],
    ],
};

/** One field of the table. */
export interface Expectation {
    readonly kindName: KindName;
    readonly stageName: StageName;
    readonly frequency: Frequency;
    readonly outcome: Outcome;
}

/** The stages at which a kind of fault can happen. */
export function stagesOf(kindName: KindName): readonly StageName[] {
    const kind: Kind = KINDS[kindName];
    return keysOf(STAGES).filter((name) => kind.isUnreachable || kind.faults(STAGES[name].fails[0], "") !== undefined);
}

/** Every field of the table. What is unreachable is so during a whole operation. */
export function expectations(kindName: KindName): readonly Expectation[] {
    const named = TABLE[kindName].flatMap(([stages]) => (stages === "others" ? [] : stages));
    const kind: Kind = KINDS[kindName];
    return TABLE[kindName].flatMap(([stages, once, always = once]) =>
        (stages === "others" ? stagesOf(kindName).filter((stage) => !named.includes(stage)) : stages).flatMap(
            (stageName) => [
                ...(kind.isUnreachable ? [] : [{ kindName, stageName, frequency: "once", outcome: once } as const]),
                { kindName, stageName, frequency: "always", outcome: always } as const,
            ],
        ),
    );
}

/** The names of an object's properties, which are all that it has. */
export function keysOf<T extends object>(object: T): readonly (keyof T)[] {
    return Object.keys(object) as (keyof T)[];
}
