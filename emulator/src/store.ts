import { randomInt, randomUUID } from "node:crypto";
import { formatInstant, normaliseInstant, parseInstant } from "./instants.js";
import type { Propagation } from "./options.js";

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

/** What of a key can be changed after it was made. */
export type KeyChanges = Partial<
    Pick<StoredKey, "name" | "acls" | "qps" | "qpm" | "tpm" | "expireTime" | "disabled" | "apiKey">
>;

/** What makes a key; everything else of it has a default. */
export type NewKey = Partial<StoredKey> & Pick<StoredKey, "teamId" | "userId" | "name" | "acls">;

/** The keys, in order of creation. Holds the rules of no request: what it is told is what it does. */
export class KeyStore {
    readonly #keys = new Map<string, StoredKey>();
    // When each secret was issued, by the monotonic clock: how long a secret takes to get about is a matter of real time.
    readonly #issuedAt = new Map<string, number>();
    // Also those of keys that are gone and those that rotation replaced: none of them may ever show.
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
        const createTime = formatInstant(this.#now());
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
        const changed = { ...this.#mustFind(apiKeyId), ...changes, modifyTime: formatInstant(this.#now()) };
        this.#keys.set(apiKeyId, copy(changed));
        if (changes.apiKey !== undefined) {
            this.#secrets.add(changes.apiKey);
            this.#issuedAt.set(apiKeyId, performance.now());
        }
        return copy(changed);
    }

    /** Gives a key a new secret; the old one works until the given time. */
    rotate(apiKeyId: string, oldSecretExpireTime: string): StoredKey {
        const key = this.#mustFind(apiKeyId);
        key.previousApiKeys.push({ apiKey: key.apiKey, expireTime: normaliseInstant(oldSecretExpireTime) });
        return this.change(apiKeyId, { apiKey: newSecret() });
    }

    delete(apiKeyId: string): void {
        this.#mustFind(apiKeyId);
        this.#keys.delete(apiKeyId);
        this.#issuedAt.delete(apiKeyId);
    }

    /** Whether each of the clusters knows the key's present secret. */
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

/** Whether a key can be used at a time: neither switched off nor expired. */
export function isActive(key: StoredKey, at: Date): boolean {
    const expiry = key.expireTime === null ? undefined : parseInstant(key.expireTime);
    return !key.disabled && (expiry === undefined || expiry > at.getTime());
}

/** Random letters and digits. */
export function alphanumerics(length: number): string {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join("");
}

function newSecret(): string {
    return `xai-${alphanumerics(80)}`;
}

// Nothing that is handed out may change what is stored, and nothing that was handed in may either.
function copy(key: StoredKey): StoredKey {
    return { ...key, acls: [...key.acls], previousApiKeys: key.previousApiKeys.map((previous) => ({ ...previous })) };
}
