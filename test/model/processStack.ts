import { randomUUID } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import * as xai from "pulumi-xai";
import type { Emulator } from "xai-management-emulator";
import { z } from "zod";
import { revealMap, Secret } from "../../sdk/testing/engine/values.js";
import { killAll, MARK, NobodyToKillError, processesOf } from "../death/processes.js";
import type { Engine, OperationResult, TestStack } from "../engines/engine.js";
import { everythingOf } from "../engines/leaks.js";
import type { InProcessOperation, KeyProgram, Kill, StoredResource } from "./inProcessEngine.js";
import type { ModelExposed, ModelOperation, ModelResult, ModelStack } from "./modelStack.js";

const argsSchema = z.object({
    name: z.string().optional(),
    acls: z.array(z.string()),
    qps: z.number().nullish(),
    qpm: z.number().nullish(),
    tpm: z.union([z.number(), z.string()]).nullish(),
    expireTime: z.string().nullish(),
    disabled: z.boolean().optional(),
    teamId: z.string().optional(),
    waitForPropagation: z.boolean().optional(),
    expiresIn: z.string().nullish(),
    rotation: z
        .object({
            triggers: z.record(z.string(), z.number()).optional(),
            every: z.string().optional(),
            beforeExpiry: z.string().optional(),
            overlap: z.string().optional(),
        })
        .nullish(),
    onDelete: z.enum(["delete", "disable"]).optional(),
    adoptKeyId: z.string().optional(),
    existingSecret: z.string().optional(),
});

const shownSeverity = z.enum(["info", "info#err", "warning", "error"]);
const shownSchema = z.object({ plaintext: z.string().transform((json): unknown => JSON.parse(json)) });
const resourcesSchema = z.array(
    z.object({
        urn: z.string(),
        type: z.string(),
        id: z.string().default(""),
        outputs: z
            .object({
                apiKey: shownSchema.optional(),
                onDelete: z.string().optional(),
                rotatedAt: z.string().optional(),
                schedule: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
            })
            .default({}),
        initErrors: z.array(z.string()).default([]),
        delete: z.boolean().default(false),
    }),
);

/** A stack on an engine with processes of its own, as the model sees it: the provider's host is one that can be killed. */
export class ProcessStack implements ModelStack {
    private readonly texts: ModelExposed[] = [];
    private messages: { severity: z.infer<typeof shownSeverity>; message: string }[] = [];

    private constructor(
        private readonly emulator: Emulator,
        private readonly mark: string,
        private readonly isReal: boolean,
        private readonly stack: () => TestStack,
    ) {}

    static async open(engine: Engine, config: Record<string, string>, emulator: Emulator): Promise<ProcessStack> {
        const mark = randomUUID();
        const opened: ProcessStack = new ProcessStack(emulator, mark, engine.isReal, () => stack);
        const stack = await engine.createStack({
            project: "shop",
            stack: "test",
            program: async () => undefined,
            environment: { [MARK]: mark },
            config,
            onEvent: (event) => opened.note(event),
        });
        return opened;
    }

    async close(): Promise<void> {
        await this.stack().dispose();
    }

    async run(
        operation: ModelOperation,
        program: readonly KeyProgram[],
        { kill, replace = [] }: InProcessOperation,
    ): Promise<ModelResult> {
        const stack = this.stack();
        stack.program = async () => {
            for (const { name, args } of program) new xai.XaiApiKey(name, argsOf(args));
        };
        this.messages = [];
        const killer = kill === undefined ? undefined : new Killer(this.emulator, this.mark, kill);
        let result: OperationResult | undefined;
        try {
            result = operation === "up" ? await stack.up({ replace }) : await stack[operation]();
            this.texts.push({ name: `the output of ${operation}`, text: result.output, ofState: false });
        } catch (error) {
            const failure = everythingOf(`the failure of ${operation}`, error);
            this.texts.push(...failure.map((one) => ({ ...one, ofState: false })));
        } finally {
            await killer?.end();
        }
        const { same = 0, ...others } = result?.changes ?? {};
        return {
            ok: result !== undefined,
            killed: killer?.hasKilled ?? false,
            // The stack itself is a resource as well.
            changes: { ...others, ...(same > 1 ? { same: same - 1 } : {}) },
            messages: this.messages,
        };
    }

