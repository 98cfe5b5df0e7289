import { z } from "zod";
import type { Http } from "./http.js";

const text = z
    .string()
    .nullish()
    .transform((value) => value ?? undefined);
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
        scope: text,
        scopeId: text,
        teamId: text,
        ownerUserId: text,
        apiKeyId: description,
        name: description,
        createTime: description,
        modifyTime: description,
        acls: list(texts),
        redactedApiKey: description,
        // The reference's example spells it so.
        reactedApiKey: description,
        ipRanges: list(z.union([texts, z.object({ ipRanges: z.array(range) }).transform(({ ipRanges }) => ipRanges)])),
    })
    // An object that holds nothing of a management key is something else.
    .refine((key) => Object.values(key).some((value) => value !== undefined), { path: ["scope"] })
    .transform(
        ({ reactedApiKey, ...key }): ManagementKey => ({ ...key, redactedApiKey: key.redactedApiKey ?? reactedApiKey }),
    );

/** A management key as the validation endpoint describes it. Any field may be missing. */
export interface ManagementKey {
    /** `SCOPE_TEAM` means that {@link scopeId} is the team's id. */
    readonly scope: string | undefined;
    readonly scopeId: string | undefined;
    /** Deprecated in the API, but still answered. */
    readonly teamId: string | undefined;
    /** The user that the management key belongs to. */
    readonly ownerUserId: string | undefined;
    readonly apiKeyId: string | undefined;
    readonly name: string | undefined;
    /** RFC 3339. */
    readonly createTime: string | undefined;
    /** RFC 3339. */
    readonly modifyTime: string | undefined;
    /** Its permissions, for example `team-token:endpoint:ListApiKeys`. */
    readonly acls: readonly string[] | undefined;
    readonly redactedApiKey: string | undefined;
    /** The addresses from which it may be used, as CIDR ranges. */
    readonly ipRanges: readonly string[] | undefined;
}

/**
 * Describes the management key that is in use. Only the REST reference publishes this route: a server may lack it.
 *
 * @param deadline - The limit of the call with its retries, in milliseconds. Default: `xai:operationTimeout`.
 */
export async function validateManagementKey(http: Http, deadline?: number): Promise<ManagementKey> {
    return http.send({
        action: { endpoint: "ValidateManagementKey", description: "validate the management key" },
        method: "GET",
        path: "/auth/management-keys/validation",
        answer: managementKeySchema,
        repeatable: true,
        deadline,
    });
}

/** The team that a management key belongs to; `undefined` where it is not for one team alone. */
export function teamOf(key: Pick<ManagementKey, "scope" | "scopeId" | "teamId">): string | undefined {
    return (key.scope === "SCOPE_TEAM" ? key.scopeId || key.teamId : key.teamId) || undefined;
}
