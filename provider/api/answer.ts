import { type Action, apiWords, isHtml, shorten, UnexpectedAnswerError, whereApiIs } from "./errors.js";
import type { Outgoing } from "./exchange.js";

/**
 * Whether a status says that what was asked for is done, and the body what it came to. 202 leaves a deletion open, whose
 * body proves nothing; 206 is a part of an answer, which nobody asked for.
 */
export function isDone(status: number, method: Outgoing["method"]): boolean {
    return status >= 200 && status < 300 && status !== 206 && !(status === 202 && method === "DELETE");
}

/**
 * What the JSON of an answer must look like; zod's schemas are such. Not zod's own type: the package's declarations are not to
 * ask more of a user's compiler settings than Pulumi's do.
 */
export interface AnswerSchema<T> {
    safeParse(json: unknown):
        | { readonly success: true; readonly data: T }
        | {
              readonly success: false;
              readonly error: { readonly issues: readonly { readonly path: readonly PropertyKey[] }[] };
          };
}

/** How many places of an unexpected shape are named. */
const NAMED_PLACES = 5;

/**
 * Parses a good answer's body.
 *
 * @param schema - What the JSON must look like.
 * @param baseUrl - Where the request went, for the hint.
 * @param hide - Takes what no message may show out of a text.
 * @throws UnexpectedAnswerError that says what the body is instead.
 */
export function parseAnswer<T>(
    action: Action,
    schema: AnswerSchema<T>,
    body: string,
    baseUrl: string,
    hide: (text: string) => string,
): T {
    const hint = `Check ${whereApiIs(baseUrl)}`;
    let json: unknown;
    try {
        json = body.trim() === "" ? undefined : JSON.parse(body);
    } catch {
        const what = isHtml(body) ? `the answer was ${apiWords(body, hide)}` : "the answer was no JSON";
        throw new UnexpectedAnswerError(action, what, hint);
    }
    const parsed = schema.safeParse(json);
    if (parsed.success) {
        return parsed.data;
    }
    // The paths alone: a value of the answer may be the secret.
    const places = [...new Set(parsed.error.issues.map((issue) => issue.path.join(".") || "its top level"))];
    const named = shorten(hide(places.slice(0, NAMED_PLACES).join(", ")));
    const more = places.length > NAMED_PLACES ? `, and ${places.length - NAMED_PLACES} more places` : "";
    throw new UnexpectedAnswerError(action, `the answer had an unexpected shape at ${named}${more}`, hint);
}
