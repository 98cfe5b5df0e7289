import type { ListedApiKey } from "../api/apiKeys.js";

/** A complete listing of a team's keys. Instants by `performance.now()`. */
export interface Listing {
    /** By id. */
    readonly keys: ReadonlyMap<string, ListedApiKey>;
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
        const written = this.#writtenAt.get(demand.of ?? "") ?? Number.NEGATIVE_INFINITY;
        const least = Math.max(demand.notOlderThan ?? now - LISTING_LIFETIME, written);
        if (this.#latest !== undefined && this.#latest.begunAt >= least) {
            return this.#latest.listing;
        }
        const listing = this.list().then((keys) => ({ keys, endedAt: performance.now() }));
        const latest = { begunAt: now, listing };
        this.#latest = latest;
        listing.catch(() => {
            if (this.#latest === latest) {
                this.#latest = undefined;
            }
        });
        return listing;
    }
}
