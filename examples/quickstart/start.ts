/**
 * `npm start`: the quickstart program's whole life against the emulator, with no account. Preview, up, a changed limit, a
 * change made behind Pulumi's back that refresh finds and up puts right, destroy.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { type Emulator, startEmulator } from "xai-management-emulator";
import { findEngine, NoEngineError, type OpenStack } from "./engine.js";

const say = (line = "") => process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
    const { values } = parseArgs({ options: { download: { type: "boolean", default: false } } });
    const engine = await findEngine(values.download);
    say(`engine   ${engine.description}; its state goes to a temporary folder`);
    const emulator = await startEmulator({ propagation: { "us-east-1": 300, "eu-west-1": 900 } });
    say(`API      an emulator of xAI's Management API at ${emulator.url}; no account, nothing leaves this machine`);
    const stateFolder = await mkdtemp(join(tmpdir(), "pulumi-xai-quickstart-"));
    try {
        const stack = await engine.openStack({
            stackName: "quickstart",
            workDir: resolve(__dirname, "../.."),
            stateFolder,
            environment: emulator.env,
        });
        try {
            await tour(stack, emulator);
        } finally {
            await stack.close();
        }
    } finally {
        await emulator.close();
        await rm(stateFolder, { recursive: true, force: true });
    }
}

async function tour(stack: OpenStack, emulator: Emulator): Promise<void> {
    await step("preview", "what would happen", emulator, (onEvent) => stack.preview({ onEvent }));

    await step("up", "one key a service; it waits until every cluster knows them", emulator, (onEvent) =>
        stack.up({ onEvent }),
    );
    for (const key of emulator.keys()) {
        say(`  ${key.name}: ${key.acls.join(", ")}; ${limits(key)}`);
    }
    for (const [name, output] of Object.entries(await stack.outputs())) {
        say(`  output ${name} = ${output.secret ? "[secret]" : JSON.stringify(output.value)}`);
    }

    await stack.setConfig("searchQpm", { value: "200" });
    await step("up", "with the limit of `search` at 200 queries a minute", emulator, (onEvent) =>
        stack.up({ onEvent }),
    );

    const search = emulator.keys().find((key) => key.name.endsWith("-search"));
    if (search === undefined) {
        throw new Error("the emulator lost the key of `search`");
    }
    emulator.changeKey(search.apiKeyId, { qpm: 9_999 });
    say("\nSomebody sets it to 9999 in the xAI Console.");
    await step("refresh", "finds it", emulator, (onEvent) => stack.refresh({ onEvent }));
    await step("up", "puts it right", emulator, (onEvent) => stack.up({ onEvent }));
    await step("up", "again: nothing to do", emulator, (onEvent) => stack.up({ onEvent }));

    await step("destroy", "takes the keys away", emulator, (onEvent) => stack.destroy({ onEvent }));
    say(`  keys left: ${emulator.keys().length}`);
}

/** Runs one operation and shows what it did to the keys and what it asked of the API. */
async function step(
    command: string,
    what: string,
    emulator: Emulator,
    run: (onEvent: (event: EngineEvent) => void) => Promise<unknown>,
): Promise<void> {
    say(`\npulumi ${command}: ${what}`);
    emulator.clearRequests();
    const lines = new Set<string>();
    await run((event) => {
        const metadata = event.resourcePreEvent?.metadata ?? event.resOutputsEvent?.metadata;
        const isKey = metadata?.type === "pulumi-nodejs:dynamic/xai:ApiKey";
        if (isKey && metadata.op !== "same" && metadata.op !== "refresh") {
            const changes = metadata.op === "update" ? changedInputs(metadata.old?.inputs, metadata.new?.inputs) : [];
            lines.add([`  ${metadata.op}`, metadata.urn.split("::").at(-1), ...changes].join(" "));
        }
    });
    for (const line of lines) {
        say(line);
    }
    const asked = Object.entries(emulator.countRequests()).map(([operation, count]) => `${count} ${operation}`);
    say(`  asked of the API: ${asked.length > 0 ? asked.join(", ") : "nothing"}`);
    for (const request of emulator.requests.filter(({ operation }) => operation === "updateApiKey")) {
        say(
            `  ${request.method} ${request.path} with fieldMask ${JSON.stringify(Reflect.get(Object(request.body), "fieldMask"))}`,
        );
    }
}

/** `qpm 100 -> 200` for each input that differs. */
function changedInputs(before: Record<string, unknown> = {}, after: Record<string, unknown> = {}): string[] {
    return Object.keys({ ...before, ...after })
        .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
        .map((name) => `${name} ${JSON.stringify(before[name])} -> ${JSON.stringify(after[name])}`);
}

function limits(key: { qps: number | null; qpm: number | null; tpm: string | null }): string {
    const set = [
        key.qps === null ? undefined : `${key.qps} queries/s`,
        key.qpm === null ? undefined : `${key.qpm} queries/min`,
        key.tpm === null ? undefined : `${key.tpm} tokens/min`,
    ].filter((limit) => limit !== undefined);
    return set.length > 0 ? set.join(", ") : "no limits";
}

main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof NoEngineError || !(error instanceof Error) ? error : error.stack}\n`);
    process.exitCode = 1;
});
