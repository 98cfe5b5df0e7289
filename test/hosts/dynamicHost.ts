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
import {
    CheckRequest,
    type CheckResponse,
    ConfigureRequest,
    type ConfigureResponse,
    CreateRequest,
    type CreateResponse,
    DeleteRequest,
    DiffRequest,
    DiffResponse,
    ErrorResourceInitFailed,
    ReadRequest,
    type ReadResponse,
    UpdateRequest,
    type UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb";
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

export interface Checked {
    inputs: Properties;
    failures: { property: string; reason: string }[];
}

export interface Diffed {
    changes: boolean;
    replaces: string[];
}

export interface ReadAnswer {
    id: string;
    outputs: Properties;
    /** Undefined where the provider answered none. */
    inputs: Properties | undefined;
}

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
    /** What the provider said on the engine's channel. */
    readonly log: LogLine[];
    /** What the process printed, on both streams, but for its port. */
    printed = "";
    readonly #folder: string;
    readonly #engine: InstanceType<typeof grpc.Server>;
    readonly #process: ChildProcess;
    #client: ResourceProviderClient | undefined;

    private constructor(
        folder: string,
        engine: InstanceType<typeof grpc.Server>,
        log: LogLine[],
        process: ChildProcess,
    ) {
        this.log = log;
        this.#folder = folder;
        this.#engine = engine;
        this.#process = process;
    }

    static async start({ env = {}, engine: elsewhere }: HostOptions): Promise<DynamicHost> {
        const folder = mkdtempSync(join(tmpdir(), "xai-host-"));
        symlinkSync(resolve(__dirname, "../../node_modules"), join(folder, "node_modules"), "dir");
        const lines: LogLine[] = [];
        const { engine, address } = await serveEngine(lines);
        const main = requireHere.resolve("@pulumi/pulumi/cmd/dynamic-provider");
        const child = spawn(process.execPath, [main, elsewhere ?? address], {
            cwd: folder,
            env: { PATH: process.env["PATH"], PULUMI_NODEJS_PROJECT: "project", no_grpc_proxy: "127.0.0.1", ...env },
            stdio: ["ignore", "pipe", "pipe"],
        });
        const host = new DynamicHost(folder, engine, lines, child);
        const port = new Promise<string>((found, failed) => {
            let first = true;
            createInterface({ input: child.stdout }).on("line", (line) => {
                if (first) {
                    found(line);
                } else {
                    host.printed += `${line}\n`;
                }
                first = false;
            });
            child.once("exit", (code) => failed(new Error(`the host ended with ${code}: ${host.printed}`)));
        });
        child.stderr.on("data", (chunk) => {
            host.printed += chunk;
        });
        const credentials = grpc.credentials.createInsecure();
        host.#client = new ResourceProviderClient(`127.0.0.1:${await port}`, credentials);
        return host;
    }

    async configure(config: Record<string, string>): Promise<void> {
        const request = new ConfigureRequest();
        // The engine marks what is secret, and the host strips the mark.
        const args = Object.entries(config).map(([key, value]) => [
            key,
            key === "xai:managementKey" ? { ...SECRET, value } : value,
        ]);
        request.setArgs(struct(Object.fromEntries(args)));
        await this.#call<ConfigureResponse>((client, done) => client.configure(request, done));
    }

    async check(olds: Properties, news: Properties): Promise<Checked> {
        const request = new CheckRequest();
        request.setOlds(struct(olds));
        request.setNews(struct({ __provider: PROVIDER_TEXT, ...news }));
        const answer = await this.#call<CheckResponse>((client, done) => client.check(request, done));
        return {
            inputs: plain(answer.getInputs()),
            failures: answer
                .getFailuresList()
                .map((failure) => ({ property: failure.getProperty(), reason: failure.getReason() })),
        };
    }

    async diff(id: string, olds: Properties, news: Properties): Promise<Diffed> {
        const request = new DiffRequest();
        request.setId(id);
        request.setOlds(struct(olds));
        request.setNews(struct(news));
        const answer = await this.#call<DiffResponse>((client, done) => client.diff(request, done));
        return {
            changes: answer.getChanges() !== DiffResponse.DiffChanges.DIFF_NONE,
            replaces: answer.getReplacesList(),
        };
    }

    async create(inputs: Properties): Promise<{ id: string; outputs: Properties }> {
        const request = new CreateRequest();
        request.setProperties(struct(inputs));
        const answer = await this.#call<CreateResponse>((client, done) => client.create(request, done));
        return { id: answer.getId(), outputs: plain(answer.getProperties()) };
    }

    /** Reads a resource of the stack. */
    async read(id: string, outputs: Properties, inputs: Properties): Promise<ReadAnswer> {
        const request = new ReadRequest();
        request.setId(id);
        request.setProperties(struct(outputs));
        request.setInputs(struct(inputs));
        return this.#read(request);
    }

    /** Looks up a resource that no stack manages: there are inputs alone. */
    async get(id: string, inputs: Properties = {}): Promise<ReadAnswer> {
        const request = new ReadRequest();
        request.setId(id);
        request.setInputs(struct({ __provider: PROVIDER_TEXT, ...inputs }));
        return this.#read(request);
    }

    async update(id: string, olds: Properties, news: Properties): Promise<Properties> {
        const request = new UpdateRequest();
        request.setId(id);
        request.setOlds(struct(olds));
        request.setNews(struct(news));
        const answer = await this.#call<UpdateResponse>((client, done) => client.update(request, done));
        return plain(answer.getProperties());
    }

    async delete(id: string, outputs: Properties): Promise<void> {
        const request = new DeleteRequest();
        request.setId(id);
        request.setProperties(struct(outputs));
        await this.#call<Empty>((client, done) => client.delete(request, done));
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
        this.#client?.close();
        this.#engine.forceShutdown();
        if (this.#process.exitCode === null && this.#process.signalCode === null) {
            const ended = once(this.#process, "exit");
            this.#process.kill("SIGKILL");
            await ended;
        }
        rmSync(this.#folder, { recursive: true, force: true });
    }

    async #read(request: ReadRequest): Promise<ReadAnswer> {
        const answer = await this.#call<ReadResponse>((client, done) => client.read(request, done));
        const inputs = answer.getInputs();
        return {
            id: answer.getId(),
            outputs: plain(answer.getProperties()),
            inputs: inputs === undefined ? undefined : plain(inputs),
        };
    }

    #call<T>(send: (client: ResourceProviderClient, done: Done<T>) => unknown): Promise<T> {
        const client = this.#client;
        if (client === undefined) {
            throw new Error("The host has not said its port.");
        }
        return new Promise((answered, failed) => {
            send(client, (error, answer) => (error === null ? answered(answer) : failed(failure(error))));
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
    const detail = packed?.unpack(ErrorResourceInitFailed.deserializeBinary, "pulumirpc.ErrorResourceInitFailed");
    if (detail === null || detail === undefined) {
        throw new Error("The details are of another kind.");
    }
    const kept = { id: detail.getId(), outputs: plain(detail.getProperties()), reasons: detail.getReasonsList() };
    return new HostFailure(error.details, kept);
}

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
                severity: severityOf(request.getSeverity()),
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

function severityOf(severity: LogSeverity): LogLine["severity"] {
    switch (severity) {
        case LogSeverity.DEBUG:
            return "debug";
        case LogSeverity.INFO:
            return "info";
        case LogSeverity.WARNING:
            return "warning";
        default:
            return "error";
    }
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
