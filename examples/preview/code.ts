/** Text as a code span: no Markdown, mention or link in it means anything, and nothing in it is invisible. */
export function code(text: string): string {
    const visible = text.replace(
        /[\p{C}\p{Zl}\p{Zp}]/gu,
        (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
    );
    const runs = visible.match(/`+/g) ?? [];
    const fence = "`".repeat(Math.max(0, ...runs.map((run) => run.length)) + 1);
    const padding = /^[ `]|[ `]$/.test(visible) ? " " : "";
    return visible === "" ? "(empty)" : `${fence}${padding}${visible}${padding}${fence}`;
}
