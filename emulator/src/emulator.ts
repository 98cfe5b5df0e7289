import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { Fault } from "./faults.js";
import type { KeyChanges, StoredKey } from "./keyStore.js";
import type { Operation } from "./operations.js";
import type { Dialect, EmulatorOptions, Propagation, RateLimit } from "./options.js";
import { RateLimiter } from "./rateLimiter.js";
import type { RecordedRequest } from "./requestLog.js";
import { createApp } from "./routes.js";
import { checkedPropagation, initialState, newManagementKey, type State } from "./state.js";

/** A running emulator: its address, the requests that it received, and methods that change what it holds and how it answers. */
export interface Emulator {
    /** The base URL, without a slash at the end: `http://127.0.0.1:43210`. */
    readonly url: string;
    /** The management key that clients must send now. */
    readonly managementKey: string;
    /** The team that the management key belongs to. */
    readonly teamId: string;
    /** Environment variables that clients such as `pulumi-xai` read their credentials and the address from. */
    readonly env: { XAI_MANAGEMENT_KEY: string; XAI_TEAM_ID: string; XAI_MANAGEMENT_BASE_URL: string };
    /** The whole dialect, defaults included. */
    readonly dialect: Dialect;
    /** The requests since the start or the last {@link clearRequests}, in order of arrival. It grows with each request. */
    readonly requests: readonly RecordedRequest[];
    /** The number of {@link requests} by operation. Operations without a request are absent. */
    countRequests(): Partial<Record<Operation, number>>;
    /** Forgets all recorded requests. */
    clearRequests(): void;
    /** Copies of all keys, or of one team's keys, in order of creation. */
    keys(teamId?: string): StoredKey[];
    /** A copy of one key, or undefined if it does not exist. */
    key(apiKeyId: string): StoredKey | undefined;
    /**
     * Every secret since the start: all management keys, and the secrets of all keys, deleted and replaced ones included. A
     * test can search logs and files for them.
     */
    secrets(): string[];
    /** Adds a key as another user would, without a request and without checks. Every field has a default. */
    addKey(key?: Partial<StoredKey>): StoredKey;
    /**
     * Changes a key as someone in the console would, without a request and without checks. `{ disabled: true }` is what xAI
     * does to a key that leaked.
     */
    changeKey(apiKeyId: string, changes: KeyChanges): StoredKey;
    /** Deletes a key as someone in the console would. */
    deleteKey(apiKeyId: string): void;
    /** Removes a model, by its name or an alias, from every cluster. Permissions for it are refused from then on. */
    retireModel(name: string): void;
    /** Changes the propagation, for existing keys too. */
    setPropagation(propagation: Propagation): void;
    /** Changes how long each request waits, in milliseconds. */
    setLatency(milliseconds: number): void;
    /** Changes the rate limit, and allows a full burst. Undefined: no limit. */
    setRateLimit(limit: RateLimit | undefined): void;
    /** Replaces the management key: the old one gets 401 from now on. `ownerUserId`: the user that it belongs to, by default the same. */
    setManagementKey(key: string, ownerUserId?: string): void;
    /**
     * Sets the permissions of the management key, such as `["team-token:endpoint:ListApiKeys"]`. Other operations get 403.
     * Undefined: all permissions.
     */
    setManagementKeyAcls(acls: string[] | undefined): void;
    /** Whether listings hold only the keys of the management key's user, as for a user who is no team admin. */
    setOwnKeysOnly(ownKeysOnly: boolean): void;
    /** Makes coming requests fail: see {@link Fault}. Several faults can wait at once. */
    inject(fault: Fault): void;
    /** Forgets all faults that no request met yet. */
    clearFaults(): void;
    /** Stops at once: it closes open connections and does not answer waiting requests. */
    close(): Promise<void>;
}

