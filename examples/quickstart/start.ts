/**
 * `npm start`: the whole life of the quickstart's keys, on the Pulumi CLI and against the emulator, with no account. It
 * previews, creates, changes a limit, finds and repairs a change from outside, and destroys.
 */
import type { EngineEvent, PulumiCommand, Stack } from "@pulumi/pulumi/automation";
import { type Emulator, type StoredKey, startEmulator } from "xai-management-emulator";
import { findPulumiCli, introduce, NoPulumiCliError, pulumiCommand } from "../../tools/pulumi-cli/index.js";
import { previewInBothModes } from "./modes.js";
import { openStack } from "./stack.js";

type Operation = "preview" | "up" | "refresh" | "destroy";

/** One operation failed. The message holds what the CLI said. */
class StepError extends Error {}

// On a terminal the last line counts the seconds of the operation under way.
const clear = process.stdout.isTTY ? "\r\x1b[K" : "";
const say = (line = "") => process.stdout.write(`${clear}${line}\n`);
const sayFact = (label: string, text: string) => say(`  ${label.padEnd(9)} ${text}`);

let interrupted = false;

async function main(): Promise<void> {
    const cli = await findPulumiCli();
    say(introduce(cli));
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
        // Ctrl-C reaches the CLI too, which ends its operation. A second signal from here would kill it.
        process.on(signal, () => {
            interrupted = true;
        });
    }
    const command = await pulumiCommand(cli.path);
    const emulator = await startEmulator({ propagation: { "us-east-1": 300, "eu-west-1": 900 } });
    say("xAI's Management API: a local emulator. This needs no account, and no key is real.");
    // Both the program and the provider read these variables.
    Object.assign(process.env, emulator.env);
    try {
        const [stack, remove] = await openStack(command, cli.hasNodeHost);
        try {
            await tour(stack, emulator);
            await compareModes(command);
        } finally {
            remove();
        }
    } finally {
        await emulator.close();
    }
}

async function tour(stack: Stack, emulator: Emulator): Promise<void> {
    const run = (operation: Operation, what: string) => step(stack, emulator, operation, what);

    await run("preview", "shows what would happen");

    await run("up", "creates one key for each service, and waits until every cluster knows it");
    for (const key of emulator.keys()) {
        sayFact("key", `${key.name}: ${key.acls.join(", ")}; ${limits(key)}`);
    }
    for (const [name, { secret, value }] of Object.entries(await stack.outputs())) {
        sayFact("output", `${name} = ${secret ? "[secret]" : JSON.stringify(value)}`);
    }

    await stack.setConfig("searchQpm", { value: "200" });
    await run("up", "sends the one limit that changed in the program");

    const search = emulator.keys().find((key) => key.name.endsWith("-search"));
    if (search === undefined) {
        throw new StepError("The key of `search` is gone from the emulator.");
    }
    emulator.changeKey(search.apiKeyId, { qpm: 9_999 });
    say("\nSomebody sets the limit to 9999 in the xAI Console.");
    await run("refresh", "finds the change");
    await run("up", "puts the limit right");
    await run("up", "has nothing left to do");

    await run("destroy", "deletes the keys");
    sayFact("keys left", String(emulator.keys().length));
}

/** Shows what a preview of one changed limit says of the key, and of what takes its secret. */
async function compareModes(command: PulumiCommand): Promise<void> {
    say("\npulumi preview, in both modes: a limit of search changes, and a secret store takes its secret");
    const { dynamic, native } = await ticking(() => previewInBothModes(command)).catch((error: unknown) => {
        throw new StepError(messageOf(error));
    });
    const row = (name: string, one: string, other: string) => sayFact(name, `${one.padEnd(9)} ${other}`);
    row("", "dynamic", "native");
    for (const name of Object.keys(native).sort()) {
        row(name, dynamic[name] ?? "", native[name] ?? "");
    }
    say("  The secret stays. Only native mode (docs/native.md) knows that before the run.");
}

