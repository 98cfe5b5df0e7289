import fc from "fast-check";
import type { Dialect, Fault } from "xai-management-emulator";
import type { Kill } from "./killing.js";
import { fault, isBearable } from "./troubles.js";

/** The arguments of a key as a random program gives them. What is absent is not given. */
export interface KeyArgs {
    readonly name?: string;
    readonly acls?: readonly string[];
    readonly qps?: number | null;
    readonly qpm?: number | null;
    readonly tpm?: number | string | null;
    readonly expireTime?: string | null;
    readonly disabled?: boolean;
    readonly teamId?: string;
    readonly waitForPropagation?: boolean;
    readonly expiresIn?: string | null;
    readonly rotation?: RotationArgs | null;
    readonly onDelete?: "delete" | "disable";
    /** Whether a key that was there before is taken over, and with which secret. Its id is found when the sequence is played. */
    readonly adopts?: "with its secret" | "by rotation";
    /** A key whose secret is a trigger of this one's rotation. Nothing where there is none that stands before it. */
    readonly follows?: string;
    /** The resource option. */
    readonly ignoreChanges?: readonly string[];
}

/** The argument `rotation`. */
export type RotationArgs = {
    readonly triggers?: Readonly<Record<string, number | string>>;
    readonly every?: string;
    readonly beforeExpiry?: string;
    readonly overlap?: string;
};

/** A change of the program. A key that is not there is added by what changes it. */
export type Edit =
    | { readonly edit: "change"; readonly key: string; readonly args: KeyArgs }
    | { readonly edit: "remove"; readonly key: string }
    | { readonly edit: "rename"; readonly key: string; readonly to: string }
    /** Another key of the same explicit name and settings: nothing but the id tells them apart. */
    | { readonly edit: "twin"; readonly key: string; readonly of: string };

/** What someone else does in the console between two operations. Where there is no such key it is nothing. */
export type Outside =
    | { readonly outside: "change"; readonly key: string; readonly qps: number | null }
    | { readonly outside: "delete"; readonly key: string }
    | { readonly outside: "rotate"; readonly key: string }
    | { readonly outside: "switch off"; readonly key: string }
    | { readonly outside: "add"; readonly name: string };

/** Changes, and an operation with everything that goes wrong in it. */
export interface Step {
    /** How many days pass before it. */
    readonly days: number;
    readonly edits: readonly Edit[];
    readonly outside: readonly Outside[];
    readonly operation: "preview" | "up" | "refresh" | "destroy" | "replace";
    readonly faults: readonly Fault[];
    readonly kill: Kill | undefined;
}

/** A server, and what is done to it and to a stack on it. */
export interface Sequence {
    readonly dialect: Partial<Dialect>;
    /** How far the server's clock is ahead of this machine's, in hours. */
    readonly clockHours: number;
    readonly propagation: number;
    readonly maxRetries: number;
    readonly steps: readonly Step[];
}

/** The second team that the management key may use. */
export const OTHER_TEAM = "b1946ac9-2492-4d23-8a6e-0000000000b2";
/** Triggers of a rotation that the program keeps secret. */
export const SECRET_TRIGGERS: readonly string[] = ["hush-7Qw3ZtB9kLm2-hush", "hush-Xp5cVn8Rw1Yd-hush"];
/** What is given where nothing is said. */
export const DEFAULT_ACLS = ["api-key:model:*", "api-key:endpoint:*"];

const KEYS = ["a", "b", "c", "d"];
const key = fc.constantFrom(...KEYS);

const args: fc.Arbitrary<KeyArgs> = fc.record(
    {
        name: fc.constantFrom("shared", "shared", "other", "shop-test-a"),
        acls: fc.constantFrom(
            DEFAULT_ACLS,
            ["api-key:model:grok-4", "api-key:endpoint:chat"],
            ["api-key:endpoint:chat", "api-key:model:grok-4-0709", "api-key:endpoint:chat"],
            ["api-key:model:grok-3-mini", "api-key:model:grok-2-image", "api-key:endpoint:image"],
        ),
        qps: fc.constantFrom(1, 5, null),
        qpm: fc.constantFrom(100, null),
        tpm: fc.constantFrom(50_000, "50000", "7", null),
        expireTime: fc.constantFrom(
            "2040-01-01T00:00:00Z",
            "2040-01-01T01:00:00+01:00",
            "2041-06-01T12:00:00.123456Z",
            null,
        ),
        disabled: fc.boolean(),
        teamId: fc.constant(OTHER_TEAM),
        waitForPropagation: fc.boolean(),
        expiresIn: fc.constantFrom("90d", "40d", null),
        rotation: fc.constantFrom<RotationArgs | null>(
            { triggers: { n: 1 } },
            { triggers: { n: 2 }, overlap: "0s" },
            ...SECRET_TRIGGERS.map((hidden) => ({ triggers: { hidden } })),
            { every: "30d" },
            { every: "10d", triggers: { n: 1 }, overlap: "7d" },
            { beforeExpiry: "7d", overlap: "1h" },
            { every: "50d", beforeExpiry: "30d" },
            null,
        ),
        onDelete: fc.constantFrom("delete" as const, "disable" as const),
        adopts: fc.constantFrom("with its secret" as const, "by rotation" as const),
        follows: key,
        ignoreChanges: fc.constantFrom(["qps"], ["name", "acls"], ["*"], []),
    },
    { requiredKeys: [] },
);
/** Mostly one field: what changes together hides what changes alone. */
const fewArgs = fc.oneof(
    { weight: 1, arbitrary: args },
    {
        weight: 3,
        arbitrary: fc
            .tuple(args, fc.nat(15))
            .map(([all, index]) => Object.fromEntries(Object.entries(all).slice(index, index + 1)) satisfies KeyArgs),
    },
);

