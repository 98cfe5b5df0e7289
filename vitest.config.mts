import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
    test: {
        include: ["test/**/*.test.ts", "examples/**/*.test.ts"],
        pool: "forks",
        // All processors: the tests wait for engines and clocks as much as they work.
        maxWorkers: availableParallelism(),
        testTimeout: 300_000,
        hookTimeout: 300_000,
        // The built package is loaded as users load it, by Node itself.
        server: { deps: { external: [/\/dist\//] } },
    },
});
