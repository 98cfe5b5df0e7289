import { randomUUID } from "node:crypto";
import { settleDiff } from "./diff.js";
import { LocalEngineError } from "./errors.js";
import type { Host } from "./host.js";
import { HostError } from "./hostError.js";
import type { Providers } from "./providers.js";
import type { ResourceState } from "./resource.js";
import { isLogical, type Step, type StepOp } from "./steps.js";
import { isProviderType } from "./urn.js";
import { equal, markOutputs, type ValueMap } from "./values.js";
import { UNKNOWN_SENTINEL } from "./wire.js";

/** What came of a step. */
export interface Outcome {
    /** What it came to; for `refresh` what was found, else the step's own. */
    readonly op: StepOp;
    /** The state that there is now; for a refresh the one that was found. */
    readonly next: ResourceState | undefined;
    readonly error: Error | undefined;
    /** Whether something was made in spite of the error. */
    readonly isPartial: boolean;
    /** Something to tell the user that is no error. */
    readonly warning: string | undefined;
}

/** A resource may not be deleted since it is protected. Other deletions go on. */
export class ProtectedError extends LocalEngineError {
    override readonly name: string = "ProtectedError";

    constructor(urn: string) {
        super(
            `resource "${urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, remove the ` +
                "`protect` flag from the resource in your Pulumi program and run `pulumi up`",
        );
    }
}

/** What carrying out steps needs. */
export interface ApplyContext {
    readonly preview: boolean;
    readonly providers: Providers;
    /** What is deleted in this operation, by URN. */
    readonly deletes: ReadonlySet<string>;
    now(): Date;
}

/** Carries out one step. It never throws for what a provider does; that is part of the outcome. */
export async function applyStep(step: Step, context: ApplyContext): Promise<Outcome> {
    try {
        const outcome = await dispatch(step, context);
        mark(outcome.next, step.op);
        return outcome;
    } catch (thrown) {
        const error = thrown instanceof Error ? thrown : new Error(String(thrown));
        return { op: step.op, next: step.next, error, isPartial: false, warning: undefined };
    }
}

function mark(state: ResourceState | undefined, op: StepOp): void {
    if (state?.outputs === undefined || op === "replace") return;
    state.outputs = markOutputs(state.outputs, state.inputs, state.additionalSecretOutputs);
}

async function dispatch(step: Step, context: ApplyContext): Promise<Outcome> {
    const { op, old, next } = step;
    switch (op) {
        case "same":
            return await same(required(old), required(next), context);
        case "create":
        case "create-replacement":
            return await create(step, required(next), context);
        case "update":
            return await update(required(old), required(next), context);
        case "delete":
        case "delete-replaced":
        case "discard":
        case "discard-replaced":
            return await remove(step, required(old), context);
        case "read":
        case "read-replacement":
            return await read(step, required(next), context);
        case "refresh":
            return await refresh(required(old), context);
        case "replace":
        case "remove-pending-replace":
            return done(op, next);
    }
}

function required<T>(value: T | undefined): T {
    if (value === undefined) throw new Error("the step lacks a state");
    return value;
}

function done(op: StepOp, next: ResourceState | undefined): Outcome {
    return { op, next, error: undefined, isPartial: false, warning: undefined };
}

/** Carries out a provider's call, and takes what an unfinished resource already is. */
async function attempt(
    op: StepOp,
    next: ResourceState,
    call: () => Promise<{ id?: string; outputs: ValueMap }>,
): Promise<Outcome> {
    try {
        const { id, outputs } = await call();
        if (id !== undefined) next.id = id;
        next.outputs = outputs;
        return done(op, next);
    } catch (error) {
        if (!(error instanceof HostError) || error.unfinished === undefined) throw error;
        const { id, outputs, reasons } = error.unfinished;
        next.id = id;
        next.outputs = outputs;
        next.initErrors = reasons;
        return { op, next, error: unfinishedError(reasons), isPartial: true, warning: undefined };
    }
}

function unfinishedError(reasons: readonly string[]): Error {
    if (reasons.length === 0) return new LocalEngineError("resource init failed");
    const count = reasons.length === 1 ? "1 error" : `${reasons.length} errors`;
    return new LocalEngineError(`${count} occurred:\n${reasons.map((reason) => `\t* ${reason}`).join("\n")}\n\n`);
}

async function same(old: ResourceState, next: ResourceState, { providers }: ApplyContext): Promise<Outcome> {
    next.id = old.id;
    next.outputs = old.outputs;
    if (isProviderType(next.type)) await providers.configure(`${next.urn}::${next.id}`, old.inputs);
    return done("same", next);
}

/** The host cannot preview, so what goes in is all that is known of what will come out: if the host itself is known. */
function foreseen(host: Host, next: ResourceState): ValueMap {
    return host.isConfigured ? next.inputs : {};
}

