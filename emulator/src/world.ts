import { randomUUID } from "node:crypto";
// Hono's adapter to Node's HTTP server. It brings no dependencies of its own to our users, nor does Hono.
import type { HttpBindings } from "@hono/node-server";
import type { ManagementKey } from "./answers.js";
import { Catalogue } from "./catalogue.js";
import { type Fault, Faults } from "./faults.js";
import { formatInstant } from "./instants.js";
import type { Operation } from "./operations.js";
import { DEFAULT_CLUSTERS, DEFAULT_DIALECT, type Dialect, type EmulatorOptions, type Propagation } from "./options.js";
import { Pager } from "./paging.js";
import { RateLimiter } from "./rateLimiter.js";
import { type RecordedRequest, type RequestBody, RequestLog } from "./requests.js";
import { alphanumerics, KeyStore } from "./store.js";

/** Everything that one emulator holds: its routes read it, and its handle changes it. */
export interface World {
    readonly dialect: Dialect;
    readonly clusters: readonly string[];
    readonly teams: ReadonlySet<string>;
    readonly now: () => Date;
    readonly store: KeyStore;
    readonly catalogue: Catalogue;
    readonly pager: Pager;
    readonly faults: Faults;
    readonly requests: RequestLog;
    /** Aborted when the emulator closes, so that no delay outlives it. */
    readonly closing: AbortController;
    managementKey: Omit<ManagementKey, "acls">;
    /** What the management key may do; undefined for everything. */
    managementAcls: readonly string[] | undefined;
    /** Whether the management key is shown nothing but its own user's keys. */
    ownKeysOnly: boolean;
    propagation: Propagation;
    latencyMs: number;
    rateLimiter: RateLimiter | undefined;
}

/** What the routes know of a request besides what Hono does. */
export interface Env {
    Bindings: HttpBindings;
    Variables: { operation: Operation; body: RequestBody; recorded: RecordedRequest; fault: Fault | undefined };
}

/** The world as it is when an emulator starts. */
export function newWorld(options: EmulatorOptions): World {
    const now = options.now ?? (() => new Date());
    const clusters = [...(options.clusters ?? DEFAULT_CLUSTERS)];
    const teamId = options.teamId ?? randomUUID();
    return {
        dialect: { ...DEFAULT_DIALECT, ...options.dialect },
        clusters,
        teams: new Set([teamId, ...(options.otherTeams ?? [])]),
        now,
        store: new KeyStore(now),
        catalogue: new Catalogue(clusters),
        pager: new Pager(),
        faults: new Faults(),
        requests: new RequestLog(),
        closing: new AbortController(),
        managementKey: newManagementKey(options.managementKey, teamId, randomUUID(), now),
        managementAcls: undefined,
        ownKeysOnly: options.ownKeysOnly ?? false,
        propagation: checkedPropagation(options.propagation ?? 0, clusters),
        latencyMs: options.latencyMs ?? 0,
        rateLimiter: options.rateLimit && new RateLimiter(options.rateLimit),
    };
}

/** A management key of a team, as just made; the secret is random where none is given. */
export function newManagementKey(
    secret: string | undefined,
    teamId: string,
    ownerUserId: string,
    now: () => Date,
): World["managementKey"] {
    const time = formatInstant(now());
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

/** The same propagation; throws where it names a cluster that there is not, which would silently do nothing. */
export function checkedPropagation(propagation: Propagation, clusters: readonly string[]): Propagation {
    const named = typeof propagation === "object" ? Object.keys(propagation) : [];
    const unknown = named.filter((cluster) => !clusters.includes(cluster));
    if (unknown.length > 0) {
        throw new Error(`There is no cluster ${unknown.join(", ")}; there are ${clusters.join(", ")}.`);
    }
    return propagation;
}
