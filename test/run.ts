/**
 * `npm test`: the whole check. Format and lint, types, build, tests; the last line counts the tests.
 *
 * It finds one Pulumi CLI for all tests, and hands it to them as `PULUMI_XAI_CLI`. Where there is none, `PULUMI_XAI_NO_CLI` has the reason in
 * one line: what needs the CLI is skipped, which fails the check under `CI=true` only. The same goes for the YAML language host,
 * with `PULUMI_XAI_YAML_HOST` and `PULUMI_XAI_NO_YAML`.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { findPulumiCli, findYamlHost, introduce, NoPulumiCliError, type PulumiCli } from "../tools/pulumi-cli/index.js";

const STEPS: readonly (readonly [what: string, command: string, ...parameters: string[]])[] = [
    ["format and lint", "biome", "check", "--error-on-warnings", "."],
    // The examples' types are those of the built package.
    ["build", "npm", "run", "--silent", "build"],
    ["build the emulator", "npm", "run", "--silent", "build", "--workspace", "emulator"],
    ["types", "tsc", "--noEmit"],
];

const reportSchema = z.object({
    numPassedTests: z.number(),
    numFailedTests: z.number(),
    numPendingTests: z.number(),
    numFailedTestSuites: z.number(),
    testResults: z.array(
        z.object({ assertionResults: z.array(z.object({ status: z.string(), ancestorTitles: z.array(z.string()) })) }),
    ),
});

const say = (line: string) => process.stdout.write(`${line}\n`);

/** Ends the check: the counts stand on the last line. */
function end(passed: number, failed: number, skipped: number): never {
    say(`${passed} passed, ${failed} failed, ${skipped} skipped`);
    process.exit(failed > 0 ? 1 : 0);
}

for (const [what, command, ...parameters] of STEPS) {
    say(`# ${what}`);
    if (spawnSync(command, parameters, { stdio: "inherit" }).status !== 0) {
        say(`${what}: failed`);
        end(0, 1, 0);
    }
}

/** The variables that lead the tests to the Pulumi CLI, or say why there is none. */
async function cliEnvironment(): Promise<Record<string, string>> {
    try {
        const cli = await findPulumiCli({ say });
        say(introduce(cli));
        return { PULUMI_XAI_CLI: cli.path, ...(await yamlEnvironment(cli)) };
    } catch (error) {
        if (!(error instanceof NoPulumiCliError)) {
            throw error;
        }
        say(error.message);
        return { PULUMI_XAI_NO_CLI: error.reason };
    }
}

/** The variable that leads the tests to the YAML language host, or says why there is none. */
async function yamlEnvironment(cli: PulumiCli): Promise<Record<string, string>> {
    try {
        const host = await findYamlHost(cli, { say });
        say(`Pulumi's YAML language host: ${host}`);
        return { PULUMI_XAI_YAML_HOST: host };
    } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        say(`There is no YAML language host: ${reason}`);
        return { PULUMI_XAI_NO_YAML: reason };
    }
}

async function main(): Promise<never> {
    say("# Pulumi CLI");
    const cli = await cliEnvironment();

    say("# tests");
    const folder = mkdtempSync(join(tmpdir(), "pulumi-xai-test-"));
    const report = join(folder, "report.json");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const run = spawnSync("vitest", ["run", ...reporters, ...process.argv.slice(2)], {
        stdio: "inherit",
        env: { ...process.env, ...cli },
    });
    let text: string | undefined;
    try {
        text = readFileSync(report, "utf8");
    } catch {
        say("tests: no report was written");
    }
    rmSync(folder, { recursive: true, force: true });
    if (text === undefined) {
        end(0, 1, 0);
    }
    const counts = reportSchema.parse(JSON.parse(text));
    const skipped = new Map<string, number>();
    for (const { status, ancestorTitles } of counts.testResults.flatMap((file) => file.assertionResults)) {
        if (status === "pending" || status === "skipped") {
            const title = ancestorTitles.join(" > ");
            skipped.set(title, (skipped.get(title) ?? 0) + 1);
        }
    }
    for (const [title, count] of skipped) {
        say(`skipped ${count}: ${title}`);
    }
    // A file that does not load, or an error outside of any test, fails without failing a test.
    let failed = counts.numFailedTests + (run.status !== 0 && counts.numFailedTests === 0 ? 1 : 0);
    const missing = { "the Pulumi CLI": cli["PULUMI_XAI_NO_CLI"], "the YAML language host": cli["PULUMI_XAI_NO_YAML"] };
    for (const [what, reason] of Object.entries(missing)) {
        if (reason !== undefined) {
            say(`skipped what needs ${what}: ${reason}`);
            failed += process.env["CI"] === "true" ? 1 : 0;
        }
    }
    end(counts.numPassedTests, failed, counts.numPendingTests);
}

void main();
