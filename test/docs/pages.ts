import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const ROOT = resolve(__dirname, "../..");

/** A page that users read. */
export interface Page {
    /** From the repository's root: `docs/rotation.md`. */
    readonly name: string;
    readonly lines: readonly string[];
}

/** A block of code on a page. */
export interface Block {
    /** What stands after the opening fence: `ts`, `ts recipe`, `sh`. */
    readonly info: string;
    /** The indices of the fences among the page's lines. */
    readonly start: number;
    readonly end: number;
}

/** The pages: those at the root, in `docs`, of the emulator and of the examples. */
export function pages(): readonly Page[] {
    const examples = readdirSync(join(ROOT, "examples")).map((example) => `examples/${example}/README.md`);
    const docs = readdirSync(join(ROOT, "docs")).map((file) => `docs/${file}`);
    return ["README.md", "SECURITY.md", "CHANGELOG.md", "emulator/README.md", ...docs, ...examples]
        .filter((name) => name.endsWith(".md") && existsSync(join(ROOT, name)))
        .map((name) => ({ name, lines: readFileSync(join(ROOT, name), "utf8").split("\n") }));
}

/** The blocks of code on a page, in their order. */
export function blocksOf({ lines }: Page): readonly Block[] {
    const fences = lines.flatMap((line, index) => (line.startsWith("```") ? [index] : []));
    return fences.flatMap((start, count) => {
        const end = fences[count + 1];
        return count % 2 === 1 || end === undefined ? [] : [{ info: lines[start]?.slice(3).trim() ?? "", start, end }];
    });
}
