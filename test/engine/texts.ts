import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Exposed } from "./leaks.js";

/** The names and texts of all files below a folder; none of what a link leads to. */
export function textsBelow(folder: string): Exposed[] {
    return readdirSync(folder, { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((name) => ({ name, text: readFileSync(name, "utf8") }));
}
