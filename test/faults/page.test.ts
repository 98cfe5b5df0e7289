import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { faultsPage, PAGE } from "./page.js";

test("the page on faults is what the table says; `npm run docs:faults` writes it anew", () => {
    expect(readFileSync(PAGE, "utf8")).toBe(faultsPage());
});
