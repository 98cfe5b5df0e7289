/**
 * `npm run parity`: runs every scenario on the real engine and writes its records anew, and their list in the docs. To be
 * run after a change of what the provider does or of a scenario; what has changed then shows in the diff of the records.
 */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { pulumiCli } from "../engines/pulumiCli.js";
import { writeScenarioList } from "./docs.js";
import { RECORDS } from "./records.js";

const cli = pulumiCli();
if ("missing" in cli) {
    process.stderr.write(`The records are the real engine's, and there is ${cli.missing}: nothing was changed.\n`);
    process.exit(1);
}
rmSync(RECORDS, { recursive: true, force: true });
const { status } = spawnSync("vitest", ["run", "test/scenarios", "--testNamePattern", cli.name], {
    stdio: "inherit",
    env: { ...process.env, PARITY: "refresh" },
});
if (status === 0) {
    writeScenarioList(cli.name);
}
process.exit(status ?? 1);
