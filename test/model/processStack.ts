import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { inspect } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { type EngineEvent, LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation";
import * as xai from "pulumi-xai";
import type { Emulator } from "xai-management-emulator";
import { z } from "zod";
import { hostsOf, killHosts, MARK } from "./hostProcesses.js";
import type { Kill } from "./killing.js";
import {
    type Exposed,
    type Given,
    isGivenList,
    isGivenMap,
    type KeyProgram,
    type ModelOperation,
    type ModelResult,
    type ModelStack,
    type OperationOptions,
    OutputOf,
    type StoredKey,
} from "./modelStack.js";
import { reveal, Secret } from "./values.js";

const ROOT = resolve(__dirname, "../..");
const KEY_TYPE = "pulumi-nodejs:dynamic/xai:ApiKey";

const severitySchema = z.enum(["info", "info#err", "warning", "error"]);
const secretSchema = z.object({ plaintext: z.string() });
const valuesSchema = z.record(z.string(), z.unknown()).default({});
const deploymentSchema = z.object({
    resources: z
        .array(
            z.object({
                urn: z.string(),
                type: z.string(),
                id: z.string().default(""),
                inputs: valuesSchema,
                outputs: valuesSchema,
                initErrors: z.array(z.string()).default([]),
                delete: z.boolean().default(false),
            }),
        )
        .default([]),
});

/** A stack on the Pulumi CLI, as the model sees it. Its provider's host is a process that can be killed. */
export class ProcessStack implements ModelStack {
    private texts: Exposed[] = [];
    private messages: ModelResult["messages"][number][] = [];
    private changes: Readonly<Record<string, number>> = {};
    private stored: readonly StoredKey[] = [];

    private constructor(
        private readonly emulator: Emulator,
        private readonly folder: string,
        private readonly mark: string,
        private readonly stack: Stack,
    ) {}

    /** @param cli The path of the Pulumi CLI, whose folder is named `bin`. */
    static async open(cli: string, config: Record<string, string>, emulator: Emulator): Promise<ProcessStack> {
        const folder = mkdtempSync(join(tmpdir(), "pulumi-xai-model-"));
        const [workDir, backend, home] = ["program", "backend", "home"].map((name) => join(folder, name));
        if (workDir === undefined || backend === undefined || home === undefined) throw new Error("no folders");
        for (const path of [workDir, backend, home]) mkdirSync(path);
        // The dynamic host looks for the package from the program's folder.
        symlinkSync(join(ROOT, "node_modules"), join(workDir, "node_modules"));
        const mark = randomUUID();
        const stack = await LocalWorkspace.createStack(
            { projectName: "shop", stackName: "test", program: async () => undefined },
            {
                workDir,
                projectSettings: { name: "shop", runtime: "nodejs", backend: { url: `file://${backend}` } },
                pulumiCommand: await PulumiCommand.get({ root: dirname(dirname(cli)) }),
                envVars: {
                    PATH: [process.env["PATH"] ?? "", join(ROOT, "node_modules/@pulumi/pulumi")].join(delimiter),
                    PULUMI_HOME: home,
                    PULUMI_CONFIG_PASSPHRASE: "model",
                    PULUMI_SKIP_UPDATE_CHECK: "true",
                    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
                    [MARK]: mark,
                },
            },
        );
        // After each operation the Automation API would start the CLI three times more.
        stack.outputs = async () => ({});
        stack.info = async () => undefined;
        await stack.setAllConfig(
            Object.fromEntries(
                Object.entries(config).map(([key, value]) => [key, { value, secret: key === "xai:managementKey" }]),
            ),
        );
        return new ProcessStack(emulator, folder, mark, stack);
    }

    async close(): Promise<void> {
        rmSync(this.folder, { recursive: true, force: true });
    }

    async run(
        operation: ModelOperation,
        program: readonly KeyProgram[],
        { kill, replace = [] }: OperationOptions,
    ): Promise<ModelResult> {
        this.messages = [];
        this.changes = {};
        const killer = kill && new Killer(this.emulator, this.mark, kill);
        const ok = await this.call(operation, program, replace).then(
            ({ stdout, stderr }) => {
                this.texts.push({ name: `the output of ${operation}`, text: stdout + stderr, ofState: false });
                return true;
            },
            (error: unknown) => {
                const text = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true });
                this.texts.push({ name: `the failure of ${operation}`, text, ofState: false });
                return false;
            },
        );
        killer?.stop();
        await this.readState();
        const { same = 0, ...others } = this.changes;
        // The stack is a resource as well.
        const changes = { ...others, ...(same > 1 ? { same: same - 1 } : {}) };
        return { ok, killed: killer?.hasKilled ?? false, changes, messages: this.messages };
    }

    async setConfig(key: string, value: string): Promise<void> {
        await this.stack.setConfig(key, { value });
    }

    async keys(): Promise<readonly StoredKey[]> {
        return this.stored;
    }

    async arrived(): Promise<void> {
        while (hostsOf(this.mark).length > 0) await pause();
        await pause();
    }

    async exposed(): Promise<readonly Exposed[]> {
        const files = textsBelow(join(this.folder, "backend")).concat(textsBelow(join(this.folder, "program")));
        return [...this.texts.splice(0), ...files];
    }

    private call(operation: ModelOperation, program: readonly KeyProgram[], replace: readonly string[]) {
        const onEvent = (event: EngineEvent) => this.note(event);
        const { stack } = this;
        stack.workspace.program = async () => declare(program);
        switch (operation) {
            case "preview":
                return stack.preview({ onEvent });
            case "up": {
                const urns = this.stored
                    .filter(({ name }) => replace.includes(name))
                    .map(({ name }) => `urn:pulumi:test::shop::${KEY_TYPE}::${name}`);
                return stack.up({ onEvent, ...(urns.length > 0 ? { replace: urns } : {}) });
            }
            case "refresh":
                return stack.refresh({ onEvent });
            case "destroy":
                return stack.destroy({ onEvent });
        }
    }

    private async readState(): Promise<void> {
        const { deployment } = await this.stack.exportStack();
        this.stored = deploymentSchema
            .parse(deployment)
            .resources.filter(({ type }) => type === KEY_TYPE)
            .map(({ urn, id, inputs, outputs, initErrors, delete: isReplaced }) => ({
                name: urn.split("::").at(-1) ?? "",
                id,
                inputs: inTheClear(inputs),
                outputs: inTheClear(outputs),
                initErrors,
                delete: isReplaced,
            }));
    }

    /** The events of resources are not searched: the CLI gives their secrets to the Automation API in the clear. */
    private note({ diagnosticEvent, summaryEvent }: EngineEvent): void {
        this.changes = { ...(summaryEvent?.resourceChanges ?? this.changes) };
        const severity = severitySchema.safeParse(diagnosticEvent?.severity);
        if (diagnosticEvent === undefined || !severity.success) return;
        this.texts.push({ name: "a message", text: JSON.stringify(diagnosticEvent), ofState: false });
        if (diagnosticEvent.ephemeral === true) return;
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are the colours.
        const message = diagnosticEvent.message.replace(/<\{%[^%]*%\}>|\u001b\[[0-9;]*m/g, "");
        this.messages.push({ severity: severity.data === "info#err" ? "info" : severity.data, message });
    }
}

