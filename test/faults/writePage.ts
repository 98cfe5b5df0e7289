import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { faultsPage, PAGE } from "./page.js";

/** `npm run docs:faults`: writes the page anew. */
mkdirSync(dirname(PAGE), { recursive: true });
writeFileSync(PAGE, faultsPage());
