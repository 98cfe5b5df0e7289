import type { EngineEvent, OpType } from "@pulumi/pulumi/automation";
import type { XaiApiKeyArgs } from "pulumi-xai";

/** What happens to a resource. */
type Verb = "create" | "update" | "replace" | "delete" | "import";

/** How many resources each verb happens to. */
type Counts = Readonly<Partial<Record<Verb, number>>>;

/** What happens to one key, as Markdown. */
export interface KeyChange {
    /** The logical name, as the program has it. */
    readonly name: string;
    readonly verb: Verb;
    /** What it means for whoever uses the key; empty where the fields say all. */
    readonly note: string;
    /** One line for each changed field, and one for each permission added or removed. */
    readonly fields: readonly string[];
}

/** What a preview found. */
export interface Changes {
    readonly keys: readonly KeyChange[];
    readonly others: Counts;
}

type Inputs = Readonly<Record<string, unknown>>;

const KEY_TYPE = "pulumi-nodejs:dynamic/xai:ApiKey";

/** The engine's own marks for a secret value and for one that only the update will know. */
const SECRET_MARK = ["4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"] as const;
const UNKNOWN_MARK = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const SECRET = "[secret]";
const UNKNOWN = "(known after the update)";

/** The steps that count. A replacement has three, of which `replace` stands for all. */
const VERBS: Partial<Record<OpType, Verb>> = {
    create: "create",
    update: "update",
    replace: "replace",
    delete: "delete",
    import: "import",
};

interface Field {
    /** What it means that the field is absent or null. */
    readonly absent: string;
    /** Said of every new key, given or not. */
    readonly always?: true;
    /** The text in which two ways to write the same value are equal. */
    readonly canonical?: (text: string) => string;
}

/** Every argument but the permissions. That none is missing is the compiler's to check. */
const FIELDS: Readonly<Record<Exclude<keyof XaiApiKeyArgs, "acls">, Field>> = {
    name: { absent: "the default" },
    qps: { absent: "no limit", always: true },
    qpm: { absent: "no limit", always: true },
    tpm: { absent: "no limit", always: true, canonical: (text) => text.replace(/^0+(?=\d)/, "") },
    expireTime: { absent: "never", always: true, canonical: canonicalInstant },
    expiresIn: { absent: "none" },
    rotation: { absent: "never" },
    disabled: { absent: "as it is" },
    teamId: { absent: "the default" },
    waitForPropagation: { absent: "true" },
    propagationTimeout: { absent: "5m" },
    onDelete: { absent: "delete" },
    adoptKeyId: { absent: "a key of its own" },
    existingSecret: { absent: "none" },
};

/** The changes that the engine's events tell of, in the order of the keys' names. */
export function changesOf(events: readonly EngineEvent[]): Changes {
    const keys: KeyChange[] = [];
    const others: Partial<Record<Verb, number>> = {};
    for (const { resourcePreEvent } of events) {
        const step = resourcePreEvent?.metadata;
        const verb = step && VERBS[step.op];
        // A provider that changes is only the stack's configuration: Pulumi does not count it either.
        if (!step || !verb || step.type.startsWith("pulumi:providers:")) {
            continue;
        }
        if (step.type === KEY_TYPE) {
            const fields = fieldsOf(verb, step.old?.inputs ?? {}, step.new?.inputs ?? {});
            const rotation = rotationOf(step.new?.inputs ?? {});
            const note = noteOf(verb, fields, step.old?.retainOnDelete === true, rotation);
            keys.push({ name: logicalName(step.urn), verb, note, fields });
        } else {
            others[verb] = (others[verb] ?? 0) + 1;
        }
    }
    keys.sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
    return { keys, others };
}

/** Whether an update would do anything. */
export function hasChanges({ keys, others }: Changes): boolean {
    return keys.length > 0 || Object.keys(others).length > 0;
}

