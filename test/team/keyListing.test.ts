import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { KeyListing, LISTING_LIFETIME } from "../../provider/team/keyListing.js";

/** A team whose listings are answered when the test says so, each with the keys that there were when it began. */
class Team {
    readonly keys: Set<string>;
    /** How many listings were begun. */
    begun = 0;
    isFailing = false;
    readonly listing = new KeyListing(() => this.#list());
    #waiting: (() => void)[] | undefined;

    constructor(...keys: string[]) {
        this.keys = new Set(keys);
    }

    hold(): void {
        this.#waiting = [];
    }

    release(): void {
        const waiting = this.#waiting ?? [];
        this.#waiting = undefined;
        for (const go of waiting) {
            go();
        }
    }

    async has(id: string): Promise<boolean> {
        return (await this.listing.find(id)) !== undefined;
    }

    async #list() {
        this.begun += 1;
        const keys = new Map([...this.keys].map((apiKeyId) => [apiKeyId, { apiKeyId, unreadable: "" }]));
        const { isFailing } = this;
        await new Promise<void>((go) => (this.#waiting === undefined ? go() : this.#waiting.push(go)));
        if (isFailing) {
            throw new Error("no listing");
        }
        return keys;
    }
}

/** A clock that goes on from an instant, and never shows the same one twice. */
function clockFrom(start: number): void {
    let now = start;
    vi.spyOn(performance, "now").mockImplementation(() => {
        now += 1;
        return now;
    });
}

beforeEach(() => clockFrom(0));
afterEach(() => {
    vi.restoreAllMocks();
});

describe("Listings", () => {
    test("are shared by all who ask at about the same time, one after the other too, for a minute", async () => {
        const team = new Team("a", "b");
        expect(await Promise.all(["a", "b", "a"].map((id) => team.has(id)))).toEqual([true, true, true]);
        expect(await team.has("b")).toBe(true);
        expect(team.begun).toBe(1);
        clockFrom(performance.now() + LISTING_LIFETIME);
        expect(await team.has("b")).toBe(true);
        expect(team.begun).toBe(2);
    });

    test("are two for any number of keys that are not there, at once or one after the other", async () => {
        const team = new Team("a");
        expect(await Promise.all(["x", "y", "a"].map((id) => team.has(id)))).toEqual([false, false, true]);
        for (const id of ["x", "y", "z"]) {
            expect(await team.has(id)).toBe(false);
        }
        expect(team.begun).toBe(2);
    });

    test("that lack a key are never both the same, nor does one begin before the other ends", async () => {
        const team = new Team("a");
        team.hold();
        const found = team.has("b");
        team.keys.add("b");
        const alsoFound = team.listing.get({ notOlderThan: performance.now() });
        team.release();
        await alsoFound;
        expect(await found).toBe(true);
    });

    test("of before a write do not tell of the key that was written", async () => {
        const team = new Team("a");
        expect(await team.has("new")).toBe(false);
        team.keys.add("new");
        team.listing.written("new");
        expect(await team.has("new")).toBe(true);
        expect(await team.has("a")).toBe(true);
        expect(team.begun).toBe(3);
    });

    test("that have to be fresh begin after they were asked for, and are shared", async () => {
        const team = new Team();
        team.hold();
        const first = team.listing.get();
        team.keys.add("new");
        const notOlderThan = performance.now();
        const fresh = [1, 2].map(() => team.listing.get({ notOlderThan }));
        team.release();
        expect((await first).keys.has("new")).toBe(false);
        expect((await Promise.all(fresh)).every(({ keys }) => keys.has("new"))).toBe(true);
        expect(team.begun).toBe(2);
    });

    test("that fail fail for all who wait, prove nothing, and are asked for again", async () => {
        const team = new Team("a");
        team.isFailing = true;
        const results = await Promise.allSettled([team.has("a"), team.has("b")]);
        expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
        expect(team.begun).toBe(1);
        team.isFailing = false;
        expect(await team.has("b")).toBe(false);
        expect(team.begun).toBe(3);
    });
});
