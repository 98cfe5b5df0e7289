import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import * as xai from "pulumi-xai";
import { reportOn } from "./report.js";
import { type ManagedStack, readStackExport } from "./stackExport.js";

const USAGE = `usage: tsx audit.ts [--stack <file of \`pulumi stack export\`>]... [--ignore <key's name>]...

Prints a Markdown report on a team's API keys. Changes nothing, and shows no secret.
Reads XAI_MANAGEMENT_KEY, and XAI_TEAM_ID where the management key is not for one team.
Exit codes: 0 every rule holds, 2 a rule is broken, 1 an error.
`;

async function main(): Promise<number> {
    const { values } = parseArgs({
        options: {
            stack: { type: "string", multiple: true },
            ignore: { type: "string", multiple: true, default: [] },
            help: { type: "boolean", short: "h" },
        },
    });
    if (values.help) {
        process.stdout.write(USAGE);
        return 0;
    }
    const stacks = values.stack && (await Promise.all(values.stack.map(readStack)));
    const [{ apiKeys, mayLackOthers }, { models }, { acls }] = await Promise.all([
        xai.getApiKeys(),
        xai.getModels(),
        xai.getEndpoints(),
    ]);
    const { markdown, findings } = reportOn({
        keys: apiKeys,
        mayLackOthers,
        models,
        endpoints: acls,
        stacks,
        ignored: values.ignore,
        now: new Date(),
    });
    process.stdout.write(markdown);
    return findings > 0 ? 2 : 0;
}

async function readStack(file: string): Promise<ManagedStack> {
    const text = await readFile(file, "utf8");
    try {
        return readStackExport(text);
    } catch {
        // What is wrong with it may quote it, and it may hold secrets.
        throw new Error(`${file} is no export of a stack: make it with \`pulumi stack export --file ${file}\``);
    }
}

main().then(
    (code) => {
        process.exitCode = code;
    },
    (error: unknown) => {
        process.stderr.write(`audit: ${error instanceof Error ? error.message : error}\n`);
        process.exitCode = 1;
    },
);
