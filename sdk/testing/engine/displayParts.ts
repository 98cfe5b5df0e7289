import type { EngineEvent, OpMap } from "@pulumi/pulumi/automation";
import { parseUrn } from "./urn.js";
import { SECRET_SIGNATURE, SIGNATURE, UNKNOWN_SENTINEL } from "./wire.js";

type Metadata = NonNullable<EngineEvent["resourcePreEvent"]>["metadata"];
type Diagnostic = NonNullable<EngineEvent["diagnosticEvent"]>;

/** Which inputs a step changes, such as `[diff: +qps~acls]`. */
export function rowInfo(step: Metadata): string {
    if (step.old === undefined || step.new === undefined || step.op === "same") return "";
    const [olds, news] = [new Map(Object.entries(step.old.inputs)), new Map(Object.entries(step.new.inputs))];
    const names = [...new Set([...olds.keys(), ...news.keys()])].filter((name) => !name.startsWith("__")).sort();
    const group = (sign: string, test: (name: string) => boolean): string => {
        const chosen = names.filter(test);
        return chosen.length === 0 ? "" : `${sign}${chosen.join(",")}`;
    };
    const isSame = (name: string): boolean => JSON.stringify(olds.get(name)) === JSON.stringify(news.get(name));
    const changes = [
        group("+", (name) => !olds.has(name)),
        group("-", (name) => !news.has(name)),
        group("~", (name) => olds.has(name) && news.has(name) && !isSame(name)),
    ].join("");
    return changes === "" ? "" : `[diff: ${changes}]`;
}

/** All diagnostics, each resource's together. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[]): string {
    if (diagnostics.length === 0) return "";
    const groups = new Map<string, Diagnostic[]>();
    for (const diagnostic of diagnostics) {
        const urn = diagnostic.urn ?? "";
        groups.set(urn, [...(groups.get(urn) ?? []), diagnostic]);
    }
    const blocks = [...groups].map(([urn, group]) => {
        const { type, name } = parseUrn(urn);
        const heading = urn === "" ? "" : `  ${type} (${name}):\n`;
        const texts = group.map(({ prefix = "", message }) => indent(`${prefix}${message}`.trimEnd(), "    "));
        return `${heading}${texts.join("\n")}\n`;
    });
    return `Diagnostics:\n${blocks.join("\n")}\n`;
}

function indent(text: string, by: string): string {
    return text
        .split("\n")
        .map((line) => (line === "" ? line : by + line))
        .join("\n");
}

/** The outputs of the stack, with what changed in them. */
export function renderOutputs(step: Metadata): string {
    const olds = new Map(Object.entries(step.old?.outputs ?? {}));
    const news = new Map(Object.entries(step.new?.outputs ?? {}));
    const names = [...new Set([...olds.keys(), ...news.keys()])].sort();
    if (names.length === 0) return "";
    const width = Math.max(...names.map((name) => name.length));
    const isNew = step.op === "create";
    const lines = names.map((name) => {
        const label = name.padEnd(width);
        const [old, value] = [renderValue(olds.get(name)), renderValue(news.get(name))];
        if (!news.has(name)) return `  - ${label}: ${old}`;
        if (!olds.has(name)) return `  ${isNew ? " " : "+"} ${label}: ${value}`;
        if (JSON.stringify(olds.get(name)) === JSON.stringify(news.get(name))) return `    ${label}: ${value}`;
        const isShort = !old.includes("\n") && !value.includes("\n");
        return isShort ? `  ~ ${label}: ${old} => ${value}` : `  ~ ${label}: ${value}`;
    });
    return `Outputs:\n${lines.join("\n")}\n\n`;
}

function renderValue(value: unknown): string {
    if (value === UNKNOWN_SENTINEL) return "[unknown]";
    if (Array.isArray(value)) {
        return `[\n${value.map((item, index) => `        [${index}]: ${nested(item)}`).join("\n")}\n    ]`;
    }
    if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "";
    const fields = new Map<string, unknown>(Object.entries(value));
    if (fields.get(SIGNATURE) === SECRET_SIGNATURE) return "[secret]";
    const width = Math.max(0, ...[...fields.keys()].map((key) => key.length));
    const lines = [...fields].sort(([left], [right]) => (left < right ? -1 : 1));
    return `{\n${lines.map(([key, item]) => `        ${key.padEnd(width)}: ${nested(item)}`).join("\n")}\n    }`;
}

function nested(value: unknown): string {
    return renderValue(value).replaceAll("\n", "\n    ");
}

const SUMMARY: readonly (readonly [op: string, sign: string, plan: string, done: string])[] = [
    ["create", "+ ", "create", "created"],
    ["update", "~ ", "update", "updated"],
    ["delete", "- ", "delete", "deleted"],
    ["replace", "+-", "replace", "replaced"],
];

/** How many resources changed, and how. */
export function renderSummary(changes: OpMap, isPreview: boolean, failures: number): string {
    const counts = new Map<string, number>(Object.entries(changes));
    const rows = SUMMARY.flatMap(([op, sign, plan, done]) => {
        const count = counts.get(op) ?? 0;
        return count === 0 ? [] : [{ count, text: `    ${sign}${count} ${isPreview ? `to ${plan}` : done}` }];
    });
    const total = rows.reduce((sum, { count }) => sum + count, 0);
    const same = counts.get("same") ?? 0;
    const rest = [
        ...(rows.length > 1 ? [`${total} ${total === 1 ? "change" : "changes"}`] : []),
        ...(same > 0 ? [`${same} unchanged`] : []),
    ];
    const lines = [
        ...rows.map(({ text }) => text),
        ...(rest.length > 0 ? [`    ${rest.join(". ")}`] : []),
        ...(failures > 0 ? [`    ${failures} errored`] : []),
    ];
    return `Resources:\n${lines.map((line) => `${line}\n`).join("")}`;
}
