import { randomInt, randomUUID } from "node:crypto";
import type { Propagation } from "./options.js";
import { formatTimestamp, normaliseTimestamp, parseTimestamp } from "./timestamps.js";

/** A key as the server holds it, secret included. */
export interface StoredKey {
    apiKeyId: string;
    teamId: string;
    userId: string;
    name: string;
    acls: string[];
    qps: number | null;
    qpm: number | null;
    /** An integer as text. */
    tpm: string | null;
    /** RFC 3339. */
    expireTime: string | null;
    disabled: boolean;
    /** RFC 3339 with microseconds. */
    createTime: string;
    /** RFC 3339 with microseconds. */
    modifyTime: string;
    /** The secret that works now. */
    apiKey: string;
    /** Secrets that rotation replaced, the oldest first, and when each stops working. */
    previousApiKeys: { apiKey: string; expireTime: string }[];
}

/** The fields of a key that can change after its creation. */
export type KeyChanges = Partial<
    Pick<StoredKey, "name" | "acls" | "qps" | "qpm" | "tpm" | "expireTime" | "disabled" | "apiKey">
>;

/** The fields of a new key. The optional ones have defaults. */
export type NewKey = Partial<StoredKey> & Pick<StoredKey, "teamId" | "userId" | "name" | "acls">;

/** The keys, in order of creation. It checks no values: the routes do. */
export class KeyStore {
    readonly #keys = new Map<string, StoredKey>();
    // When each secret was issued, by the monotonic clock, because propagation takes real time.
    readonly #issuedAt = new Map<string, number>();
    // Includes the secrets of deleted keys and those that rotation replaced.
    readonly #secrets = new Set<string>();
    readonly #now: () => Date;

    constructor(now: () => Date) {
        this.#now = now;
    }

    list(teamId?: string): StoredKey[] {
        const keys = [...this.#keys.values()];
        return (teamId === undefined ? keys : keys.filter((key) => key.teamId === teamId)).map(copy);
    }

    find(apiKeyId: string): StoredKey | undefined {
        const key = this.#keys.get(apiKeyId);
        return key && copy(key);
    }

    /** Every secret that any key ever had, the oldest first. */
    secrets(): string[] {
        return [...this.#secrets];
    }

    add(key: NewKey): StoredKey {
        const createTime = formatTimestamp(this.#now());
        const added: StoredKey = {
            apiKeyId: randomUUID(),
            qps: null,
            qpm: null,
            tpm: null,
            expireTime: null,
            disabled: false,
            createTime,
            modifyTime: key.createTime ?? createTime,
            apiKey: newSecret(),
            previousApiKeys: [],
            ...key,
        };
        if (this.#keys.has(added.apiKeyId)) {
            throw new Error(`There is a key ${added.apiKeyId} already.`);
        }
        this.#keys.set(added.apiKeyId, copy(added));
        this.#secrets.add(added.apiKey);
        added.previousApiKeys.forEach(({ apiKey }) => {
            this.#secrets.add(apiKey);
        });
        this.#issuedAt.set(added.apiKeyId, performance.now());
        return copy(added);
    }

    change(apiKeyId: string, changes: KeyChanges): StoredKey {
        const changed = { ...this.#mustFind(apiKeyId), ...changes, modifyTime: formatTimestamp(this.#now()) };
        this.#keys.set(apiKeyId, copy(changed));
        if (changes.apiKey !== undefined) {
            this.#secrets.add(changes.apiKey);
            this.#issuedAt.set(apiKeyId, performance.now());
        }
        return copy(changed);
    }

    /** Gives a key a new secret. The old one works until the given time. */
    rotate(apiKeyId: string, oldSecretExpireTime: string): StoredKey {
        const key = this.#mustFind(apiKeyId);
        key.previousApiKeys.push({ apiKey: key.apiKey, expireTime: normaliseTimestamp(oldSecretExpireTime) });
        return this.change(apiKeyId, { apiKey: newSecret() });
    }

    delete(apiKeyId: string): void {
        this.#mustFind(apiKeyId);
        this.#keys.delete(apiKeyId);
        this.#issuedAt.delete(apiKeyId);
    }

    /** Whether each cluster knows the key's present secret. */
    propagated(apiKeyId: string, clusters: readonly string[], propagation: Propagation): Record<string, boolean> {
        const age = performance.now() - (this.#issuedAt.get(apiKeyId) ?? 0);
        const entries = clusters.map((cluster): [string, boolean] => {
            const delay = typeof propagation === "object" ? (propagation[cluster] ?? 0) : propagation;
            return [cluster, delay !== "never" && age >= delay];
        });
        return Object.fromEntries(entries);
    }

    #mustFind(apiKeyId: string): StoredKey {
        const key = this.#keys.get(apiKeyId);
        if (key === undefined) {
            throw new Error(`There is no key ${apiKeyId}.`);
        }
        return key;
    }
}

/** Whether a key is expired at a time. */
export function isExpired(key: StoredKey, at: Date): boolean {
    const expiry = key.expireTime === null ? undefined : parseTimestamp(key.expireTime);
    return expiry !== undefined && expiry <= at.getTime();
}

/** Random letters and digits. */
export function alphanumerics(length: number): string {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join("");
}

function newSecret(): string {
    return `xai-${alphanumerics(80)}`;
}

// Callers get copies, so that they cannot change the stored key.
function copy(key: StoredKey): StoredKey {
    return { ...key, acls: [...key.acls], previousApiKeys: key.previousApiKeys.map((previous) => ({ ...previous })) };
}
