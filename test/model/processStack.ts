import { randomUUID } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import * as xai from "pulumi-xai";
import type { Emulator } from "xai-management-emulator";
import { z } from "zod";
import { everythingOf } from "../engine/leaks.js";
import { gone, killAll, MARK } from "../engine/processes.js";
import { createStack, type TestStack } from "../engine/testStack.js";
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

const KEY_TYPE = "pulumi-nodejs:dynamic/xai:ApiKey";

const severitySchema = z.enum(["info", "info#err", "warning", "error"]);
const secretSchema = z.object({ plaintext: z.string() });
const valuesSchema = z.record(z.string(), z.unknown()).default({}).transform(inTheClear);
const resourcesSchema = z
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
    .default([]);

/** A stack on the Pulumi CLI, as the model sees it. Its provider's host is a process that can be killed. */
export class ProcessStack implements ModelStack {
    private texts: Exposed[] = [];
    private messages: ModelResult["messages"][number][] = [];
    private changes: Readonly<Record<string, number>> = {};

    private constructor(
        private readonly emulator: Emulator,
        private readonly mark: string,
        private readonly stack: TestStack,
    ) {}

    static async open(config: Record<string, string>, emulator: Emulator): Promise<ProcessStack> {
        const mark = randomUUID();
        const onEvent = (event: EngineEvent) => opened.note(event);
        const stack = await createStack({ config, environment: { [MARK]: mark }, onEvent });
        const opened: ProcessStack = new ProcessStack(emulator, mark, stack);
        return opened;
    }

    close(): Promise<void> {
        return this.stack.dispose();
    }

    async run(
        operation: ModelOperation,
        program: readonly KeyProgram[],
        { kill, replace = [] }: OperationOptions,
    ): Promise<ModelResult> {
        this.messages = [];
        this.changes = {};
        this.stack.program = async () => declare(program);
        const killer = kill && new Killer(this.emulator, this.mark, kill);
        const running = operation === "up" ? this.stack.up({ replace }) : this.stack[operation]();
        const ok = await running.then(
            ({ output }) => {
                this.texts.push({ name: `the output of ${operation}`, text: output, ofState: false });
                return true;
            },
            (error: unknown) => {
                const shown = everythingOf(`the failure of ${operation}`, error);
                this.texts.push(...shown.map((one) => ({ ...one, ofState: false })));
                return false;
            },
        );
        const { same = 0, ...others } = this.changes;
        // The stack is a resource as well.
        const changes = { ...others, ...(same > 1 ? { same: same - 1 } : {}) };
        return { ok, killed: (await killer?.stop()) ?? false, changes, messages: this.messages };
    }

    setConfig(key: string, value: string): Promise<void> {
        return this.stack.setConfig(key, value);
    }

    async keys(): Promise<readonly StoredKey[]> {
        return resourcesSchema
            .parse(this.stack.exportStack().deployment.resources)
            .filter(({ type }) => type === KEY_TYPE)
            .map(({ urn, type: _, ...key }) => ({ ...key, name: urn.split("::").at(-1) ?? "" }));
    }

    arrived(): Promise<void> {
        return gone(this.mark, ({ role }) => role === "provider host");
    }

    async exposed(): Promise<readonly Exposed[]> {
        return [...this.texts.splice(0), ...this.stack.files().map((file) => ({ ...file, ofState: true }))];
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
    private killing: Promise<boolean> | undefined;
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

    /** @returns whether there was a host to kill */
    async stop(): Promise<boolean> {
        clearInterval(this.timer);
        return (await this.killing) ?? false;
    }

    private look(): void {
        const { method, request, moment } = this.kill;
        const requests = this.emulator.requests.slice(this.begun);
        const fatal = requests.filter((one) => one.method === (method ?? one.method))[request - 1];
        if (fatal === undefined || (fatal.status === 0 && moment !== "before" && moment !== "sent")) return;
        clearInterval(this.timer);
        this.killing = killAll(this.mark, "provider host").then(
            () => true,
            () => false,
        );
    }
}

function inTheClear(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const shown = (value: unknown): unknown => {
        const secret = secretSchema.safeParse(value);
        return secret.success ? JSON.parse(secret.data.plaintext) : value;
    };
    return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, shown(value)]));
}
