import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { type LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { afterAll } from "vitest";
import type { Emulator } from "xai-management-emulator";

/**
 * Pulumi's real dynamic host as a process, and the engine's side of its gRPC: the log channel served, the calls made.
 */

const requireHere = createRequire(__filename);
/** The copy of gRPC that Pulumi's generated code was made with. */
const grpc: typeof import("@grpc/grpc-js") = createRequire(requireHere.resolve("@pulumi/pulumi"))("@grpc/grpc-js");

/** What every state file holds. Written out, for it must never change. */
export const PROVIDER_TEXT = 'exports.handler=()=>require("pulumi-xai/provider").provider';
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

export type Properties = Record<string, unknown>;

/** A line on the engine's log channel. */
export interface LogLine {
    severity: "debug" | "info" | "warning" | "error";
    message: string;
    ephemeral: boolean;
    /** The resource on whose row it appears; empty for none. */
    urn: string;
}

/** What the host answered a call with instead of a result. */
export class HostFailure extends Error {
    constructor(
        message: string,
        /** What is kept of a resource that exists but is not finished. */
        readonly kept: { id: string; outputs: Properties; reasons: string[] } | undefined,
    ) {
        super(message);
    }
}

export interface HostOptions {
    /** Stack configuration, namespaces included. */
    config?: Record<string, string>;
    /** Beside PATH, the only environment there is. */
    env?: Record<string, string>;
    /** Where the host looks for the engine. Default: where {@link DynamicHost.log} is filled. */
    engine?: string;
}

const running = new Set<DynamicHost>();

afterAll(async () => {
    await Promise.all([...running].map((host) => host.stop()));
});

/** A configured host for an emulator. */
export async function hostFor(
    emulator: Emulator,
    { config = {}, env = {}, engine }: HostOptions = {},
): Promise<DynamicHost> {
    const host = await DynamicHost.start({ env, ...(engine && { engine }) });
    running.add(host);
    await host.configure({
        "xai:managementKey": emulator.managementKey,
        "xai:teamId": emulator.teamId,
        "xai:baseUrl": emulator.url,
        ...config,
    });
    return host;
}

/** Pulumi's dynamic host as a process. */
export class DynamicHost {
    /** What the process printed, on both streams, but for its port. */
    printed = "";

    private constructor(
        private readonly folder: string,
        private readonly process: ChildProcess,
        private readonly engine: InstanceType<typeof grpc.Server>,
        /** What the provider said on the engine's channel. */
        readonly log: LogLine[],
        private readonly client: ResourceProviderClient,
    ) {}

    static async start({ env = {}, engine: elsewhere }: HostOptions): Promise<DynamicHost> {
        const folder = mkdtempSync(join(tmpdir(), "xai-host-"));
        symlinkSync(resolve(__dirname, "../../node_modules"), join(folder, "node_modules"), "dir");
        const log: LogLine[] = [];
        const { engine, address } = await serveEngine(log);
        const main = requireHere.resolve("@pulumi/pulumi/cmd/dynamic-provider");
        const child = spawn(process.execPath, [main, elsewhere ?? address], {
            cwd: folder,
            env: { PATH: process.env["PATH"], PULUMI_NODEJS_PROJECT: "project", no_grpc_proxy: "127.0.0.1", ...env },
            stdio: ["ignore", "pipe", "pipe"],
        });
        const lines = createInterface({ input: child.stdout });
        const [port] = await once(lines, "line");
        const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
        const host = new DynamicHost(folder, child, engine, log, client);
        lines.on("line", (line) => {
            host.printed += `${line}\n`;
        });
        child.stderr.on("data", (chunk) => {
            host.printed += chunk;
        });
        return host;
    }

    async configure(config: Record<string, string>): Promise<void> {
        // The engine marks what is secret, and the host strips the mark.
        const args = Object.entries(config).map(([key, value]) => [
            key,
            key === "xai:managementKey" ? { ...SECRET, value } : value,
        ]);
        const request = new messages.ConfigureRequest().setArgs(struct(Object.fromEntries(args)));
        await this.#call<messages.ConfigureResponse>((done) => this.client.configure(request, done));
    }

    async check(olds: Properties, news: Properties) {
        const request = new messages.CheckRequest()
            .setOlds(struct(olds))
            .setNews(struct({ __provider: PROVIDER_TEXT, ...news }));
        const answer = await this.#call<messages.CheckResponse>((done) => this.client.check(request, done));
        const failures = answer.getFailuresList().map((one) => one.toObject());
        return { inputs: plain(answer.getInputs()), failures };
    }

    async diff(id: string, olds: Properties, news: Properties) {
        const request = new messages.DiffRequest().setId(id).setOlds(struct(olds)).setNews(struct(news));
        const answer = await this.#call<messages.DiffResponse>((done) => this.client.diff(request, done));
        const changes = answer.getChanges() !== messages.DiffResponse.DiffChanges.DIFF_NONE;
        return { changes, replaces: answer.getReplacesList() };
    }

    async create(inputs: Properties) {
        const request = new messages.CreateRequest().setProperties(struct(inputs));
        const answer = await this.#call<messages.CreateResponse>((done) => this.client.create(request, done));
        return { id: answer.getId(), outputs: plain(answer.getProperties()) };
    }

    /** Reads a resource of the stack; without outputs one that no stack manages, for a `get`. */
    async read(id: string, outputs: Properties = {}, inputs: Properties = { __provider: PROVIDER_TEXT }) {
        const request = new messages.ReadRequest().setId(id).setProperties(struct(outputs)).setInputs(struct(inputs));
        const answer = await this.#call<messages.ReadResponse>((done) => this.client.read(request, done));
        return { id: answer.getId(), outputs: plain(answer.getProperties()), inputs: plain(answer.getInputs()) };
    }

    async update(id: string, olds: Properties, news: Properties): Promise<Properties> {
        const request = new messages.UpdateRequest().setId(id).setOlds(struct(olds)).setNews(struct(news));
        const answer = await this.#call<messages.UpdateResponse>((done) => this.client.update(request, done));
        return plain(answer.getProperties());
    }

    async delete(id: string, outputs: Properties): Promise<void> {
        const request = new messages.DeleteRequest().setId(id).setProperties(struct(outputs));
        await this.#call<Empty>((done) => this.client.delete(request, done));
    }

    /** The warnings that the provider gave. They have arrived when a call is answered. */
    get warnings(): string[] {
        return this.log.filter((line) => line.severity === "warning").map((line) => line.message);
    }

    /** Forgets all lines and prints. */
    forget(): void {
        this.log.length = 0;
        this.printed = "";
    }

    async stop(): Promise<void> {
        this.client.close();
        this.engine.forceShutdown();
        if (this.process.exitCode === null && this.process.signalCode === null) {
            const ended = once(this.process, "exit");
            this.process.kill("SIGKILL");
            await ended;
        }
        rmSync(this.folder, { recursive: true, force: true });
    }

    #call<T>(send: (done: Done<T>) => unknown): Promise<T> {
        return new Promise((answered, failed) => {
            send((error, answer) => (error === null ? answered(answer) : failed(failure(error))));
        });
    }
}

type ServiceError = import("@grpc/grpc-js").ServiceError;
export type Done<T> = (error: ServiceError | null, answer: T) => void;

/** What a provider answered with instead of a result. */
export function failure(error: ServiceError): HostFailure {
    const [details] = error.metadata.get("grpc-status-details-bin");
    if (!(details instanceof Uint8Array)) {
        return new HostFailure(error.details, undefined);
    }
    const [packed] = Status.deserializeBinary(details).getDetailsList();
    const detail = packed?.unpack(
        messages.ErrorResourceInitFailed.deserializeBinary,
        "pulumirpc.ErrorResourceInitFailed",
    );
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
