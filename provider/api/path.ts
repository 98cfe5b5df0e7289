import { XaiError } from "./errors.js";

/** A text that cannot be a team's or a key's id: no path can hold it. */
export class UnusableIdError extends XaiError {}

/**
 * Builds a path out of parts that are escaped: an id cannot become another path.
 *
 * @example
 * path`/auth/api-keys/${id}` // "a/b" → "/auth/api-keys/a%2Fb"
 * @throws UnusableIdError for an empty part, for `.` and `..`, which URLs resolve away, and for half a character.
 */
export function path(literals: TemplateStringsArray, ...parts: readonly string[]): string {
    return literals.reduce((whole, literal, index) => {
        const part = parts[index - 1] ?? "";
        if (part === "" || part === "." || part === ".." || /\p{Surrogate}/u.test(part)) {
            throw new UnusableIdError(
                `${JSON.stringify(part)} cannot be the id of a team or of an API key. Check \`xai:teamId\`, XAI_TEAM_ID and the argument \`teamId\`, or the id that you look up.`,
            );
        }
        return whole + encodeURIComponent(part) + literal;
    });
}
