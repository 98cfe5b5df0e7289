import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { recordedScenarios } from "./records.js";

/** The list of the scenarios in `docs/engines.md`, which is made from the records. */

const PAGE = resolve(__dirname, "../../docs/engines.md");
const BEGIN = "<!-- scenarios: written by `npm run parity` -->";
const END = "<!-- end of scenarios -->";

/** Writes the list of recorded scenarios into the page, with the engine that they were recorded on. */
export function writeScenarioList(engineName: string): void {
    const page = readFileSync(PAGE, "utf8");
    const before = page.slice(0, page.indexOf(BEGIN) + BEGIN.length);
    const list = [`Recorded with ${engineName}: ${recordedScenarios().length} scenarios.`, ...scenarioLines()];
    writeFileSync(PAGE, `${before}\n\n${list.join("\n")}\n\n${page.slice(page.indexOf(END))}`);
}

/** The list as it has to stand in the page. */
export function scenarioLines(): string[] {
    const suites = new Map<string, string[]>();
    for (const { suite, name } of recordedScenarios()) {
        suites.set(suite, [...(suites.get(suite) ?? []), name]);
    }
    return [...suites].flatMap(([suite, names]) => ["", `**${suite}**`, "", ...names.map((name) => `- ${name}`)]);
}

/** The list as it stands in the page. */
export function listedInDocs(): string[] {
    const page = readFileSync(PAGE, "utf8");
    const list = page.slice(page.indexOf(BEGIN) + BEGIN.length, page.indexOf(END)).trim();
    return list.split("\n").slice(1);
}
