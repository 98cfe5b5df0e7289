// commander reads the command line. It has no dependencies of its own.
import { Command, InvalidArgumentError, Option } from "commander";
import { type Emulator, startEmulator } from "./emulator.js";
import { DEFAULT_DIALECT, type Dialect, type Propagation, type ValidationField } from "./options.js";

interface CommandLine extends Dialect {
    port: number;
    propagation: Propagation;
    latency: number;
    rateLimit?: number;
}

async function run({ port, propagation, latency, rateLimit, ...dialect }: CommandLine): Promise<void> {
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
    // After the signal handlers: a script may stop the emulator as soon as it reads this.
    process.stdout.write(greeting(emulator));
}

function greeting({ url, env }: Emulator): string {
    const exports = Object.entries(env).map(([name, value]) => `export ${name}=${value}`);
    return `This is an emulator of xAI's Management API, not xAI: its keys open nothing and are lost when it stops.

${exports.join("\n")}

List its keys: curl ${url}/_emulator/keys
Stop it: Ctrl-C
`;
}

function commandLine(): Command {
    return new Command("xai-management-emulator")
        .description("Runs an emulator of xAI's Management API on 127.0.0.1.")
        .addOption(new Option("--port <n>", "listen on this port; 0 for any free one").argParser(port).default(0))
        .addOption(
            new Option("--propagation <ms>", "time until a new key is known on the clusters, or never")
                .argParser(propagationTime)
                .default(0),
        )
        .addOption(new Option("--latency <ms>", "delay every request").argParser(wholeNumber).default(0))
        .addOption(new Option("--rate-limit <n>", "answer 429 beyond this many requests a second").argParser(rate))
        .addOption(choice("--update-route <route>", "update route of the server", ["guide", "reference", "both"]))
        .addOption(
            choice("--missing-route <status>", "status for a route that the server lacks", [
                "404",
                "405",
                "501",
            ]).argParser(missingRoute),
        )
        .addOption(choice("--mask-spelling <case>", "spelling of names in fieldMask", ["camel", "snake", "both"]))
        .addOption(choice("--unknown-mask-paths <action>", "what the server does with them", ["refused", "ignored"]))
        .addOption(choice("--answer-spelling <name>", "name of the permissions", ["aclStrings", "acl_strings"]))
        .addOption(choice("--disabled-as <type>", "type of disabled in answers", ["boolean", "string"]))
        .addOption(choice("--unset-as <form>", "form of fields that are not set", ["absent", "null"]))
        .addOption(choice("--tpm-as <type>", "type of tpm in answers", ["string", "number"]))
        .addOption(choice("--values <form>", "keep values as sent, or normalise them", ["kept", "normalised"]))
        .addOption(choice("--redaction <form>", "xai-...oYZ4 or xai-a**b", ["dots", "stars"]))
        .option("--no-rotation", "no route that rotates a secret")
        .option("--no-validation", "no route that validates the management key")
        .addOption(
            new Option("--validation-omits <fields>", "fields that its answer lacks, separated by commas")
                .argParser(validationFields)
                .default(DEFAULT_DIALECT.validationOmits, "none"),
        )
        .addOption(
            new Option("--max-page-size <n>", "largest page of a listing")
                .argParser(positiveNumber)
                .default(DEFAULT_DIALECT.maxPageSize),
        )
        .addOption(
            choice("--error-body <form>", "form of an error's body", [
                "message",
                "error.message",
                "error",
                "text",
                "html",
            ]),
        )
        .action(run);
}

/** An option with a fixed set of values. Its default is the default dialect's. */
function choice(flags: string, description: string, values: string[]): Option {
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

const VALIDATION_FIELDS: readonly ValidationField[] = [
    "scope",
    "scopeId",
    "teamId",
    "ownerUserId",
    "name",
    "acls",
    "ipRanges",
];

function validationFields(text: string): ValidationField[] {
    return text.split(",").map((name) => {
        const field = VALIDATION_FIELDS.find((known) => known === name.trim());
        if (field === undefined) {
            throw new InvalidArgumentError(`Allowed fields are ${VALIDATION_FIELDS.join(", ")}.`);
        }
        return field;
    });
}

function port(text: string): number {
    const value = wholeNumber(text);
    if (value > 65535) {
        throw new InvalidArgumentError("It must be a port from 0 to 65535.");
    }
    return value;
}

function wholeNumber(text: string): number {
    if (!/^\d{1,9}$/.test(text)) {
        throw new InvalidArgumentError("It must be a whole number that is not negative.");
    }
    return Number(text);
}

function positiveNumber(text: string): number {
    const value = wholeNumber(text);
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
    return text === "never" ? "never" : wholeNumber(text);
}

function explain(error: unknown): string {
    if (error instanceof Error && "code" in error && "port" in error) {
        switch (error.code) {
            case "EADDRINUSE":
                return `port ${error.port} of 127.0.0.1 is in use: choose another with --port, or 0 for any free one`;
            case "EACCES":
                return `port ${error.port} of 127.0.0.1 needs more rights: choose one above 1023 with --port`;
        }
    }
    return error instanceof Error ? error.message : String(error);
}

commandLine()
    .parseAsync()
    .catch((error: unknown) => {
        process.stderr.write(`xai-management-emulator: ${explain(error)}\n`);
        process.exitCode = 1;
    });
