/**
 * Answers that leave out a list or a map which has nothing in it. Such an answer is nearly empty, and an object of another
 * kind must not pass for one: out of a listing without keys it would follow that all of them are gone.
 */

/**
 * Whether an object holds its list or map, or nothing that an answer without it could not hold; what is no object is for
 * the schema to refuse. Looks at what came: a schema has left out what it does not know, `__proto__` too.
 *
 * @param list - The name of the list or map.
 * @param beside - What may stand beside it.
 */
export function holdsOrLeavesOut(list: string, ...beside: readonly string[]): (answer: unknown) => boolean {
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
