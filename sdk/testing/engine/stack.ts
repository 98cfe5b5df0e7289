import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type {
    ConfigMap,
    ConfigValue,
    Deployment,
    OutputMap,
    PreviewResult,
    UpdateKind,
    UpdateSummary,
    UpResult,
} from "@pulumi/pulumi/automation";
import { Crypter } from "./crypto.js";
import { LocalEngineError, ProjectError } from "./errors.js";
import { STATE_MARKER } from "./marker.js";
import { type OperationResult, runOperation } from "./operation.js";
import type { OperationOptions } from "./outcome.js";
import { startFolderProgram, startInlineProgram } from "./program.js";
import { fullKey, type Project, readProject } from "./project.js";
import type {
    FolderTarget,
    InlineTarget,
    LocalOperationOptions,
    LocalOperationResult,
    LocalStackOptions,
    LocalUpOptions,
} from "./stackOptions.js";
import { loadStateFile, lockStateFile, replaceFile } from "./stateFile.js";
import { inTheClear, readState, type StackState, type StateFile, sealedBy, writeDeployment } from "./stateFormat.js";
import type { OperationKind } from "./stepRunner.js";
import { STACK_TYPE } from "./urn.js";
import { Secret, type Value } from "./values.js";
import { toWire } from "./wire.js";

const DEFAULT_TIMEOUT = 10 * 60 * 1000;
const UPDATE_KINDS: Record<OperationKind, UpdateKind> = {
    preview: "preview",
    update: "update",
    refresh: "refresh",
    destroy: "destroy",
};

/** Opens what is only of use to this process. */
const processPassphrase = randomUUID();

/**
 * A stack on the local engine: the vocabulary of `Stack` of `@pulumi/pulumi/automation`, with nothing but npm.
 *
 * A local engine for tests and first steps; use the Pulumi CLI for real stacks. It runs dynamic resources, components
 * and what belongs to them; whatever else a program asks for ends in an `UnsupportedFeatureError`.
 *
 * @example
 * ```ts
 * const stack = await LocalStack.createOrSelect({
 *     stackName: "dev",
 *     projectName: "search",
 *     program: async () => ({ secret: new xai.XaiApiKey("search", { acls: [xai.acl.model("grok-4")] }).apiKey }),
 * });
 * await stack.setConfig("xai:managementKey", { value: emulator.managementKey, secret: true });
 * const { outputs } = await stack.up();
 * await stack.destroy();
 * await stack.dispose();
 * ```
 */
export class LocalStack {
    /** The stack's name. */
    readonly name: string;
    /** The project's name. */
    readonly projectName: string;
    // Private to the running code, for both hold secrets: who prints a stack must not see them.
    readonly #config = new Map<string, ConfigValue>();
    readonly #options: LocalStackOptions;
    private readonly stateFile: string;
    private readonly temporaryFolder: string | undefined;
    private version = 0;

    private constructor(
        private readonly target: { readonly project: Project } | InlineTarget,
        stackName: string,
        options: LocalStackOptions,
    ) {
        this.#options = options;
        this.name = stackName;
        this.projectName = "project" in target ? target.project.name : target.projectName;
        if (options.stateFile === undefined) {
            this.temporaryFolder = mkdtempSync(join(tmpdir(), "pulumi-xai-stack-"));
            this.stateFile = join(this.temporaryFolder, "state.json");
        } else {
            this.temporaryFolder = undefined;
            this.stateFile = resolve(options.stateFile);
        }
    }

    /**
     * A stack of a program. Where its state file is there already, that is the state it goes on from.
     *
     * @throws {ProjectError} where the folder holds no project
     * @throws {StateFileError} where the state file is not this engine's, of another stack, or not to be opened
     * @throws {UnsupportedFeatureError} where the project needs the Pulumi CLI
     */
    static async createOrSelect(
        target: FolderTarget | InlineTarget,
        options: LocalStackOptions = {},
    ): Promise<LocalStack> {
        const { stackName } = target;
        if (!/^[\w.-]+$/.test(stackName)) throw new ProjectError(`"${stackName}" is no name for a stack`);
        if (options.stateFile !== undefined && options.passphrase === undefined) {
            throw new LocalEngineError("a state file that is kept needs a passphrase for its secrets");
        }
        const { workDir } = target;
        if (workDir !== undefined && !existsSync(workDir)) throw new ProjectError(`there is no folder ${workDir}`);
        if ("program" in target) return await new LocalStack(target, stackName, options).checked();
        const project = readProject(target.workDir, stackName);
        const stack = new LocalStack({ project }, stackName, options);
        for (const [key, value] of project.config) stack.#config.set(key, { value });
        return await stack.checked();
    }

    /** Opens the state, and writes one where a kept one is not there yet: what cannot be kept should not be begun. */
    private async checked(): Promise<this> {
        const { state, crypter, isNew } = await this.load();
        if (isNew && this.temporaryFolder === undefined) await this.save(state, crypter);
        return this;
    }

    /** Sets a configuration value; a key without a namespace gets the project's name as one. */
    async setConfig(key: string, value: ConfigValue): Promise<void> {
        this.#config.set(fullKey(key, this.projectName), { ...value });
    }

    /** Sets several configuration values. */
    async setAllConfig(config: ConfigMap): Promise<void> {
        for (const [key, value] of Object.entries(config)) await this.setConfig(key, value);
    }

    /**
     * A configuration value.
     *
     * @throws {LocalEngineError} where there is none
     */
    async getConfig(key: string): Promise<ConfigValue> {
        const value = this.#config.get(fullKey(key, this.projectName));
        if (value === undefined) throw new LocalEngineError(`configuration key "${key}" not found`);
        return { secret: false, ...value };
    }

