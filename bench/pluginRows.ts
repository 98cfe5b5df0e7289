import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { type Row, spread } from "./table.js";

const EXECUTABLE = resolve(__dirname, "../bin/pulumi-resource-xai");
/** After the port the process loads what is left of the provider: so long at most, in milliseconds. */
const LOADING = 2000;

/** What native mode's plugin takes from its start to its port, and the memory that it has once all is loaded. */
export async function pluginRows(rounds: number): Promise<Row[]> {
    const [times, sizes]: [number[], number[]] = [[], []];
    // The first round loads files into memory and does not count.
    for (let round = 0; round <= 2 * rounds; round += 1) {
        const start = performance.now();
        const plugin = spawn(EXECUTABLE, { stdio: ["ignore", "pipe", "inherit"] });
        await once(plugin.stdout, "data");
        times.push(performance.now() - start);
        await sleep(LOADING);
        const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(plugin.pid)]);
        sizes.push(Number(stdout) / 1024);
        plugin.kill("SIGINT");
        await once(plugin, "exit");
    }
    return [
        ["plugin of native mode, ms from start to port", spread(times.slice(1), 0), "300"],
        ["plugin of native mode, MB of memory", spread(sizes.slice(1), 0), "100"],
    ];
}
