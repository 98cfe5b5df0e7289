import { createHash, randomBytes } from "node:crypto";
import { ApiError } from "./apiError.js";

/** A page of a listing. The last page has no token. */
export interface Page<Item> {
    items: Item[];
    nextToken: string | undefined;
}

/**
 * Divides listings into pages. A token means a position in a listing, not an item. If an item before it is deleted, the
 * next page skips one. Clients must handle that, because the API promises nothing better.
 */
export class Paginator {
    readonly #salt = randomBytes(16);
    readonly #positions = new Map<string, { listing: string; offset: number }>();

    /**
     * @param listing names the listing and its filters; a token works for this listing only
     * @param size at most this many items; undefined: all that remain
     * @param token undefined or empty for the first page
     */
    page<Item>(listing: string, all: readonly Item[], size: number | undefined, token: string | undefined): Page<Item> {
        const start = this.#offset(listing, token);
        const end = size === undefined ? all.length : Math.min(all.length, start + size);
        return { items: all.slice(start, end), nextToken: end < all.length ? this.#token(listing, end) : undefined };
    }

    #offset(listing: string, token: string | undefined): number {
        if (token === undefined || token === "") {
            return 0;
        }
        const position = this.#positions.get(token);
        if (position === undefined || position.listing !== listing) {
            throw new ApiError(400, "paginationToken: is not a token of this listing");
        }
        return position.offset;
    }

    #token(listing: string, offset: number): string {
        const token = createHash("sha256").update(this.#salt).update(`${offset} ${listing}`).digest("base64url");
        this.#positions.set(token, { listing, offset });
        return token;
    }
}
