import { execFileSync } from "node:child_process";
import { delimiter, dirname } from "node:path";
import { LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation";

/** A deployment engine, and why it is this one. */
export interface Engine {
    readonly description: string;
    /** A stack of the program in `workDir`, whose state goes into the folder `stateFolder`. */
    openStack(options: StackOptions): Promise<Stack>;
}

export interface StackOptions {
    readonly stackName: string;
    readonly workDir: string;
    readonly stateFolder: string;
    readonly environment: Readonly<Record<string, string>>;
}

/** No engine is to be had. The message says how to get one. */
export class NoEngineError extends Error {}

/** The Pulumi CLI on PATH; with `download` the official one is fetched where there is none. */
export async function findEngine(download: boolean): Promise<Engine> {
    const version = versionOnPath();
    if (version !== undefined) {
        return { description: `Pulumi CLI ${version}, found on PATH`, openStack: (options) => openCliStack(options) };
    }
    if (!download) {
        throw new NoEngineError(
            "There is no `pulumi` on PATH. Install the CLI (https://www.pulumi.com/docs/install/), or let it be downloaded for this run: npm start -- --download",
        );
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

function openCliStack(options: StackOptions, pulumiCommand?: PulumiCommand): Promise<Stack> {
    // The shim that starts the dynamic host comes with Pulumi's npm package; the CLI's own copy is found first.
    const shim = dirname(require.resolve("@pulumi/pulumi/package.json"));
    return LocalWorkspace.createStack(
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
}