async function create(step: Step, next: ResourceState, context: ApplyContext): Promise<Outcome> {
    const { preview, providers } = context;
    const outcome = await attempt(step.op, next, async () => {
        if (!next.custom) return { outputs: {} };
        if (isProviderType(next.type)) {
            const id = preview ? UNKNOWN_SENTINEL : randomUUID();
            await providers.configure(`${next.urn}::${id}`, next.inputs);
            return { id, outputs: next.inputs };
        }
        const host = await providers.hostOf(next.provider);
        return preview ? { outputs: foreseen(host, next) } : await host.create(next.urn, next.inputs);
    });
    next.created = context.now().toISOString();
    next.modified = next.created;
    if (step.marksOld && step.old !== undefined) step.old.delete = true;
    return outcome;
}

async function update(old: ResourceState, next: ResourceState, context: ApplyContext): Promise<Outcome> {
    const { preview, providers } = context;
    next.id = old.id;
    if (!next.custom) {
        next.outputs = {};
        return done("update", next);
    }
    const outcome = await attempt("update", next, async () => {
        if (isProviderType(next.type)) {
            await providers.configure(`${next.urn}::${next.id}`, next.inputs);
            return { outputs: next.inputs };
        }
        const host = await providers.hostOf(next.provider);
        if (preview) return { outputs: foreseen(host, next) };
        return await host.update(next.urn, old.id, old.inputs, old.outputs ?? {}, next.inputs);
    });
    next.id = old.id;
    next.modified = context.now().toISOString();
    return outcome;
}

async function remove(step: Step, old: ResourceState, context: ApplyContext): Promise<Outcome> {
    const { preview, providers, deletes } = context;
    if (isLogical(step.op) && old.protect) throw new ProtectedError(old.urn);
    const goesWithAnother = old.deletedWith !== "" && deletes.has(old.deletedWith);
    if (!preview && old.custom && !old.external && !old.retainOnDelete && !goesWithAnother) {
        if (isProviderType(old.type)) await providers.forget(`${old.urn}::${old.id}`);
        else {
            const host = await providers.hostOf(old.provider);
            await host.delete(old.urn, old.id, old.inputs, old.outputs ?? {});
        }
    }
    if (step.beforeReplacement) old.pendingReplacement = true;
    return done(step.op, undefined);
}

async function read(step: Step, next: ResourceState, context: ApplyContext): Promise<Outcome> {
    const { old } = step;
    let outcome = done(step.op, next);
    if (next.id === UNKNOWN_SENTINEL) next.outputs = {};
    else {
        outcome = await attempt(step.op, next, async () => {
            const host = await context.providers.hostOf(next.provider);
            const found = await host.read(next.urn, next.id, next.inputs, next.inputs);
            return found.id === "" ? { outputs: found.outputs } : { id: found.id, outputs: found.outputs };
        });
    }
    if (step.op === "read-replacement" && old !== undefined) old.delete = true;
    if (old !== undefined) {
        const isSame = equal(next.inputs, old.inputs) && equal(next.outputs, old.outputs);
        next.created = old.created;
        next.modified = isSame ? old.modified : context.now().toISOString();
    }
    return outcome;
}

/** Looks at a resource and compares what is found with what was wanted, that is, the other way up. */
async function refresh(old: ResourceState, context: ApplyContext): Promise<Outcome> {
    if (!old.custom || isProviderType(old.type) || old.pendingReplacement) return done("same", old);
    const host = await context.providers.hostOf(old.provider);
    let warning: string | undefined;
    let found: { id: string; outputs: ValueMap; inputs: ValueMap | undefined };
    let reasons: readonly string[] = [];
    try {
        found = await host.read(old.urn, old.id, old.inputs, old.outputs ?? {});
    } catch (error) {
        if (!(error instanceof HostError) || error.unfinished === undefined) throw error;
        found = { ...error.unfinished, inputs: undefined };
        reasons = error.unfinished.reasons;
        warning = `Refreshed resource is in an unhealthy state:\n* ${reasons.join("\n* ")}`;
    }
    if (found.id === "") return done("delete", undefined);

    const inputs = found.inputs ?? old.inputs;
    const next: ResourceState = { ...old, id: found.id, inputs, outputs: found.outputs, initErrors: reasons };
    if (!equal(inputs, old.inputs) || !equal(found.outputs, old.outputs)) next.modified = context.now().toISOString();
    if (old.external) return { ...done(equal(old.outputs, next.outputs) ? "same" : "update", next), warning };
    const said = await host.diff(next.urn, next.id, inputs, found.outputs, old.inputs, context.preview);
    const diff = settleDiff(said, inputs, old.inputs, old.ignoreChanges);
    return { ...done(diff.changes ? "update" : "same", next), warning };
}
