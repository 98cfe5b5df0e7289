import type { ResourceState } from "./resource.js";

/** What a step does; the names are Pulumi's. */
export type StepOp =
    | "same"
    | "create"
    | "update"
    | "delete"
    | "replace"
    | "create-replacement"
    | "delete-replaced"
    | "read"
    | "read-replacement"
    | "refresh"
    | "discard"
    | "discard-replaced"
    | "remove-pending-replace";

/** One thing to do to one resource. */
export interface Step {
    readonly op: StepOp;
    readonly urn: string;
    /** What is; absent for what is made anew. */
    readonly old: ResourceState | undefined;
    /** What will be; absent for what goes. Filled in while the step is carried out. */
    readonly next: ResourceState | undefined;
    /** The properties that ask for a replacement. */
    readonly keys: readonly string[];
    /** The properties that differ, where the engine compared them. */
    readonly diffs: readonly string[];
    /** For `create-replacement`: whether the old resource is marked as still to be deleted. */
    readonly marksOld: boolean;
    /** For `delete-replaced`: whether the replacement is still to come. */
    readonly beforeReplacement: boolean;
}

/** A step of which only some properties are of interest. */
export function step(op: StepOp, urn: string, known: Partial<Omit<Step, "op" | "urn">> = {}): Step {
    return {
        op,
        urn,
        old: undefined,
        next: undefined,
        keys: [],
        diffs: [],
        marksOld: false,
        beforeReplacement: false,
        ...known,
    };
}

/** The step that deletes a resource, or forgets it where it was only read. */
export function deleteStep(old: ResourceState, replacing: { beforeReplacement: boolean } | undefined): Step {
    const replaced = old.external ? "discard-replaced" : "delete-replaced";
    const plain = old.external ? "discard" : "delete";
    const op = replacing === undefined ? plain : replaced;
    return step(op, old.urn, { old, beforeReplacement: replacing?.beforeReplacement ?? false });
}

/** The state that a step is about. */
export function subjectOf(subject: Step): ResourceState | undefined {
    return subject.op === "refresh" ? subject.old : (subject.next ?? subject.old);
}

const PARTS = new Set<StepOp>([
    "create-replacement",
    "delete-replaced",
    "discard-replaced",
    "read-replacement",
    "refresh",
    "remove-pending-replace",
]);

/** Whether a step counts as a change by itself, and not as a part of another one. */
export function isLogical(op: StepOp): boolean {
    return !PARTS.has(op);
}

/** Whether a step takes a resource away, or marks it as gone. */
export function isDelete(op: StepOp): boolean {
    return op === "delete" || op === "delete-replaced" || op === "discard" || op === "discard-replaced";
}
