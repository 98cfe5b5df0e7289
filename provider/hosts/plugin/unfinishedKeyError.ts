import type { Marked } from "./wire.js";

/** A key that exists and is unfinished, as the engine keeps it. */
export class UnfinishedKeyError extends Error {
    /** Private, because they hold the secret: whoever prints the error must not see them. */
    readonly #outputs: Marked;

    constructor(
        readonly id: string,
        outputs: Marked,
        reason: string,
    ) {
        super(reason);
        this.#outputs = outputs;
    }

    get outputs(): Marked {
        return this.#outputs;
    }
}
