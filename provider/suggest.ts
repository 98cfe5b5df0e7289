import { distance } from "fastest-levenshtein";

/** Suggestions for misspelt names, and values as messages show them. */

/** A longer text was not misspelt, and comparing it would take minutes. */
const LONGEST_MISSPELT = 500;
/** How many names a suggestion lists where none is near. */
const LISTED = 12;
/** The longest value that a message shows whole. */
const LONGEST_SHOWN = 80;

/** `; did you mean …?` for a candidate that is close enough, else nothing. */
export function didYouMean(given: string, candidates: Iterable<string>): string {
    if (given.length > LONGEST_MISSPELT) {
        return "";
    }
    let best: { candidate: string; edits: number } | undefined;
    for (const candidate of candidates) {
        const edits = distance(given.toLowerCase(), candidate.toLowerCase());
        if (best === undefined || edits < best.edits) {
            best = { candidate, edits };
        }
    }
    return best !== undefined && best.edits <= Math.max(2, Math.floor(given.length / 4))
        ? `; did you mean \`${best.candidate}\`?`
        : "";
}

/**
 * `; did you mean …?` for the nearest name. Where none is near, the first few names that exist.
 *
 * @param prefix - What a program writes before the name.
 */
export function suggestName(name: string, names: readonly string[], prefix = ""): string {
    const near = didYouMean(name, names);
    if (near !== "" || names.length === 0) {
        return near.replace("`", `\`${prefix}`);
    }
    const more = names.length > LISTED ? `, and ${names.length - LISTED} more` : "";
    return `; it has ${names.slice(0, LISTED).join(", ")}${more}`;
}

/** A value as a program would write it, shortened. */
export function showValue(value: unknown): string {
    // Whoever pastes a secret into another argument must not read it in the message.
    const shown = typeof value === "number" ? undefined : JSON.stringify(value);
    const text = (shown ?? String(value)).replace(/\bxai-[A-Za-z0-9_-]{8,}/g, "[secret]");
    return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

/** What kind of value it is, without the value. */
export function showKind(value: unknown): string {
    if (typeof value === "string") {
        return value.trim() === "" ? "an empty text" : "this text";
    }
    const kind = Array.isArray(value) ? "list" : typeof value;
    return `${kind === "object" ? "an" : "a"} ${kind}`;
}
