import { z } from "zod";
import type { Http } from "./http.js";

/** A management key, as the validation endpoint describes it. Texts are empty where the answer lacks them. */
export interface ManagementKey {
    /** `SCOPE_TEAM` means that {@link scopeId} is the team's id. */
    readonly scope: string;
    readonly scopeId: string;
    /** Deprecated in the API, but still answered. */
    readonly teamId: string;
    /** The user that the management key belongs to. */
    readonly ownerUserId: string;
    readonly apiKeyId: string;
    readonly name: string;
    /** RFC 3339. */
    readonly createTime: string;
    /** RFC 3339. */
    readonly modifyTime: string;
    /** What it may do, for example `team-token:endpoint:ListApiKeys`; `undefined` where the answer does not say. */
    readonly acls: readonly string[] | undefined;
    readonly redactedApiKey: string;
    /** From where it may be used; `undefined` where the answer does not say. */
    readonly ipRanges: readonly string[] | undefined;
}

const text = z
    .string()
    .nullish()
    .transform((value) => value ?? "");

// What only describes the key must not keep its team from being known, whatever shape it has.
const description = text.catch("");
const list = z
    .array(z.string())
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
        acls: list,
        redactedApiKey: description,
        // So it is spelt in the reference's example.
        reactedApiKey: description,
        ipRanges: list,
    })
    .refine(({ scope, scopeId, teamId }) => scope !== "" || scopeId !== "" || teamId !== "", { path: ["scope"] })
    .transform(
        ({ reactedApiKey, ...key }): ManagementKey => ({ ...key, redactedApiKey: key.redactedApiKey || reactedApiKey }),
    );

/** Asks whose the management key in use is. Published in the REST reference only: a server may lack it. */
export async function validateManagementKey(http: Http, deadline?: number): Promise<ManagementKey> {
    return http.send({
        action: { endpoint: "ValidateManagementKey", description: "ask whose the management key is" },
        method: "GET",
        path: "/auth/management-keys/validation",
        answer: managementKeySchema,
        repeatable: true,
        ...(deadline === undefined ? {} : { deadline }),
    });
}

/** The team that a management key is for, or `undefined` where it is not for one team alone. */
export function teamOf(key: Pick<ManagementKey, "scope" | "scopeId" | "teamId">): string | undefined {
    return (key.scope === "SCOPE_TEAM" ? key.scopeId || key.teamId : key.teamId) || undefined;
}
