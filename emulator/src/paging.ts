import { createHash, randomBytes } from "node:crypto";
import { Refusal } from "./refusal.js";

/** A page of a listing; the token is undefined on the last one. */
export interface Page<Item> {
    items: Item[];
    nextToken: string | undefined;
}

/**
 * Cuts listings into pages. A token stands for a position in a listing, not for an item: when something before it is
 * deleted in between, the next page skips one. A client must cope with that, for nothing published promises better.
 */
export class Pager {
    readonly #salt = randomBytes(16);
    readonly #positions = new Map<string, { listing: string; offset: number }>();

    /**
     * @param listing what is listed and how it is filtered; a token is good for no other listing
     * @param size how many at most; undefined for all that are left
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
            throw new Refusal(400, "paginationToken: is not one that this listing gave out");
        }
        return position.offset;
    }

    #token(listing: string, offset: number): string {
        const token = createHash("sha256").update(this.#salt).update(`${offset} ${listing}`).digest("base64url");
        this.#positions.set(token, { listing, offset });
        return token;
    }
}
