import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { appendFile, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import {
    type ConfigMap,
    type Deployment,
    type EngineEvent,
    LocalWorkspace,
    type PulumiFn,
} from "@pulumi/pulumi/automation";
import { cliEnvironment, cliPath, pulumiCommand } from "./cli.js";
import type { Exposed } from "./leaks.js";
import { StateFile } from "./stateFile.js";

const ROOT = resolve(__dirname, "../..");

/** An inline program; or, as text, what a YAML program has beside its project settings. */
export type Program = PulumiFn | string;

/** What a stack is made from. */
export interface StackOptions {
    /** Default: `shop`. */
    readonly project?: string;
    /** Default: an empty program. */
    readonly program?: Program;
    /** Whether the project has the stanza of native mode. Default: false. */
    readonly native?: boolean;
    /** Environment of the CLI and of the provider's host, beside that of the tests. */
    readonly environment?: Readonly<Record<string, string>>;
    /** A policy pack that previews and updates apply, and the file of its configuration. */
    readonly policyPack?: { readonly path: string; readonly config: string };
    /** Stack configuration, full names. `xai:managementKey` is set as a secret. */
    readonly config: Readonly<Record<string, string>>;
    /** Called with each event of every operation. */
    readonly onEvent?: (event: EngineEvent) => void;
}

/** Counts of steps by operation: `{ create: 1, same: 2 }`. */
export type Changes = Readonly<Record<string, number | undefined>>;

/** What an operation printed and did. */
export interface OperationResult {
    readonly output: string;
    readonly changes: Changes;
    /** What happens to each resource, by logical name: `same`, `update`; several words for a replacement. */
    readonly steps: Readonly<Record<string, string>>;
}

/** What an `up` does beside the program. */
export interface UpOptions {
    /** Logical names of resources to replace. */
    readonly replace?: readonly string[];
    /** Does what the last saved plan says, and nothing else. */
    readonly followsPlan?: boolean;
    /** Interrupts the CLI, as Ctrl-C does. */
    readonly signal?: AbortSignal;
}

/** A stack of one program. An operation that fails throws an error whose text holds what the CLI printed. */
export type TestStack = Awaited<ReturnType<typeof createStack>>;

/** Makes an empty stack on the Pulumi CLI, with files of its own and secrets under a passphrase. */
export async function createStack(options: StackOptions) {
    const project = options.project ?? "shop";
    const stackName = "test";
    const folder = await mkdtemp(join(tmpdir(), "pulumi-xai-stack-"));
    const [workDir, backend, home] = [join(folder, "program"), join(folder, "backend"), join(folder, "home")];
    const plan = join(workDir, "plan.json");
    await Promise.all([mkdir(workDir), mkdir(backend), mkdir(home)]);
    // The dynamic host looks for the package from the program's folder.
    await symlink(join(ROOT, "node_modules"), join(workDir, "node_modules"));
    const settings = {
        name: project,
        runtime: "nodejs" as const,
        backend: { url: `file://${backend}` },
        // The type of the settings lacks them.
        ...(options.native && { plugins: { providers: [{ name: "xai", path: join(ROOT, "bin") }] } }),
    };
    const inline = async () => (typeof testStack.program === "string" ? undefined : testStack.program());
    /** Lets the CLI run a YAML program by its language host, and an inline program by this process. */
    const useProgram = async () => {
        const { program } = testStack;
        if (typeof program !== "string") {
            stack.workspace.program = inline;
        } else {
            delete stack.workspace.program;
            await stack.workspace.saveProjectSettings({ ...settings, runtime: "yaml" });
            await appendFile(join(workDir, "Pulumi.yaml"), program);
        }
    };
    const stack = await LocalWorkspace.createStack(
        { projectName: project, stackName, program: inline },
        {
            workDir,
            projectSettings: settings,
            envVars: { ...cliEnvironment(home), ...options.environment },
            pulumiCommand: await pulumiCommand(),
        },
    );
    const state = new StateFile(backend, project, stackName);
    // After each operation the Automation API starts the CLI three times more, for the outputs and the history.
    stack.outputs = async () => state.outputs();
    stack.info = async () => undefined;

    let changes: Changes = {};
    let steps: Record<string, string> = {};
    const onEvent = (event: EngineEvent) => {
        if (event.preludeEvent !== undefined) {
            steps = {};
        }
        const { urn = "", op = "" } = event.resourcePreEvent?.metadata ?? {};
        const name = urn.split("::").at(-1);
        if (name) {
            steps[name] = steps[name] === undefined ? op : `${steps[name]} ${op}`;
        }
        changes = event.summaryEvent?.resourceChanges ?? changes;
        options.onEvent?.(event);
    };
    const resultOf = ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): OperationResult => ({
        output: stdout + stderr,
        changes,
        steps,
    });
    const { policyPack } = options;
    const policies = policyPack && { policyPacks: [policyPack.path], policyPackConfigs: [policyPack.config] };
    const testStack = {
        /** The program of the operations to come. */
        program: options.program ?? (async () => undefined),
        /** @param options `savesPlan`: keeps an update plan for an `up` that follows it */
        async preview({ savesPlan }: { readonly savesPlan?: boolean } = {}): Promise<OperationResult> {
            await useProgram();
            // The details of a change hold the reason of a rotation.
            return resultOf(await stack.preview({ onEvent, diff: true, ...policies, ...(savesPlan && { plan }) }));
        },
        async up({ replace = [], followsPlan, signal }: UpOptions = {}) {
            const urns = urnsOf(state.deployment(), replace);
            const options = { ...(urns.length > 0 && { replace: urns }), ...(followsPlan && { plan }) };
            await useProgram();
            const result = await stack.up({ onEvent, ...policies, ...options, ...(signal && { signal }) });
            return { ...resultOf(result), outputs: result.outputs };
        },
        refresh: async (): Promise<OperationResult> => resultOf(await stack.refresh({ onEvent })),
        destroy: async (): Promise<OperationResult> => resultOf(await stack.destroy({ onEvent })),
        /** Runs any other command of the CLI in the program's folder: `["import", …]`. */
        async run(args: readonly string[]): Promise<string> {
            await useProgram();
            const all = [...args, "--stack", stackName, "--non-interactive"];
            const env = { ...process.env, ...stack.workspace.envVars };
            return (await promisify(execFile)(cliPath(), all, { cwd: workDir, env })).stdout;
        },
        /** Takes away the lock of an operation whose CLI was killed. */
        cancel: () => stack.cancel(),
        /** Sets one value of the configuration, by default as a secret where it is the management key. */
        setConfig: (key: string, value: string, { secret = isSecret(key) } = {}) =>
            stack.setConfig(key, { value, secret }),
        /** Changes environment variables for the operations to come. */
        setEnvironment: (changes: Readonly<Record<string, string>>) =>
            void Object.assign(stack.workspace.envVars, changes),
        /** The state, its secrets in the clear. */
        exportStack: () => state.deployment(),
        /** The text of every file that the CLI keeps of the stack: state, backups, history, settings. */
        files: () => [...textsBelow(backend), ...textsBelow(workDir), ...textsBelow(home)],
        /** Forgets the stack, files and all. */
        dispose: () => rm(folder, { recursive: true, force: true }),
    };
    await stack.setAllConfig(configMap(options.config));
    return testStack;
}

function configMap(config: Readonly<Record<string, string>>): ConfigMap {
    return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, { value, secret: isSecret(key) }]));
}

function isSecret(key: string): boolean {
    return key === "xai:managementKey";
}

function urnsOf({ deployment }: Deployment, names: readonly string[]): string[] {
    const resources: { urn: string }[] = deployment.resources ?? [];
    return resources.map(({ urn }) => urn).filter((urn) => names.some((name) => urn.endsWith(`::${name}`)));
}

/** The names and texts of all files below a folder; none of what a link leads to. */
function textsBelow(folder: string): Exposed[] {
    return readdirSync(folder, { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((name) => ({ name, text: readFileSync(name, "utf8") }));
}
