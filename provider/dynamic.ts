import type { dynamic } from "@pulumi/pulumi";
import { messageOf, withoutCredentials, XaiError } from "./api/errors.js";
import { check } from "./apiKeyCheck.js";
import * as lifecycle from "./apiKeyLifecycle.js";
import { stateOutputs } from "./apiKeyState.js";
import { type EngineLog, engineLog } from "./engineLog.js";
import { InitializationError } from "./initializationError.js";
import { AdoptionError } from "./keyAdoption.js";
import { KeyClaims } from "./keyClaims.js";
import { scheduleIn } from "./rotationSchedule.js";
import { Session } from "./session.js";
import { type ConfigLookup, readSettings } from "./settings.js";

/**
 * The adapter between Pulumi's dynamic host and the life of an API key. It alone knows how this host is configured, how
 * it wants a partial creation reported, and what it prints of an error.
 */

const PROVIDER_KEY = "__provider";

/** An error as the host may show it: the host prints message and stack of what it catches. */
class HostError extends Error {
    constructor(error: unknown) {
        super(messageOf(error));
        this.name = "pulumi-xai";
        // A bug keeps its way through the code; a user's mistake has none to show.
        this.stack = error instanceof XaiError ? this.message : withoutCredentials(stackOf(error) ?? this.message);
    }

    override toString(): string {
        return this.name;
    }
}

function stackOf(error: unknown): string | undefined {
    return error instanceof Error ? error.stack : undefined;
}

/** A key that exists but is not finished, in the form in which the host passes it on: the key stays in the stack. */
class HostInitializationError extends HostError {
    readonly id: string;
    readonly reasons: string[];
    /** Private, for they hold the secret: whoever prints the error must not see them. */
    readonly #properties: Record<string, unknown>;

    constructor(error: InitializationError, inputs: lifecycle.Properties) {
        super(error);
        this.id = error.state.apiKeyId;
        // The host adds the provider's text everywhere but here, and without it the next operation cannot load us.
        this.#properties = { ...stateOutputs(error.state), [PROVIDER_KEY]: inputs[PROVIDER_KEY] };
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
    #session: Session | undefined;
    #log: EngineLog | undefined;
    readonly #claims = new KeyClaims();

    /**
     * @param openChannel opens the channel to whoever runs Pulumi; by default to the engine that started this process
     * @param now the clock that checks go by, in milliseconds since 1970
     */
    constructor(
        private readonly openChannel: () => EngineLog = () => engineLog(process.argv[2]),
        private readonly now: () => number = Date.now,
    ) {}

    /** Keeps the configuration. Synchronous, for the host hands out the provider before it has awaited this. */
    async configure(request: dynamic.ConfigureRequest): Promise<void> {
        this.#config = (key) => request.config.get(`xai:${key}`);
        this.#session = undefined;
    }

    async check(olds: lifecycle.Properties, news: lifecycle.Properties): Promise<dynamic.CheckResult> {
        return this.#run(async (surroundings) => {
            const { inputs, failures } = await check(surroundings, olds, news, this.now());
            return { inputs, failures: [...failures] };
        });
    }

    async diff(id: string, olds: lifecycle.Properties, news: lifecycle.Properties): Promise<dynamic.DiffResult> {
        this.#claims.compared(id, olds["name"]);
        const { changes, replaces, rotates } = lifecycle.diff(olds, news);
        const refusal = this.#claims.adoptions.compared(id, olds, news, replaces.length > 0);
        if (refusal !== undefined) {
            throw new HostError(new AdoptionError(refusal));
        }
        if (rotates && replaces.length === 0) {
            this.#openLog().info(`API key ${id} is due for a new secret: ${scheduleIn(news)?.reason}.`);
            await this.#openLog().settled();
        }
        return { changes, replaces: [...replaces], deleteBeforeReplace: false };
    }

    async create(inputs: lifecycle.Properties): Promise<dynamic.CreateResult> {
        return this.#run(async (surroundings) => {
            const state = await lifecycle.create(surroundings, inputs);
            return { id: state.apiKeyId, outs: stateOutputs(state) };
        }, inputs);
    }

    async read(id: string, props: lifecycle.Properties): Promise<dynamic.ReadResult> {
        return this.#run(async (surroundings) => {
            const found = await lifecycle.read(surroundings, id, props);
            if (found === undefined) {
                return { id: "", props: {} };
            }
            const { inputs } = found;
            return { id, props: stateOutputs(found.state), ...(inputs === undefined ? {} : { inputs: { ...inputs } }) };
        });
    }

    async update(_id: string, olds: lifecycle.Properties, news: lifecycle.Properties): Promise<dynamic.UpdateResult> {
        return this.#run(async (surroundings) => {
            return { outs: stateOutputs(await lifecycle.update(surroundings, olds, news)) };
        }, news);
    }

    async delete(id: string, props: lifecycle.Properties): Promise<void> {
        return this.#run((surroundings) => lifecycle.remove(surroundings, id, props));
    }

    /** Says what can only be said once the engine has nothing more to ask. */
    async end(): Promise<void> {
        for (const warning of this.#session?.orphans.warnings() ?? []) {
            this.#openLog().warn(warning);
        }
        await this.#log?.settled();
    }

    async #run<T>(
        operation: (surroundings: lifecycle.Surroundings) => Promise<T>,
        inputs: lifecycle.Properties = {},
    ): Promise<T> {
        try {
            const log = this.#openLog();
            return await operation({ session: this.#openSession(), progress: (message) => log.progress(message) });
        } catch (error) {
            throw error instanceof InitializationError
                ? new HostInitializationError(error, inputs)
                : new HostError(error);
        } finally {
            await this.#openLog().settled();
        }
    }

    #openSession(): Session {
        const log = this.#openLog();
        this.#session ??= new Session(
            readSettings(this.#config, process.env),
            (message) => log.warn(message),
            this.#claims,
        );
        return this.#session;
    }

    #openLog(): EngineLog {
        this.#log ??= this.openChannel();
        return this.#log;
    }
}
