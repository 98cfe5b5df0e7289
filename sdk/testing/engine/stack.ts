import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type {
    ConfigMap,
    ConfigValue,
    Deployment,
    OutputMap,
    PreviewResult,
    UpdateSummary,
    UpResult,
} from "@pulumi/pulumi/automation";
import { PROCESS_PASSPHRASE } from "./crypto.js";
import { LocalEngineError, ProjectError } from "./errors.js";
import { type OperationResult, runOperation } from "./operation.js";
import type { OperationOptions } from "./outcome.js";
import { startFolderProgram, startInlineProgram } from "./program.js";
import { type Project, readProject } from "./project.js";
import { wrongConfig } from "./projectConfig.js";
import { StackConfig } from "./stackConfig.js";
import {
    type FolderTarget,
    type InlineTarget,
    type LocalOperationOptions,
    type LocalOperationResult,
    type LocalStackOptions,
    type LocalUpOptions,
    refuseOtherOptions,
} from "./stackOptions.js";
import { StackStore } from "./stackStore.js";
import { inTheClear, type StackState, writeDeployment } from "./stateFormat.js";
import type { OperationKind } from "./stepRunner.js";
import { STACK_TYPE } from "./urn.js";
import { Secret } from "./values.js";
import { toWire } from "./wire.js";

