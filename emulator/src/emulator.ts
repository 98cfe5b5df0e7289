import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
// See world.ts for why this framework.
import { getRequestListener } from "@hono/node-server";
import type { Fault } from "./faults.js";
import type { Operation } from "./operations.js";
import type { Dialect, EmulatorOptions, Propagation, RateLimit } from "./options.js";
import { RateLimiter } from "./rateLimiter.js";
import type { RecordedRequest } from "./requests.js";
import { createServerApp } from "./server.js";
import type { KeyChanges, StoredKey } from "./store.js";
import { checkedPropagation, newManagementKey, newWorld, type World } from "./world.js";

/** A running emulator: where it is, what it got, and everything that can be done to it behind its clients' backs. */
export interface Emulator {
    /** The base URL, without a slash at the end: `http://127.0.0.1:43210`. */
    readonly url: string;
    /** The management key that is accepted now. */
    readonly managementKey: string;
    /** The team that the management key belongs to. */
    readonly teamId: string;
    /** The environment in which a program of `pulumi-xai` talks to this emulator. */
    readonly env: { XAI_MANAGEMENT_KEY: string; XAI_TEAM_ID: string; XAI_MANAGEMENT_BASE_URL: string };
    /** The whole dialect, defaults included. */
    readonly dialect: Dialect;
    /** What it got since the start or the last {@link clearRequests}, in order of arrival; a live view. */
    readonly requests: readonly RecordedRequest[];
    /** How many requests of each kind there are in {@link requests}; a kind that did not come is absent. */
    countRequests(): Partial<Record<Operation, number>>;
    clearRequests(): void;
    /** Copies of the keys that there are, of all teams or of one, in order of creation. */
    keys(teamId?: string): StoredKey[];
    /** A copy of one key. */
    key(apiKeyId: string): StoredKey | undefined;
    /**
     * Every secret that there ever was: all management keys, and the secrets of all keys, those that were deleted or
     * replaced since too. What a test looks for where none of them may be.
     */
    secrets(): string[];
    /** Makes a key as someone else would: unseen in {@link requests}, and held to no rules. What is not given has defaults. */
    addKey(key?: Partial<StoredKey>): StoredKey;
    /** Changes a key as someone in the console would: unseen in {@link requests}, and held to no rules. */
    changeKey(apiKeyId: string, changes: KeyChanges): StoredKey;
    /** Deletes a key as someone in the console would. */
    deleteKey(apiKeyId: string): void;
    /** Takes a model, by its name or an alias, out of the listing on every cluster; permissions for it are refused then. */
    retireModel(name: string): void;
    /** From now on, for keys that exist already too. */
    setPropagation(propagation: Propagation): void;
    /** How long each request waits before anything else happens, in milliseconds. */
    setLatency(milliseconds: number): void;
    /** Starts afresh, with a full burst. Undefined: no limit. */
    setRateLimit(limit: RateLimit | undefined): void;
    /** Replaces the management key: the old one is refused with 401 from now on. `ownerUserId`: default as before. */
    setManagementKey(key: string, ownerUserId?: string): void;
    /**
     * What the management key may do, such as `["team-token:endpoint:ListApiKeys"]`; what needs another permission is
     * answered 403. Undefined: everything.
     */
    setManagementKeyAcls(acls: string[] | undefined): void;
    /** Whether listings hold only the keys of the management key's user, as for who is no team admin. */
    setOwnKeysOnly(ownKeysOnly: boolean): void;
    /** Makes coming requests fail; see {@link Fault}. Several can wait at once. */
    inject(fault: Fault): void;
    /** Forgets all faults that did not strike yet. */
    clearFaults(): void;
    /** Stops at once: open connections are closed, waiting requests are not answered. */
    close(): Promise<void>;
}

/**
 * Starts an emulator of xAI's Management API on 127.0.0.1, as strict as a server would be, in any published dialect.
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
    const world = newWorld(options);
    // The adapter would otherwise put its own `Request` and `Response` in place of Node's, for the whole process.
    const listener = getRequestListener(createServerApp(world).fetch, { overrideGlobalObjects: false });
    const server = createServer(listener);
    server.listen(options.port ?? 0, "127.0.0.1");
    await once(server, "listening");
    return new RunningEmulator(world, server);
}

class RunningEmulator implements Emulator {
    readonly url: string;
    readonly #world: World;
    readonly #server: Server;
    readonly #managementKeys: Set<string>;

    constructor(world: World, server: Server) {
        this.#world = world;
        this.#managementKeys = new Set([world.managementKey.secret]);
        this.#server = server;
        this.url = `http://127.0.0.1:${portOf(server)}`;
    }

    get managementKey(): string {
        return this.#world.managementKey.secret;
    }

    get teamId(): string {
        return this.#world.managementKey.teamId;
    }

    get env(): Emulator["env"] {
        return {
            XAI_MANAGEMENT_KEY: this.managementKey,
            XAI_TEAM_ID: this.teamId,
            XAI_MANAGEMENT_BASE_URL: this.url,
        };
    }

    get dialect(): Dialect {
        return this.#world.dialect;
    }

    get requests(): readonly RecordedRequest[] {
        return this.#world.requests.all;
    }

    countRequests(): Partial<Record<Operation, number>> {
        return this.#world.requests.count();
    }

    clearRequests(): void {
        this.#world.requests.clear();
    }

    keys(teamId?: string): StoredKey[] {
        return this.#world.store.list(teamId);
    }

    key(apiKeyId: string): StoredKey | undefined {
        return this.#world.store.find(apiKeyId);
    }

    secrets(): string[] {
        return [...this.#managementKeys, ...this.#world.store.secrets()];
    }

    addKey(key: Partial<StoredKey> = {}): StoredKey {
        const acls = ["api-key:model:*", "api-key:endpoint:*"];
        return this.#world.store.add({
            teamId: this.teamId,
            userId: randomUUID(),
            name: "Someone's key",
            acls,
            ...key,
        });
    }

    changeKey(apiKeyId: string, changes: KeyChanges): StoredKey {
        return this.#world.store.change(apiKeyId, changes);
    }

    deleteKey(apiKeyId: string): void {
        this.#world.store.delete(apiKeyId);
    }

    retireModel(name: string): void {
        this.#world.catalogue.retire(name);
    }

    setPropagation(propagation: Propagation): void {
        this.#world.propagation = checkedPropagation(propagation, this.#world.clusters);
    }

    setLatency(milliseconds: number): void {
        this.#world.latencyMs = milliseconds;
    }

    setRateLimit(limit: RateLimit | undefined): void {
        this.#world.rateLimiter = limit && new RateLimiter(limit);
    }

    setManagementKey(key: string, ownerUserId = this.#world.managementKey.ownerUserId): void {
        this.#managementKeys.add(key);
        this.#world.managementKey = newManagementKey(key, this.teamId, ownerUserId, this.#world.now);
    }

    setManagementKeyAcls(acls: string[] | undefined): void {
        this.#world.managementAcls = acls && [...acls];
    }

    setOwnKeysOnly(ownKeysOnly: boolean): void {
        this.#world.ownKeysOnly = ownKeysOnly;
    }

    inject(fault: Fault): void {
        this.#world.faults.inject(fault);
    }

    clearFaults(): void {
        this.#world.faults.clear();
    }

    async close(): Promise<void> {
        this.#world.closing.abort();
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
