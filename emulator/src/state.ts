import { randomUUID } from "node:crypto";
// Hono's adapter to Node's HTTP server. Neither has dependencies of its own.
import type { HttpBindings } from "@hono/node-server";
import { Catalogue } from "./catalogue.js";
import { type Fault, Faults } from "./faults.js";
import { alphanumerics, KeyStore } from "./keyStore.js";
import type { Operation } from "./operations.js";
import { DEFAULT_CLUSTERS, DEFAULT_DIALECT, type Dialect, type EmulatorOptions, type Propagation } from "./options.js";
import { Paginator } from "./pagination.js";
import { RateLimiter } from "./rateLimiter.js";
import { type RecordedRequest, type RequestBody, RequestLog } from "./requestLog.js";
import type { ManagementKey } from "./responses.js";
import { formatTimestamp } from "./timestamps.js";

/** Everything that one emulator holds: the routes read it, and the methods of `Emulator` change it. */
export interface State {
    readonly dialect: Dialect;
    readonly clusters: readonly string[];
    readonly teams: ReadonlySet<string>;
    readonly now: () => Date;
    readonly store: KeyStore;
    readonly catalogue: Catalogue;
    readonly paginator: Paginator;
    readonly faults: Faults;
    readonly requests: RequestLog;
    /** Aborted when the emulator closes, so that no delay lasts longer. */
    readonly closing: AbortController;
    managementKey: Omit<ManagementKey, "acls" | "ipRanges">;
    readonly ipRanges: readonly string[];
    /** The permissions of the management key. Undefined: all. */
    managementAcls: readonly string[] | undefined;
    /** Whether listings hold only the keys of the management key's user. */
    ownKeysOnly: boolean;
    propagation: Propagation;
    latencyMs: number;
    rateLimiter: RateLimiter | undefined;
}

/** What the middleware hands on to the routes of a request. */
export interface RequestEnv {
    Bindings: HttpBindings;
    Variables: { operation: Operation; body: RequestBody; recorded: RecordedRequest; fault: Fault | undefined };
}

/** The state of an emulator that starts. */
export function initialState(options: EmulatorOptions): State {
    const now = options.now ?? (() => new Date());
    const clusters = [...(options.clusters ?? DEFAULT_CLUSTERS)];
    const teamId = options.teamId ?? randomUUID();
    return {
        dialect: { ...DEFAULT_DIALECT, ...options.dialect },
        clusters,
        teams: new Set([teamId, ...(options.otherTeams ?? [])]),
        now,
        store: new KeyStore(now),
        catalogue: new Catalogue(clusters, options.extraModels),
        paginator: new Paginator(),
        faults: new Faults(),
        requests: new RequestLog(),
        closing: new AbortController(),
        managementKey: newManagementKey(options.managementKey, teamId, randomUUID(), now),
        ipRanges: [...(options.ipRanges ?? [])],
        managementAcls: undefined,
        ownKeysOnly: options.ownKeysOnly ?? false,
        propagation: checkedPropagation(options.propagation ?? 0, clusters),
        latencyMs: options.latencyMs ?? 0,
        rateLimiter: options.rateLimit && new RateLimiter(options.rateLimit),
    };
}

/** A new management key of a team. The default secret is random. */
export function newManagementKey(
    secret: string | undefined,
    teamId: string,
    ownerUserId: string,
    now: () => Date,
): State["managementKey"] {
    const time = formatTimestamp(now());
    return {
        apiKeyId: randomUUID(),
        ownerUserId,
        teamId,
        name: "Emulated management key",
        createTime: time,
        modifyTime: time,
        secret: secret ?? `xai-token-${alphanumerics(40)}`,
    };
}

/** Throws if a propagation names a cluster that does not exist: it would have no effect. */
export function checkedPropagation(propagation: Propagation, clusters: readonly string[]): Propagation {
    const named = typeof propagation === "object" ? Object.keys(propagation) : [];
    const unknown = named.filter((cluster) => !clusters.includes(cluster));
    if (unknown.length > 0) {
        throw new Error(`There is no cluster ${unknown.join(", ")}; there are ${clusters.join(", ")}.`);
    }
    return propagation;
}
