/**
 * The step generator: what the program wants and what there is, in; steps, out. It changes nothing but its ledger,
 * and asks a provider only through its advisor, so that tables of canned answers can drive it.
 */

import { deletesBefore } from "./cascade.js";
import { type Diff, NO_DIFF, type ProviderDiff, replaceDiff, settleDiff, withReplaceOnChanges } from "./diff.js";
import { type Goal, type ReadGoal, stateOfGoal } from "./goal.js";
import { type Ledger, PlanError } from "./ledger.js";
import { resetIgnored } from "./propertyPath.js";
import { type ResourceState, resourceState } from "./resource.js";
import { type Step, step } from "./steps.js";
import { changedKeys, isList, isMap, type Value, type ValueMap } from "./values.js";

/** What is wrong with one input, in a provider's words. */
export interface CheckFailure {
    /** Absent where it is about the resource as a whole. */
    readonly property: string;
    readonly reason: string;
}

/** A question about a resource as it was stored. */
export interface DiffQuestion {
    readonly state: ResourceState;
    readonly oldInputs: ValueMap;
    readonly oldOutputs: ValueMap;
    readonly newInputs: ValueMap;
    readonly provider: string;
    /** Whether the new inputs may hold unknown values. */
    readonly unknowns: boolean;
}

/** Answers on a provider's behalf. */
export interface Advisor {
    check(
        state: ResourceState,
        olds: ValueMap,
        news: ValueMap,
    ): Promise<{ inputs: ValueMap; failures: readonly CheckFailure[] }>;
    diff(question: DiffQuestion): Promise<ProviderDiff>;
}

/** What planning needs besides the goal. */
export interface PlanContext {
    readonly ledger: Ledger;
    readonly advisor: Advisor;
    readonly preview: boolean;
    /** URNs that are to be replaced whatever their provider says. */
    readonly replaceTargets: ReadonlySet<string>;
    /** Tells the user something about a resource. An error told this way does not stop a preview. */
    tell(severity: "info" | "warning" | "error", message: string, urn: string): void;
}

/**
 * The steps that lead to a goal, in the order in which they must be carried out.
 *
 * @throws {PlanError} where there are none, since the goal or the inputs are wrong or the resource is protected
 */
export async function planRegistration(wanted: Goal, context: PlanContext): Promise<Step[]> {
    const { ledger } = context;
    const urn = ledger.admit(wanted.parent, wanted.type, wanted.name);
    const old = ledger.olds.get(urn);
    const next = stateOfGoal(wanted, urn, old);
    const recreating = ledger.deletes.has(urn);
    ledger.news.set(urn, next);

    const isTarget = context.replaceTargets.has(urn);
    const isFresh = recreating || old === undefined || old.external || isTarget;
    const inputs = isFresh ? wanted.inputs : keepIgnored(wanted, old, urn, context);
    if (wanted.custom) await checkInputs(next, isFresh ? {} : old.inputs, inputs, context);

    if (old === undefined) {
        ledger.creates.add(urn);
        return [step("create", urn, { next })];
    }
    if (recreating) {
        ledger.deletes.delete(urn);
        ledger.replaces.add(urn);
        const keys = ledger.dependentKeys.get(urn) ?? [];
        return [step("replace", urn, { old, next }), step("create-replacement", urn, { old, next, keys })];
    }
    if (old.external) {
        ledger.creates.add(urn);
        return [
            step("create-replacement", urn, { old, next, marksOld: true }),
            step("replace", urn, { old, next, marksOld: true }),
        ];
    }
    const newInputs = wanted.custom ? next.inputs : inputs;
    const diff = isTarget ? replaceDiff("id") : await diffOf(wanted, old, next, newInputs, context);
    return await stepsForDiff(wanted, old, next, diff, context);
}

function keepIgnored(wanted: Goal, old: ResourceState, urn: string, context: PlanContext): ValueMap {
    const { inputs, invalid } = resetIgnored(wanted.inputs, old.inputs, wanted.ignoreChanges);
    if (invalid.length > 0) {
        const paths = invalid.map((path) => `"${path}"`).join(", ");
        context.tell("info", `cannot ignore changes in added or removed elements of the path: ${paths}`, urn);
    }
    return inputs;
}

/** Lets the provider check inputs and stores what it made of them. */
async function checkInputs(
    next: ResourceState,
    olds: ValueMap,
    news: ValueMap,
    { advisor, tell }: PlanContext,
): Promise<void> {
    const { inputs, failures } = await advisor.check(next, olds, news);
    next.inputs = inputs;
    for (const { property, reason } of failures) {
        const name = next.urn.slice(next.urn.lastIndexOf("::") + 2);
        const place = property === "" ? "" : `: property ${property} value ${describe(news[property])}`;
        tell("error", `${next.type} resource '${name}'${place} has a problem: ${reason}`, next.urn);
    }
    if (failures.length > 0) throw new PlanError("", next.urn);
}

