import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { type Row, spread } from "./table.js";

const TIMED = `
    require("@pulumi/pulumi");
    const start = performance.now();
    require("pulumi-xai");
    console.log(performance.now() - start);
`;

/** What the package's import takes after that of `@pulumi/pulumi`, each time in a new process. */
export async function importRows(rounds: number): Promise<Row[]> {
    const times: number[] = [];
    // The first round loads files into memory and does not count.
    for (let round = 0; round <= 2 * rounds; round += 1) {
        const { stdout } = await promisify(execFile)(process.execPath, ["-e", TIMED], {
            cwd: resolve(__dirname, ".."),
        });
        times.push(z.coerce.number().parse(stdout));
    }
    return [[`import "pulumi-xai", ms over @pulumi/pulumi`, spread(times.slice(1), 1), "30"]];
}
