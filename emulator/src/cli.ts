// Reads the command line; well kept, and without dependencies of its own.
import { Command, InvalidArgumentError, Option } from "commander";
import { type Emulator, startEmulator } from "./emulator.js";
import { DEFAULT_DIALECT, type Dialect, type Propagation } from "./options.js";

interface EmulatorFlags extends Dialect {
    port: number;
    propagation: Propagation;
    latency: number;
    rateLimit?: number;
}

async function emulate({ port, propagation, latency, rateLimit, ...dialect }: EmulatorFlags): Promise<void> {
    const emulator = await startEmulator({
        port,
        propagation,
        latencyMs: latency,
        ...(rateLimit !== undefined && { rateLimit: { perSecond: rateLimit, retryAfter: "seconds" } }),
        dialect,
    });
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
        process.once(signal, () => void emulator.close());
    }
    // Whoever reads it may stop the emulator in the same moment.
    process.stdout.write(greeting(emulator));
}

function greeting({ url, env }: Emulator): string {
    const exports = Object.entries(env).map(([name, value]) => `export ${name}=${value}`);
    return `This is an emulator of xAI's Management API, not xAI: its keys open nothing and are gone when it stops.

${exports.join("\n")}

Its keys: curl ${url}/_emulator/keys
Ctrl-C stops it.
`;
}

function emulatorCommand(): Command {
    return new Command("emulator")
        .description("run an emulator of xAI's Management API on 127.0.0.1")
        .addOption(new Option("--port <n>", "the port; 0 for any free one").argParser(port).default(0))
        .addOption(oneOf("--update-route <route>", "which update route there is", ["guide", "reference", "both"]))
        .addOption(
            oneOf("--missing-route <status>", "what a missing route answers", ["404", "405", "501"]).argParser(
                missingRoute,
            ),
        )
        .addOption(oneOf("--mask-spelling <case>", "how fieldMask spells names", ["camel", "snake", "both"]))
        .addOption(oneOf("--answer-spelling <name>", "what answers call permissions", ["aclStrings", "acl_strings"]))
        .addOption(oneOf("--disabled-as <type>", 'how answers hold "disabled"', ["boolean", "string"]))
        .addOption(oneOf("--unset-as <form>", "how answers hold what is not set", ["absent", "null"]))
        .addOption(oneOf("--tpm-as <type>", "how answers hold tpm", ["string", "number"]))
        .addOption(oneOf("--unknown-mask-paths <what>", "what becomes of them", ["refused", "ignored"]))
        .addOption(oneOf("--values <what>", "whether values change on acceptance", ["kept", "normalised"]))
        .addOption(oneOf("--redaction <form>", "xai-...oYZ4 or xai-a**b", ["dots", "stars"]))
        .option("--no-rotation", "there is no rotation route")
        .option("--no-validation", "there is no route that validates the management key")
        .addOption(
            new Option("--max-page-size <n>", "keys a page at most")
                .argParser(positive)
                .default(DEFAULT_DIALECT.maxPageSize),
        )
        .addOption(
            oneOf("--error-body <form>", "where an error's text stands", [
                "message",
                "error.message",
                "error",
                "text",
                "html",
            ]),
        )
        .addOption(
            new Option("--propagation <ms>", "how long a key takes to become known, or never")
                .argParser(propagationTime)
                .default(0),
        )
        .addOption(new Option("--latency <ms>", "how long each request waits").argParser(milliseconds).default(0))
        .addOption(new Option("--rate-limit <n>", "requests a second, beyond which it answers 429").argParser(rate))
        .action(emulate);
}

/** An option with a fixed set of values, whose default is the dialect's own. */
function oneOf(flags: string, description: string, values: string[]): Option {
    const option = new Option(flags, description).choices(values);
    const defaults: Readonly<Record<string, unknown>> = { ...DEFAULT_DIALECT };
    return option.default(defaults[option.attributeName()]);
}

function missingRoute(text: string): Dialect["missingRoute"] {
    switch (text) {
        case "404":
            return 404;
        case "405":
            return 405;
        case "501":
            return 501;
        default:
            throw new InvalidArgumentError("Allowed choices are 404, 405, 501.");
    }
}

function port(text: string): number {
    const value = milliseconds(text);
    if (value > 65535) {
        throw new InvalidArgumentError("It must be a port from 0 to 65535.");
    }
    return value;
}

function milliseconds(text: string): number {
    if (!/^\d{1,9}$/.test(text)) {
        throw new InvalidArgumentError("It must be a whole number that is not negative.");
    }
    return Number(text);
}

function positive(text: string): number {
    const value = milliseconds(text);
    if (value === 0) {
        throw new InvalidArgumentError("It must be at least 1.");
    }
    return value;
}

function rate(text: string): number {
    const value = Number(text);
    if (!(value > 0 && Number.isFinite(value))) {
        throw new InvalidArgumentError("It must be a number above 0.");
    }
    return value;
}

function propagationTime(text: string): Propagation {
    return text === "never" ? "never" : milliseconds(text);
}

function explain(error: unknown): string {
    if (error instanceof Error && "code" in error && "port" in error) {
        switch (error.code) {
            case "EADDRINUSE":
                return `port ${error.port} of 127.0.0.1 is in use; choose another with --port, or 0 for any free one`;
            case "EACCES":
                return `port ${error.port} of 127.0.0.1 may not be used; choose one above 1023 with --port`;
        }
    }
    return error instanceof Error ? error.message : String(error);
}

const program = new Command("pulumi-xai").description("tools of the Pulumi provider for xAI's Management API");
program.addCommand(emulatorCommand());
program.parseAsync().catch((error: unknown) => {
    process.stderr.write(`pulumi-xai: ${explain(error)}\n`);
    process.exitCode = 1;
});
