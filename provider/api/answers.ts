import { z } from "zod";
import { type Action, baseUrlHint, UnexpectedAnswerError } from "./errors.js";
import { apiWords, isHtml, type Server, shorten } from "./words.js";

/** Reads answers that report success. */

/**
 * Whether a status says that the request is done and that the body shows the result. 202 leaves a deletion open, and its
 * body proves nothing; 206 is a part of an answer, which no request asks for.
 */
export function isDone(status: number, method: string): boolean {
    return status >= 200 && status < 300 && status !== 206 && !(status === 202 && method === "DELETE");
}

/**
 * Parses the body of an answer.
 *
 * @throws UnexpectedAnswerError that names the fields of an unexpected shape. It holds no value: a value may be the secret.
 */
export function parseAnswer<T>(action: Action, schema: z.ZodType<T>, body: string, server: Server): T {
    const unexpected = (what: string) =>
        new UnexpectedAnswerError(action, what, `Check ${baseUrlHint(server.baseUrl)}`, undefined, true);
    let json: unknown;
    try {
        json = body.trim() === "" ? undefined : JSON.parse(body);
    } catch {
        throw unexpected(isHtml(body) ? `the answer was ${apiWords(body, server)}` : "the answer was no JSON");
    }
    const parsed = schema.safeParse(json);
    if (parsed.success) {
        return parsed.data;
    }
    const fields = [...new Set(parsed.error.issues.map((issue) => issue.path.join(".") || "its top level"))];
    throw unexpected(`the answer had an unexpected shape at ${shorten(server.hide(fields.join(", ")))}`);
}

/**
 * The schema of an answer that holds one list or map. The answer may leave it out, or say null, where nothing else stands
 * beside it. An object of another kind must not pass for an empty list: all keys would count as deleted.
 *
 * @param list - The name of the list or map.
 * @param schema - What the answer looks like; has to accept one without the list.
 * @param beside - What may stand beside an absent list.
 */
export function answerWith<Schema extends z.ZodType>(list: string, schema: Schema, ...beside: readonly string[]) {
    return z
        .unknown()
        .refine(
            (answer) =>
                typeof answer !== "object" ||
                answer === null ||
                Array.isArray(answer) ||
                isContainer(Reflect.get(answer, list)) ||
                Object.keys(answer).every((name) => name === list || beside.includes(name)),
            { path: [list] },
        )
        .pipe(schema);
}

function isContainer(value: unknown): boolean {
    return typeof value === "object" && value !== null;
}

/** A text that an answer may leave out: null then. */
export const optionalText = z
    .string()
    .nullish()
    .transform((text) => text ?? null);
