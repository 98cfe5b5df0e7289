import type { ApiKey } from "./api/apiKeys.js";

/** A complete listing of a team's keys, and when it was begun. */
interface Listing {
    /** Counts listings: a larger number was begun later. */
    readonly number: number;
    /** In milliseconds, of the clock given to {@link KeyListings}. */
    readonly begunAt: number;
    readonly keys: Promise<ReadonlyMap<string, ApiKey>>;
    /** The keys that were looked up in it. */
    readonly served: Set<string>;
    /** The last one that had ended when this one began: what both lack is gone. */
    readonly previous: Listing | undefined;
}

/** How long a listing is shared, in milliseconds. */
export const LISTING_LIFETIME = 60_000;

/**
 * The shared listing of one team's keys: the API has no way to get one key, so all reads of about the same time share
 * one listing.
 *
 * A listing serves each key once. In a refresh every key is read once, so that one listing serves it all; who reads the
 * same key again wants to know what has become of it since. A key that this process wrote is only looked up in a listing
 * that was begun after the write.
 */
export class KeyListings {
    #latest: Listing | undefined;
    #ended: Listing | undefined;
    #count = 0;
    readonly #writtenAt = new Map<string, number>();

    constructor(
        private readonly list: () => Promise<ReadonlyMap<string, ApiKey>>,
        private readonly now: () => number = Date.now,
    ) {}

    /** Notes that a key was created, changed or deleted by this process. */
    written(apiKeyId: string): void {
        this.#writtenAt.set(apiKeyId, this.#count);
    }

    /**
     * Finds a key. `undefined` says that it is gone: two complete listings agree, the second begun after the first had
     * ended, for pages shift while keys are deleted.
     *
     * @throws What the listing throws: an incomplete listing says nothing.
     */
    async find(apiKeyId: string): Promise<ApiKey | undefined> {
        const listing = this.#listingFor(apiKeyId);
        const found = (await listing.keys).get(apiKeyId);
        if (found !== undefined) {
            return found;
        }
        const other = this.#usable(listing.previous, apiKeyId) ? listing.previous : this.#begunAfter(listing);
        other.served.add(apiKeyId);
        return (await other.keys).get(apiKeyId);
    }

    /**
     * Whether the team has a key that the API itself calls gone. One complete listing without it is enough; one that has
     * it may be older than the key's end, so that a fresh one decides.
     */
    async has(apiKeyId: string): Promise<boolean> {
        const listed = async () => (await this.#listingFor(apiKeyId).keys).has(apiKeyId);
        return (await listed()) && (await listed());
    }

    #listingFor(apiKeyId: string): Listing {
        const listing = this.#usable(this.#latest, apiKeyId) ? this.#latest : this.#begin();
        listing.served.add(apiKeyId);
        return listing;
    }

    #usable(listing: Listing | undefined, apiKeyId: string): listing is Listing {
        return (
            listing !== undefined &&
            listing.number > (this.#writtenAt.get(apiKeyId) ?? 0) &&
            !listing.served.has(apiKeyId) &&
            this.now() - listing.begunAt < LISTING_LIFETIME
        );
    }

    /** A listing begun after another one had ended, shared by all keys that the other one lacks. */
    #begunAfter(listing: Listing): Listing {
        const latest = this.#latest;
        return latest?.previous !== undefined && latest.previous.number >= listing.number ? latest : this.#begin();
    }

    #begin(): Listing {
        this.#count += 1;
        const listing: Listing = {
            number: this.#count,
            begunAt: this.now(),
            keys: this.list(),
            served: new Set(),
            previous: this.#ended,
        };
        this.#latest = listing;
        listing.keys.then(
            () => {
                this.#ended = listing;
            },
            () => {
                // A failed listing is nobody's any more; those who wait for it see the failure.
                if (this.#latest === listing) {
                    this.#latest = undefined;
                }
            },
        );
        return listing;
    }
}
