import { inspect } from "node:util";

/** How long a piece of a key is that a text may not show. */
const PIECE = 8;
const HIDDEN = "[secret]";

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

    /** A text without this key, and without any piece of it that would be of use to somebody. */
    hideIn(text: string): string {
        const pieces = new Set<string>();
        for (let start = 0; start + PIECE <= this.#value.length; start += 1) {
            const piece = this.#value.slice(start, start + PIECE);
            // Small letters alone are a word, which a message may hold: "management" is in many a made-up key.
            if (/[A-Z0-9]/.test(piece)) {
                pieces.add(piece);
            }
        }
        let shown = text.replaceAll(this.#value, HIDDEN);
        for (let at = 0; at + PIECE <= shown.length; at += 1) {
            let end = at;
            while (pieces.has(shown.slice(end, end + PIECE))) {
                end += 1;
            }
            if (end > at) {
                shown = shown.slice(0, at) + HIDDEN + shown.slice(end - 1 + PIECE);
            }
        }
        return shown;
    }

    /** Whether both hold the same key. */
    equals(other: Credential): boolean {
        return this.#value === other.#value;
    }

    toString(): string {
        return HIDDEN;
    }

    toJSON(): string {
        return HIDDEN;
    }

    [inspect.custom](): string {
        return `[secret from ${this.source}]`;
    }
}
