import { expect } from "vitest";

/** How long a piece of a secret has to be to count as leaked. */
const PIECE = 8;
/** What every secret begins with, and how much of its end the API itself shows. */
const SHOWN_HEAD = 4;
const SHOWN_TAIL = 4;

/** A text that users, logs or files hold, and where it stands. */
export interface Exposed {
    readonly name: string;
    readonly text: string;
}

/**
 * Asserts that no secret stands in any of the texts: not in whole, and in no piece of eight characters beyond what the
 * API shows of it anyway.
 */
export function expectNoLeak(secrets: Iterable<string>, texts: readonly Exposed[]): void {
    const leaks: string[] = [];
    for (const secret of secrets) {
        const hidden = secret.slice(SHOWN_HEAD, -SHOWN_TAIL);
        for (const { name, text } of texts) {
            for (let start = 0; start + PIECE <= hidden.length; start += 1) {
                if (text.includes(hidden.slice(start, start + PIECE))) {
                    leaks.push(`${name} holds a piece of ${secret.slice(0, SHOWN_HEAD)}…${secret.slice(-SHOWN_TAIL)}`);
                    break;
                }
            }
        }
    }
    expect(leaks).toEqual([]);
}
