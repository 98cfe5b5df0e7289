import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type EngineEvent, LocalWorkspace, type Stack } from "@pulumi/pulumi/automation";
import { pulumiCommand, withoutQuestions } from "./cliStack.js";
import { CliState } from "./cliState.js";
import { type Changes, configMap, configValue, type Engine, type StackOptions, type TestStack } from "./engine.js";
import { pulumiEnvironment, pulumiVersion } from "./pulumiCommand.js";
import { textsBelow } from "./texts.js";

const ROOT = resolve(__dirname, "../..");

/** The real engine: the Pulumi CLI on PATH, or `undefined` and the reason where there is none. */
export function pulumiCli(): Engine | { readonly missing: string } {
    const version = pulumiVersion();
    return version === undefined
        ? { missing: "no `pulumi` on PATH" }
        : { name: `Pulumi CLI ${version}`, isReal: true, createStack: createCliStack };
}

async function createCliStack(options: StackOptions): Promise<TestStack> {
    const folder = await mkdtemp(join(tmpdir(), "pulumi-xai-cli-"));
    const workDir = join(folder, "program");
    const backend = join(folder, "backend");
    await Promise.all([mkdir(workDir), mkdir(backend)]);
    // The dynamic host looks for the package from the program's folder.
    await symlink(join(ROOT, "node_modules"), join(workDir, "node_modules"));
    const made = await LocalWorkspace.createStack(
        { projectName: options.project, stackName: options.stack, program: async () => holder.program() },
        {
            workDir,
            projectSettings: { name: options.project, runtime: "nodejs", backend: { url: `file://${backend}` } },
            envVars: { ...pulumiEnvironment(), ...options.environment },
            pulumiCommand: await pulumiCommand(),
        },
    );
    const stack = withoutQuestions(made, new CliState(backend, options.project, options.stack));
    let changes: Changes = {};
    const onEvent = (event: EngineEvent) => {
        changes = event.summaryEvent?.resourceChanges ?? changes;
        options.onEvent(event);
    };
    await stack.setAllConfig(configMap(options.config));
    const holder: TestStack = {
        program: options.program,
        async preview() {
            const result = await stack.preview({ onEvent });
            return { output: result.stdout + result.stderr, changes: result.changeSummary };
        },
        async up(upOptions = {}) {
            const replace = await urnsOf(stack, upOptions.replace ?? []);
            const result = await stack.up({ onEvent, ...(replace.length > 0 ? { replace } : {}) });
            return { output: result.stdout + result.stderr, changes, outputs: result.outputs };
        },
        async refresh() {
            const result = await stack.refresh({ onEvent });
            return { output: result.stdout + result.stderr, changes };
        },
        async destroy() {
            const result = await stack.destroy({ onEvent });
            return { output: result.stdout + result.stderr, changes };
        },
        setConfig: (key, value, options) => stack.setConfig(key, configValue(key, value, options)),
        setEnvironment: (variables) => Object.assign(stack.workspace.envVars, variables),
        exportStack: () => stack.exportStack(),
        files: async () => [...textsBelow(backend), ...textsBelow(workDir)],
        dispose: () => rm(folder, { recursive: true, force: true }),
    };
    return holder;
}

async function urnsOf(stack: Stack, names: readonly string[]): Promise<string[]> {
    if (names.length === 0) {
        return [];
    }
    const { deployment } = await stack.exportStack();
    const resources: { urn: string }[] = deployment.resources ?? [];
    return resources.map(({ urn }) => urn).filter((urn) => names.some((name) => urn.endsWith(`::${name}`)));
}
