import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { LocalWorkspace, type PulumiCommand, type Stack } from "@pulumi/pulumi/automation";

/** Both the program and its dynamic provider are found there. */
export const NODE_MODULES = resolve(__dirname, "../../node_modules");
/** Pulumi's npm package holds the executable that starts dynamic providers. */
const DYNAMIC_HOST_FOLDER = dirname(require.resolve("@pulumi/pulumi/package.json"));

/**
 * Makes a temporary project folder with this folder's program, and a stack in it. The state goes there too.
 *
 * With a Node language host the CLI runs the folder's program by itself, as `pulumi up` does. Without one this process
 * runs the same `index.ts` and hands its outputs to the CLI.
 */
export async function openStack(command: PulumiCommand, hasNodeHost: boolean): Promise<[Stack, remove: () => void]> {
    const folder = mkdtempSync(join(tmpdir(), "pulumi-xai-quickstart-"));
    const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    try {
        const workDir = join(folder, "xai-quickstart");
        mkdirSync(join(folder, "backend"));
        mkdirSync(workDir);
        for (const file of ["index.ts", "package.json", "tsconfig.json"]) {
            copyFileSync(join(__dirname, file), join(workDir, file));
        }
        // Both the program and its provider are found from the project's folder.
        symlinkSync(NODE_MODULES, join(workDir, "node_modules"), "junction");
        writeFileSync(join(workDir, "Pulumi.yaml"), "name: xai-quickstart\nruntime: nodejs\nmain: index.ts\n");
        const options = { pulumiCommand: command, workDir, envVars: environment(folder) };
        const stackName = "dev";
        const stack = hasNodeHost
            ? await LocalWorkspace.createStack({ stackName, workDir }, options)
            : await LocalWorkspace.createStack({ stackName, projectName: "xai-quickstart", program }, options);
        return [stack, remove];
    } catch (error) {
        remove();
        throw error;
    }
}

/** Runs `index.ts` once more: each operation is a run of its own. */
async function program(): Promise<Record<string, unknown>> {
    const file = require.resolve("./index.ts");
    delete require.cache[file];
    return require(file);
}

/** The environment of the CLI: nothing of it outlives the folder. */
export function environment(folder: string): Record<string, string> {
    // npm puts node_modules/.bin on PATH; a user's shell has none of it.
    const path = (process.env["PATH"] ?? "").split(delimiter).filter((entry) => !/node_modules[\\/]\.bin$/.test(entry));
    return {
        PATH: [...path, DYNAMIC_HOST_FOLDER].join(delimiter),
        PULUMI_HOME: join(folder, "home"),
        PULUMI_BACKEND_URL: `file://${join(folder, "backend")}`,
        PULUMI_CONFIG_PASSPHRASE: "quickstart",
        PULUMI_SKIP_UPDATE_CHECK: "true",
    };
}
