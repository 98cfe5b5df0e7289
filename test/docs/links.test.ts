import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { blocksOf, type Page, pages, ROOT } from "./pages.js";

/** A page's text without its code. */
function proseOf(page: Page): string {
    const blocks = blocksOf(page);
    const prose = page.lines.filter((_, index) => !blocks.some(({ start, end }) => index >= start && index <= end));
    return prose.join("\n").replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ""));
}

/** The anchors that a page's headings get: `## Move a stack` → `move-a-stack`. */
function anchorsOf(page: Page): readonly string[] {
    return [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
        heading
            .toLowerCase()
            .replace(/[^\p{L}\p{N} _-]/gu, "")
            .replaceAll(" ", "-"),
    );
}

test("every link between pages leads to a file, and to a heading of it", () => {
    const all = new Map(pages().map((page) => [page.name, page]));
    const links = [...all.values()].flatMap((page) =>
        [...proseOf(page).matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)]
            .map(([, target = ""]) => target)
            .filter((target) => !/^[a-z]+:/.test(target))
            .map((target) => ({ page: page.name, target })),
    );
    expect(links.length).toBeGreaterThan(50);
    const broken = links.filter(({ page, target }) => {
        const [path = "", anchor] = target.split("#", 2);
        const name = path === "" ? page : normalize(join(dirname(page), path));
        const linked = all.get(name);
        const hasAnchor = anchor === undefined || (linked !== undefined && anchorsOf(linked).includes(anchor));
        return !existsSync(join(ROOT, name)) || !hasAnchor;
    });
    expect(broken).toEqual([]);
});
