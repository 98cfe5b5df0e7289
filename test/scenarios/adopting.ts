import * as xai from "pulumi-xai";
import type { StoredKey } from "xai-management-emulator";
import type { Scenario } from "../engine/scenario.js";
import { ACLS } from "./oneKey.js";

/** A key that someone made by hand, before Pulumi came. */
export function made(s: Scenario, key: Partial<StoredKey> = {}): StoredKey {
    return s.emulator.addKey({ name: "made by hand", acls: ACLS, qpm: 7, ...key });
}

/** A program that takes a key over. */
export const adopts =
    ({ apiKeyId }: Pick<StoredKey, "apiKeyId">, args: Partial<xai.XaiApiKeyArgs> = {}) =>
    async () => {
        const key = new xai.XaiApiKey("search", { acls: ACLS, adoptKeyId: apiKeyId, ...args });
        return { secret: key.apiKey, id: key.apiKeyId };
    };

/** What the engine printed, its line breaks taken out. */
export const flat = (text: string) => text.replaceAll(/\s+/g, " ");
