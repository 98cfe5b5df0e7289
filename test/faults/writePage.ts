import { writeFileSync } from "node:fs";
import { faultPage } from "./page.js";

/** Writes the page of faults from the table. */
writeFileSync("docs/faults.md", faultPage());
process.stdout.write("docs/faults.md is written.\n");
