import { inspect } from "node:util";

/**
 * A management key that does not show itself: not in `JSON.stringify`, not in `util.inspect`, not as a string.
 *
 * @example
 * headers.Authorization = `Bearer ${credential.reveal()}`;
 */
export class Credential {
    readonly #value: string;

    constructor(
        value: string,
        /** Where it came from, for messages: `xai:managementKey` or the environment variable's name. */
        readonly source: string,
    ) {
        this.#value = value;
    }

    /** The key itself. Only the HTTP core calls this. */
    reveal(): string {
        return this.#value;
    }

    /** Whether both hold the same key. */
    equals(other: Credential): boolean {
        return this.#value === other.#value;
    }

    toString(): string {
        return "[secret]";
    }

    toJSON(): string {
        return "[secret]";
    }

    [inspect.custom](): string {
        return `[secret from ${this.source}]`;
    }
}
