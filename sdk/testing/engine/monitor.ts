import type { ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import type * as engine from "@pulumi/pulumi/proto/engine_pb";
import type * as messages from "@pulumi/pulumi/proto/resource_pb";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { LocalEngineError, messageOf, UnsupportedFeatureError } from "./errors.js";
import type { ReadGoal } from "./goal.js";
import { type Registration, readReadGoal, readRegistration } from "./requests.js";
import { CHANNEL_OPTIONS, type Sdk } from "./sdk.js";
import type { ValueMap } from "./values.js";
import { fromWire, toWire } from "./wire.js";

/** What a program is told about the operation that it runs in. */
export interface ProgramInfo {
    readonly project: string;
    readonly stack: string;
    readonly organization: string;
    readonly preview: boolean;
    readonly parallel: number;
    /** `namespace:key` to value; secrets are in the clear. */
    readonly config: Readonly<Record<string, string>>;
    readonly secretKeys: readonly string[];
}

/** A resource as the program gets it back. */
export interface Registered {
    readonly urn: string;
    readonly id: string;
    readonly outputs: ValueMap;
}

/** The severities in which programs and providers log. */
export type LogSeverity = "debug" | "info" | "warning" | "error";

/** What a program is told whose operation is over before it is. */
export class OperationOverError extends LocalEngineError {
    override readonly name: string = "OperationOverError";

    constructor() {
        super("resource monitor shut down");
    }
}

/** Does what the program asks for. */
export interface MonitorBackend {
    readonly info: ProgramInfo;
    register(registration: Registration): Promise<Registered>;
    read(wanted: ReadGoal): Promise<Registered>;
    registerOutputs(urn: string, outputs: ValueMap): Promise<void>;
    /** The program will register nothing more. Settles when the operation has ended. */
    programDone(): Promise<void>;
    log(severity: LogSeverity, message: string, where: { urn: string; streamId: number; ephemeral: boolean }): void;
    /** The program asked for something that cannot be, which ends the operation. */
    refuse(error: Error): void;
}

type Call<Request, Reply> = ServerUnaryCall<Request, Reply>;

/** The gRPC services that programs and hosts find the engine by: `ResourceMonitor` and `Engine` on one port. */
export class MonitorServer {
    private readonly server: InstanceType<Sdk["grpc"]["Server"]>;
    private rootUrn = "";
    /** `host:port`, once started. */
    address = "";

    constructor(
        private readonly sdk: Sdk,
        private readonly backend: MonitorBackend,
    ) {
        this.server = new sdk.grpc.Server(CHANNEL_OPTIONS);
        this.server.addService(sdk.resourceRpc.ResourceMonitorService, this.monitor());
        this.server.addService(sdk.engineRpc.EngineService, this.engine());
    }

    /** Listens on a free port of this machine only. */
    async start(): Promise<void> {
        const port = await new Promise<number>((resolve, reject) => {
            const credentials = this.sdk.grpc.ServerCredentials.createInsecure();
            this.server.bindAsync("127.0.0.1:0", credentials, (error, bound) =>
                error === null ? resolve(bound) : reject(error),
            );
        });
        this.address = `127.0.0.1:${port}`;
    }

    /** Ends every connection. */
    stop(): void {
        this.server.forceShutdown();
    }

    /**
     * A handler of one call. Every error ends the operation, unless that is what it says: the program is only told to
     * stop, and one that then ends quietly must not be taken for one that wants nothing.
     */
    private handler<Request, Reply>(work: (request: Request) => Promise<Reply> | Reply) {
        return (call: Call<Request, Reply>, reply: sendUnaryData<Reply>): void => {
            const answer = async (): Promise<Reply> => await work(call.request);
            answer().then(
                (value) => reply(null, value),
                (error: unknown) => {
                    if (!(error instanceof OperationOverError)) {
                        this.backend.refuse(error instanceof Error ? error : new Error(messageOf(error)));
                    }
                    // The one code on which the SDK stops without a report of its own: the operation reports.
                    reply({ code: this.sdk.grpc.status.UNAVAILABLE, details: messageOf(error) });
                },
            );
        };
    }

    /** Ends the operation over a feature whose RPC the SDK does not expect to fail. */
    private refusal(feature: string) {
        return this.handler(() => {
            this.backend.refuse(new UnsupportedFeatureError(feature));
            return new this.sdk.empty.Empty();
        });
    }

    private monitor() {
        const { empty, struct } = this.sdk;
        const { backend } = this;
        return {
            getDeploymentInfo: this.handler(() => this.deploymentInfo()),
            supportsFeature: this.handler((request: messages.SupportsFeatureRequest) => {
                const response = new this.sdk.resource.SupportsFeatureResponse();
                response.setHassupport(FEATURES.has(request.getId()));
                return response;
            }),
            registerResource: this.handler(async (request: messages.RegisterResourceRequest) => {
                const { urn, id, outputs } = await backend.register(readRegistration(request));
                const response = new this.sdk.resource.RegisterResourceResponse();
                response.setUrn(urn);
                response.setId(id);
                const options = {
                    secrets: request.getAcceptsecrets(),
                    references: request.getAcceptresources(),
                    unknowns: request.getSupportspartialvalues(),
                };
                response.setObject(struct.Struct.fromJavaScript(toWire(outputs, options)));
                return response;
            }),
            readResource: this.handler(async (request: messages.ReadResourceRequest) => {
                const { urn, outputs } = await backend.read(readReadGoal(request));
                const response = new this.sdk.resource.ReadResourceResponse();
                response.setUrn(urn);
                const options = {
                    secrets: request.getAcceptsecrets(),
                    references: request.getAcceptresources(),
                    unknowns: true,
                };
                response.setProperties(struct.Struct.fromJavaScript(toWire(outputs, options)));
                return response;
            }),
            registerResourceOutputs: this.handler(async (request: messages.RegisterResourceOutputsRequest) => {
                const outputs = fromWire(request.getOutputs()?.toJavaScript() ?? {}, {
                    label: "the outputs",
                    unknowns: true,
                });
                await backend.registerOutputs(request.getUrn(), outputs);
                return new empty.Empty();
            }),
            signalAndWaitForShutdown: this.handler(async (_: Empty) => {
                await backend.programDone();
                return new empty.Empty();
            }),
            invoke: this.handler((request: messages.ResourceInvokeRequest): never => {
                throw new UnsupportedFeatureError(
                    request.getTok() === GET_RESOURCE
                        ? "the `urn` option, and resources of other stacks as values"
                        : `invoke (of the function ${request.getTok()})`,
                );
            }),
            call: this.handler((request: messages.ResourceCallRequest): never => {
                throw new UnsupportedFeatureError(`call (of the method ${request.getTok()})`);
            }),
            registerStackTransform: this.refusal("transforms"),
            registerStackInvokeTransform: this.refusal("invoke transforms"),
            registerResourceHook: this.refusal("resource hooks"),
            registerErrorHook: this.refusal("error hooks"),
            registerPackage: this.handler((request: messages.RegisterPackageRequest): never => {
                throw new UnsupportedFeatureError(`the package "${request.getName()}": it runs dynamic resources only`);
            }),
        };
    }

    private deploymentInfo(): messages.DeploymentInfo {
        const { info } = this.backend;
        const response = new this.sdk.resource.DeploymentInfo();
        response.setProject(info.project);
        response.setStack(info.stack);
        response.setOrganization(info.organization);
        response.setDryrun(info.preview);
        response.setParallel(info.parallel);
        for (const [key, value] of Object.entries(info.config)) response.getConfigMap().set(key, value);
        response.setConfigsecretkeysList([...info.secretKeys]);
        const known = Object.entries(this.sdk.resource.ResourceMonitorFeature);
        const claimed = known.filter(([name]) => CLAIMED.has(name.replace("RESOURCE_MONITOR_FEATURE_", "")));
        response.setSupportedfeaturesList(
            claimed.map(([, value]) => value).filter((value) => typeof value !== "string"),
        );
        return response;
    }

    private engine() {
        const { empty } = this.sdk;
        return {
            log: this.handler((request: engine.LogRequest) => {
                this.backend.log(this.severity(request.getSeverity()), request.getMessage(), {
                    urn: request.getUrn(),
                    streamId: request.getStreamid(),
                    ephemeral: request.getEphemeral(),
                });
                return new empty.Empty();
            }),
            getRootResource: this.handler(() => {
                const response = new this.sdk.engine.GetRootResourceResponse();
                response.setUrn(this.rootUrn);
                return response;
            }),
            setRootResource: this.handler((request: engine.SetRootResourceRequest) => {
                this.rootUrn = request.getUrn();
                return new this.sdk.engine.SetRootResourceResponse();
            }),
            startDebugging: this.handler((_: engine.StartDebuggingRequest) => new empty.Empty()),
            requirePulumiVersion: this.refusal("requirePulumiVersion"),
        };
    }

    private severity(severity: engine.LogSeverity): LogSeverity {
        const { INFO, WARNING, ERROR } = this.sdk.engine.LogSeverity;
        if (severity === INFO) return "info";
        if (severity === WARNING) return "warning";
        return severity === ERROR ? "error" : "debug";
    }
}

/** The function by which the SDK gets a resource that it knows only the URN of. */
const GET_RESOURCE = "pulumi:pulumi:getResource";

/**
 * The features that the engine has, and those that it only says it has: the SDK then sends what the program asks for,
 * and the engine's own error names it, where the SDK's would ask for a newer Pulumi CLI.
 */
const CLAIMED = new Set([
    ...["SECRETS", "RESOURCE_REFERENCES", "ALIAS_SPECS", "DELETED_WITH"],
    ...["TRANSFORMS", "INVOKE_TRANSFORMS", "RESOURCE_HOOKS", "ERROR_HOOKS", "PARAMETERIZATION"],
    ...["REPLACE_WITH", "REPLACEMENT_TRIGGER", "STATE_MIGRATIONS"],
]);
/** The same by the names that older SDKs ask for one by one. */
const FEATURES = new Set([
    ...["secrets", "resourceReferences", "aliasSpecs", "deletedWith"],
    ...["transforms", "invokeTransforms", "resourceHooks", "errorHooks", "parameterization"],
    ...["replaceWith", "replacementTrigger"],
]);
