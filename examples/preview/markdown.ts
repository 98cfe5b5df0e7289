import { type Changes, type Counts, hasChanges } from "./changes.js";
import { code } from "./code.js";
import { VERBS, type Verb } from "./verbs.js";

/** The changes as a comment for a pull request. */
export function toMarkdown(stack: string, changes: Changes): string {
    const { keys, others } = changes;
    const counts: Partial<Record<Verb, number>> = {};
    for (const { verb } of keys) {
        counts[verb] = (counts[verb] ?? 0) + 1;
    }
    const due = keys.filter(({ rotates }) => rotates).map(({ name }) => code(name));
    const summary = [
        countLine("Keys", counts),
        due.length === 0 ? "" : `- Rotations due: ${due.join(", ")}`,
        countLine("Other resources", others),
    ].filter((line) => line !== "");
    const blocks = [
        `## Preview of ${code(stack)}`,
        hasChanges(changes) ? summary.join("\n") : "No changes.",
        ...keys.flatMap(({ name, verb, note, fields, native, consumers }) => [
            `### ${verb[0]?.toUpperCase()}${verb.slice(1)} ${code(name)}`,
            ...[note, listOf(fields), consumersNote(verb, native, consumers), listOf(consumers)].filter(
                (block) => block !== "",
            ),
        ]),
    ];
    return `${blocks.join("\n\n")}\n`;
}

function listOf(lines: readonly string[]): string {
    return lines.map((line) => `- ${line}`).join("\n");
}

function consumersNote(verb: Verb, native: boolean, consumers: readonly string[]): string {
    if (consumers.length === 0) {
        return native && verb === "update" ? "No resource that uses this key changes with it." : "";
    }
    return native || verb !== "update"
        ? "Resources that use this key, and change with it:"
        : "Resources that use this key, and may change with it (a preview in dynamic mode does not know):";
}

function countLine(what: string, counts: Counts): string {
    const parts = Object.values(VERBS).flatMap((verb) => (counts[verb] ? [`${counts[verb]} to ${verb}`] : []));
    return parts.length === 0 ? "" : `- ${what}: ${parts.join(", ")}`;
}
