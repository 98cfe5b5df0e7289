// Loaded into each Node process of an engine before anything else: as it ends, writes what it used to BENCH_USAGE.
const { writeFileSync } = require("node:fs");
const { join } = require("node:path");

const folder = process.env.BENCH_USAGE;
const [, kind] = /[\\/]cmd[\\/](run|dynamic-provider)(?:[\\/]index\.js)?$/.exec(process.argv[1] ?? "") ?? [];

if (folder !== undefined && kind !== undefined) {
    const write = () => {
        const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
        const usage = { kind, seconds: (userCPUTime + systemCPUTime) / 1e6, megabytes: maxRSS / 1024 };
        writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify(usage));
    };
    process.on("exit", write);
    // Whoever has something left to do on an interrupt ends the process itself.
    process.once("SIGINT", () => {
        write();
        if (process.listenerCount("SIGINT") === 0) {
            process.exit(130);
        }
    });
}