const DEFAULT_TIMEOUT = 10 * 60 * 1000;

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
    // Private to the running code, for its environment may hold a key: whoever prints a stack must not see it.
    readonly #options: LocalStackOptions;
    private readonly config: StackConfig;
    private readonly store: StackStore;
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
        this.config = new StackConfig(this.projectName);
        if (options.stateFile === undefined) {
            this.temporaryFolder = mkdtempSync(join(tmpdir(), "pulumi-xai-stack-"));
        }
        const file = resolve(options.stateFile ?? join(this.temporaryFolder ?? "", "state.json"));
        const owner = { project: this.projectName, stack: stackName };
        this.store = new StackStore(file, options.passphrase ?? PROCESS_PASSPHRASE, owner);
    }

    /**
     * A stack of a program. Where its state file is there already, that is the state it goes on from.
     *
     * @throws {ProjectError} where the folder holds no project
     * @throws {StateFileError} where the state file is not this engine's, of another stack, or not to be opened
     * @throws {UnsupportedFeatureError} where the project or an option needs the Pulumi CLI
     */
    static async createOrSelect(
        target: FolderTarget | InlineTarget,
        options: LocalStackOptions = {},
    ): Promise<LocalStack> {
        refuseOtherOptions("createOrSelect", options);
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
        for (const [key, value] of project.config) stack.config.set(key, { value });
        return await stack.checked();
    }

    /** Opens the state, and writes one where a kept one is not there yet: what cannot be kept should not be begun. */
    private async checked(): Promise<this> {
        const { state, crypter, isNew } = await this.store.load();
        if (isNew && this.temporaryFolder === undefined) await this.store.save(state, crypter);
        return this;
    }

    /**
     * Sets a configuration value; a key without a namespace gets the project's name as one.
     *
     * @throws {UnsupportedFeatureError} where `path` is true
     */
    async setConfig(key: string, value: ConfigValue, path?: boolean): Promise<void> {
        this.config.set(key, value, path);
    }

    /** Sets several configuration values. */
    async setAllConfig(config: ConfigMap, path?: boolean): Promise<void> {
        for (const [key, value] of Object.entries(config)) this.config.set(key, value, path);
    }

    /**
     * A configuration value.
     *
     * @throws {LocalEngineError} where there is none
     */
    async getConfig(key: string, path?: boolean): Promise<ConfigValue> {
        return this.config.get(key, path);
    }

    /** All configuration values. */
    async getAllConfig(): Promise<ConfigMap> {
        return this.config.all();
    }

    /** Removes a configuration value. */
    async removeConfig(key: string, path?: boolean): Promise<void> {
        this.config.remove(key, path);
    }

    /**
     * Says what `up` would do, and does nothing.
     *
     * @throws as {@link up} does
     */
    async preview(options: LocalUpOptions = {}): Promise<PreviewResult> {
        refuseOtherOptions("preview", options);
        const { stdout, stderr, changes } = await this.run("preview", options);
        return { stdout, stderr, changeSummary: changes };
    }

    /**
     * Makes the stack what the program says.
     *
     * @throws {OperationFailedError} where it does not succeed: `OperationCancelledError` where its `signal` stopped
     * it, `OperationTimeoutError` where its time was up
     * @throws {UnsupportedFeatureError} where the program or an option asks for what only the Pulumi CLI does
     * @throws {ProjectError} where configuration that the project declares is missing or of another type
     * @throws {StateLockedError} where another operation is at work on the state
     * @throws {StateFileError} where the state cannot be read or kept
     */
    async up(options: LocalUpOptions = {}): Promise<UpResult> {
        refuseOtherOptions("up", options);
        const result = await this.run("update", options);
        return { ...this.finished("update", result, options), outputs: await this.outputs() };
    }

    /**
     * Makes the state what there is.
     *
     * @throws as {@link up} does
     */
    async refresh(options: LocalOperationOptions = {}): Promise<LocalOperationResult> {
        refuseOtherOptions("refresh", options);
        return this.finished("refresh", await this.run("refresh", options), options);
    }

    /**
     * Deletes everything in the stack.
     *
     * @throws as {@link up} does
     */
    async destroy(options: LocalOperationOptions = {}): Promise<LocalOperationResult> {
        refuseOtherOptions("destroy", options);
        return this.finished("destroy", await this.run("destroy", options), options);
    }

    /** The outputs of the last successful update. */
    async outputs(): Promise<OutputMap> {
        const { state } = await this.store.load();
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
        const { state, crypter } = await this.store.load();
        return { version: 3, deployment: writeDeployment(state, crypter.salt, inTheClear, new Date()) };
    }

    /** Removes the temporary state. Does not delete any resource. */
    async dispose(): Promise<void> {
        if (this.temporaryFolder !== undefined) rmSync(this.temporaryFolder, { recursive: true, force: true });
    }

    private async run(kind: OperationKind, options: LocalUpOptions): Promise<OperationResult> {
        this.checkConfig(kind);
        const unlock = kind === "preview" ? () => {} : this.store.lock();
        try {
            const { state, crypter } = await this.store.load();
            const asked: OperationOptions = {
                ...options,
                kind,
                timeoutMs: this.#options.timeoutMs ?? DEFAULT_TIMEOUT,
            };
            const subject = {
                stack: this.name,
                project: this.projectName,
                folder: "project" in this.target ? this.target.project.folder : resolve(this.target.workDir ?? "."),
                envVars: this.#options.envVars ?? {},
                config: this.config.plain(),
                secretKeys: this.config.secretKeys(),
                providerInputs: this.config.inputs(),
                state,
                save: (next: StackState) => this.store.save(next, crypter),
                startProgram: this.starter(),
            };
            return await runOperation(subject, asked);
        } finally {
            unlock();
        }
    }

    /** Holds the configuration of a program that is about to run against what its project declares. */
    private checkConfig(kind: OperationKind): void {
        if (!("project" in this.target) || kind === "refresh" || kind === "destroy") return;
        const names = { project: this.projectName, stack: this.name };
        const wrong = wrongConfig(this.target.project.declared, this.config.plain(), names);
        if (wrong !== undefined) throw new ProjectError(wrong);
    }

    private starter(): Parameters<typeof runOperation>[0]["startProgram"] {
        const { target } = this;
        return (start) =>
            "project" in target ? startFolderProgram(target.project, start) : startInlineProgram(target.program, start);
    }

    private finished(
        kind: OperationKind,
        result: OperationResult,
        options: LocalOperationOptions,
    ): LocalOperationResult {
        const { stdout, stderr, changes, startTime, endTime } = result;
        const summary: UpdateSummary = {
            kind,
            startTime,
            endTime,
            message: options.message ?? "",
            environment: {},
            config: this.config.shown(),
            result: "succeeded",
            version: ++this.version,
            resourceChanges: changes,
        };
        return { stdout, stderr, summary };
    }
}
