import { execFileSync } from "node:child_process";
import { delimiter, dirname } from "node:path";
import { type EngineEvent, LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation";
import { LocalStack } from "pulumi-xai/testing";

/** A deployment engine, and why it is this one. */
export interface Engine {
    readonly description: string;
    /** A stack of the program in `workDir`, whose state goes into the folder `stateFolder`. */
    openStack(options: StackOptions): Promise<OpenStack>;
}

/** What both engines offer, in the words of the Automation API. */
export type OpenStack = Pick<Stack, "outputs" | "setConfig"> & {
    readonly [O in "preview" | "up" | "refresh" | "destroy"]: (options: OnEvent) => Promise<unknown>;
} & {
    /** Forgets the stack and what it left in the program's folder. */
    close(): Promise<void>;
};

interface OnEvent {
    readonly onEvent: (event: EngineEvent) => void;
}

export interface StackOptions {
    readonly stackName: string;
    readonly workDir: string;
    readonly stateFolder: string;
    readonly environment: Readonly<Record<string, string>>;
}

/** No engine is to be had. The message says how to get one. */
export class NoEngineError extends Error {}

/**
 * The Pulumi CLI on PATH; with `download` the official one is fetched where there is none. Otherwise the local engine,
 * which needs nothing but npm.
 */
export async function findEngine(download: boolean): Promise<Engine> {
    const version = versionOnPath();
    if (version !== undefined) {
        return { description: `Pulumi CLI ${version}, found on PATH`, openStack: (options) => openCliStack(options) };
    }
    if (!download) {
        return {
            description:
                "the local engine (no `pulumi` on PATH; npm start -- --download fetches it), a local engine for tests and first steps; use the Pulumi CLI for real stacks",
            openStack: openLocalStack,
        };
    }
    try {
        const pulumiCommand = await PulumiCommand.install();
        const description = `Pulumi CLI ${pulumiCommand.version ?? ""}, downloaded`;
        return { description, openStack: (options) => openCliStack(options, pulumiCommand) };
    } catch (error) {
        const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
        throw new NoEngineError(
            `The Pulumi CLI could not be downloaded (${why}). Install it: https://www.pulumi.com/docs/install/`,
        );
    }
}

function versionOnPath(): string | undefined {
    try {
        return execFileSync("pulumi", ["version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    } catch {
        return undefined;
    }
}

async function openLocalStack(options: StackOptions): Promise<OpenStack> {
    const stack = await LocalStack.createOrSelect(
        { stackName: options.stackName, workDir: options.workDir },
        { envVars: { ...options.environment } },
    );
    return {
        preview: (onEvent) => stack.preview(onEvent),
        up: (onEvent) => stack.up(onEvent),
        refresh: (onEvent) => stack.refresh(onEvent),
        destroy: (onEvent) => stack.destroy(onEvent),
        outputs: () => stack.outputs(),
        setConfig: async (key, value) => stack.setConfig(key, value),
        close: () => stack.dispose(),
    };
}

async function openCliStack(options: StackOptions, pulumiCommand?: PulumiCommand): Promise<OpenStack> {
    // The shim that starts the dynamic host comes with Pulumi's npm package; the CLI's own copy is found first.
    const shim = dirname(require.resolve("@pulumi/pulumi/package.json"));
    const stack = await LocalWorkspace.createStack(
        { stackName: options.stackName, workDir: options.workDir },
        {
            ...(pulumiCommand === undefined ? {} : { pulumiCommand }),
            envVars: {
                PULUMI_BACKEND_URL: `file://${options.stateFolder}`,
                PULUMI_CONFIG_PASSPHRASE: "quickstart",
                PULUMI_SKIP_UPDATE_CHECK: "true",
                PATH: [process.env["PATH"] ?? "", shim].join(delimiter),
                ...options.environment,
            },
        },
    );
    return {
        preview: (onEvent) => stack.preview(onEvent),
        up: (onEvent) => stack.up(onEvent),
        refresh: (onEvent) => stack.refresh(onEvent),
        destroy: (onEvent) => stack.destroy(onEvent),
        outputs: () => stack.outputs(),
        setConfig: (key, value) => stack.setConfig(key, value),
        close: () => stack.workspace.removeStack(options.stackName, { force: true }),
    };
}
