import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { type LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

/** The engine's side of a provider's gRPC: it starts the process, serves the log channel, and reads what comes over the wire. */

/** The copy of gRPC that Pulumi's generated code was made with. */
const grpc: typeof import("@grpc/grpc-js") = createRequire(require.resolve("@pulumi/pulumi"))("@grpc/grpc-js");

export type Properties = Record<string, unknown>;

/** A value as the wire marks a secret. */
export const secret = (value: unknown) => ({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    value,
});

/** A line on the engine's log channel. */
export interface LogLine {
    severity: "debug" | "info" | "warning" | "error";
    message: string;
    ephemeral: boolean;
    /** The resource on whose row it appears; empty for none. */
    urn: string;
}

/** What a provider answered a call with instead of a result. */
export class HostFailure extends Error {
    constructor(
        message: string,
        /** What is kept of a resource that exists but is not finished. */
        readonly kept: { id: string; outputs: Properties; reasons: string[] } | undefined,
    ) {
        super(message);
    }
}

/**
 * Starts a provider's process, to which the engine's address is the last argument.
 *
 * @param more.env Beside PATH, the only environment there is.
 * @param more.engine Where the process looks for the engine. Default: where {@link ProviderProcess.log} is filled.
 */
export async function launch(
    [file, ...args]: readonly [string, ...string[]],
    {
        env = {},
        engine: elsewhere,
        cwd,
    }: { env?: Record<string, string>; engine?: string | undefined; cwd?: string } = {},
) {
    const log: LogLine[] = [];
    const { engine, address } = await serveEngine(log);
    const child = spawn(file, [...args, elsewhere ?? address], {
        cwd,
        env: { PATH: process.env["PATH"], no_grpc_proxy: "127.0.0.1", ...env },
        stdio: ["ignore", "pipe", "pipe"],
    });
    const lines = createInterface({ input: child.stdout });
    const [port] = await once(lines, "line");
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    return { child, lines, engine, log, client };
}

export type ServiceError = import("@grpc/grpc-js").ServiceError;

/** What a provider answered with instead of a result. */
export function failure(error: ServiceError): HostFailure {
    const [details] = error.metadata.get("grpc-status-details-bin");
    if (!(details instanceof Uint8Array)) {
        return new HostFailure(error.details, undefined);
    }
    const [packed] = Status.deserializeBinary(details).getDetailsList();
    const detail = packed?.unpack(ErrorResourceInitFailed.deserializeBinary, "pulumirpc.ErrorResourceInitFailed");
    if (detail === null || detail === undefined) {
        throw new Error("The details are of another kind.");
    }
    const kept = { id: detail.getId(), outputs: plain(detail.getProperties()), reasons: detail.getReasonsList() };
    return new HostFailure(error.details, kept);
}

const SEVERITIES: Readonly<Record<LogSeverity, LogLine["severity"]>> = {
    [LogSeverity.DEBUG]: "debug",
    [LogSeverity.INFO]: "info",
    [LogSeverity.WARNING]: "warning",
    [LogSeverity.ERROR]: "error",
};

/** The engine's log channel, which fills a list with lines. */
export async function serveEngine(lines: LogLine[]) {
    const engine = new grpc.Server();
    const unused = (_call: unknown, done: (error: { code: number }) => void) => {
        done({ code: grpc.status.UNIMPLEMENTED });
    };
    engine.addService(EngineService, {
        log(call: { request: LogRequest }, done: (error: null, answer: Empty) => void) {
            const { request } = call;
            lines.push({
                severity: SEVERITIES[request.getSeverity()],
                message: request.getMessage(),
                ephemeral: request.getEphemeral(),
                urn: request.getUrn(),
            });
            done(null, new Empty());
        },
        getRootResource: unused,
        setRootResource: unused,
        startDebugging: unused,
        requirePulumiVersion: unused,
    });
    const port = await new Promise<number>((bound, failed) => {
        engine.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, number) =>
            error === null ? bound(number) : failed(error),
        );
    });
    return { engine, address: `127.0.0.1:${port}` };
}

/** Properties for the wire. */
export function struct(properties: Properties): Struct {
    // As on the engine's wire: what is undefined is not there.
    return Struct.fromJavaScript(JSON.parse(JSON.stringify(properties)));
}

/** Properties off the wire. */
export function plain(properties: Struct | undefined): Properties {
    return properties === undefined ? {} : properties.toJavaScript();
}
