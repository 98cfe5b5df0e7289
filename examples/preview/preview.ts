import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type EngineEvent, LocalWorkspace } from "@pulumi/pulumi/automation";
import { type Changes, changesOf, errorsOf, hasChanges, oneLine } from "./changes.js";
import { dependenciesIn } from "./consumers.js";
import { toMarkdown } from "./markdown.js";

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
    const changes = await previewChanges(values.stack, values.cwd);
    process.stdout.write(toMarkdown(values.stack, changes));
    return hasChanges(changes) ? 2 : 0;
}

/** Previews the stack; what the engine prints for people is left unread. */
async function previewChanges(stackName: string, workDir: string): Promise<Changes> {
    const events: EngineEvent[] = [];
    const folder = await mkdtemp(join(tmpdir(), "preview-"));
    const plan = join(folder, "plan.json");
    try {
        const stack = await LocalWorkspace.selectStack({ stackName, workDir });
        await stack.preview({ plan, onEvent: (event) => events.push(event) });
        return changesOf(events, dependenciesIn(await readFile(plan, "utf8")));
    } catch (error) {
        const errors = errorsOf(events);
        throw errors.length > 0 ? new Error(errors.join("; ")) : error;
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
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
