/**
 * A management key that does not show itself: not in `JSON.stringify`, not in `util.inspect`, not as a string. Its value is private.
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

    /** The key itself. Only the HTTP client calls this. */
    reveal(): string {
        return this.#value;
    }

    /** A text without this key. */
    hideIn(text: string): string {
        return this.#value === "" ? text : text.replaceAll(this.#value, "[secret]");
    }

    /** Whether both hold the same key. */
    equals(other: Credential): boolean {
        return this.#value === other.#value;
    }
}