    /** All configuration values. */
    async getAllConfig(): Promise<ConfigMap> {
        return Object.fromEntries([...this.#config].map(([key, value]) => [key, { secret: false, ...value }]));
    }

    /** Removes a configuration value. */
    async removeConfig(key: string): Promise<void> {
        this.#config.delete(fullKey(key, this.projectName));
    }

    /** Says what `up` would do, and does nothing. */
    async preview(options: LocalUpOptions = {}): Promise<PreviewResult> {
        const { stdout, stderr, changes } = await this.run("preview", options);
        return { stdout, stderr, changeSummary: changes };
    }

    /** Makes the stack what the program says. */
    async up(options: LocalUpOptions = {}): Promise<UpResult> {
        const result = await this.run("update", options);
        return { ...this.finished("update", result), outputs: await this.outputs() };
    }

    /** Makes the state what there is. */
    async refresh(options: LocalOperationOptions = {}): Promise<LocalOperationResult> {
        return this.finished("refresh", await this.run("refresh", options));
    }

    /** Deletes everything in the stack. */
    async destroy(options: LocalOperationOptions = {}): Promise<LocalOperationResult> {
        return this.finished("destroy", await this.run("destroy", options));
    }

    /** The outputs of the last successful update. */
    async outputs(): Promise<OutputMap> {
        const { state } = await this.load();
        const stack = state.resources.find(({ type }) => type === STACK_TYPE);
        const plain = { secrets: false, references: true, unknowns: true };
        return Object.fromEntries(
            Object.entries(stack?.outputs ?? {}).map(([name, value]) => [
                name,
                { value: toWire({ value }, plain)["value"] ?? null, secret: value instanceof Secret },
            ]),
        );
    }

    /** The state in the form of `pulumi stack export --show-secrets`, which is what the Automation API gives as well. */
    async exportStack(): Promise<Deployment> {
        const { state, crypter } = await this.load();
        return { version: 3, deployment: writeDeployment(state, crypter.salt, inTheClear, new Date()) };
    }

    /** Removes the temporary state. Does not delete any resource. */
    async dispose(): Promise<void> {
        if (this.temporaryFolder !== undefined) rmSync(this.temporaryFolder, { recursive: true, force: true });
    }

    private async run(kind: OperationKind, options: LocalUpOptions): Promise<OperationResult> {
        const unlock = kind === "preview" ? () => {} : lockStateFile(this.stateFile);
        try {
            const { state, crypter } = await this.load();
            const asked: OperationOptions = {
                ...options,
                kind,
                timeoutMs: this.#options.timeoutMs ?? DEFAULT_TIMEOUT,
            };
            const entries = [...this.#config];
            const subject = {
                stack: this.name,
                project: this.projectName,
                folder: "project" in this.target ? this.target.project.folder : resolve(this.target.workDir ?? "."),
                envVars: this.#options.envVars ?? {},
                config: Object.fromEntries(entries.map(([key, { value }]) => [key, value])),
                secretKeys: entries.filter(([, { secret }]) => secret === true).map(([key]) => key),
                providerInputs: Object.fromEntries(
                    entries.map(([key, { value, secret }]): [string, Value] => [
                        key,
                        secret === true ? new Secret(value) : value,
                    ]),
                ),
                state,
                save: (next: StackState) => this.save(next, crypter),
                startProgram: this.starter(),
            };
            return await runOperation(subject, asked);
        } finally {
            unlock();
        }
    }

    private starter(): Parameters<typeof runOperation>[0]["startProgram"] {
        const { target } = this;
        return (start) =>
            "project" in target ? startFolderProgram(target.project, start) : startInlineProgram(target.program, start);
    }

    private finished(kind: OperationKind, result: OperationResult): LocalOperationResult {
        const { stdout, stderr, changes, startTime, endTime } = result;
        const config = Object.fromEntries(
            [...this.#config].map(([key, { value, secret }]) => [
                key,
                secret === true ? { value: "[secret]", secret } : { value, secret: false },
            ]),
        );
        const summary: UpdateSummary = {
            kind: UPDATE_KINDS[kind],
            startTime,
            endTime,
            message: "",
            environment: {},
            config,
            result: "succeeded",
            version: ++this.version,
            resourceChanges: changes,
        };
        return { stdout, stderr, summary };
    }

    private async load(): Promise<{ state: StackState; crypter: Crypter; isNew: boolean }> {
        const passphrase = this.#options.passphrase ?? processPassphrase;
        const file = await loadStateFile(this.stateFile);
        if (file === undefined) {
            const crypter = await Crypter.create(passphrase);
            return { state: { resources: [], pending: [] }, crypter, isNew: true };
        }
        this.checkOwner(file);
        const crypter = await Crypter.open(passphrase, file.deployment.secrets_providers.state.salt);
        return { state: readState(file, crypter), crypter, isNew: false };
    }

    private checkOwner({ localEngine: { project, stack } }: StateFile): void {
        if (project === this.projectName && stack === this.name) return;
        throw new ProjectError(
            `the state file ${this.stateFile} is of stack "${stack}" of project "${project}", not of stack ` +
                `"${this.name}" of project "${this.projectName}"`,
        );
    }

    private async save(state: StackState, crypter: Crypter): Promise<void> {
        const file = {
            localEngine: { note: STATE_MARKER, project: this.projectName, stack: this.name },
            version: 3,
            deployment: writeDeployment(state, crypter.salt, sealedBy(crypter), new Date()),
        };
        await replaceFile(this.stateFile, `${JSON.stringify(file, undefined, 2)}\n`);
    }
}
