import type { OperationContext } from "../apiKey/context.js";
import { KeyRegistry } from "../apiKey/registry.js";
import { Account } from "../team/account.js";
import { type ConfigLookup, readSettings } from "../team/settings.js";
import type { EngineLog } from "./engineLog.js";

/** What one call of a host has of its own. */
export type Call = Pick<OperationContext, "signal" | "timeout"> & {
    /** The resource that the call is about, where the host knows it: its lines appear on that resource's row. */
    readonly urn?: string;
};

/** What a host works with between one configuration and the next: the account, the registry, and the warnings shown. */
export class Session {
    readonly #registry = new KeyRegistry();
    readonly #shown = new Set<string>();
    #account: Account | undefined;

    /**
     * @param config - Looks up one configuration value.
     * @param log - The channel to whoever runs Pulumi.
     */
    constructor(
        private readonly config: ConfigLookup,
        private readonly log: EngineLog,
    ) {}

    /**
     * The surroundings of one call.
     *
     * @throws XaiError where the configuration cannot be read.
     */
    context({ urn, ...call }: Call = {}): OperationContext {
        this.#account ??= new Account(readSettings(this.config, process.env), (message) =>
            this.#warn(message, undefined),
        );
        return {
            account: this.#account,
            registry: this.#registry,
            warn: (message) => this.#warn(message, urn),
            progress: (message) => this.log.progress(message, urn),
            ...call,
        };
    }

    /** Shows the warnings that only the end of a run can tell. */
    async end(): Promise<void> {
        for (const warning of this.#registry.orphans()) {
            this.log.warn(warning);
        }
        await this.log.settled();
    }

    /** Shows the same warning once. */
    #warn(message: string, urn: string | undefined): void {
        if (!this.#shown.has(message)) {
            this.#shown.add(message);
            this.log.warn(message, urn);
        }
    }
}
