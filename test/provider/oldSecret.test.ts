import { describe, expect, test } from "vitest";
import type { StoredKey } from "xai-management-emulator";
import { check } from "../../provider/apiKeyCheck.js";
import { create } from "../../provider/apiKeyLifecycle.js";
import { ClockedStack } from "./clockedStack.js";
import { emulate, requestsOf } from "./emulators.js";
import { ACLS, only } from "./stack.js";
import { BY_NAME, processFor } from "./surroundings.js";

/** A secret never works longer than it would have without a rotation. */

const HOUR = 3_600_000;
const iso = (time: number) => new Date(time).toISOString();

describe("the secret before a rotation", () => {
    test("of a key that had expired does not work again", async () => {
        const stack = await ClockedStack.of();
        const args = { expiresIn: "30d", rotation: { beforeExpiry: "1d" } };
        await stack.up(args);
        const expiry = String(stack.key.expireTime);
        stack.pass(50);
        expect(await stack.up(args)).toBe("rotate");
        expect(Date.parse(only(stack.key.previousApiKeys).expireTime)).toBe(Date.parse(expiry));
        expect(stack.state["previousSecretExpiresAt"]).toBe(expiry);
        expect(await stack.refresh()).toBe(false);
    });

    test("ends with its own expiry where that comes before the overlap's end", async () => {
        const stack = await ClockedStack.of();
        const args = { expiresIn: "30d", rotation: { beforeExpiry: "1d", overlap: "7d" } };
        await stack.up(args);
        const expiry = String(stack.key.expireTime);
        stack.pass(29.5);
        expect(await stack.up(args)).toBe("rotate");
        expect(stack.state["previousSecretExpiresAt"]).toBe(expiry);
        // And with the overlap where that ends first.
        stack.pass(1);
        const short = { ...args, rotation: { ...args.rotation, triggers: { leak: 1 }, overlap: "1h" } };
        expect(await stack.up(short)).toBe("rotate");
        const left = Date.parse(String(stack.state["previousSecretExpiresAt"])) - stack.now();
        expect(Math.abs(left - HOUR)).toBeLessThan(5000);
    });

    test("of an expired key has the shortest overlap where the API takes no time that is past", async () => {
        const stack = await ClockedStack.of();
        const on = (release: number) => ({ expiresIn: "30d", rotation: { triggers: { release } } });
        await stack.up(on(1));
        stack.pass(50);
        stack.emulator.inject({ operation: "rotateApiKey", status: 400 });
        await stack.up(on(2));
        const left = Date.parse(only(stack.key.previousApiKeys).expireTime) - stack.now();
        expect(Math.abs(left - 60_000)).toBeLessThan(5000);
        // One that is still to work is asked for once: another end than its own is not what the program wants.
        stack.emulator.inject({ operation: "rotateApiKey", status: 400 });
        await expect(stack.up(on(3))).rejects.toThrow("400");
    });

    test("whose answer holds none is not said to work after its expiry", async () => {
        const stack = await ClockedStack.of();
        const on = (release: number) => ({ expiresIn: "30d", rotation: { triggers: { release } } });
        await stack.up(on(1));
        const body = JSON.stringify({ apiKeyId: stack.key.apiKeyId });
        stack.emulator.inject({ operation: "rotateApiKey", acts: true, status: 200, body });
        await expect(stack.up(on(2))).rejects.toThrow(
            `works on until the overlap ends, but not after ${stack.state["expireTime"]}, when it expires`,
        );
    });
});

describe("the secret of a key that is taken over with a new one", () => {
    const now = Date.parse("2031-05-01T12:00:00Z");

    /** What a take-over says in the preview, and asks of the server. */
    async function takeOver(key: Partial<StoredKey>) {
        const emulator = await emulate({ now: () => new Date(now) });
        const there = emulator.addKey({ name: "search", acls: ACLS, ...key });
        const args = { ...BY_NAME, adoptKeyId: there.apiKeyId };
        const preview = processFor(emulator);
        expect((await check(preview, {}, args, now)).failures).toEqual([]);
        const process = processFor(emulator);
        const state = await create(process, { ...args, teamId: emulator.teamId });
        expect(process.warnings).toEqual(preview.warnings);
        expect(requestsOf(emulator, "rotateApiKey")).toHaveLength(1);
        return { said: only(process.warnings), ends: state.previousSecretExpiresAt };
    }

    test("does not work again where it has expired, and nothing says that it does", async () => {
        const expireTime = iso(now - 20 * 24 * HOUR);
        const { said, ends } = await takeOver({ expireTime });
        expect(said).toMatch(/with a new secret; the one that it has expired at 2031-04-11T12:00:00/);
        expect(ends).toBe(expireTime);
    });

    test("ends with its expiry where that is within a day, and the words say so", async () => {
        const expireTime = iso(now + 5 * HOUR);
        const { said, ends } = await takeOver({ expireTime });
        expect(said).toMatch(/the one that it has goes on working until it expires at 2031-05-01T17:00:00/);
        expect(ends).toBe(expireTime);
    });

    test("works for a day where it expires later", async () => {
        const { said, ends } = await takeOver({ expireTime: iso(now + 25 * HOUR) });
        expect(said).toContain("the one that it has goes on working for 24 hours.");
        expect(Math.abs(Date.parse(String(ends)) - now - 24 * HOUR)).toBeLessThan(5000);
    });

    test("is not said to work for a day where the take-over is lost", async () => {
        const emulator = await emulate({ now: () => new Date(now) });
        const there = emulator.addKey({ name: "search", expireTime: iso(now + 5 * HOUR) });
        emulator.inject({ operation: "rotateApiKey", cut: "after", times: 3 });
        const process = processFor(emulator, { maxRetries: "0", requestTimeout: "300ms" });
        const args = { ...BY_NAME, teamId: emulator.teamId, adoptKeyId: there.apiKeyId };
        await expect(create(process, args)).rejects.toThrow(
            /It is not in the stack yet; the secret that it had goes on working until it expires at 2031-05-01T17:00:00/,
        );
    });
});
