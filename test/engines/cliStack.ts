import { PulumiCommand, type Stack } from "@pulumi/pulumi/automation";
import type { CliState } from "./cliState.js";

let command: Promise<PulumiCommand> | undefined;

/** The Pulumi CLI as the Automation API calls it: looked for, and asked for its version, once a process. */
export function pulumiCommand(): Promise<PulumiCommand> {
    command ??= PulumiCommand.get();
    return command;
}

/**
 * After each operation the Automation API starts the CLI three more times, for the outputs and the history. In this stack the
 * outputs come out of the state's file, and there is no history: results have no `summary`.
 */
export function withoutQuestions(stack: Stack, state: CliState): Stack {
    stack.outputs = () => state.outputs();
    stack.info = async () => undefined;
    stack.exportStack = () => state.deployment();
    return stack;
}
