import type { ListedApiKey } from "../api/listApiKeys.js";

/** A complete listing of a team's keys. Instants by `performance.now()`. */
export interface Listing {
    /** By id. */
    readonly keys: ReadonlyMap<string, ListedApiKey>;
    readonly begunAt: number;
    readonly endedAt: number;
}

/** How long a listing is shared, in milliseconds. */
export const LISTING_LIFETIME = 60_000;

/**
 * The shared listing of one team's keys. The API cannot be asked for one key, so all reads of about the same time share one
 * listing.
 *
 * @example
 * const { keys, endedAt } = await listing.get();            // a listing of the last minute
 * const later = await listing.get({ notOlderThan: endedAt }); // one that began afterwards, shared by all who ask for it
 */
export class KeyListing {
    #latest: { readonly begunAt: number; readonly listing: Promise<Listing> } | undefined;
    /** The two listings that ended last, the later one first. */
    #ended: readonly Listing[] = [];
    readonly #writtenAt = new Map<string, number>();

    /** @param list - Lists all keys of the team. */
    constructor(private readonly list: () => Promise<ReadonlyMap<string, ListedApiKey>>) {}

    /** Notes that this process has written a key: an older listing no longer tells what the key is like. */
    written(apiKeyId: string): void {
        this.#writtenAt.set(apiKeyId, performance.now());
    }

    /**
     * A complete listing. Callers whose demands the latest one meets share it, under way or done.
     *
     * @param demand.of - The key that the caller looks for: the listing began after this process wrote that key.
     * @param demand.notOlderThan - The listing began then or later.
     * @throws What the API answers. A failed listing is not shared with later callers.
     */
    get(demand: { readonly of?: string; readonly notOlderThan?: number } = {}): Promise<Listing> {
        const now = performance.now();
        const least = Math.max(demand.notOlderThan ?? now - LISTING_LIFETIME, this.#written(demand.of));
        if (this.#latest !== undefined && this.#latest.begunAt >= least) {
            return this.#latest.listing;
        }
        const listing = this.list().then((keys) => {
            const ended = { keys, begunAt: now, endedAt: performance.now() };
            this.#ended = [ended, ...this.#ended.slice(0, 1)];
            return ended;
        });
        const latest = { begunAt: now, listing };
        this.#latest = latest;
        listing.catch(() => {
            if (this.#latest === latest) {
                this.#latest = undefined;
            }
        });
        return listing;
    }

    /**
     * A key of the team; `undefined` where two listings lack it, of which one began after the other had ended: any listing may
     * end early. The second one serves all keys that the first one lacked, asked for at once or one after the other.
     */
    async find(apiKeyId: string): Promise<ListedApiKey | undefined> {
        const least = Math.max(performance.now() - LISTING_LIFETIME, this.#written(apiKeyId));
        const first = await this.get({ of: apiKeyId });
        const found = first.keys.get(apiKeyId);
        const before = this.#ended.find(({ begunAt, endedAt }) => begunAt >= least && endedAt <= first.begunAt);
        if (found !== undefined || (before !== undefined && !before.keys.has(apiKeyId))) {
            return found;
        }
        return (await this.get({ of: apiKeyId, notOlderThan: first.endedAt })).keys.get(apiKeyId);
    }

    #written(apiKeyId = ""): number {
        return this.#writtenAt.get(apiKeyId) ?? Number.NEGATIVE_INFINITY;
    }
}
