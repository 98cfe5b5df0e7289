import { z } from "zod";
import { answerWith } from "./answers.js";
import type { Http } from "./http.js";
import { path } from "./path.js";

/** A permission for an endpoint that the keys of a team can have. */
export interface EndpointAcl {
    /** The entry for a key's `acls`, for example `api-key:endpoint:chat`. */
    readonly acl: string;
    readonly description: string;
    readonly namespace: string;
    readonly key: string;
    readonly value: string;
}

const text = z
    .string()
    .nullish()
    .transform((value) => value ?? "");

const endpointsSchema = answerWith(
    "acls",
    z.object({
        acls: z
            .array(z.object({ acl: z.string(), description: text, namespace: text, key: text, value: text }))
            .nullish()
            .transform((acls): readonly EndpointAcl[] => acls ?? []),
    }),
);

/**
 * Lists the endpoint permissions that a team's keys can have.
 *
 * @param deadline - The limit of the call with its retries, in milliseconds. Default: `xai:operationTimeout`.
 */
export async function listEndpoints(
    http: Http,
    teamId: string,
    deadline?: number,
): Promise<{ readonly acls: readonly EndpointAcl[] }> {
    return http.send({
        action: { endpoint: "ListPossibleEndpointAcls", description: `list the endpoint ACLs of team ${teamId}` },
        method: "GET",
        path: path`/auth/teams/${teamId}/endpoints`,
        answer: endpointsSchema,
        repeatable: true,
        deadline,
    });
}
