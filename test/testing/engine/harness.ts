import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { vi } from "vitest";
import { LocalStack, type LocalStackOptions } from "../../../sdk/testing/engine/index.js";
import type { InlineProgram } from "../../../sdk/testing/engine/inlineProgram.js";

// Whole operations, each a few processes, on machines that may have more to do.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const FIXTURE = resolve(__dirname, "fixtures/thing.js");
/** The provider of `fixtures/thing.js`, as state files name it. */
export const PROVIDER_TEXT = `exports.handler=()=>require(${JSON.stringify(FIXTURE)}).provider`;
/** The type of its resources. */
export const THING = "pulumi-nodejs:dynamic/test:Thing";

/** What the provider was asked, as it logged it. */
export interface Call {
    readonly op: string;
    readonly id?: string;
    readonly [detail: string]: unknown;
}

/** A resource of the provider in `fixtures/thing.js`, which says what its inputs do. */
export class Thing extends pulumi.CustomResource {
    declare readonly label: pulumi.Output<string>;
    declare readonly token: pulumi.Output<string>;
    declare readonly value: pulumi.Output<string>;

    constructor(name: string, inputs: pulumi.Inputs = {}, options: pulumi.CustomResourceOptions = {}) {
        const outputs = { label: undefined, token: undefined, value: undefined };
        const secret = { additionalSecretOutputs: ["token"] };
        const given = { key: options.id === undefined ? name : undefined, ...inputs };
        super(THING, name, { ...outputs, ...given, __provider: PROVIDER_TEXT }, pulumi.mergeOptions(options, secret));
    }
}

/** A provider of dynamic resources with a configuration of its own. */
export class Host extends pulumi.ProviderResource {
    constructor(name: string, config: pulumi.Inputs) {
        super("pulumi-nodejs", name, config);
    }
}

/** A component without anything of its own. */
export class Group extends pulumi.ComponentResource {
    constructor(name: string, options: pulumi.ComponentResourceOptions = {}) {
        super("test:Group", name, {}, options);
    }

    /** Gives it outputs. */
    finish(outputs: pulumi.Inputs): void {
        this.registerOutputs(outputs);
    }
}

/** The head of a program in a file that may use `Thing` and `Group` as above. */
export const PROGRAM_HEAD = `
const pulumi = require("@pulumi/pulumi");
class Thing extends pulumi.CustomResource {
    constructor(name, inputs, options) {
        super("${THING}", name,
            { label: undefined, token: undefined, key: name, ...inputs, __provider: ${JSON.stringify(PROVIDER_TEXT)} },
            pulumi.mergeOptions(options, { additionalSecretOutputs: ["token"] }));
    }
}
class Group extends pulumi.ComponentResource { constructor(name, options) { super("test:Group", name, {}, options); } }
`;

/** A place for a stack, its provider's things and its program; gone after `close`. */
export class Playground {
    readonly folder = mkdtempSync(join(tmpdir(), "engine-test-"));
    readonly store = join(this.folder, "store");
    readonly programFolder = join(this.folder, "program");
    readonly envVars = { THING_STORE: this.store };
    private readonly stacks: LocalStack[] = [];
    private seen = 0;

    constructor() {
        mkdirSync(this.store);
        mkdirSync(this.programFolder);
        writeFileSync(join(this.store, "calls.jsonl"), "");
    }

    /** A stack whose program is a function. */
    async inline(program: InlineProgram, options: LocalStackOptions = {}, stackName = "dev"): Promise<LocalStack> {
        const target = { stackName, projectName: "p", program };
        return this.keep(await LocalStack.createOrSelect(target, { envVars: this.envVars, ...options }));
    }

    /** A stack whose program is a file; the text goes below {@link PROGRAM_HEAD}. */
    async files(program: string, options: LocalStackOptions = {}, stackName = "dev"): Promise<LocalStack> {
        this.write(
            "Pulumi.yaml",
            "name: p\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: index.js\n",
        );
        this.write("package.json", "{}");
        this.program(program);
        symlinkSync(resolve(__dirname, "../../../node_modules"), join(this.programFolder, "node_modules"));
        const target = { stackName, workDir: this.programFolder };
        return this.keep(await LocalStack.createOrSelect(target, { envVars: this.envVars, ...options }));
    }

    /** Changes the program file. */
    program(text: string): void {
        this.write("index.js", PROGRAM_HEAD + text);
    }

    /** Writes a file of the program. */
    write(name: string, text: string): void {
        writeFileSync(join(this.programFolder, name), text);
    }

    /** What the provider was asked since the last time. */
    calls(): Call[] {
        const text = readFileSync(join(this.store, "calls.jsonl"), "utf8");
        const lines = text.slice(this.seen).split("\n");
        this.seen = text.length;
        return lines.filter((line) => line !== "").map((line): Call => JSON.parse(line));
    }

    /** The operations that the provider was asked for since the last time, with the id or key: `create a`. */
    ops(): string[] {
        return this.calls()
            .filter(({ op }) => !["configure", "created"].includes(op))
            .map(({ op, id, news, inputs }) => `${op} ${id ?? keyOf(news) ?? keyOf(inputs) ?? "?"}`);
    }

    /** The ids of all things that exist. */
    things(): string[] {
        const files = readdirSync(this.store).filter((name) => name.endsWith(".json"));
        return files.map((name) => name.slice(0, -".json".length)).sort();
    }

    /** Changes a thing behind the engine's back; `undefined` removes it. */
    meddle(id: string, change: Record<string, unknown> | undefined): void {
        const file = join(this.store, `${id}.json`);
        if (change === undefined) {
            rmSync(file);
            return;
        }
        const thing: object = JSON.parse(readFileSync(file, "utf8"));
        writeFileSync(file, JSON.stringify({ ...thing, ...change }));
    }

    /** Removes everything. */
    async close(): Promise<void> {
        for (const stack of this.stacks) await stack.dispose();
        rmSync(this.folder, { recursive: true, force: true });
    }

    private keep(stack: LocalStack): LocalStack {
        this.stacks.push(stack);
        return stack;
    }
}

function keyOf(inputs: unknown): string | undefined {
    if (typeof inputs !== "object" || inputs === null || !("key" in inputs)) return undefined;
    return String(inputs.key);
}

/** A resource of an exported stack. */
export interface StoredResource {
    readonly urn: string;
    readonly type: string;
    readonly [field: string]: unknown;
}

/** The resources in a stack's state, by name. */
export async function resourcesOf(stack: LocalStack): Promise<Record<string, StoredResource>> {
    const { deployment } = await stack.exportStack();
    const resources: StoredResource[] = deployment.resources;
    return Object.fromEntries(resources.map((each) => [each.urn.slice(each.urn.lastIndexOf("::") + 2), each]));
}

/** The error that a promise is rejected with, which must be of a class. */
export async function rejection<E extends Error>(
    promise: Promise<unknown>,
    kind: abstract new (...args: never[]) => E,
): Promise<E> {
    const outcome = await promise.then(
        () => undefined,
        (error: unknown) => error,
    );
    if (outcome instanceof kind) return outcome;
    throw new Error(`expected ${kind.name}, got ${String(outcome)}`);
}
