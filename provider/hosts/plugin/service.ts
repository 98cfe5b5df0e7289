import { isDeepStrictEqual } from "node:util";
import type { handleUnaryCall, StatusObject } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import type { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { messageOf, XaiError } from "../../api/errors.js";
import { withoutCredentials } from "../../api/words.js";
import { type EngineLog, engineLog } from "../engineLog.js";
import { pulumisAny, pulumisEmpty, pulumisGrpc } from "../pulumisCopies.js";
import type { Call } from "../session.js";
import type { Plugin, PluginDiff } from "./plugin.js";
import { PACKAGE_VERSION, readSchema } from "./schemaFile.js";
import { UnfinishedKeyError } from "./unfinishedKeyError.js";
import { fromWire, toWire } from "./wire.js";

/** Pulumi's provider protocol: each message of the engine becomes a call of the {@link Plugin}, and its result a message. */

const { DiffChanges } = messages.DiffResponse;
const { Kind } = messages.PropertyDiff;
const KINDS = {
    add: { plain: Kind.ADD, replaces: Kind.ADD_REPLACE },
    delete: { plain: Kind.DELETE, replaces: Kind.DELETE_REPLACE },
    update: { plain: Kind.UPDATE, replaces: Kind.UPDATE_REPLACE },
};

/** One process serves one provider instance: one configuration, and after a new Configure the next one. */
export class ProviderService {
    #log: EngineLog;
    #plugin: Plugin | undefined;
    #wasInterrupted = false;
    readonly #running = new Set<Promise<unknown>>();

    /** @param engine - The engine's address, as far as the command line names it. */
    constructor(engine: string | undefined) {
        this.#log = engineLog(engine);
    }

    /** Ends waits, lets what runs come to its end, and shows the warnings that only the end of a run can tell. */
    async end(): Promise<void> {
        this.#cancel();
        await Promise.allSettled([...this.#running]);
        // After an interruption it is not known which keys the resources hold.
        await (this.#wasInterrupted ? this.#log.settled() : this.#plugin?.end());
    }

    readonly handlers = {
        handshake: this.#unary(async (request: messages.ProviderHandshakeRequest) => {
            this.#log = engineLog(request.getEngineAddress());
            return new messages.ProviderHandshakeResponse()
                .setAcceptSecrets(true)
                .setSupportsAutonamingConfiguration(true);
        }),

        attach: this.#unary(async (request: { getAddress(): string }) => {
            this.#log = engineLog(request.getAddress());
            return new (pulumisEmpty())();
        }),

        getPluginInfo: this.#unary(async () => new PluginInfo().setVersion(PACKAGE_VERSION)),

        getSchema: this.#unary(async () => new messages.GetSchemaResponse().setSchema(readSchema())),

        checkConfig: this.#unary(async (request: messages.CheckRequest) => {
            const { values, secrets } = fromWire(request.getNews());
            return new messages.CheckResponse().setInputs(toWire({ values, secrets: [...secrets, ["managementKey"]] }));
        }),

        // Nothing replaces: a key keeps its team, and a rotated management key is the same account's.
        diffConfig: this.#unary(async (request: messages.DiffRequest) => {
            const olds = request.getOldInputs() ?? request.getOlds();
            const changes = !isDeepStrictEqual(fromWire(olds).values, fromWire(request.getNews()).values);
            return new messages.DiffResponse().setChanges(changes ? DiffChanges.DIFF_SOME : DiffChanges.DIFF_NONE);
        }),

        configure: this.#unary(async (request: messages.ConfigureRequest) => {
            this.#wasInterrupted = false;
            this.#plugin = new (loadPlugin().Plugin)(fromWire(request.getArgs()).values, this.#log);
            return new messages.ConfigureResponse()
                .setAcceptsecrets(true)
                .setSupportspreview(true)
                .setSupportsAutonamingConfiguration(true);
        }),

        check: this.#unary(async (request: messages.CheckRequest) => {
            const autonaming = request.getAutonaming();
            const { inputs, failures } = await this.#configured.check(
                request.getUrn(),
                fromWire(request.getOlds()),
                fromWire(request.getNews()),
                autonaming && {
                    proposedName: autonaming.getProposedName(),
                    isDisabled: autonaming.getMode() === messages.CheckRequest.AutonamingOptions.Mode.DISABLE,
                },
            );
            return new messages.CheckResponse()
                .setInputs(toWire(inputs))
                .setFailuresList(
                    failures.map(({ property, reason }) =>
                        new messages.CheckFailure().setProperty(property).setReason(reason),
                    ),
                );
        }),

        diff: this.#unary(async (request: messages.DiffRequest) =>
            diffResponse(
                this.#configured.diff(
                    { urn: request.getUrn() },
                    request.getId(),
                    fromWire(request.getOlds()).values,
                    fromWire(request.getOldInputs()).values,
                    fromWire(request.getNews()).values,
                ),
            ),
        ),

        create: this.#unary(async (request: messages.CreateRequest) => {
            const inputs = fromWire(request.getProperties());
            const { id, outputs } = await this.#configured.create(callOf(request), inputs, request.getPreview());
            return new messages.CreateResponse().setId(id).setProperties(toWire(outputs));
        }),

        read: this.#unary(async (request: messages.ReadRequest) => {
            const found = await this.#configured.read(
                { urn: request.getUrn() },
                request.getId(),
                fromWire(request.getProperties()),
                fromWire(request.getInputs()),
            );
            return found === undefined
                ? new messages.ReadResponse()
                : new messages.ReadResponse()
                      .setId(found.id)
                      .setProperties(toWire(found.outputs))
                      .setInputs(toWire(found.inputs));
        }),

        update: this.#unary(async (request: messages.UpdateRequest) => {
            const outputs = await this.#configured.update(
                callOf(request),
                request.getId(),
                fromWire(request.getOlds()).values,
                fromWire(request.getNews()),
                request.getPreview(),
            );
            return new messages.UpdateResponse().setProperties(toWire(outputs));
        }),

        delete: this.#unary(async (request: messages.DeleteRequest) => {
            const outputs = fromWire(request.getProperties()).values;
            await this.#configured.delete(callOf(request), request.getId(), outputs);
            return new (pulumisEmpty())();
        }),

        invoke: this.#unary(async (request: messages.InvokeRequest) => {
            const values = await this.#configured.invoke(request.getTok(), fromWire(request.getArgs()).values);
            return new messages.InvokeResponse().setReturn(toWire({ values, secrets: [] }));
        }),

        cancel: (_call, callback) => {
            this.#cancel();
            callback(null, new (pulumisEmpty())());
        },
    } satisfies Partial<IResourceProviderServer>;

    get #configured(): Plugin {
        if (this.#plugin === undefined) {
            throw new Error("The provider was not configured.");
        }
        return this.#plugin;
    }

    /** The engine cancels at the end of every run, too: nothing is running then. */
    #cancel(): void {
        this.#wasInterrupted ||= this.#running.size > 0;
        this.#plugin?.cancel();
    }

    #unary<Request, Response>(answer: (request: Request) => Promise<Response>): handleUnaryCall<Request, Response> {
        return (call, callback) => {
            const running = answer(call.request)
                // Before the answer, after which the engine may end this process.
                .finally(() => this.#log.settled())
                .then(
                    (response) => callback(null, response),
                    (error: unknown) => callback(failureOf(error)),
                )
                .finally(() => this.#running.delete(running));
            this.#running.add(running);
        };
    }
}

