import { parseArgs } from "node:util";
import { type EngineEvent, LocalWorkspace } from "@pulumi/pulumi/automation";
import { changesOf, errorsOf, hasChanges, oneLine, toMarkdown } from "./changes.js";

const USAGE = `usage: tsx preview.ts --stack <name> [--cwd <folder of the program>]

Previews a stack and prints what would change as Markdown, for a pull request. Changes nothing.
Exit codes: 0 no changes, 2 changes, 1 an error.
`;

async function main(): Promise<number> {
    const { values } = parseArgs({
        options: {
            stack: { type: "string" },
            cwd: { type: "string", default: "." },
            help: { type: "boolean", short: "h" },
        },
    });
    if (values.help) {
        process.stdout.write(USAGE);
        return 0;
    }
    if (!values.stack) {
        throw new Error("which stack? Say --stack <name>; --help says more");
    }
    const changes = changesOf(await previewEvents(values.stack, values.cwd));
    process.stdout.write(toMarkdown(values.stack, changes));
    return hasChanges(changes) ? 2 : 0;
}

/** Previews the stack; what the engine prints for people is left unread. */
async function previewEvents(stackName: string, workDir: string): Promise<readonly EngineEvent[]> {
    const events: EngineEvent[] = [];
    try {
        const stack = await LocalWorkspace.selectStack({ stackName, workDir });
        await stack.preview({ onEvent: (event) => events.push(event) });
    } catch (error) {
        const errors = errorsOf(events);
        throw errors.length > 0 ? new Error(errors.join("; ")) : error;
    }
    return events;
}

/** The one line that says what is wrong: an error of the Automation API holds everything that the CLI printed. */
function explain(error: unknown): string {
    const text = error instanceof Error ? error.message : String(error);
    if (text.includes("spawn pulumi ENOENT")) {
        return "there is no `pulumi` on PATH: see https://www.pulumi.com/docs/install/";
    }
    return oneLine(/^error: (.*)$/m.exec(text)?.[1] ?? text);
}

main().then(
    (code) => {
        process.exitCode = code;
    },
    (error: unknown) => {
        process.stderr.write(`preview: ${explain(error)}\n`);
        process.exitCode = 1;
    },
);
