import { z } from "zod";
import type { Http } from "./http.js";

/** Whose a management key is, as far as this provider needs it. */
export interface ManagementKey {
    /** `SCOPE_TEAM` means that {@link scopeId} is the team's id. */
    readonly scope: string;
    readonly scopeId: string;
    /** Deprecated in the API, but still answered. */
    readonly teamId: string;
    /** The user that the management key belongs to; empty where the answer lacks it. */
    readonly ownerUserId: string;
}

const text = z
    .string()
    .nullish()
    .transform((value) => value ?? "");

const managementKeySchema = z
    .object({ scope: text, scopeId: text, teamId: text, ownerUserId: text })
    .refine(({ scope, scopeId, teamId }) => scope !== "" || scopeId !== "" || teamId !== "", { path: ["scope"] });

/** Asks whose the management key in use is. Published in the REST reference only: a server may lack it. */
export function validateManagementKey(http: Http, deadline?: number): Promise<ManagementKey> {
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
export function teamOf(key: Omit<ManagementKey, "ownerUserId">): string | undefined {
    return (key.scope === "SCOPE_TEAM" ? key.scopeId || key.teamId : key.teamId) || undefined;
}