/** The program: one class for each key, as users write it. */
function declare(program: readonly KeyProgram[]): void {
    const keys = new Map<string, xai.XaiApiKey>();
    const written = (given: Given): unknown => {
        if (given instanceof Secret) return pulumi.secret<unknown>(reveal(given));
        if (given instanceof OutputOf) return keys.get(given.key)?.apiKey;
        if (isGivenList(given)) return given.map(written);
        return isGivenMap(given)
            ? Object.fromEntries(Object.entries(given).map(([key, one]) => [key, written(one)]))
            : given;
    };
    for (const { name, args, ignoreChanges = [] } of program) {
        const acls = z.array(z.string()).parse(args["acls"]);
        const others = Object.fromEntries(Object.entries(args).map(([key, given]) => [key, written(given)]));
        keys.set(name, new xai.XaiApiKey(name, { ...others, acls }, { ignoreChanges: [...ignoreChanges] }));
    }
}

/** Kills the provider's host as soon as the emulator sees its request, or has answered it. */
class Killer {
    hasKilled = false;
    private readonly begun: number;
    private readonly timer: NodeJS.Timeout;

    constructor(
        private readonly emulator: Emulator,
        private readonly mark: string,
        private readonly kill: Kill,
    ) {
        this.begun = emulator.requests.length;
        this.timer = setInterval(() => this.look(), 1);
    }

    stop(): void {
        clearInterval(this.timer);
    }

    private look(): void {
        const { method, request, moment } = this.kill;
        const requests = this.emulator.requests.slice(this.begun);
        const fatal = requests.filter((one) => one.method === (method ?? one.method))[request - 1];
        if (fatal === undefined || (fatal.status === 0 && moment !== "before" && moment !== "sent")) return;
        this.stop();
        this.hasKilled = killHosts(this.mark);
    }
}

function inTheClear(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const shown = (value: unknown): unknown => {
        const secret = secretSchema.safeParse(value);
        return secret.success ? JSON.parse(secret.data.plaintext) : value;
    };
    return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, shown(value)]));
}

/** The files of a folder, but not what is only linked into it. */
function textsBelow(folder: string): Exposed[] {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => ({ name: path.slice(folder.length + 1), text: readFileSync(path, "utf8"), ofState: true }));
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
