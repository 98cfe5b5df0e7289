import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalStack } from "../../sdk/testing/index.js";
import { configMap, configValue, type Engine, type StackOptions, type TestStack } from "./engine.js";
import { PASSPHRASE } from "./pulumiCommand.js";
import { textsBelow } from "./texts.js";

/** The local engine: always there. */
export const localEngine: Engine = {
    name: "local engine",
    isReal: false,
    async createStack({
        project,
        stack: stackName,
        program,
        environment,
        config,
        onEvent,
    }: StackOptions): Promise<TestStack> {
        const folder = mkdtempSync(join(tmpdir(), "scenario-local-"));
        const envVars: Record<string, string> = { ...environment };
        const stack = await LocalStack.createOrSelect(
            {
                stackName,
                projectName: project,
                program: async () => (await testStack.program()) ?? {},
                workDir: process.cwd(),
            },
            { envVars, stateFile: join(folder, "state.json"), passphrase: PASSPHRASE },
        );
        const testStack: TestStack = {
            program,
            async preview() {
                const { stdout, stderr, changeSummary } = await stack.preview({ onEvent });
                return { output: stdout + stderr, changes: changeSummary };
            },
            async up({ replace = [] } = {}) {
                const { deployment } = await stack.exportStack();
                const resources: { urn: string }[] = deployment.resources;
                const urns = resources.map(({ urn }) => urn);
                const chosen = urns.filter((urn) => replace.some((name) => urn.endsWith(`::${name}`)));
                const { stdout, stderr, summary, outputs } = await stack.up({ replace: chosen, onEvent });
                return { output: stdout + stderr, changes: summary.resourceChanges ?? {}, outputs };
            },
            async refresh() {
                const { stdout, stderr, summary } = await stack.refresh({ onEvent });
                return { output: stdout + stderr, changes: summary.resourceChanges ?? {} };
            },
            async destroy() {
                const { stdout, stderr, summary } = await stack.destroy({ onEvent });
                return { output: stdout + stderr, changes: summary.resourceChanges ?? {} };
            },
            setConfig: (key, value, options) => stack.setConfig(key, configValue(key, value, options)),
            setEnvironment: (changes) => void Object.assign(envVars, changes),
            exportStack: () => stack.exportStack(),
            files: async () => textsBelow(folder),
            async dispose() {
                await stack.dispose();
                rmSync(folder, { recursive: true, force: true });
            },
        };
        await stack.setAllConfig(configMap(config));
        return testStack;
    },
};
