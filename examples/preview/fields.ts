/** The arguments of a key as Markdown: one line for each that changes. */
import type { XaiApiKeyArgs, XaiApiKeyRotationArgs } from "pulumi-xai";
import { code } from "./code.js";
import type { Verb } from "./verbs.js";

/** The inputs of a resource, as an event of the engine has them. */
export type Inputs = Readonly<Record<string, unknown>>;

/** The engine's own marks for a secret value and for one that only the update will know. */
const SECRET_MARK = ["4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"] as const;
const UNKNOWN_MARK = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const SECRET = "[secret]";
const UNKNOWN = "(known after the update)";

interface Field {
    /** What it means that the field is absent or null. */
    readonly absent: string;
    /** Said of every new key, given or not. */
    readonly always?: true;
    /** The text in which two ways to write the same value are equal. */
    readonly canonical?: (text: string) => string;
}

type Name = Exclude<keyof XaiApiKeyArgs, "acls"> | `rotation.${keyof XaiApiKeyRotationArgs}`;

/** Every argument but the permissions. That none is missing is the compiler's to check. */
const FIELDS: Readonly<Record<Name, Field>> = {
    name: { absent: "the default" },
    qps: { absent: "no limit", always: true },
    qpm: { absent: "no limit", always: true },
    tpm: { absent: "no limit", always: true, canonical: (text) => text.replace(/^0+(?=\d)/, "") },
    expireTime: { absent: "never", always: true, canonical: canonicalInstant },
    expiresIn: { absent: "none" },
    rotation: { absent: "never" },
    "rotation.every": { absent: "never" },
    "rotation.beforeExpiry": { absent: "never" },
    "rotation.overlap": { absent: "24h" },
    "rotation.triggers": { absent: "none" },
    disabled: { absent: "as it is" },
    teamId: { absent: "the default" },
    waitForPropagation: { absent: "true" },
    propagationTimeout: { absent: "5m" },
    onDelete: { absent: "delete" },
    adoptKeyId: { absent: "a key of its own" },
    existingSecret: { absent: "none" },
};

/** @param changed - The arguments that change, secret ones among them. Only native mode tells. */
export function fieldsOf(verb: Verb, old: Inputs, next: Inputs, changed: readonly string[] | undefined): string[] {
    const isOpen = ({ rotation }: Inputs) =>
        isAbsent(rotation) || (typeof rotation === "object" && !isSecret(rotation));
    const [before, after] = isOpen(old) && isOpen(next) ? [withParts(old), withParts(next)] : [old, next];
    const lines: string[] = [];
    for (const [name, field] of Object.entries(FIELDS)) {
        if (verb === "create") {
            // A key that expires after a time has no instant yet.
            const isSaid =
                !isAbsent(after[name]) || (field.always && (name !== "expireTime" || isAbsent(after["expiresIn"])));
            lines.push(...(isSaid ? [line(name, show(after[name], field.absent))] : []));
        } else if (verb !== "delete") {
            lines.push(...valueLines(name, field, before[name], after[name], changed));
        } else if (name === "name") {
            lines.push(line(name, show(before[name], field.absent)));
        }
    }
    return [...lines, ...aclLines(before["acls"], after["acls"])];
}

/** The inputs with each part of the rotation by itself. */
function withParts({ rotation, ...others }: Inputs): Inputs {
    const parts = Object.entries(Object(rotation)).map(([part, value]) => [`rotation.${part}`, value]);
    return { ...others, ...Object.fromEntries(parts) };
}

function valueLines(
    name: string,
    { absent, canonical = (text) => text }: Field,
    old: unknown,
    next: unknown,
    changed: readonly string[] | undefined,
): string[] {
    if (isSecret(old) && isSecret(next)) {
        const may = changed === undefined ? "may change" : "changes";
        return changed?.includes(name.split(".")[0] ?? "") === false ? [] : [line(name, `${SECRET}, which ${may}`)];
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
    return isAbsent(value) || isSecret(value) || isUnknown(value) ? text : code(text);
}

export function plain(value: unknown, absent: string): string {
    if (isAbsent(value)) {
        return absent;
    }
    if (isSecret(value)) {
        return SECRET;
    }
    if (isUnknown(value)) {
        return UNKNOWN;
    }
    if (typeof value === "string") {
        return value;
    }
    return JSON.stringify(value, (_name, part: unknown) =>
        isSecret(part) ? SECRET : part === UNKNOWN_MARK ? UNKNOWN : part,
    );
}

/** Whether only the update will know a value. */
export function isUnknown(value: unknown): boolean {
    return value === UNKNOWN_MARK;
}

export function isAbsent(value: unknown): value is null | undefined {
    return value === undefined || value === null;
}

function isSecret(value: unknown): boolean {
    const [key, mark] = SECRET_MARK;
    return value === SECRET || (typeof value === "object" && value !== null && Reflect.get(value, key) === mark);
}

export function holdsSecret(value: unknown): boolean {
    return isSecret(value) || (typeof value === "object" && value !== null && Object.values(value).some(holdsSecret));
}

/** An instant's text without the ways to write it: `Z` or an offset, zeros at the end of a fraction. */
function canonicalInstant(text: string): string {
    const fraction = /\.(\d+)/.exec(text)?.[1] ?? "";
    const seconds = Date.parse(text.replace(/\.\d+/, ""));
    return Number.isNaN(seconds) ? text : `${seconds}.${fraction.replace(/0+$/, "")}`;
}