/** The changes as a comment for a pull request. */
export function toMarkdown(stack: string, changes: Changes): string {
    const { keys, others } = changes;
    const counts: Partial<Record<Verb, number>> = {};
    for (const { verb } of keys) {
        counts[verb] = (counts[verb] ?? 0) + 1;
    }
    const summary = [countLine("Keys", counts), countLine("Other resources", others)].filter((line) => line !== "");
    const blocks = [
        `## Preview of ${code(stack)}`,
        hasChanges(changes) ? summary.join("\n") : "No changes.",
        ...keys.flatMap(({ name, verb, note, fields }) => [
            `### ${verb[0]?.toUpperCase()}${verb.slice(1)} ${code(name)}`,
            ...[note, fields.map((field) => `- ${field}`).join("\n")].filter((block) => block !== ""),
        ]),
    ];
    return `${blocks.join("\n\n")}\n`;
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

function countLine(what: string, counts: Counts): string {
    const parts = Object.values(VERBS).flatMap((verb) => (counts[verb] ? [`${counts[verb]} to ${verb}`] : []));
    return parts.length === 0 ? "" : `- ${what}: ${parts.join(", ")}`;
}

/** What is said of a key that gets a new secret in place; empty where it keeps its own. */
function rotationOf({ rotationDue: reason, rotation }: Inputs): string {
    const overlap = typeof rotation === "object" && rotation !== null ? Reflect.get(rotation, "overlap") : undefined;
    return isAbsent(reason)
        ? ""
        : `A new secret in place (${plain(reason, "")}). The old one works for another ${plain(overlap, "24h")}.`;
}

function noteOf(verb: Verb, fields: readonly string[], retained: boolean, rotation: string): string {
    switch (verb) {
        case "replace":
            return retained
                ? "A new key with a new secret. The old key stays and still works."
                : "A new key with a new secret. The old key is deleted: its secret stops working.";
        case "delete":
            return retained
                ? "Only the stack forgets the key: it stays and still works."
                : "The key is deleted: its secret stops working.";
        case "update":
            if (rotation !== "") {
                return rotation;
            }
            return fields.length === 0 ? "No argument changes: what an earlier update left open is finished." : "";
        default:
            return "";
    }
}

function fieldsOf(verb: Verb, old: Inputs, next: Inputs): string[] {
    const lines: string[] = [];
    for (const [name, field] of Object.entries(FIELDS)) {
        if (verb === "create") {
            lines.push(...(isAbsent(next[name]) && !field.always ? [] : [line(name, show(next[name], field.absent))]));
        } else if (verb !== "delete") {
            lines.push(...valueLines(name, field, old[name], next[name]));
        } else if (name === "name") {
            lines.push(line(name, show(old[name], field.absent)));
        }
    }
    return [...lines, ...aclLines(old["acls"], next["acls"])];
}

function valueLines(
    name: string,
    { absent, canonical = (text) => text }: Field,
    old: unknown,
    next: unknown,
): string[] {
    if (isSecret(old) && isSecret(next)) {
        return [line(name, `${SECRET}, which may change`)];
    }
    const same = canonical(plain(old, absent)) === canonical(plain(next, absent));
    return same ? [] : [line(name, `${show(old, absent)} → ${show(next, absent)}`)];
}

/** Permissions are a set: neither their order nor repeats mean anything. */
function aclLines(old: unknown, next: unknown): string[] {
    const before = new Set(Array.isArray(old) ? old : isAbsent(old) ? [] : [old]);
    const after = new Set(Array.isArray(next) ? next : isAbsent(next) ? [] : [next]);
    const hidden = [...before, ...after].some((acl) => isSecret(acl) || acl === UNKNOWN_MARK);
    if (!hidden || before.size === 0 || after.size === 0) {
        return [
            ...[...after].filter((acl) => !before.has(acl)).map((acl) => line("acls", `added ${show(acl)}`)),
            ...[...before].filter((acl) => !after.has(acl)).map((acl) => line("acls", `removed ${show(acl)}`)),
        ];
    }
    // What cannot be seen may be among what is there: nothing can be called added or removed.
    const [from, to] = [before, after].map((acls) => [...acls].map((acl) => show(acl)).join(", "));
    return [line("acls", from === to ? `${from}, which may change` : `${from} → ${to}`)];
}

function line(field: string, text: string): string {
    return `${code(field)}: ${text}`;
}

/** A value as Markdown: what the program gave as code, everything else in plain words. */
function show(value: unknown, absent = "none"): string {
    const text = plain(value, absent);
    return isAbsent(value) || isSecret(value) || value === UNKNOWN_MARK ? text : code(text);
}

function plain(value: unknown, absent: string): string {
    if (isAbsent(value)) {
        return absent;
    }
    if (isSecret(value)) {
        return SECRET;
    }
    if (value === UNKNOWN_MARK) {
        return UNKNOWN;
    }
    if (typeof value === "string") {
        return value;
    }
    return JSON.stringify(value, (_name, part: unknown) =>
        isSecret(part) ? SECRET : part === UNKNOWN_MARK ? UNKNOWN : part,
    );
}

function isAbsent(value: unknown): value is null | undefined {
    return value === undefined || value === null;
}

function isSecret(value: unknown): boolean {
    const [key, mark] = SECRET_MARK;
    return value === SECRET || (typeof value === "object" && value !== null && Reflect.get(value, key) === mark);
}

/** An instant's text without the ways to write it: `Z` or an offset, zeros at the end of a fraction. */
function canonicalInstant(text: string): string {
    const fraction = /\.(\d+)/.exec(text)?.[1] ?? "";
    const seconds = Date.parse(text.replace(/\.\d+/, ""));
    return Number.isNaN(seconds) ? text : `${seconds}.${fraction.replace(/0+$/, "")}`;
}

/** The name at a URN's end; it may hold colons itself. */
function logicalName(urn: string): string {
    return urn.split("::").slice(3).join("::");
}

/** Text as a code span: no Markdown, mention or link in it means anything, and nothing in it is invisible. */
function code(text: string): string {
    const visible = text.replace(
        /[\p{C}\p{Zl}\p{Zp}]/gu,
        (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
    );
    const runs = visible.match(/`+/g) ?? [];
    const fence = "`".repeat(Math.max(0, ...runs.map((run) => run.length)) + 1);
    const padding = /^[ `]|[ `]$/.test(visible) ? " " : "";
    return visible === "" ? "(empty)" : `${fence}${padding}${visible}${padding}${fence}`;
}
