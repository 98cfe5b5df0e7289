/**
 * A secret as the API shows it, such as `xai-...oYZ4` or `xai-a**b`. `undefined` for a text without any mark that something
 * was left out: a server that forgets to redact must not hand secrets to programs.
 */
export function onlyRedacted(shown: string | null | undefined): string | undefined {
    return !shown || /^[\w-]*$/.test(shown) ? undefined : shown;
}
