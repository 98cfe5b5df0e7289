import { type ApiKey, isReadable, type ListedApiKey } from "./api/apiKeys.js";
import { XaiError } from "./api/errors.js";

/** A complete listing of a team's keys, and when it was begun. */
interface Listing {
    /** Counts listings: a larger number was begun later. */
    readonly number: number;
    /** In milliseconds, of the clock given to {@link KeyListings}. */
    readonly begunAt: number;
    readonly keys: Promise<ReadonlyMap<string, ListedApiKey>>;
    /** The keys that were looked up in it. */
    readonly served: Set<string>;
    /** The last one that had ended when this one began: what both lack is gone. */
    readonly previous: Listing | undefined;
}

/** The listing has a key, but its fields are not what the API documents. */
export class UnreadableKeyError extends XaiError {}

/**
 * An entry of a listing as a key.
 *
 * @throws {@link UnreadableKeyError} where its fields could not be read.
 */
export function readable(key: ListedApiKey): ApiKey {
    if (!isReadable(key)) {
        throw new UnreadableKeyError(
            `API key ${key.apiKeyId} is in the team's listing, but its ${key.unreadable} has an unexpected shape. Nothing was concluded from it; please report it.`,
        );
    }
    return key;
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
    /** Not yet begun. */
    #next: Promise<ReadonlyMap<string, ListedApiKey>> | undefined;
    #count = 0;
    readonly #writtenAt = new Map<string, number>();

    constructor(
        private readonly list: () => Promise<ReadonlyMap<string, ListedApiKey>>,
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
            return readable(found);
        }
        const other = this.#usable(listing.previous, apiKeyId) ? listing.previous : this.#begunAfter(listing);
        other.served.add(apiKeyId);
        const late = (await other.keys).get(apiKeyId);
        return late === undefined ? undefined : readable(late);
    }

    /**
     * Whether the team has a key that the API itself calls gone. One complete listing without it is enough; one that has
     * it may be older than the key's end, so that a fresh one decides.
     */
    async has(apiKeyId: string): Promise<boolean> {
        const listed = async () => (await this.#listingFor(apiKeyId).keys).has(apiKeyId);
        return (await listed()) && (await listed());
    }

    /** The complete listing that ended last. For who was just told that a key is in none. */
    async last(): Promise<ReadonlyMap<string, ListedApiKey>> {
        return (await this.#ended?.keys) ?? this.recent();
    }

    /** A listing that was begun after this call. Those who ask at about the same time share it. */
    fresh(): Promise<ReadonlyMap<string, ListedApiKey>> {
        this.#next ??= this.#beginNext();
        return this.#next;
    }

    /** A listing of about now, that of others where there is one. */
    recent(): Promise<ReadonlyMap<string, ListedApiKey>> {
        const latest = this.#latest;
        return (latest !== undefined && this.#isYoung(latest) ? latest : this.#begin()).keys;
    }

    async #beginNext(): Promise<ReadonlyMap<string, ListedApiKey>> {
        // One at a time: who asks while one is under way waits for the next one, with all others who do.
        await Promise.allSettled([this.#latest?.keys]);
        await new Promise(setImmediate);
        this.#next = undefined;
        return this.#begin().keys;
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
            this.#isYoung(listing)
        );
    }

    #isYoung(listing: Listing): boolean {
        return this.now() - listing.begunAt < LISTING_LIFETIME;
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
