import type { z } from "zod";
import { type Action, apiWords, isHtml, UnexpectedAnswerError, whereApiIs } from "./errors.js";
import type { Outgoing } from "./exchange.js";

/**
 * Whether a status says that what was asked for is done, and the body what it came to. 202 leaves a deletion open, whose
 * body proves nothing; 206 is a part of an answer, which nobody asked for.
 */
export function isDone(status: number, method: Outgoing["method"]): boolean {
    return status >= 200 && status < 300 && status !== 206 && !(status === 202 && method === "DELETE");
}

/**
 * Parses a good answer's body.
 *
 * @param schema - What the JSON must look like.
 * @param baseUrl - Where the request went, for the hint.
 * @throws UnexpectedAnswerError that says what the body is instead.
 */
export function parseAnswer<T>(action: Action, schema: z.ZodType<T>, body: string, baseUrl: string): T {
    const hint = `Check ${whereApiIs(baseUrl)}`;
    let json: unknown;
    try {
        json = body.trim() === "" ? undefined : JSON.parse(body);
    } catch {
        const what = isHtml(body) ? `the answer was ${apiWords(body)}` : "the answer was no JSON";
        throw new UnexpectedAnswerError(action, what, hint);
    }
    const parsed = schema.safeParse(json);
    if (parsed.success) {
        return parsed.data;
    }
    // The paths alone: a value of the answer may be the secret.
    const places = [...new Set(parsed.error.issues.map((issue) => issue.path.join(".") || "its top level"))].join(", ");
    throw new UnexpectedAnswerError(action, `the answer had an unexpected shape at ${places}`, hint);
}

/**
 * Whether an object may be an answer whose one list or map is called so, and is left out where it is empty. One with other
 * fields instead is an answer of another kind, and must not pass for an empty one.
 */
export function hasOrIsEmpty(field: string): (answer: object) => boolean {
    return (answer) => field in answer || Object.keys(answer).length === 0;
}
