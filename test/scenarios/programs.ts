import type * as pulumi from "@pulumi/pulumi";
import * as xai from "pulumi-xai";
import { expect } from "vitest";
import type { StoredKey } from "xai-management-emulator";
import type { Scenario } from "../engine/scenario.js";

/** What a key of these programs may do where nothing else is said. */
export const ACLS = [xai.acl.model("grok-4"), xai.acl.endpoint("chat")];

/** A team beside the emulator's own. */
export const OTHER_TEAM = "0b0a1f5e-6f0e-4b5a-9a53-2f0b7f3c9d11";

/** A program with one key, which gives out what a rotation changes. */
export const oneKey =
    (args: Partial<xai.XaiApiKeyArgs> = {}, opts: pulumi.CustomResourceOptions = {}) =>
    async () => {
        const key = new xai.XaiApiKey("search", { acls: ACLS, ...args }, opts);
        return { secret: key.apiKey, id: key.apiKeyId, rotatedAt: key.rotatedAt, until: key.previousSecretExpiresAt };
    };

/** An empty program. */
export const nothing = async () => undefined;

/** What an operation counts that changes nothing. */
export const SAME = { same: 2 };
/** What one counts that changes the key in place. */
export const UPDATE = { same: 1, update: 1 };

/** A key that someone made by hand, before Pulumi came. */
export function made(s: Scenario, key: Partial<StoredKey> = {}): StoredKey {
    return s.emulator.addKey({ name: "made by hand", acls: ACLS, qpm: 7, ...key });
}

/** How a message calls a key. */
export const label = ({ name, apiKeyId }: Pick<StoredKey, "name" | "apiKeyId">) => `API key "${name}" (${apiKeyId})`;

/** What the engine printed, its line breaks taken out. */
export const flat = (text: string) => text.replaceAll(/\s+/g, " ");

/** How often the server was asked to rotate since the requests were last cleared. */
export const rotations = (s: Scenario) => s.emulator.countRequests().rotateApiKey ?? 0;

/** Checks that the stack's secret is the one that works, and that an up and a refresh find nothing to do. */
export async function expectSettled(s: Scenario): Promise<void> {
    const { outputs, changes } = await s.up();
    expect(changes).toEqual(SAME);
    expect(outputs["secret"]).toEqual({ value: s.key("search").apiKey, secret: true });
    expect((await s.refresh()).changes).toEqual(SAME);
}
