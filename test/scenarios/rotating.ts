import * as xai from "pulumi-xai";
import { expect } from "vitest";
import type { Scenario } from "../engine/scenario.js";
import { ACLS } from "./oneKey.js";

/** A program with one key, which gives out what a rotation changes. */
export const oneKey =
    (args: Partial<xai.XaiApiKeyArgs> = {}) =>
    async () => {
        const key = new xai.XaiApiKey("search", { acls: ACLS, qpm: 100, ...args });
        return { secret: key.apiKey, id: key.apiKeyId, rotatedAt: key.rotatedAt, until: key.previousSecretExpiresAt };
    };

/** What an operation counts that changes nothing. */
export const SAME = { same: 2 };
/** What one counts that changes the key in place. */
export const UPDATE = { same: 1, update: 1 };

/** How long the secrets before the present one still work, in hours. */
export const hoursLeft = (s: Scenario) =>
    s
        .key("search")
        .previousApiKeys.map(({ expireTime }) =>
            Math.abs(Math.round((Date.parse(expireTime) - s.clock.now().getTime()) / 3_600_000)),
        );

/** Checks that the stack's secret is the one that works, and that nothing is left to do. */
export async function expectSettled(s: Scenario): Promise<void> {
    const { outputs } = await s.up();
    expect(outputs["secret"]).toEqual({ value: s.key("search").apiKey, secret: true });
    expect((await s.preview()).changes).toEqual(SAME);
    expect((await s.refresh()).changes).toEqual(SAME);
}

/** How often the server was asked to rotate since the requests were last cleared. */
export const rotations = (s: Scenario) => s.emulator.countRequests().rotateApiKey ?? 0;
