/**
 * `npm run bench`: what keys cost, as counts and ratios, beside their budgets. Progress goes to stderr.
 *
 * ```sh
 * npm run bench                          # everything
 * npm run bench -- limits                # one row by name
 * npm run bench -- time --keys 300 --rounds 5
 * ```
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { findPulumiCli, NoPulumiCliError, pulumiCommand } from "../tools/pulumi-cli/index.js";
import { type EngineOptions, requestRows, stateRows, timeRows } from "./engineRows.js";
import { importRows } from "./importRows.js";
import { limitRows } from "./limitRows.js";
import { pluginRows } from "./pluginRows.js";
import { type Row, table } from "./table.js";

const NAMES = ["import", "plugin", "requests", "state", "time", "limits"] as const;
type Name = (typeof NAMES)[number];

/** The command line is wrong. */
class UsageError extends Error {}

async function main(): Promise<void> {
    const { names, count, rounds } = readArguments();
    process.on("SIGINT", () => process.exit(130));
    const started = performance.now();
    const tell = (line: string) => {
        process.stderr.write(`${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${line}\n`);
    };
    const engineNeeded = names.some((name) => name === "requests" || name === "state" || name === "time");
    const cli = engineNeeded ? await findPulumiCli() : undefined;
    const command = cli && pulumiCommand(cli.path);
    const engine: EngineOptions = {
        count,
        rounds,
        tell,
        command: () => command ?? Promise.reject(new Error("This row needs no engine.")),
    };
    const measure: Record<Name, () => Promise<Row[]>> = {
        import: () => importRows(rounds),
        plugin: () => pluginRows(rounds),
        requests: () => requestRows(engine),
        state: () => stateRows(engine),
        time: () => timeRows(engine),
        limits: limitRows,
    };
    const rows: Row[] = [];
    for (const name of names) {
        tell(name);
        rows.push(...(await measure[name]()));
    }
    const where = [`Node ${process.version}`, `${availableParallelism()} cores`, cli && `Pulumi CLI ${cli.version}`];
    process.stdout.write(`${table(rows)}\n\n${where.filter(Boolean).join(", ")}\n`);
}

function readArguments(): { names: readonly Name[]; count: number; rounds: number } {
    const { values, positionals } = parseArgs({
        allowPositionals: true,
        options: { keys: { type: "string", default: "100" }, rounds: { type: "string", default: "3" } },
    });
    const names = positionals.map((given) => {
        const name = NAMES.find((known) => known === given);
        if (name === undefined) {
            throw new UsageError(`There is no row "${given}". The rows: ${NAMES.join(", ")}.`);
        }
        return name;
    });
    const whole = (option: "keys" | "rounds"): number => {
        if (!/^[1-9]\d{0,4}$/.test(values[option])) {
            throw new UsageError(`--${option} takes a whole number from 1, not "${values[option]}".`);
        }
        return Number(values[option]);
    };
    return { names: names.length > 0 ? names : NAMES, count: whole("keys"), rounds: whole("rounds") };
}

main().catch((error: unknown) => {
    const isExpected = error instanceof UsageError || error instanceof NoPulumiCliError || !(error instanceof Error);
    process.stderr.write(`${isExpected ? (error instanceof Error ? error.message : error) : error.stack}\n`);
    process.exit(1);
});
