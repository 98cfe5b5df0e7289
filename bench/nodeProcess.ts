import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/**
 * Runs Node with arguments, in the repository's folder, until it ends.
 *
 * @throws where it ends otherwise than well; the message holds what it printed
 */
export async function runNode(...args: readonly string[]): Promise<void> {
    try {
        await execute(process.execPath, args);
    } catch (error) {
        const printed = error instanceof Error && "stdout" in error ? String(error.stdout) : "";
        throw new Error(`node ${args.join(" ")} failed\n${printed}`, { cause: error });
    }
}
