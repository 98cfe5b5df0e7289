import { inspect } from "node:util";
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
    expect(leaks(secrets, texts)).toEqual([]);
}

/** Where a secret, or a piece of one, stands, in words that do not hold it. */
export function leaks(secrets: Iterable<string>, texts: readonly Exposed[]): string[] {
    return [...secrets].flatMap((secret) => {
        const pieces = piecesOf(secret);
        return texts
            .filter(({ text }) => pieces.some((piece) => text.includes(piece)))
            .map(({ name }) => `${name} holds a piece of ${secret.slice(0, SHOWN_HEAD)}…${secret.slice(-SHOWN_TAIL)}`);
    });
}

function piecesOf(secret: string): string[] {
    const hidden = secret.slice(SHOWN_HEAD, -SHOWN_TAIL);
    return Array.from({ length: Math.max(0, hidden.length - PIECE + 1) }, (_, start) =>
        hidden.slice(start, start + PIECE),
    );
}

/**
 * Everything that whoever prints, logs or stores a value could get of it: as text, as JSON, and as `util.inspect` shows it
 * with every hidden property; for an error its stack and its causes too.
 */
export function everythingOf(name: string, value: unknown): Exposed[] {
    const everything = { depth: Number.POSITIVE_INFINITY, maxArrayLength: null, maxStringLength: null };
    const texts = [
        inspect(value, everything),
        inspect(value, { ...everything, showHidden: true }),
        inspect(value, { ...everything, showHidden: true, customInspect: false }),
        json(value),
        text(value),
    ];
    if (value instanceof Error) {
        texts.push(value.message, value.stack ?? "");
    }
    const cause = value instanceof Error ? value.cause : undefined;
    return [
        { name, text: texts.join("\n") },
        ...(cause === undefined ? [] : everythingOf(`the cause of ${name}`, cause)),
    ];
}

function json(value: unknown): string {
    try {
        return JSON.stringify(value) ?? "";
    } catch {
        // Circular, or a bigint: whoever tries gets an error that holds nothing of it.
        return "";
    }
}

function text(value: unknown): string {
    try {
        return String(value);
    } catch {
        return "";
    }
}