/** Loads the resource and the API's client, which take longer than all the rest: the engine learns the port before. */
export function loadPlugin(): typeof import("./plugin.js") {
    return require("./plugin.js");
}

/** A message's resource and its `customTimeouts`, which travel in seconds; 0 stands for none. */
function callOf(request: { getUrn(): string; getTimeout(): number }): Call {
    const timeout = request.getTimeout() * 1000;
    return { urn: request.getUrn(), ...(timeout > 0 && { timeout }) };
}

function diffResponse({ changes, replaces, names, shown }: PluginDiff): messages.DiffResponse {
    const response = new messages.DiffResponse()
        .setChanges(changes ? DiffChanges.DIFF_SOME : DiffChanges.DIFF_NONE)
        .setReplacesList(replaces ? ["teamId"] : [])
        .setDiffsList([...names])
        .setHasdetaileddiff(true);
    for (const { path, kind, comparesInputs } of shown) {
        const { plain, replaces: replacing } = KINDS[kind];
        const difference = new messages.PropertyDiff()
            .setKind(replaces && path === "teamId" ? replacing : plain)
            .setInputdiff(comparesInputs);
        response.getDetaileddiffMap().set(path, difference);
    }
    return response;
}

/** An error as the engine shows it: the message alone. An unfinished key travels with it. */
function failureOf(error: unknown): Partial<StatusObject> {
    const { status, Metadata } = pulumisGrpc();
    // A bug keeps its way through the code; a user's mistake has none to show.
    const isOurs = error instanceof XaiError || error instanceof UnfinishedKeyError;
    const stack: unknown = Reflect.get(Object(error), "stack");
    const details = isOurs ? error.message : withoutCredentials(String(stack ?? messageOf(error)));
    const metadata = new Metadata();
    if (error instanceof UnfinishedKeyError) {
        const unfinished = new messages.ErrorResourceInitFailed()
            .setId(error.id)
            .setProperties(toWire(error.outputs))
            .setReasonsList([error.message]);
        const detail = new (pulumisAny())();
        detail.pack(unfinished.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
        const whole = new Status().setCode(status.UNKNOWN).setMessage(details).setDetailsList([detail]);
        metadata.set("grpc-status-details-bin", Buffer.from(whole.serializeBinary()));
    }
    return { code: status.UNKNOWN, details, metadata };
}