const edit: fc.Arbitrary<Edit> = fc.oneof(
    { weight: 6, arbitrary: fc.record({ edit: fc.constant("change" as const), key, args: fewArgs }) },
    { weight: 2, arbitrary: fc.record({ edit: fc.constant("twin" as const), key, of: key }) },
    { weight: 1, arbitrary: fc.record({ edit: fc.constant("remove" as const), key }) },
    { weight: 1, arbitrary: fc.record({ edit: fc.constant("rename" as const), key, to: key }) },
);

const outside: fc.Arbitrary<Outside> = fc.oneof(
    fc.record({ outside: fc.constant("change" as const), key, qps: fc.constantFrom(9, null) }),
    fc.record({ outside: fc.constant("delete" as const), key }),
    fc.record({ outside: fc.constant("rotate" as const), key }),
    fc.record({ outside: fc.constant("switch off" as const), key }),
    fc.record({ outside: fc.constant("add" as const), name: fc.constantFrom("shared", "shop-test-a", "shop-test-b") }),
);

const kill: fc.Arbitrary<Kill> = fc.record({
    who: fc.constantFrom("host" as const, "engine" as const),
    moment: fc.constantFrom("before" as const, "sent" as const, "answered" as const, "delivered" as const),
    method: fc.constantFrom(undefined, "POST" as const, "PUT" as const, "DELETE" as const),
    request: fc.constantFrom(1, 1, 2, 3),
});

const stepFields = {
    days: fc.constantFrom(0, 0, 0, 1, 12, 35),
    edits: fc.array(edit, { minLength: 1, maxLength: 4, size: "max" }),
    outside: fc.oneof(
        { weight: 4, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.array(outside, { maxLength: 2 }) },
    ),
    operation: fc.constantFrom("up", "up", "up", "up", "refresh", "preview", "destroy", "replace"),
    faults: fc.oneof(
        { weight: 1, arbitrary: fc.constant([]) },
        { weight: 4, arbitrary: fc.array(fault, { minLength: 1, maxLength: 3, size: "max" }).filter(isBearable) },
    ),
    kill: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: kill }),
};

const dialect: fc.Arbitrary<Partial<Dialect>> = fc.record(
    {
        updateRoute: fc.constantFrom("guide" as const, "reference" as const),
        missingRoute: fc.constantFrom(405 as const, 501 as const),
        maskSpelling: fc.constantFrom("camel" as const, "snake" as const),
        unknownMaskPaths: fc.constant("ignored" as const),
        answerSpelling: fc.constant("acl_strings" as const),
        disabledAs: fc.constant("string" as const),
        unsetAs: fc.constant("null" as const),
        tpmAs: fc.constant("number" as const),
        values: fc.constant("normalised" as const),
        redaction: fc.constant("stars" as const),
        rotation: fc.constant(false),
        validation: fc.constant(false),
        maxPageSize: fc.constantFrom(1, 2),
        errorBody: fc.constantFrom("error.message" as const, "html" as const),
    },
    { requiredKeys: [] },
);

/**
 * Random sequences. They are plain records, so that a failing one shrinks step by step, edit by edit. Not biased towards small
 * values: a run has too few histories to begin with short ones.
 */
export function sequences(maxSteps: number): fc.Arbitrary<Sequence> {
    return fc.noBias(sequencesOf(fc.record(stepFields), maxSteps));
}

function sequencesOf(step: fc.Arbitrary<Step>, maxSteps: number): fc.Arbitrary<Sequence> {
    return fc.record({
        dialect: fc.oneof({ weight: 1, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: dialect }),
        clockHours: fc.constantFrom(0, 0, 0, -5, 5),
        propagation: fc.constantFrom(0, 0, 20),
        maxRetries: fc.constantFrom(2, 0, 5),
        steps: fc.array(step, { minLength: 1, maxLength: maxSteps, size: "max" }),
    });
}

/**
 * Random sequences for processes of their own: only the provider's host is killed, and no days pass on its clock. They are few and
 * slow, so most of their steps have a kill, early enough to happen.
 */
export function processSequences(maxSteps: number): fc.Arbitrary<Sequence> {
    const kills = fc.oneof(
        { weight: 1, arbitrary: fc.constant(undefined) },
        {
            weight: 4,
            arbitrary: kill.map((one) => ({ ...one, who: "host" as const, request: 1 })),
        },
    );
    const steps = fc.record({ ...stepFields, days: fc.constant(0), kill: kills });
    return fc.noBias(sequencesOf(steps, maxSteps));
}