/** Runs one operation. Shows each key as it changes, then the requests that reached the API. */
async function step(stack: Stack, emulator: Emulator, operation: Operation, what: string): Promise<void> {
    say(`\npulumi ${operation}: ${what}`);
    emulator.clearRequests();
    const start = performance.now();
    const shown = new Set<string>();
    const errors = new Set<string>();
    const onEvent = (event: EngineEvent) => {
        const change = changeOf(event);
        if (change !== undefined && !shown.has(change.join())) {
            shown.add(change.join());
            sayFact(...change);
        }
        if (event.diagnosticEvent?.severity === "error") {
            errors.add(event.diagnosticEvent.message.replace(/<\{%.*?%\}>/g, "").trim());
        }
    };
    try {
        await ticking<unknown>(() => stack[operation]({ onEvent }));
    } catch (error) {
        // The CLI repeats a key's error inside another one.
        const said = [...errors].filter((text) => ![...errors].some((other) => other !== text && text.includes(other)));
        throw new StepError(`\`pulumi ${operation}\` failed.\n${said.join("\n") || messageOf(error)}`);
    }
    if (interrupted) {
        throw new StepError("Interrupted.");
    }
    const requests = Object.entries(emulator.countRequests()).map(([kind, count]) => `${count} ${kind}`);
    sayFact("done", `${secondsSince(start, 1)}; requests: ${requests.join(", ") || "none"}`);
    for (const { operation, method, path, body } of emulator.requests) {
        if (operation === "updateApiKey") {
            sayFact("", `${method} ${path}, fieldMask ${JSON.stringify(Object(body)["fieldMask"])}`);
        }
    }
}

/** Counts the seconds of some work on a terminal's last line. */
async function ticking<T>(work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const ticker = setInterval(() => clear && process.stdout.write(`${clear}  ${secondsSince(start, 0)}`), 1000);
    try {
        return await work();
    } finally {
        clearInterval(ticker);
    }
}

function secondsSince(start: number, digits: number): string {
    return `${((performance.now() - start) / 1000).toFixed(digits)} s`;
}

/** What an event does to a key, such as `["update", "search qpm 100 -> 200"]`. */
function changeOf({ resourcePreEvent, resOutputsEvent }: EngineEvent): [label: string, text: string] | undefined {
    const metadata = resourcePreEvent?.metadata ?? resOutputsEvent?.metadata;
    if (metadata?.type !== "pulumi-nodejs:dynamic/xai:ApiKey" || ["same", "refresh"].includes(metadata.op)) {
        return undefined;
    }
    const { op, urn } = metadata;
    const changes = op === "update" ? changedInputs(metadata.old?.inputs, metadata.new?.inputs) : [];
    return [op, [urn.split("::").at(-1), ...changes].join(" ")];
}

/** `qpm 100 -> 200` for each argument that differs. */
function changedInputs(before: Record<string, unknown> = {}, after: Record<string, unknown> = {}): string[] {
    return Object.keys({ ...before, ...after })
        .filter((name) => !name.startsWith("__") && JSON.stringify(before[name]) !== JSON.stringify(after[name]))
        .map((name) => `${name} ${JSON.stringify(before[name])} -> ${JSON.stringify(after[name])}`);
}

function limits({ qps, qpm, tpm }: StoredKey): string {
    const set = [qps && `${qps} queries/s`, qpm && `${qpm} queries/min`, tpm && `${tpm} tokens/min`];
    return set.filter(Boolean).join(", ") || "no limits";
}

function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}

main().catch((error: unknown) => {
    const isExpected = error instanceof NoPulumiCliError || error instanceof StepError || !(error instanceof Error);
    process.stderr.write(`${clear}\n${interrupted ? "Interrupted." : isExpected ? messageOf(error) : error.stack}\n`);
    process.exitCode = interrupted ? 130 : 1;
});