/**
 * Starts an emulator of xAI's Management API on 127.0.0.1, as strict as a server, in any published dialect.
 *
 * ```ts
 * const emulator = await startEmulator({ propagation: 200 });
 * Object.assign(process.env, emulator.env);
 * // … run a program …
 * emulator.countRequests(); // { createApiKey: 1, checkApiKeyPropagation: 2 }
 * await emulator.close();
 * ```
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
    const state = initialState(options);
    // The adapter would otherwise put its own `Request` and `Response` in place of Node's, for the whole process.
    const listener = getRequestListener(createApp(state).fetch, { overrideGlobalObjects: false });
    const server = createServer(listener);
    server.listen(options.port ?? 0, "127.0.0.1");
    await once(server, "listening");
    return new RunningEmulator(state, server);
}

class RunningEmulator implements Emulator {
    readonly url: string;
    readonly #state: State;
    readonly #server: Server;
    readonly #managementKeys: Set<string>;

    constructor(state: State, server: Server) {
        this.#state = state;
        this.#managementKeys = new Set([state.managementKey.secret]);
        this.#server = server;
        this.url = `http://127.0.0.1:${portOf(server)}`;
    }

    get managementKey(): string {
        return this.#state.managementKey.secret;
    }

    get teamId(): string {
        return this.#state.managementKey.teamId;
    }

    get env(): Emulator["env"] {
        return {
            XAI_MANAGEMENT_KEY: this.managementKey,
            XAI_TEAM_ID: this.teamId,
            XAI_MANAGEMENT_BASE_URL: this.url,
        };
    }

    get dialect(): Dialect {
        return this.#state.dialect;
    }

    get requests(): readonly RecordedRequest[] {
        return this.#state.requests.all;
    }

    countRequests(): Partial<Record<Operation, number>> {
        return this.#state.requests.count();
    }

    clearRequests(): void {
        this.#state.requests.clear();
    }

    keys(teamId?: string): StoredKey[] {
        return this.#state.store.list(teamId);
    }

    key(apiKeyId: string): StoredKey | undefined {
        return this.#state.store.find(apiKeyId);
    }

    secrets(): string[] {
        return [...this.#managementKeys, ...this.#state.store.secrets()];
    }

    addKey(key: Partial<StoredKey> = {}): StoredKey {
        const acls = ["api-key:model:*", "api-key:endpoint:*"];
        return this.#state.store.add({
            teamId: this.teamId,
            userId: randomUUID(),
            name: "Someone's key",
            acls,
            ...key,
        });
    }

    changeKey(apiKeyId: string, changes: KeyChanges): StoredKey {
        return this.#state.store.change(apiKeyId, changes);
    }

    deleteKey(apiKeyId: string): void {
        this.#state.store.delete(apiKeyId);
    }

    retireModel(name: string): void {
        this.#state.catalogue.retire(name);
    }

    setPropagation(propagation: Propagation): void {
        this.#state.propagation = checkedPropagation(propagation, this.#state.clusters);
    }

    setLatency(milliseconds: number): void {
        this.#state.latencyMs = milliseconds;
    }

    setRateLimit(limit: RateLimit | undefined): void {
        this.#state.rateLimiter = limit && new RateLimiter(limit);
    }

    setManagementKey(key: string, ownerUserId = this.#state.managementKey.ownerUserId): void {
        this.#managementKeys.add(key);
        this.#state.managementKey = newManagementKey(key, this.teamId, ownerUserId, this.#state.now);
    }

    setManagementKeyAcls(acls: string[] | undefined): void {
        this.#state.managementAcls = acls && [...acls];
    }

    setOwnKeysOnly(ownKeysOnly: boolean): void {
        this.#state.ownKeysOnly = ownKeysOnly;
    }

    inject(fault: Fault): void {
        this.#state.faults.inject(fault);
    }

    clearFaults(): void {
        this.#state.faults.clear();
    }

    async close(): Promise<void> {
        this.#state.closing.abort();
        if (!this.#server.listening) {
            return;
        }
        const closed = once(this.#server, "close");
        this.#server.close();
        this.#server.closeAllConnections();
        await closed;
    }
}

function portOf(server: Server): number {
    const address = server.address();
    if (address === null || typeof address === "string") {
        throw new Error("The emulator's server has no port.");
    }
    return address.port;
}
