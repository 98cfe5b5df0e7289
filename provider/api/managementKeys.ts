import { z } from "zod";
import type { Http } from "./http.js";

const text = z
    .string()
    .nullish()
    .transform((value) => value || undefined);
/** What only describes the key must not keep its team from being known, whatever its form. */
const description = text.catch(undefined);

const address = z.object({ ipv4: text, ipv6: text }).transform(({ ipv4, ipv6 }) => ipv4 ?? ipv6 ?? "");
const range = z.object({ address, prefixLength: z.number().int().nullish() }).transform((one) => {
    return one.prefixLength === undefined || one.prefixLength === null
        ? one.address
        : `${one.address}/${one.prefixLength}`;
});
const texts = z.array(z.string());
/** A list that only describes the key. */
const list = <Item extends z.ZodType<readonly string[]>>(form: Item) =>
    form
        .nullish()
        .transform((value) => value ?? undefined)
        .catch(undefined);

const managementKeySchema = z
    .object({
        /** `SCOPE_TEAM` means that `scopeId` is the team's id. */
        scope: text,
        scopeId: text,
        /** Deprecated in the API, but still answered. */
        teamId: text,
        /** The user that the management key belongs to. */
        ownerUserId: text,
        apiKeyId: description,
        name: description,
        createTime: description,
        modifyTime: description,
        /** Its permissions, for example `team-token:endpoint:ListApiKeys`. */
        acls: list(texts),
        redactedApiKey: description,
        // The reference's example spells it so.
        reactedApiKey: description,
        /** The addresses from which it may be used, as CIDR ranges. */
        ipRanges: list(z.union([texts, z.object({ ipRanges: z.array(range) }).transform(({ ipRanges }) => ipRanges)])),
    })
    // An object that holds nothing of a management key is something else.
    .refine((key) => Object.values(key).some((value) => value !== undefined), { path: ["scope"] })
    .transform(({ reactedApiKey, ...key }) => ({ ...key, redactedApiKey: key.redactedApiKey ?? reactedApiKey }));

/** A management key as the validation endpoint describes it. Any field may be missing. */
export type ManagementKey = Readonly<z.infer<typeof managementKeySchema>>;

/** Describes the management key that is in use. Only the REST reference publishes this route: a server may lack it. */
export async function validateManagementKey(http: Http): Promise<ManagementKey> {
    return http.send({
        action: { endpoint: "ValidateManagementKey", description: "validate the management key" },
        method: "GET",
        path: "/auth/management-keys/validation",
        answer: managementKeySchema,
        repeatable: true,
    });
}

/** The team that a management key belongs to; `undefined` where it is not for one team alone. */
export function teamOf(key: Pick<ManagementKey, "scope" | "scopeId" | "teamId">): string | undefined {
    return (key.scope === "SCOPE_TEAM" ? key.scopeId || key.teamId : key.teamId) || undefined;
}
