import { z } from "zod";
import { answerWith } from "./answers.js";
import type { Http } from "./http.js";
import { path } from "./path.js";

const text = z
    .string()
    .nullish()
    .transform((value) => value ?? "");

/** A permission for an endpoint. Its `acl` is the entry for a key's `acls`, for example `api-key:endpoint:chat`. */
const endpointSchema = z.object({ acl: z.string(), description: text, namespace: text, key: text, value: text });
/** A permission for an endpoint that the keys of a team can have. */
export type EndpointAcl = Readonly<z.infer<typeof endpointSchema>>;

const endpointsSchema = answerWith("acls", z.object({ acls: z.array(endpointSchema).nullish() }));

/** Lists the endpoint permissions that a team's keys can have. */
export async function listEndpoints(http: Http, teamId: string): Promise<readonly EndpointAcl[]> {
    const answer = await http.send({
        action: { endpoint: "ListPossibleEndpointAcls", description: `list the endpoint ACLs of team ${teamId}` },
        method: "GET",
        path: path`/auth/teams/${teamId}/endpoints`,
        answer: endpointsSchema,
        repeatable: true,
    });
    return answer.acls ?? [];
}
