import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation";
import { code } from "./code.js";
import type { Dependencies } from "./consumers.js";
import { fieldsOf, holdsSecret, type Inputs, isAbsent, isUnknown, plain } from "./fields.js";
import { VERBS, type Verb } from "./verbs.js";

/** How many resources each verb happens to. */
export type Counts = Readonly<Partial<Record<Verb, number>>>;

/** What happens to one key, as Markdown. */
export interface KeyChange {
    /** The logical name, as the program has it. */
    readonly name: string;
    readonly verb: Verb;
    /** What it means for whoever uses the key; empty where the fields say all. */
    readonly note: string;
    /** One line for each changed field, and one for each permission added or removed. */
    readonly fields: readonly string[];
    /** Whether a rotation is due: a new secret under the same id. */
    readonly rotates: boolean;
    /** Whether the key is one of native mode, whose previews tell which consumers change. */
    readonly native: boolean;
    /** One line for each property of another resource that takes an output of the key, and changes. */
    readonly consumers: readonly string[];
}

/** What a preview found. */
export interface Changes {
    readonly keys: readonly KeyChange[];
    readonly others: Counts;
}

const NATIVE_TYPE = "xai:index:XaiApiKey";
/** What becomes of a key that leaves the stack. */
const ENDS = {
    deleted: "is deleted: its secret stops working",
    off: "is switched off and stays in the team: its secret stops working",
    stays: "stays and still works: only the stack forgets it",
};

const KEY_TYPES = ["pulumi-nodejs:dynamic/xai:ApiKey", NATIVE_TYPE];

/**
 * The changes that the engine's events tell of, in the order of the keys' names.
 *
 * @param dependencies - What depends on what, out of the preview's plan.
 */
export function changesOf(events: readonly EngineEvent[], dependencies: Dependencies = new Map()): Changes {
    const keys: KeyChange[] = [];
    const others: Partial<Record<Verb, number>> = {};
    const steps = events.flatMap(({ resourcePreEvent }) => {
        const step = resourcePreEvent?.metadata;
        const verb = step && VERBS[step.op];
        // A provider that changes is only the stack's configuration: Pulumi does not count it either.
        return step && verb && !step.type.startsWith("pulumi:providers:") ? [{ step, verb }] : [];
    });
    for (const { step, verb } of steps) {
        if (KEY_TYPES.includes(step.type)) {
            const consumers = steps.flatMap((other) => consumerLines(step.urn, other.step, other.verb, dependencies));
            keys.push({ ...keyChange(step, verb), consumers });
        } else {
            others[verb] = (others[verb] ?? 0) + 1;
        }
    }
    keys.sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
    return { keys, others };
}

function keyChange({ type, urn, old, new: next, diffs }: StepEventMetadata, verb: Verb): Omit<KeyChange, "consumers"> {
    const native = type === NATIVE_TYPE;
    const [before, after] = [old?.inputs ?? {}, next?.inputs ?? {}];
    const fields = fieldsOf(verb, before, after, native ? diffs : undefined);
    const end = old?.retainOnDelete === true ? "stays" : before["onDelete"] === "disable" ? "off" : "deleted";
    const note = noteOf(verb, fields, end, rotationOf(after));
    const reason = after["rotationDue"];
    const rotates = verb === "update" && !isAbsent(reason) && !isUnknown(reason);
    return { name: logicalName(urn), verb, note, fields, rotates, native };
}

/** What another resource takes from a key, as far as it changes. */
function consumerLines(key: string, step: StepEventMetadata, verb: Verb, dependencies: Dependencies): string[] {
    const changed = step.diffs?.map((path) => path.split(/[.[]/)[0]);
    return Object.entries(dependencies.get(step.urn) ?? {})
        .filter(
            ([property, urns]) => urns.includes(key) && (verb !== "update" || (changed?.includes(property) ?? true)),
        )
        .map(([property]) => {
            const hasSecret = [step.old, step.new].some((state) => holdsSecret(state?.inputs?.[property]));
            const what = `${verb} ${code(logicalName(step.urn))} (${step.type}), ${code(property)}`;
            return hasSecret ? `${what}: the secret` : what;
        });
}

/** Whether an update would do anything. */
export function hasChanges({ keys, others }: Changes): boolean {
    return keys.length > 0 || Object.keys(others).length > 0;
}

/**
 * The errors that the events tell of, each in one line and without its stack. Only errors: the engine's debugging lines
 * show secrets in the clear.
 */
export function errorsOf(events: readonly EngineEvent[]): string[] {
    const errors = events.flatMap(({ diagnosticEvent: said }) => (said?.severity === "error" ? [said.message] : []));
    return [...new Set(errors.map(oneLine))];
}

/** A message in one line: without colours, and without the stack that may follow it. */
export function oneLine(message: string): string {
    const [text = ""] = message.replace(/<\{%.*?%\}>/g, "").split(/\n\s+at /);
    return text.replace(/\s+/g, " ").trim();
}

/** What is said of a key that gets a new secret in place; empty where it keeps its own. */
function rotationOf({ rotationDue: reason, rotation }: Inputs): string {
    const overlap = typeof rotation === "object" && rotation !== null ? Reflect.get(rotation, "overlap") : undefined;
    if (isUnknown(reason)) {
        return "A rotation may be due: only the update knows the triggers.";
    }
    return isAbsent(reason)
        ? ""
        : // The engine needs the number, a reader does not.
          `A rotation is due: ${plain(reason, "").replace(/^#\d+: /, "")}. The key gets a new secret, and the old one works for another ${plain(overlap, "24h")}.`;
}

/** @param end - What becomes of the key that leaves the stack. */
function noteOf(verb: Verb, fields: readonly string[], end: keyof typeof ENDS, rotation: string): string {
    switch (verb) {
        case "replace":
            return `A new key with a new secret. The old key ${ENDS[end]}.`;
        case "delete":
            return `The key ${ENDS[end]}.`;
        case "update":
            if (rotation !== "") {
                return rotation;
            }
            return fields.length === 0 ? "No argument changes: what an earlier update left open is finished." : "";
        default:
            return "";
    }
}

/** The name at a URN's end; it may hold colons itself. */
function logicalName(urn: string): string {
    return urn.split("::").slice(3).join("::");
}
