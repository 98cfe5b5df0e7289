/**
 * `npm run bench:stack-test`: what a test file of one's own stack costs, beside the two bare Node processes
 * that no test of a stack and its provider can do without. Seconds say more of the machine than of the package; the ratio
 * travels.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { runNode } from "./nodeProcess.js";
import { sideBySide } from "./sideBySide.js";
import { ratioOf, type Spread, spreadOf } from "./spread.js";
import { alignedTable, decimals, type Row, spreadText } from "./table.js";

const ROUNDS = 7;
const TEST_FILE = "examples/testing/keys.test.ts";
const VITEST = join(require.resolve("vitest/package.json"), "../vitest.mjs");

async function twoBareProcesses(): Promise<void> {
    await runNode("-e", 'require("@pulumi/pulumi")');
    await runNode("-e", 'require("@pulumi/pulumi")');
}

async function testFile(): Promise<void> {
    await runNode(VITEST, "run", TEST_FILE);
}

async function main(): Promise<void> {
    const rounds = await sideBySide(twoBareProcesses, testFile, ROUNDS);
    const row = (label: string, spread: Spread): Row => [label, spreadText(spread, decimals)];
    process.stdout.write(
        alignedTable([
            [`Node ${process.version}, ${availableParallelism()} processors, ${ROUNDS} rounds`, "min median max"],
            row("two bare Node processes that load @pulumi/pulumi (s)", spreadOf(rounds.map(({ base }) => base))),
            row(`vitest run ${TEST_FILE} (s)`, spreadOf(rounds.map(({ subject }) => subject))),
            row("ratio", ratioOf(rounds)),
        ]),
    );
}

void main();
