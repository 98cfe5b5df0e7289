import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";

/** The records of the real engine, as files beside the tests: one for each scenario. */

/** Where they are. */
export const RECORDS = join(__dirname, "records");

/** Which scenario a record is of. */
export interface RecordedScenario {
    readonly suite: string;
    readonly name: string;
}

const recordSchema = z.object({ suite: z.string(), name: z.string(), operations: z.unknown() });

/** Where the record of a scenario is. */
export function recordFile({ suite, name }: RecordedScenario): string {
    return join(RECORDS, fileName(suite), `${fileName(name)}.json`);
}

/** Writes what the real engine did with a scenario. */
export function writeRecord(scenario: RecordedScenario, operations: unknown): void {
    const file = recordFile(scenario);
    mkdirSync(dirname(file), { recursive: true });
    const { suite, name } = scenario;
    writeFileSync(file, `${JSON.stringify({ suite, name, operations }, undefined, 1)}\n`);
}

/** The scenarios that there are records of. */
export function recordedScenarios(): RecordedScenario[] {
    return readdirSync(RECORDS, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".json"))
        .sort()
        .map((file) => readRecord(join(RECORDS, file)));
}

/** What the real engine did with a scenario. */
export function readRecord(file: string) {
    let text: string;
    try {
        text = readFileSync(file, "utf8");
    } catch {
        throw new Error(`There is no record of the real engine in ${file}: \`npm run parity\` writes it.`);
    }
    return recordSchema.parse(JSON.parse(text));
}

function fileName(text: string): string {
    return text
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "-")
        .replace(/^-|-$/g, "");
}
