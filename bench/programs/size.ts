/** What a program of the benchmark is told. */

/** How many keys it has. */
export const count = Number(process.env["BENCH_COUNT"]);
/** The limit that each of them has. */
export const qpm = Number(process.env["BENCH_QPM"]);
