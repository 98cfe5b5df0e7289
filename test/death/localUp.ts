// Runs `up` of the local engine in a process that a test can kill: `localUp.ts <program folder> <state file>`, with the
// stack's configuration and the children's environment, as JSON, in its own environment.
import { LocalStack, OperationFailedError } from "pulumi-xai/testing";
import { z } from "zod";
import { configMap } from "../engines/engine.js";
import { PASSPHRASE } from "../engines/pulumiCommand.js";
import { PARALLEL, STACK } from "./stackNames.js";

const texts = z.record(z.string(), z.string());

async function main([workDir = "", stateFile = ""]: readonly string[]): Promise<void> {
    const config = texts.parse(JSON.parse(process.env["DEATH_CONFIG"] ?? ""));
    const envVars = texts.parse(JSON.parse(process.env["DEATH_ENVIRONMENT"] ?? ""));
    // Not from the beginning: what loads this file keeps files of its own there.
    process.env["TMPDIR"] = envVars["TMPDIR"];
    const stack = await LocalStack.createOrSelect(
        { stackName: STACK, workDir },
        { envVars, stateFile, passphrase: PASSPHRASE },
    );
    await stack.setAllConfig(configMap(config));
    await stack.up({
        parallel: PARALLEL,
        onOutput: (text) => void process.stdout.write(text),
        onError: (text) => void process.stderr.write(text),
    });
}

main(process.argv.slice(2)).catch((error: unknown) => {
    // What the operation said has been printed already.
    process.stderr.write(error instanceof OperationFailedError ? "" : `${String(error)}\n`);
    process.exitCode = 1;
});
