import { z } from "zod";
import type { StoredKey } from "./engine.js";

const secretSchema = z.object({ plaintext: z.string().transform((json): unknown => JSON.parse(json)) });
const deploymentSchema = z.object({
    resources: z
        .array(
            z.object({ urn: z.string(), type: z.string(), id: z.string().optional(), outputs: z.unknown().optional() }),
        )
        .optional(),
});
const outputsSchema = z.object({ apiKey: secretSchema.optional() });

/** The keys in an exported deployment whose secrets are shown. */
export function keysIn(deployment: unknown): StoredKey[] {
    const { resources = [] } = deploymentSchema.parse(deployment);
    return resources
        .filter(({ type }) => type === "pulumi-nodejs:dynamic/xai:ApiKey")
        .map(({ urn, id = "", outputs }) => ({ urn, id, apiKey: outputsSchema.parse(outputs).apiKey?.plaintext }));
}
