import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "./pages.js";

/** The source on one line, without the backticks around the names in messages. */
function source(): string {
    const files = ["provider", "sdk"].flatMap((folder) =>
        readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((file) => join(ROOT, folder, file)),
    );
    const texts = files.filter((file) => file.endsWith(".ts")).map((file) => readFileSync(file, "utf8"));
    return texts.join("\n").replace(/\\?`/g, "").replace(/\s+/g, " ");
}

test("every message that the page on troubleshooting quotes is one of ours", () => {
    const rows = readFileSync(join(ROOT, "docs/troubleshooting.md"), "utf8").split("\n");
    const messages = rows.flatMap((row) => /^\| `([^`]+)`/.exec(row)?.[1] ?? []);
    expect(messages.length).toBeGreaterThan(30);
    const code = source();
    const unknown = messages.filter((message) => {
        const pieces = message.split("…").map((piece) => piece.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
        return !new RegExp(pieces.filter((piece) => piece !== "").join(".{1,160}?")).test(code);
    });
    expect(unknown).toEqual([]);
});
