import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pages, ROOT } from "./pages.js";

/** The source of a folder on one line, without the backticks around the names in messages. */
function sourceOf(folder: string): string {
    const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" });
    const texts = files.filter((file) => file.endsWith(".ts")).map((file) => readFileSync(join(ROOT, folder, file)));
    return texts.join("\n").replace(/\\?`/g, "").replace(/\s+/g, " ");
}

test("every message that the page on troubleshooting quotes is one of ours", () => {
    const rows = pages().find(({ name }) => name === "docs/troubleshooting.md")?.lines ?? [];
    const messages = rows.flatMap((row) => /^\| `([^`]+)`/.exec(row)?.[1] ?? []);
    expect(messages.length).toBeGreaterThan(30);
    const code = sourceOf("provider") + sourceOf("sdk");
    const pieces = (message: string) => message.split("…").map((piece) => piece.trim().replace(/[.()]/g, "\\$&"));
    expect(messages.filter((message) => !new RegExp(pieces(message).join(".{0,160}?")).test(code))).toEqual([]);
});
