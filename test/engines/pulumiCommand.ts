import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";

/** Encrypts the secrets of the stacks in tests. */
export const PASSPHRASE = "test";

/** The shim that starts the dynamic host stands in `@pulumi/pulumi` itself. */
const SHIM_FOLDER = resolve(__dirname, "../../node_modules/@pulumi/pulumi");

/** The version of the Pulumi CLI on PATH, such as `v3.260.0`; `undefined` where there is none. */
export function pulumiVersion(): string | undefined {
    try {
        return execFileSync("pulumi", ["version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    } catch {
        return undefined;
    }
}

/** The environment in which tests run the Pulumi CLI: it finds the dynamic host, and asks nothing of the network. */
export function pulumiEnvironment(): Record<string, string> {
    const home = process.env["PULUMI_HOME"] ?? join(tmpdir(), "pulumi-xai-home");
    mkdirSync(home, { recursive: true });
    return {
        PATH: [process.env["PATH"] ?? "", SHIM_FOLDER].join(delimiter),
        PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        PULUMI_HOME: home,
    };
}
