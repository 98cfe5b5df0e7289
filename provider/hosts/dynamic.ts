import type { dynamic } from "@pulumi/pulumi";
import { messageOf, XaiError } from "../api/errors.js";
import { withoutCredentials } from "../api/words.js";
import { check } from "../apiKey/check.js";
import type { OperationContext, Properties } from "../apiKey/context.js";
import { create } from "../apiKey/create.js";
import { remove } from "../apiKey/delete.js";
import { diffApiKey } from "../apiKey/diff.js";
import { InitializationError } from "../apiKey/initializationError.js";
import { APPLIED } from "../apiKey/inputs.js";
import { read } from "../apiKey/read.js";
import { stateOutputs } from "../apiKey/state.js";
import { update } from "../apiKey/update.js";
import type { ConfigLookup } from "../team/settings.js";
import { type EngineLog, engineLog } from "./engineLog.js";
import { Session } from "./session.js";

/**
 * The adapter between Pulumi's dynamic host and the resource. It alone knows how this host is configured, how it takes a
 * partial creation, and what it prints of an error.
 */

/** The input that names this provider. */
const PROVIDER_INPUT = "__provider";
/** The input in which the program's class gives the default name: this host does not know the resource's URN. */
export const DEFAULT_NAME_INPUT = "__defaultName";

/** An error as the host may show it: the host prints message and stack of what it catches. */
class HostError extends Error {
    constructor(error: unknown) {
        super(messageOf(error));
        this.name = "pulumi-xai";
        // A bug keeps its way through the code; a user's mistake has none to show.
        const stack: unknown = Reflect.get(Object(error), "stack");
        this.stack = error instanceof XaiError ? this.message : withoutCredentials(String(stack ?? this.message));
    }

    override toString(): string {
        return this.name;
    }
}

/** A key that exists and is unfinished, in the form in which this host keeps it in the stack. */
class HostInitializationError extends HostError {
    readonly id: string;
    readonly reasons: string[];
    /** Private, because they hold the secret: whoever prints the error must not see them. */
    readonly #properties: Record<string, unknown>;

    constructor(error: InitializationError, inputs: Properties) {
        super(error);
        this.id = error.state.apiKeyId;
        // The host adds the provider's text everywhere but here. Without it the next operation cannot load the provider.
        this.#properties = { ...stateOutputs(error.state), [PROVIDER_INPUT]: inputs[PROVIDER_INPUT] };
        this.reasons = [error.message];
    }

    /** What the host reads. */
    get properties(): Record<string, unknown> {
        return this.#properties;
    }
}

/** The dynamic provider of `XaiApiKey`. One for each process of the host. */
export class DynamicProvider implements dynamic.ResourceProvider {
    #config: ConfigLookup = () => undefined;
    #log: EngineLog | undefined;
    #session: Session | undefined;

    /**
     * @param openLog - Opens the channel to whoever runs Pulumi. Default: to the engine that started this process.
     * @param now - The clock of checks, in milliseconds since 1970.
     */
    constructor(
        private readonly openLog: () => EngineLog = () => engineLog(process.argv[2]),
        private readonly now: () => number = Date.now,
    ) {}

    /** Keeps the configuration. Synchronous, because the host hands out the provider before it has awaited this. */
    async configure(request: dynamic.ConfigureRequest): Promise<void> {
        this.#config = (key) => request.config.get(`xai:${key}`);
        this.#session = undefined;
    }

    async check(olds: Properties, news: Properties): Promise<dynamic.CheckResult> {
        const { [DEFAULT_NAME_INPUT]: defaultName, ...given } = withoutProvider(news);
        return this.#run(async (context) => {
            const { inputs, failures } = await check(context, {
                olds: withoutProvider(olds),
                news: given,
                defaultName: typeof defaultName === "string" ? defaultName : undefined,
                now: this.now(),
            });
            return { inputs: { ...inputs }, failures: [...failures] };
        });
    }

    async diff(id: string, olds: Properties, news: Properties): Promise<dynamic.DiffResult> {
        return this.#run(async ({ account, registry, warn }) => {
            registry.hold(id);
            const diff = diffApiKey(id, olds, news, { settings: account.settings });
            for (const warning of diff.warnings) {
                warn(warning);
            }
            // A stack that was in native mode lacks the provider's text in its outputs, without which no refresh can load it.
            const changes = diff.changes || olds[PROVIDER_INPUT] === undefined;
            return { changes, replaces: diff.replaces ? ["teamId"] : [], deleteBeforeReplace: false };
        });
    }

    async create(inputs: Properties): Promise<dynamic.CreateResult> {
        return this.#run(async (context) => {
            const state = await create(context, withoutProvider(inputs));
            return { id: state.apiKeyId, outs: stateOutputs(state) };
        }, inputs);
    }

    async read(id: string, props: Properties): Promise<dynamic.ReadResult> {
        return this.#run(async (context) => {
            const found = await read(context, id, withoutProvider(props));
            // The empty secret that marks the output of the same name has to stay.
            return found === undefined
                ? { id: "", props: {} }
                : { id, props: stateOutputs(found.state), inputs: { ...found.inputs, [APPLIED]: "" } };
        });
    }

    async update(id: string, olds: Properties, news: Properties): Promise<dynamic.UpdateResult> {
        return this.#run(async (context) => {
            return { outs: stateOutputs(await update(context, id, olds, withoutProvider(news))) };
        }, news);
    }

    async delete(id: string, props: Properties): Promise<void> {
        return this.#run((context) => remove(context, id, withoutProvider(props)));
    }

    /** Shows the warnings that only the end of a run can tell. */
    async end(): Promise<void> {
        await this.#session?.end();
    }

    async #run<T>(operation: (context: OperationContext) => Promise<T>, inputs: Properties = {}): Promise<T> {
        this.#log ??= this.openLog();
        const log = this.#log;
        try {
            this.#session ??= new Session(this.#config, log);
            return await operation(this.#session.context());
        } catch (error) {
            throw error instanceof InitializationError
                ? new HostInitializationError(error, inputs)
                : new HostError(error);
        } finally {
            await log.settled();
        }
    }
}

function withoutProvider(properties: Properties): Properties {
    const { [PROVIDER_INPUT]: _, ...rest } = properties;
    return rest;
}
