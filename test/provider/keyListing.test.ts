import { describe, expect, test } from "vitest";
import type { ApiKey } from "../../provider/api/apiKeys.js";
import { KeyListings, LISTING_LIFETIME } from "../../provider/keyListing.js";
import { apiKeyWith } from "./keys.js";

/** A team whose listings are answered one by one, when the test says so. */
class Team {
    readonly keys = new Set<string>();
    /** How many listings were begun. */
    begun = 0;
    now = 0;
    failing = false;
    readonly listings = new KeyListings(
        () => this.#list(),
        () => this.now,
    );
    #waiting: (() => void)[] = [];
    #held = false;

    constructor(...keys: string[]) {
        for (const key of keys) {
            this.keys.add(key);
        }
    }

    /** From now on listings wait for {@link answer}. Each holds what there was when it was begun. */
    hold(): void {
        this.#held = true;
    }

    async answer(): Promise<void> {
        this.#held = false;
        for (const go of this.#waiting.splice(0)) {
            go();
        }
    }

    async find(id: string): Promise<boolean> {
        return (await this.listings.find(id)) !== undefined;
    }

    async #list(): Promise<ReadonlyMap<string, ApiKey>> {
        this.begun += 1;
        const keys = new Map([...this.keys].map((id) => [id, key(id)]));
        const failing = this.failing;
        if (this.#held) {
            await new Promise<void>((go) => this.#waiting.push(go));
        }
        if (failing) {
            throw new Error("no listing");
        }
        return keys;
    }
}

const key = (apiKeyId: string) => apiKeyWith({ apiKeyId, name: apiKeyId });

const names = (count: number) => Array.from({ length: count }, (_, index) => `key${index}`);

describe("one listing", () => {
    test("serves all keys that are read at about the same time, also one after the other", async () => {
        const team = new Team(...names(50));
        expect(await Promise.all(names(25).map((id) => team.find(id)))).toEqual(Array(25).fill(true));
        for (const id of names(50).slice(25)) {
            expect(await team.find(id)).toBe(true);
        }
        expect(team.begun).toBe(1);
    });

    test("serves each key once: who reads it again wants to know what became of it", async () => {
        const team = new Team("a", "b");
        await team.find("a");
        await team.find("b");
        expect(team.begun).toBe(1);
        await team.find("a");
        await team.find("b");
        expect(team.begun).toBe(2);
    });

    test("serves only for a while", async () => {
        const team = new Team("a", "b", "c");
        await team.find("a");
        team.now = LISTING_LIFETIME - 1;
        await team.find("b");
        expect(team.begun).toBe(1);
        team.now = LISTING_LIFETIME;
        await team.find("c");
        expect(team.begun).toBe(2);
    });

    test("does not serve a key that was written after it was begun", async () => {
        const team = new Team("a");
        await team.find("a");
        team.keys.add("b");
        team.listings.written("b");
        expect(await team.find("b")).toBe(true);
        expect(team.begun).toBe(2);
    });

    test("does not serve a key that was written while it was under way", async () => {
        const team = new Team("a");
        team.hold();
        const other = team.find("a");
        team.keys.add("b");
        team.listings.written("b");
        const found = team.find("b");
        await team.answer();
        expect(await Promise.all([other, found])).toEqual([true, true]);
        expect(team.begun).toBe(2);
    });
});

describe("a key is gone", () => {
    test("when two listings lack it", async () => {
        const team = new Team("a");
        expect(await team.find("b")).toBe(false);
        expect(team.begun).toBe(2);
    });

    test("not when a second, fresh listing has it", async () => {
        const team = new Team("a");
        team.hold();
        const found = team.find("b");
        team.keys.add("b");
        await team.answer();
        expect(await found).toBe(true);
        expect(team.begun).toBe(2);
    });

    test("for any number of keys, at once or one after the other, for two listings in all", async () => {
        const team = new Team("a");
        expect(await Promise.all(names(20).map((id) => team.find(id)))).toEqual(Array(20).fill(false));
        expect(team.begun).toBe(2);
        for (const id of ["x", "y", "z"]) {
            expect(await team.find(id)).toBe(false);
        }
        expect(await team.find("a")).toBe(true);
        expect(team.begun).toBe(2);
    });

    test("never from a listing that failed, the first or the second", async () => {
        const team = new Team("a");
        team.failing = true;
        await expect(team.find("b")).rejects.toThrow("no listing");
        team.failing = false;
        team.hold();
        const found = team.find("b");
        team.failing = true;
        await team.answer();
        await expect(found).rejects.toThrow("no listing");
        team.failing = false;
        expect(await team.find("b")).toBe(false);
    });

    test("and a failure is shared by those who wait for it, and not kept", async () => {
        const team = new Team("a", "b");
        team.failing = true;
        const results = await Promise.allSettled([team.find("a"), team.find("b")]);
        expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
        expect(team.begun).toBe(1);
        team.failing = false;
        expect(await team.find("a")).toBe(true);
        expect(team.begun).toBe(2);
    });

    test("a key that was created in between is not taken for gone by two older listings", async () => {
        const team = new Team("a");
        await team.find("x");
        expect(team.begun).toBe(2);
        team.keys.add("new");
        team.listings.written("new");
        expect(await team.find("new")).toBe(true);
    });
});

describe("a key that the API itself calls gone", () => {
    test("is gone when one listing lacks it", async () => {
        const team = new Team("a");
        expect(await team.listings.has("b")).toBe(false);
        expect(team.begun).toBe(1);
        expect(await team.listings.has("a")).toBe(true);
    });

    test("is not taken for listed by a listing of before", async () => {
        const team = new Team("a", "b");
        await team.find("a");
        team.keys.delete("b");
        expect(await team.listings.has("b")).toBe(false);
    });
});

describe("a listing that has to be fresh", () => {
    test("is shared by those who ask at about the same time", async () => {
        const team = new Team("a");
        const listings = await Promise.all(Array.from({ length: 20 }, () => team.listings.fresh()));
        expect(new Set(listings).size).toBe(1);
        expect(team.begun).toBe(1);
    });

    test("is begun after it was asked for, also while another one is under way", async () => {
        const team = new Team();
        team.hold();
        const first = team.listings.recent();
        team.keys.add("new");
        const later = [team.listings.fresh(), team.listings.fresh()];
        await team.answer();
        expect((await first).has("new")).toBe(false);
        expect((await Promise.all(later)).map((keys) => keys.has("new"))).toEqual([true, true]);
        expect(team.begun).toBe(2);
    });

    test("is asked for again after one that failed", async () => {
        const team = new Team("a");
        team.failing = true;
        await expect(team.listings.fresh()).rejects.toThrow("no listing");
        team.failing = false;
        expect((await team.listings.fresh()).has("a")).toBe(true);
    });

    test("need not be begun where one of about now will do", async () => {
        const team = new Team("a");
        await team.find("a");
        await team.listings.recent();
        expect(team.begun).toBe(1);
        team.now = LISTING_LIFETIME;
        await team.listings.recent();
        expect(team.begun).toBe(2);
    });
});
