import { expect } from "vitest";
import { type RecordedScenario, readRecord, recordFile, writeRecord } from "./records.js";

/** Whether the real engine writes the records anew: every scenario is played on it then. */
export const isRefreshing = process.env["PARITY"] === "refresh";

/** Holds what an engine did with a scenario against the record of the real one, or makes it the record. */
export function compareWithReference(scenario: RecordedScenario, operations: unknown, isRealEngine: boolean): void {
    if (isRefreshing) {
        if (isRealEngine) {
            writeRecord(scenario, operations);
        }
        return;
    }
    const file = recordFile(scenario);
    const how = `what the real engine did, as it stands in ${file}; \`npm run parity\` writes it anew`;
    expect(JSON.parse(JSON.stringify(operations)), how).toEqual(readRecord(file).operations);
}