/** A value as Pulumi's own messages write it, such as `{bad}` or `{[{a} {b}]}`; a secret stays hidden. */
function describe(value: Value | undefined): string {
    if (value === undefined || value === null) return "{<nil>}";
    if (isList(value)) return `{[${value.map(describe).join(" ")}]}`;
    if (isMap(value)) {
        const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
        return `{map[${entries.map(([key, each]) => `${key}:${describe(each)}`).join(" ")}]}`;
    }
    return typeof value === "object" || typeof value === "symbol" ? "{...}" : `{${value}}`;
}

async function diffOf(
    wanted: Goal,
    old: ResourceState,
    next: ResourceState,
    newInputs: ValueMap,
    { ledger, advisor, preview, tell }: PlanContext,
): Promise<Diff> {
    if (next.deletedWith !== "" && ledger.replaces.has(next.deletedWith)) return replaceDiff("deletedWith");
    if (old.provider !== next.provider && (old.provider === "" || next.provider === "")) return replaceDiff("provider");
    if (!wanted.custom) return { ...NO_DIFF, changes: changedKeys(old.inputs, newInputs).length > 0 };
    const said = await advisor.diff({
        state: old,
        oldInputs: old.inputs,
        oldOutputs: old.outputs ?? {},
        newInputs,
        provider: next.provider,
        unknowns: preview,
    });
    if (said.warning !== undefined) tell("warning", said.warning, next.urn);
    return settleDiff(said, old.inputs, newInputs, wanted.ignoreChanges);
}

async function stepsForDiff(
    wanted: Goal,
    old: ResourceState,
    next: ResourceState,
    plain: Diff,
    context: PlanContext,
): Promise<Step[]> {
    const { ledger } = context;
    const { urn } = next;
    const isUnfinished = old.initErrors.length > 0;
    const diff = withReplaceOnChanges(plain, wanted.replaceOnChanges, isUnfinished);
    if (old.pendingReplacement || (diff.changes && diff.replaceKeys.length > 0)) {
        return await replacementSteps(wanted, old, next, diff, context);
    }
    if (diff.changes || isUnfinished) {
        ledger.updates.add(urn);
        return [step("update", urn, { old, next, diffs: diff.changedKeys })];
    }
    ledger.sames.add(urn);
    return [step("same", urn, { old, next })];
}

async function replacementSteps(
    wanted: Goal,
    old: ResourceState,
    next: ResourceState,
    diff: Diff,
    context: PlanContext,
): Promise<Step[]> {
    const { ledger, preview, tell } = context;
    const { urn } = next;
    if (next.protect && old.protect) {
        const message =
            `unable to replace resource "${urn}"\nas it is currently marked for protection. To unprotect the ` +
            "resource, remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`";
        tell("error", message, urn);
        ledger.errored = true;
        if (!preview) throw new PlanError("", urn);
    }
    ledger.replaces.add(urn);
    // What check carried over from the old resource is not the new one's.
    if (wanted.custom && !context.replaceTargets.has(urn)) await checkInputs(next, {}, wanted.inputs, context);

    const { replaceKeys: keys, changedKeys: diffs } = diff;
    if (!(wanted.deleteBeforeReplace ?? diff.deleteBeforeReplace)) {
        return [
            step("create-replacement", urn, { old, next, keys, diffs, marksOld: true }),
            step("replace", urn, { old, next, keys, diffs, marksOld: true }),
        ];
    }
    return [
        ...(await deletesBefore(old, context)),
        step("replace", urn, { old, next, keys, diffs }),
        step("create-replacement", urn, { old, next, keys, diffs }),
    ];
}

/**
 * The steps that read an existing resource.
 *
 * @throws {PlanError} where it is given no id
 */
export function planRead(wanted: ReadGoal, ledger: Ledger): Step[] {
    const urn = ledger.admit(wanted.parent, wanted.type, wanted.name);
    const old = ledger.olds.get(urn);
    if (wanted.id === "") throw new PlanError(`Expected an ID for ${urn}`, urn);
    const next = resourceState({
        urn,
        type: wanted.type,
        custom: true,
        external: true,
        id: wanted.id,
        inputs: wanted.inputs,
        outputs: {},
        parent: wanted.parent,
        provider: wanted.provider,
        dependencies: wanted.dependencies,
        additionalSecretOutputs: wanted.additionalSecretOutputs,
    });
    ledger.news.set(urn, next);
    if (old !== undefined && !old.external && old.id !== wanted.id) {
        ledger.replaces.add(urn);
        return [step("read-replacement", urn, { old, next }), step("replace", urn, { old, next, marksOld: true })];
    }
    ledger.reads.add(urn);
    return [step("read", urn, { old, next })];
}
