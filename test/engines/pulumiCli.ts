import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { LocalWorkspace, type OpMap, type Stack } from "@pulumi/pulumi/automation";
import type { Changes, Engine, StackOptions, TestStack } from "./engine.js";

const ROOT = resolve(__dirname, "../..");

/** The real engine: the Pulumi CLI on PATH, or `undefined` and the reason where there is none. */
export function pulumiCli(): Engine | { readonly missing: string } {
    let version: string;
    try {
        version = execFileSync("pulumi", ["version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    } catch {
        return { missing: "no `pulumi` on PATH" };
    }
    return { name: `Pulumi CLI ${version}`, isReal: true, createStack: createCliStack };
}

/** The PATH on which the CLI finds the shim that starts the dynamic host: it stands in `@pulumi/pulumi` itself. */
function pathWithHost(): string {
    return [process.env["PATH"] ?? "", join(ROOT, "node_modules/@pulumi/pulumi")].join(delimiter);
}

async function createCliStack(options: StackOptions): Promise<TestStack> {
    const folder = await mkdtemp(join(tmpdir(), "pulumi-xai-cli-"));
    const workDir = join(folder, "program");
    const backend = join(folder, "backend");
    await Promise.all([mkdir(workDir), mkdir(backend)]);
    // The dynamic host looks for the package from the program's folder.
    await symlink(join(ROOT, "node_modules"), join(workDir, "node_modules"));
    const stack = await LocalWorkspace.createStack(
        { projectName: options.project, stackName: options.stack, program: async () => holder.program() },
        {
            workDir,
            projectSettings: { name: options.project, runtime: "nodejs", backend: { url: `file://${backend}` } },
            envVars: {
                PATH: pathWithHost(),
                PULUMI_CONFIG_PASSPHRASE: "test",
                PULUMI_SKIP_UPDATE_CHECK: "true",
                PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
                PULUMI_HOME: process.env["PULUMI_HOME"] ?? join(tmpdir(), "pulumi-xai-home"),
                ...options.environment,
            },
        },
    );
    const { onEvent } = options;
    const secret = (key: string) => key === "xai:managementKey";
    await stack.setAllConfig(
        Object.fromEntries(Object.entries(options.config).map(([key, value]) => [key, { value, secret: secret(key) }])),
    );
    const holder: TestStack = {
        program: options.program,
        async preview() {
            const result = await stack.preview({ onEvent });
            return { output: result.stdout + result.stderr, changes: result.changeSummary };
        },
        async up(upOptions = {}) {
            const replace = await urnsOf(stack, upOptions.replace ?? []);
            const result = await stack.up({ onEvent, ...(replace.length > 0 ? { replace } : {}) });
            return {
                output: result.stdout + result.stderr,
                changes: changesOf(result.summary.resourceChanges),
                outputs: result.outputs,
            };
        },
        async refresh() {
            const result = await stack.refresh({ onEvent });
            return { output: result.stdout + result.stderr, changes: changesOf(result.summary.resourceChanges) };
        },
        async destroy() {
            const result = await stack.destroy({ onEvent });
            return { output: result.stdout + result.stderr, changes: changesOf(result.summary.resourceChanges) };
        },
        setConfig: (key, value) => stack.setConfig(key, { value, secret: secret(key) }),
        setEnvironment: (changes) => Object.assign(stack.workspace.envVars, changes),
        exportStack: () => stack.exportStack(),
        files: async () => [...(await textsBelow(backend)), ...(await textsBelow(workDir))],
        dispose: () => rm(folder, { recursive: true, force: true }),
    };
    return holder;
}

function changesOf(changes: OpMap | undefined): Changes {
    return changes ?? {};
}

async function urnsOf(stack: Stack, names: readonly string[]): Promise<string[]> {
    if (names.length === 0) {
        return [];
    }
    const { deployment } = await stack.exportStack();
    const resources: { urn: string }[] = deployment.resources ?? [];
    return resources.map(({ urn }) => urn).filter((urn) => names.some((name) => urn.endsWith(`::${name}`)));
}

async function textsBelow(folder: string): Promise<{ name: string; text: string }[]> {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return Promise.all(
        files.filter((file) => existsSync(file)).map(async (name) => ({ name, text: await readFile(name, "utf8") })),
    );
}
