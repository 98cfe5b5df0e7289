import { canonicalJson, digestOf, isMap } from "./digest.js";
import { isUnknown } from "./unknown.js";

/**
 * Which comparisons are the program's. A host is not told: a refresh compares what it read with the stored inputs, and a
 * delete before a replacement those of its dependents, before any of them was checked. What the program gives is checked
 * first, and compared as the check left it.
 */
export class Comparisons {
    /** Who is still to be compared, by the digest of the checked inputs: two resources may have the same. */
    readonly #awaited = new Map<string, string[]>();

    /**
     * Notes the check of a resource that is there.
     *
     * @param who - What tells the resource from others.
     * @param inputs - As the check leaves them.
     */
    await(who: string, inputs: Readonly<Record<string, unknown>>): void {
        const digest = digestOfInputs(inputs);
        this.#awaited.set(digest, [...(this.#awaited.get(digest) ?? []), who]);
    }

    /**
     * Notes a comparison.
     *
     * @param news - Its new inputs.
     * @returns Whose it is; `undefined` where it is not the program's.
     */
    take(news: Readonly<Record<string, unknown>>): string | undefined {
        const digest = digestOfInputs(news);
        const [who, ...rest] = this.#awaited.get(digest) ?? [];
        this.#awaited.set(digest, rest);
        return who;
    }
}

/** A digest, for inputs hold secrets. It is the same on either side of the engine, which adds its own and drops nulls. */
function digestOfInputs(inputs: Readonly<Record<string, unknown>>): string {
    const own = Object.entries(inputs).filter(([name]) => !name.startsWith("__"));
    return digestOf(canonicalJson(Object.fromEntries(own), asTheEngineHasIt));
}

function asTheEngineHasIt(value: unknown): unknown {
    if (isMap(value)) {
        return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== null));
    }
    return isUnknown(value) ? "unknown" : value;
}
