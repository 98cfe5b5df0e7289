import { z } from "zod";

/**
 * Answers that leave out a list or a map which has nothing in it. Such an answer is nearly empty, and an object of another
 * kind must not pass for one: out of a listing without keys it would follow that all of them are gone.
 */

/**
 * The schema of an answer that is there for one list or map.
 *
 * @param list - The name of the list or map.
 * @param schema - What the answer looks like; has to take one without it.
 * @param beside - What may stand beside it where it is left out.
 */
export function answerAround<Schema extends z.ZodType>(list: string, schema: Schema, ...beside: readonly string[]) {
    return z
        .unknown()
        .refine(holdsOrLeavesOut(list, beside), { path: [list] })
        .pipe(schema);
}

/**
 * Whether an object holds its list or map, or nothing that an answer without it could not hold; what is no object is for
 * the schema to refuse. Looks at what came: a schema has left out what it does not know, `__proto__` too.
 */
function holdsOrLeavesOut(list: string, beside: readonly string[]): (answer: unknown) => boolean {
    return (answer) =>
        typeof answer !== "object" ||
        answer === null ||
        Array.isArray(answer) ||
        isContainer(Reflect.get(answer, list)) ||
        Object.keys(answer).every((name) => name === list || beside.includes(name));
}

function isContainer(value: unknown): boolean {
    return typeof value === "object" && value !== null;
}
