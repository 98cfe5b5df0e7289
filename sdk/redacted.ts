/**
 * What the API shows of a secret, such as `xai-...oYZ4` or `xai-a**b`; `undefined` for a text without any mark that
 * something was left out: a server that forgets to redact must not be one that gives secrets to programs. Pure.
 */
export function onlyRedacted(shown: string | null): string | undefined {
    return shown === null || /^[\w-]*$/.test(shown) ? undefined : shown;
}
