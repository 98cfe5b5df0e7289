/**
 * What the API still shows of a secret: its beginning and its end, in more than one published form (`xai-...oYZ4`,
 * `xai-a**b`). Pure.
 */

const REDACTED = /^([^.*…•]*)(?:\.{2,}|\*+|…|•+)([^.*…•]*)$/;

/**
 * Whether a secret may be the one that a redacted text stands for.
 *
 * @returns `undefined` where that cannot be told: the text shows nothing, or has a form that is not known.
 *
 * @example
 * fitsRedaction("xai-abcd1234", "xai-...1234") // → true
 */
export function fitsRedaction(secret: string, redacted: string | null | undefined): boolean | undefined {
    const [, head = "", tail = ""] = REDACTED.exec(redacted ?? "") ?? [];
    const shown = head.length + tail.length;
    if (shown === 0) {
        return undefined;
    }
    return secret.length >= shown && secret.startsWith(head) && secret.endsWith(tail);
}
