import { execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, dirname, join, resolve, sep } from "node:path";
import type { PulumiCommand } from "@pulumi/pulumi/automation";
import { coerce, lt } from "semver";
import { pulumiCommand as commandOf } from "../../tools/pulumi-cli/index.js";

/** The Pulumi CLI that the tests run on. `test/run.ts` finds it and says so in the environment. */

/** Encrypts the secrets of the stacks in tests. */
export const PASSPHRASE = "test";

/** `@pulumi/pulumi` holds the script that starts the dynamic host. */
const SHIM_FOLDER = resolve(__dirname, "../../node_modules/@pulumi/pulumi");

const FOLDERS = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");

const REASON = process.env["PULUMI_XAI_NO_CLI"] || undefined;

/**
 * The path of the CLI: `PULUMI_XAI_CLI`, else `pulumi` on PATH, for whoever runs one file. `undefined` where there is
 * none, or where `PULUMI_XAI_NO_CLI` says why there is none.
 */
const CLI = REASON === undefined ? process.env["PULUMI_XAI_CLI"] || onPath("pulumi") : undefined;

/** Why the tests that need the CLI are skipped; `undefined` where there is one. */
export const NO_CLI: string | undefined = CLI === undefined ? (REASON ?? "there is no `pulumi` on PATH") : undefined;

/**
 * Why a program cannot run in its folder, as `pulumi up` runs it; `undefined` where it can. The CLI needs the Node language
 * host for that. Inline programs do not.
 */
export const NO_FOLDER_PROGRAMS: string | undefined =
    NO_CLI ??
    (onPath("pulumi-language-nodejs", [dirname(cliPath()), ...FOLDERS]) === undefined
        ? "this CLI has no Node language host"
        : undefined);

/** Why a YAML program cannot run; `undefined` where the CLI finds its language host, or `PULUMI_XAI_YAML_HOST` names it. */
export const NO_YAML: string | undefined =
    NO_CLI ??
    (yamlHost() === undefined
        ? process.env["PULUMI_XAI_NO_YAML"] || "there is no `pulumi-language-yaml` beside the CLI or on PATH"
        : undefined);

function yamlHost(): string | undefined {
    const named = process.env["PULUMI_XAI_YAML_HOST"];
    return named || onPath("pulumi-language-yaml", [dirname(cliPath()), ...FOLDERS]);
}

/**
 * Why an update plan holds hidden inputs (`__…`) against the run; `undefined` where it leaves them alone. The CLI 3.260 compares
 * them, 3.274 does not.
 */
export function strictPlans(): string | undefined {
    const version = NO_CLI === undefined ? execFileSync(cliPath(), ["version"], { encoding: "utf8" }) : "";
    const parsed = coerce(version);
    return parsed !== null && lt(parsed, "3.274.0") ? `the plans of CLI ${parsed} compare hidden inputs` : undefined;
}

/** @throws where there is no CLI */
export function cliPath(): string {
    if (CLI === undefined) {
        throw new Error(`There is no Pulumi CLI: ${NO_CLI}.`);
    }
    return CLI;
}

/** The title of tests that are skipped where there is a reason. `npm test` prints the titles of what it skips. */
export function titleUnless(reason: string | undefined, title: string): string {
    return reason === undefined ? title : `${title} (skipped: ${reason})`;
}

let command: Promise<PulumiCommand> | undefined;

/** The CLI as the Automation API calls it. One object serves all stacks of a process, which asks for the version once. */
export function pulumiCommand(): Promise<PulumiCommand> {
    command ??= commandOf(cliPath());
    return command;
}

/**
 * The environment in which tests run the CLI: it finds the dynamic host, and asks nothing of the network.
 *
 * @param home the folder for the CLI's own files
 */
export function cliEnvironment(home: string): Record<string, string> {
    const yaml = yamlHost();
    // Whoever runs `npm test` has the repository's own executables on PATH. A user of the CLI does not.
    const folders = FOLDERS.filter((folder) => !folder.endsWith(`node_modules${sep}.bin`));
    return {
        PATH: [dirname(cliPath()), ...(yaml ? [dirname(yaml)] : []), SHIM_FOLDER, ...folders].join(delimiter),
        PULUMI_HOME: home,
        PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    };
}

function onPath(name: string, folders: readonly string[] = FOLDERS): string | undefined {
    return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
    try {
        accessSync(path, constants.X_OK);
        return true;
    } catch {
        return false;
    }
}
