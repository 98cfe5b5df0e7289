import { once } from "node:events";
import type { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { afterAll } from "vitest";
import {
    failure,
    HostFailure,
    type LogLine,
    type launch,
    type Properties,
    plain,
    type ServiceError,
    struct,
} from "./engineSide.js";

export const urnOf = (name: string) => `urn:pulumi:test::shop::xai:index:XaiApiKey::${name}`;

/** A diff as the engine gets it. */
export interface Diffed {
    readonly changes: boolean;
    readonly replaces: readonly string[];
    readonly names: readonly string[];
    /** Path to kind, with `held` where the old outputs are compared. */
    readonly detailed: Readonly<Record<string, string>>;
}

/** The failure of a call. */
export async function failureOf(call: Promise<unknown>): Promise<HostFailure> {
    const failure = await call.catch((error: unknown) => error);
    if (!(failure instanceof HostFailure)) {
        throw new Error("The call did not fail.");
    }
    return failure;
}

const running = new Set<ProviderProcess>();

afterAll(async () => {
    await Promise.all([...running].map((one) => one.stop()));
});

type Launched = Awaited<ReturnType<typeof launch>>;

/** A provider's process, and the engine's calls. Properties are as on the wire, with secrets marked. */
export class ProviderProcess {
    /** What the process printed, on both streams, but for its port. */
    printed = "";
    /** What the provider said on the engine's channel. */
    readonly log: LogLine[];
    protected readonly client: ResourceProviderClient;

    protected constructor(protected readonly launched: Launched) {
        const { log, client, lines, child } = launched;
        this.log = log;
        this.client = client;
        lines.on("line", (line) => {
            this.printed += `${line}\n`;
        });
        child.stderr.on("data", (chunk) => {
            this.printed += chunk;
        });
        running.add(this);
    }

    /** The warnings that the provider gave. They have arrived when a call is answered. */
    get warnings(): string[] {
        return this.log.filter(({ severity }) => severity === "warning").map(({ message }) => message);
    }

    /** Forgets all lines and prints. */
    forget(): void {
        this.log.length = 0;
        this.printed = "";
    }

    async stop(): Promise<void> {
        const { client, engine, child } = this.launched;
        client.close();
        engine.forceShutdown();
        if (child.exitCode === null && child.signalCode === null) {
            const ended = once(child, "exit");
            child.kill("SIGKILL");
            await ended;
        }
    }

    async configure(args: Properties) {
        const request = new messages.ConfigureRequest().setArgs(struct(args));
        const answer = await this.call<messages.ConfigureResponse>((done) => this.client.configure(request, done));
        return answer.toObject();
    }

    async check(
        news: Properties,
        { olds = {}, name = "search", autonaming }: { olds?: Properties; name?: string; autonaming?: Autonaming } = {},
    ) {
        const request = new messages.CheckRequest()
            .setUrn(urnOf(name))
            .setOlds(struct(olds))
            .setNews(struct(news))
            .setAutonaming(autonaming && optionsOf(autonaming));
        const answer = await this.call<messages.CheckResponse>((done) => this.client.check(request, done));
        return {
            inputs: plain(answer.getInputs()),
            failures: answer.getFailuresList().map((one) => one.toObject()),
        };
    }

    async diff(id: string, outputs: Properties, oldInputs: Properties, news: Properties): Promise<Diffed> {
        const request = new messages.DiffRequest()
            .setId(id)
            .setUrn(urnOf("search"))
            .setOlds(struct(outputs))
            .setOldInputs(struct(oldInputs))
            .setNews(struct(news));
        return diffed(await this.call<messages.DiffResponse>((done) => this.client.diff(request, done)));
    }

    async create(inputs: Properties, { preview = false, timeout = 0 } = {}) {
        const request = new messages.CreateRequest()
            .setUrn(urnOf("search"))
            .setProperties(struct(inputs))
            .setPreview(preview)
            .setTimeout(timeout);
        const answer = await this.call<messages.CreateResponse>((done) => this.client.create(request, done));
        return { id: answer.getId(), outputs: plain(answer.getProperties()) };
    }

    /** Reads a resource of the stack; without outputs and inputs, a key for an import or a `get`. */
    async read(id: string, outputs: Properties = {}, inputs: Properties = {}) {
        const request = new messages.ReadRequest()
            .setId(id)
            .setUrn(urnOf("search"))
            .setProperties(struct(outputs))
            .setInputs(struct(inputs));
        const answer = await this.call<messages.ReadResponse>((done) => this.client.read(request, done));
        return { id: answer.getId(), outputs: plain(answer.getProperties()), inputs: plain(answer.getInputs()) };
    }

    async update(id: string, outputs: Properties, news: Properties, { preview = false, timeout = 0 } = {}) {
        const request = new messages.UpdateRequest()
            .setId(id)
            .setUrn(urnOf("search"))
            .setOlds(struct(outputs))
            .setNews(struct(news))
            .setPreview(preview)
            .setTimeout(timeout);
        const answer = await this.call<messages.UpdateResponse>((done) => this.client.update(request, done));
        return plain(answer.getProperties());
    }

    async delete(id: string, outputs: Properties): Promise<void> {
        const request = new messages.DeleteRequest().setId(id).setUrn(urnOf("search")).setProperties(struct(outputs));
        await this.call<Empty>((done) => this.client.delete(request, done));
    }

    protected call<T>(send: (done: (error: ServiceError | null, answer: T) => void) => unknown): Promise<T> {
        return new Promise((answered, failed) => {
            send((error, answer) => (error === null ? answered(answer) : failed(failure(error))));
        });
    }
}

/** Pulumi's autonaming, as a check gets it. */
export interface Autonaming {
    readonly proposedName: string;
    readonly mode: keyof typeof messages.CheckRequest.AutonamingOptions.Mode;
}

function optionsOf({ proposedName, mode }: Autonaming): messages.CheckRequest.AutonamingOptions {
    return new messages.CheckRequest.AutonamingOptions()
        .setProposedName(proposedName)
        .setMode(messages.CheckRequest.AutonamingOptions.Mode[mode]);
}

export function diffed(answer: messages.DiffResponse): Diffed {
    const kinds = Object.entries(messages.PropertyDiff.Kind);
    const nameOf = (kind: messages.PropertyDiff.Kind) => kinds.find(([, one]) => one === kind)?.[0] ?? "";
    return {
        changes: answer.getChanges() !== messages.DiffResponse.DiffChanges.DIFF_NONE,
        replaces: answer.getReplacesList(),
        names: answer.getDiffsList(),
        detailed: Object.fromEntries(
            [...answer.getDetaileddiffMap().entries()].map(([path, one]) => [
                path,
                nameOf(one.getKind()) + (one.getInputdiff() ? "" : " held"),
            ]),
        ),
    };
}
