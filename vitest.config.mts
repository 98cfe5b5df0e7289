import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { delimiter, dirname, resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Examples run on the CLI on PATH, as users' tests do. */
const CLI_EXAMPLES = "examples/testing/**";

const { PATH = "", PULUMI_XAI_CLI: cli, PULUMI_XAI_NO_CLI: noCli } = process.env;
if (noCli) {
    process.stdout.write(`skipped: ${CLI_EXAMPLES} (${noCli})\n`);
}
/** A CLI built from its Go module lacks the executable that starts dynamic providers: it is in Pulumi's npm package. */
const dynamicHostFolder = dirname(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));

/** The example beside a cloud needs a package that is too large for every `npm ci`: a stand-in takes its place. */
const alias = { "@pulumi/kubernetes": resolve(import.meta.dirname, "test/examples/kubernetes.ts") };

/** The longest files start first, so that no worker is left with one of them at the end. */
const LONGEST = ["scenarios/rotation", "model/", "scenarios/life", "package.test", "native/", "scenarios/", "faults/"];
class LongestFirst extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
        const place = ({ moduleId }: TestSpecification) =>
            (LONGEST.findIndex((part) => moduleId.includes(`/test/${part}`)) + LONGEST.length + 1) %
            (LONGEST.length + 1);
        return files.sort((a, b) => place(a) - place(b));
    }
}

export default defineConfig({
    test: {
        include: ["test/**/*.test.ts", "examples/**/*.test.ts"],
        exclude: ["**/node_modules/**", ...(noCli ? [CLI_EXAMPLES] : [])],
        env: cli ? { PATH: [dirname(cli), PATH, dynamicHostFolder].join(delimiter) } : {},
        alias,
        pool: "forks",
        // One more than processors: the tests wait for engines, clocks and registries, too.
        maxWorkers: availableParallelism() + 1,
        sequence: { sequencer: LongestFirst },
        testTimeout: 300_000,
        hookTimeout: 300_000,
        // The built package is loaded as users load it, by Node itself.
        server: { deps: { external: [/\/dist\//] } },
    },
});