    async keys(): Promise<readonly StoredResource[]> {
        const { deployment } = await this.stack().exportStack();
        return resourcesSchema
            .parse(deployment.resources ?? [])
            .filter(({ type }) => type === "pulumi-nodejs:dynamic/xai:ApiKey")
            .map(({ urn, id, outputs, initErrors, delete: isReplaced }) => {
                const { apiKey: shown, ...others } = outputs;
                const apiKey = shown?.plaintext;
                return {
                    name: urn.split("::").at(-1) ?? "",
                    id,
                    inputs: {},
                    outputs: {
                        ...Object.fromEntries(
                            Object.entries(others).flatMap(([name, value]) =>
                                value === undefined ? [] : [[name, value]],
                            ),
                        ),
                        ...(typeof apiKey === "string" ? { apiKey } : {}),
                    },
                    initErrors,
                    delete: isReplaced,
                };
            });
    }

    /** Settles when no killed host is left; what it had sent the emulator has then. */
    async arrived(): Promise<void> {
        while (processesOf(this.mark).some(({ role }) => role === "provider host")) await pause(20);
        await pause(20);
    }

    async exposed(): Promise<readonly ModelExposed[]> {
        const files = await this.stack().files();
        return [...this.texts.splice(0), ...files.map((file) => ({ ...file, ofState: true }))];
    }

    private note(event: EngineEvent): void {
        const { diagnosticEvent } = event;
        const severity = shownSeverity.safeParse(diagnosticEvent?.severity);
        // The real engine gives the Automation API secrets in the clear, in the events of resources and for its debugging.
        if (!this.isReal || severity.success) {
            const ofState = diagnosticEvent === undefined;
            this.texts.push({ name: "an event", text: JSON.stringify(event), ofState });
        }
        if (diagnosticEvent === undefined || diagnosticEvent.ephemeral === true || !severity.success) return;
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours are.
        const message = diagnosticEvent.message.replace(/<\{%[^%]*%\}>|\u001b\[[0-9;]*m/g, "");
        this.messages.push({ severity: severity.data, message });
    }
}

/** Kills the provider's host as soon as the emulator sees its request, or has answered it. */
class Killer {
    hasKilled = false;
    private readonly begun: number;
    private readonly timer: NodeJS.Timeout;
    private killing: Promise<void> | undefined;
    private failure: unknown;

    constructor(
        private readonly emulator: Emulator,
        private readonly mark: string,
        private readonly kill: Kill,
    ) {
        this.begun = emulator.requests.length;
        this.timer = setInterval(() => this.look(), 1);
    }

    /** Settles when who was to be killed is gone. */
    async end(): Promise<void> {
        clearInterval(this.timer);
        await this.killing;
        if (this.failure !== undefined) throw this.failure;
    }

    private look(): void {
        const { method, request, moment } = this.kill;
        const requests = this.emulator.requests.slice(this.begun);
        const fatal = requests.filter((one) => one.method === (method ?? one.method))[request - 1];
        const isTime = fatal !== undefined && (moment === "before" || moment === "sent" || fatal.status !== 0);
        if (!isTime || this.killing !== undefined) return;
        this.killing = killAll(this.mark, "provider host").then(
            () => {
                this.hasKilled = true;
            },
            (error: unknown) => {
                if (!(error instanceof NobodyToKillError)) this.failure = error;
            },
        );
    }
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function argsOf(args: KeyProgram["args"]): xai.XaiApiKeyArgs {
    const { name, ...others } = argsSchema.parse(revealMap(args));
    const named = name === undefined ? {} : { name: args["name"] instanceof Secret ? pulumi.secret(name) : name };
    const given = Object.entries(others).filter(([, value]) => value !== undefined && value !== null);
    return { ...Object.fromEntries(given), acls: others.acls, ...named };
}
