import type * as pulumi from "@pulumi/pulumi";
import * as xai from "pulumi-xai";
import * as native from "pulumi-xai/native";
import { expect } from "vitest";
import type { StoredKey } from "xai-management-emulator";
import type { Scenario, ScenarioOptions } from "../engine/scenario.js";

/** What a key of these programs may do where nothing else is said. */
export const ACLS = [xai.acl.model("grok-4"), xai.acl.endpoint("chat")];

/** A team beside the emulator's own. */
export const OTHER_TEAM = "0b0a1f5e-6f0e-4b5a-9a53-2f0b7f3c9d11";

/** The class of a key, of either mode. */
type KeyClass = new (...args: ConstructorParameters<typeof xai.XaiApiKey>) => xai.XaiApiKey;

/** Makes programs with one key of a class, which give out what a rotation changes. */
const oneKeyOf =
    (XaiApiKey: KeyClass) =>
    (args: Partial<xai.XaiApiKeyArgs> = {}, opts: pulumi.CustomResourceOptions = {}) =>
    async () => {
        const key = new XaiApiKey("search", { acls: ACLS, ...args }, opts);
        return { secret: key.apiKey, id: key.apiKeyId, rotatedAt: key.rotatedAt, until: key.previousSecretExpiresAt };
    };

/** A program with one key. */
export const oneKey = oneKeyOf(xai.XaiApiKey);
/** The same in native mode. */
export const nativeKey = oneKeyOf(native.XaiApiKey);

/** Both modes, for what they have in common. */
export const MODES: readonly { mode: string; options: ScenarioOptions; oneKey: typeof oneKey }[] = [
    { mode: "dynamic mode", options: {}, oneKey },
    { mode: "native mode", options: { native: true }, oneKey: nativeKey },
];

/** What an operation counts that changes nothing. */
export const SAME = { same: 2 };
/** What one counts that changes the key in place. */
export const UPDATE = { same: 1, update: 1 };

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
